package org.isocentre.it;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.isocentre.dicom.association.TestCertificates;

/**
 * Debian's rsyslog, which takes syslog over TLS from whoever shows a certificate that it trusts.
 */
final class Rsyslog implements AutoCloseable {
  private static final String PASSWORD = "changeit";
  private final Process process;
  private final Path messages;

  /**
   * @param trusted whose certificate callers have to show
   */
  Rsyslog(Path directory, int port, TestCertificates certificate, TestCertificates trusted)
      throws IOException {
    Path program = Peer.require("rsyslogd", "rsyslog");
    Peer.requireFile(
        Path.of(
            "/usr/lib",
            System.getProperty("os.arch").equals("aarch64")
                ? "aarch64-linux-gnu"
                : "x86_64-linux-gnu",
            "rsyslog",
            "lmnsd_gtls.so"),
        "rsyslog-gnutls");
    Files.createDirectories(directory);
    messages = directory.resolve("messages");
    Path ca = pem(directory.resolve("ca.pem"), "CERTIFICATE", encoded(trusted));
    Path cert = pem(directory.resolve("cert.pem"), "CERTIFICATE", encoded(certificate));
    Path key = pem(directory.resolve("key.pem"), "PRIVATE KEY", key(directory, certificate));
    Path configuration =
        Files.writeString(
            directory.resolve("rsyslog.conf"),
            """
            global(workDirectory="%s" maxMessageSize="64k" defaultNetstreamDriver="gtls"
              defaultNetstreamDriverCAFile="%s" defaultNetstreamDriverCertFile="%s"
              defaultNetstreamDriverKeyFile="%s")
            module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
              streamDriver.authMode="x509/certvalid")
            template(name="whole" type="string" string="%%rawmsg%%\\n")
            input(type="imtcp" port="%d" address="127.0.0.1")
            action(type="omfile" file="%s" template="whole")
            """
                .formatted(directory, ca, cert, key, port, messages));
    process =
        Peer.process(
                List.of(
                    program.toString(),
                    "-n",
                    "-f",
                    configuration.toString(),
                    "-i",
                    directory.resolve("pid").toString()))
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }

  private static byte[] encoded(TestCertificates certificate) {
    try {
      return certificate.certificate().getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] key(Path directory, TestCertificates certificate) throws IOException {
    Path file = directory.resolve("rsyslog.p12");
    certificate.save(file, PASSWORD);
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      Key key = store.getKey("key", PASSWORD.toCharArray());
      return key.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path pem(Path file, String what, byte[] bytes) throws IOException {
    return Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)));
  }

  /** What it wrote until now, with the header of each. */
  List<String> received() {
    try {
      return Files.exists(messages)
          ? Files.readAllLines(messages, StandardCharsets.UTF_8).stream()
              .filter(line -> line.contains("<AuditMessage"))
              .toList()
          : List.of();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
