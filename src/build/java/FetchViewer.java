import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Puts the prebuilt site of the OHIF viewer among the resources. Run by the build: {@code java
 * FetchViewer.java WORK TARGET}. Where there is no npm, or it reaches no registry, the viewer is
 * left out and the build goes on.
 */
public final class FetchViewer {
  private static final String VERSION = "3.12.10";
  private static final String SHA_512 =
      "d24b85eba32af5cf5d303fbe6d4b138ccac9a57270699873f41e2e4b6e380dac"
          + "008d2913c0860553dde9c4fb915108b16918bb4001e517715ed6ab9d06566b98";

  /**
   * Not needed to look at images: inference in the browser, other sites, other servers' settings.
   */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "ort",
          "google.js",
          "sw.js",
          "silent-refresh.html",
          "_headers",
          "_redirects",
          "serve.json",
          "app-config.js");

  private FetchViewer() {}

  public static void main(String[] arguments) throws Exception {
    Path work = Path.of(arguments[0]);
    Path target = Path.of(arguments[1]);
    Path mark = target.resolve("VERSION");
    if (Files.exists(mark) && Files.readString(mark).equals(VERSION)) {
      return;
    }
    Files.createDirectories(work);
    Path archive = work.resolve("ohif-app-" + VERSION + ".tgz");
    if (!Files.exists(archive)
        && run(work, npm(), "pack", "--silent", "@ohif/app@" + VERSION) != 0) {
      leaveOut("npm is not installed, or reaches no registry");
      return;
    }
    if (!SHA_512.equals(digest(archive))) {
      Files.delete(archive);
      throw new IOException(
          "ISO-BUILD-001: the package @ohif/app " + VERSION + " is not the one that was looked at");
    }
    if (run(work, "tar", "-xzf", archive.getFileName().toString()) != 0) {
      leaveOut("the program tar is missing");
      return;
    }
    copy(work.resolve("package").resolve("dist"), target);
    Files.writeString(mark, VERSION);
    System.out.println("[INFO] The OHIF viewer " + VERSION + " is part of this build");
  }

  private static void leaveOut(String why) {
    System.out.println(
        "[WARNING] The viewer is left out of this build: " + why + ". Everything else works.");
  }

  private static String npm() {
    return System.getProperty("os.name").startsWith("Windows") ? "npm.cmd" : "npm";
  }

  /** The exit value; 127 for a program that is not there. */
  private static int run(Path directory, String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return 124;
      }
      return process.exitValue();
    } catch (IOException e) {
      return 127;
    }
  }

  private static String digest(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-512");
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes about) {
            return isLeftOut(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about)
              throws IOException {
            String name = file.getFileName().toString();
            if (!isLeftOut(file) && !name.endsWith(".map") && !name.endsWith(".gz")) {
              Path copy = to.resolve(from.relativize(file).toString());
              Files.createDirectories(copy.getParent());
              Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            return FileVisitResult.CONTINUE;
          }

          private boolean isLeftOut(Path path) {
            return path.getParent().equals(from)
                && LEFT_OUT.contains(path.getFileName().toString());
          }
        });
    try (Stream<Path> files = Files.list(to)) {
      if (files.noneMatch(f -> f.endsWith("index.html"))) {
        throw new IOException("ISO-BUILD-002: the package has no index.html");
      }
    }
  }
}
