package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The broker, then the database, is stopped for a while under load: messages are acknowledged all
 * the while, none is lost, and nobody has to do anything. Longer outages: {@code
 * -Disocentre.outage.seconds=60}.
 */
class Hl7OutageIT {
  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("isocentre.outage.seconds", 8));

  /** Nothing is filed any more. */
  private static final Duration STALLED = Duration.ofSeconds(90);

  @TempDir private Path directory;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean sending = new AtomicBoolean(true);

  private EmbeddedPostgres postgres(int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(directory.resolve("postgres"))
        .setCleanDataDirectory(false)
        .start();
  }

  @Test
  void whatWasAcknowledgedDuringAnOutageIsFiledAfterIt() throws Exception {
    int port = TestHub.freePort();
    EmbeddedPostgres postgres = postgres(port);
    try (TestHub hub =
        new TestHub(
                directory.resolve("data"),
                TestHub.freePort(),
                "--isocentre.queues.max-deliveries=100",
                "--spring.datasource.hikari.connection-timeout=2000",
                "--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                "--spring.datasource.username=postgres",
                "--spring.datasource.password=")
            .start()) {
      List<Thread> senders = List.of(sender(hub, "a"), sender(hub, "b"), sender(hub, "c"));
      awaitMore(20);

      EmbeddedActiveMQ broker = hub.bean(EmbeddedActiveMQ.class);
      broker.stop();
      int before = acknowledged.size();
      pause();
      assertThat(acknowledged.size()).as("without the broker").isGreaterThan(before);
      broker.start();
      awaitMore(20);

      postgres.close();
      before = acknowledged.size();
      pause();
      assertThat(acknowledged.size()).as("without the database").isGreaterThan(before);
      postgres = postgres(port);
      awaitMore(20);

      sending.set(false);
      for (Thread sender : senders) {
        sender.join(60_000);
      }
      awaitAllFiled(hub);
    } finally {
      sending.set(false);
      postgres.close();
    }
  }

  /** However long it takes, as long as it goes on: a minute's messages are many. */
  private void awaitAllFiled(TestHub hub) {
    int missing = acknowledged.size();
    while (missing > 0) {
      int before = missing;
      System.out.println("acknowledged " + acknowledged.size() + ", not filed " + before);
      missing =
          await("messages that are filed; " + before + " of " + acknowledged.size() + " are not")
              .atMost(STALLED)
              .pollInterval(Duration.ofSeconds(5))
              .ignoreExceptions()
              .until(() -> missing(hub), now -> now < before);
    }
  }

  private int missing(TestHub hub) {
    Set<String> missing = new HashSet<>(acknowledged);
    missing.removeAll(filed(hub));
    return missing.size();
  }

  private static Set<String> filed(TestHub hub) {
    return new HashSet<>(
        hub.bean(JdbcClient.class)
            .sql("select accession_value from imaging_order")
            .query(String.class)
            .list());
  }

  private static void pause() {
    long until = System.nanoTime() + OUTAGE.toNanos();
    await().atMost(OUTAGE.plusSeconds(10)).until(() -> System.nanoTime() >= until);
  }

  private void awaitMore(int messages) {
    int before = acknowledged.size();
    await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() >= before + messages);
  }

  private Thread sender(TestHub hub, String name) {
    Thread thread =
        new Thread(
            () -> {
              int number = 0;
              while (sending.get()) {
                try (MllpClient client = new MllpClient(hub.mllp)) {
                  while (sending.get()) {
                    String accession = "OUT" + name + ++number;
                    String order = Ris.order(MainJobIT.nhsNumber(), "19740213", accession);
                    if (client.ask(order).contains("MSA|AA|")) {
                      acknowledged.add(accession);
                    }
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                  }
                } catch (IOException e) {
                  // What got no answer counts for nothing.
                }
              }
            },
            "sender-" + name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
