package org.isocentre.it;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs of others that tests talk to. */
final class Peer {
  private Peer() {}

  /** What a run printed, and how it ended. */
  record Run(int exit, String output) {}

  /**
   * The program's path. Without it the test is skipped, or fails where {@code CI} is set.
   *
   * @param debianPackage that has it
   */
  static Path require(String program, String debianPackage) {
    for (String directory : List.of("/usr/bin", "/usr/sbin", "/usr/local/bin")) {
      Path path = Path.of(directory, program);
      if (Files.isExecutable(path)) {
        return path;
      }
    }
    missing(program, debianPackage);
    throw new IllegalStateException();
  }

  /** As {@link #require}, of a directory. */
  static Path requireDirectory(String directory, String debianPackage) {
    if (!Files.isDirectory(Path.of(directory))) {
      missing(directory, debianPackage);
    }
    return Path.of(directory);
  }

  /** As {@link #require}, of a file that is no program. */
  static void requireFile(Path file, String debianPackage) {
    if (!Files.isRegularFile(file)) {
      missing(file.toString(), debianPackage);
    }
  }

  private static void missing(String what, String debianPackage) {
    String message = what + " is missing; install the Debian package " + debianPackage;
    if (System.getenv("CI") != null) {
      fail(message);
    }
    Assumptions.abort(message);
  }

  /**
   * With one stream of output. By this variable DCMTK's programs send the second part of a message
   * without waiting for the acknowledgement of the first, 40 ms each time.
   */
  static ProcessBuilder process(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TCP_NODELAY", "1");
    return builder;
  }

  static Run run(List<String> command) throws IOException, InterruptedException {
    Process process = process(command).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail(command.get(0) + " did not end");
    }
    return new Run(process.exitValue(), output);
  }
}
