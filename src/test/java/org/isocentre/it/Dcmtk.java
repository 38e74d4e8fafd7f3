package org.isocentre.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.isocentre.dicom.data.Uid;

/** What DCMTK's programs are given. */
final class Dcmtk {
  private Dcmtk() {}

  static String program(String name) {
    return Peer.require(name, "dcmtk").toString();
  }

  /** Options of storescu, by which one association takes CT images in all of these syntaxes. */
  static List<String> proposing(Path directory, List<String> uids) throws IOException {
    StringBuilder syntaxes = new StringBuilder("[[TransferSyntaxes]]\n");
    StringBuilder contexts = new StringBuilder("[[PresentationContexts]]\n[All]\n");
    int n = 0;
    for (String uid : uids) {
      n++;
      syntaxes.append("[T%d]\nTransferSyntax1 = %s\n".formatted(n, uid));
      contexts.append("PresentationContext%d = %s\\T%d\n".formatted(n, Uid.CT_IMAGE_STORAGE, n));
    }
    return profile(directory, syntaxes.append(contexts));
  }

  /** Options of storescp, by which it takes CT images in each of these syntaxes. */
  static List<String> accepting(Path directory, List<String> uids) throws IOException {
    StringBuilder configuration = new StringBuilder("[[TransferSyntaxes]]\n[Any]\n");
    for (int i = 0; i < uids.size(); i++) {
      configuration.append("TransferSyntax%d = %s\n".formatted(i + 1, uids.get(i)));
    }
    configuration.append(
        "[[PresentationContexts]]\n[All]\nPresentationContext1 = %s\\Any\n"
            .formatted(Uid.CT_IMAGE_STORAGE));
    return profile(directory, configuration);
  }

  private static List<String> profile(Path directory, StringBuilder configuration)
      throws IOException {
    configuration.append("[[Profiles]]\n[Profile]\nPresentationContexts = All\n");
    Path file =
        Files.writeString(
            directory.resolve("associations.cfg"), configuration, StandardCharsets.US_ASCII);
    return List.of("-xf", file.toString(), "Profile");
  }

  /** A provider, which runs in that directory and listens on that port by now. */
  static Process start(List<String> command, Path directory, int port) throws IOException {
    Process process =
        Peer.process(command)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("peer.log").toFile())
            .start();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> accepts(port));
    return process;
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Part 10 files of these objects. */
  static Path[] write(List<SampleObject> objects, Path directory) throws IOException {
    Path into = Files.createDirectories(directory.resolve("sent"));
    Path[] files = new Path[objects.size()];
    for (int i = 0; i < files.length; i++) {
      files[i] = Files.write(into.resolve(i + ".dcm"), objects.get(i).file());
    }
    return files;
  }
}
