package org.isocentre.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.model.AuditEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SyslogRepositoryTest {
  private final SSLContext tls =
      TestCertificates.of("localhost").trusting(TestCertificates.of("localhost"));
  private final CountDownLatch end = new CountDownLatch(1);
  private SSLServerSocket server;

  /** What a repository does with a connection. */
  @FunctionalInterface
  private interface Does {
    void with(SSLSocket socket) throws Exception;
  }

  @BeforeEach
  void listen() throws IOException {
    server =
        (SSLServerSocket)
            tls.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    server.setReceiveBufferSize(4096);
  }

  @AfterEach
  void stop() throws IOException {
    end.countDown();
    server.close();
  }

  private void repository(Does does) {
    Thread thread =
        new Thread(
            () -> {
              try (SSLSocket socket = (SSLSocket) server.accept()) {
                socket.startHandshake();
                does.with(socket);
              } catch (Exception e) {
                // The sender says what it made of it.
                end.countDown();
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private int send(int rows) throws IOException {
    List<AuditEntry> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(
          new AuditEntry(
              new UUID(1, i),
              Instant.EPOCH,
              "a",
              "RTH",
              "R",
              "read",
              "Patient",
              "x",
              null,
              true,
              null));
    }
    return new SyslogRepository(
            "localhost",
            server.getLocalPort(),
            Duration.ofMillis(500),
            Duration.ofMillis(50),
            tls::getSocketFactory,
            new AuditMessages("hub", "host"))
        .send(all);
  }

  @Test
  void whatIsReadToTheEndIsSent() throws IOException {
    AtomicInteger read = new AtomicInteger();
    repository(socket -> read.set(socket.getInputStream().readAllBytes().length));
    assertThat(send(3)).isEqualTo(3);
    assertThat(read.get()).isPositive();
  }

  /** It takes the connection, and nothing more: the sender waits for no longer than it may. */
  @Test
  void oneThatReadsNothingHoldsNobodyForGood() {
    repository(socket -> end.await(5, TimeUnit.MINUTES));
    assertThatThrownBy(() -> send(5000)).isInstanceOf(IOException.class);
  }

  @Test
  void oneThatDoesNotEndHasNotGotIt() {
    repository(
        socket -> {
          socket.getInputStream().readAllBytes();
          end.await(5, TimeUnit.MINUTES);
        });
    assertThatThrownBy(() -> send(1)).isInstanceOf(IOException.class);
  }

  @Test
  void oneThatBreaksOffHasNotGotIt() {
    repository(socket -> socket.getInputStream().read());
    assertThatThrownBy(() -> send(5000)).isInstanceOf(IOException.class);
  }

  @Test
  void oneThatAnswersIsNoRepository() {
    repository(
        socket -> {
          socket.getOutputStream().write("220 hello".getBytes());
          end.await(5, TimeUnit.MINUTES);
        });
    assertThatThrownBy(() -> send(1)).hasMessageContaining("syslog does not");
  }
}
