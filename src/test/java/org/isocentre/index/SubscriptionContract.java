package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.index.SubscriptionIndex.Numbered;
import org.isocentre.model.Caller;
import org.isocentre.model.Subscription;
import org.isocentre.model.Subscription.Status;
import org.isocentre.model.SubscriptionEvent;
import org.isocentre.model.SubscriptionTopic;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What subscriptions and their events must do in every database. */
abstract class SubscriptionContract {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final Caller OWNER = new Caller("app", null, "RJ1", Set.of("system/*.cruds"));
  private SubscriptionIndex index;

  /** An empty database. */
  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    index =
        new SubscriptionIndex(
            JdbcClient.create(database),
            new TransactionTemplate(new DataSourceTransactionManager(database)));
  }

  private static Subscription subscription(Status status, int version, UUID id) {
    return new Subscription(
        id,
        version,
        status,
        SubscriptionTopic.REPORT_ISSUED,
        "{}",
        List.of("X: y", "Z: a b"),
        OWNER,
        "https://hub.example/fhir",
        NOON.plusSeconds(3600),
        null,
        0,
        null,
        0,
        null,
        NOON,
        NOON);
  }

  private UUID added(Status status) {
    UUID id = UUID.randomUUID();
    assertThat(index.add(subscription(status, 1, id), 5)).isTrue();
    return id;
  }

  private static SubscriptionEvent event(String cause) {
    return new SubscriptionEvent(
        UUID.randomUUID(), cause, SubscriptionTopic.REPORT_ISSUED, UUID.randomUUID(), NOON);
  }

  private List<Long> pending(UUID id) {
    return index.pending(id, 100).stream().map(Numbered::number).toList();
  }

  @Test
  void whatIsWrittenIsRead() {
    UUID id = added(Status.REQUESTED);
    Subscription read = index.find(id).orElseThrow();
    assertThat(read.headers()).containsExactlyInAnyOrder("X: y", "Z: a b");
    assertThat(read.owner()).isEqualTo(OWNER);
    assertThat(read.endsAt()).isEqualTo(NOON.plusSeconds(3600));
    assertThat(index.of(OWNER)).hasSize(1);
    assertThat(index.of(new Caller("app", null, null, Set.of()))).isEmpty();
    assertThat(index.replace(subscription(Status.OFF, 3, id))).isFalse();
    assertThat(index.replace(subscription(Status.OFF, 2, id))).isTrue();
    assertThat(index.isAny()).isFalse();
    assertThat(index.of(SubscriptionTopic.REPORT_ISSUED)).isEmpty();
    index.delete(id);
    assertThat(index.find(id)).isEmpty();
  }

  @Test
  void anOwnerHasSoManyAndNoMore() {
    for (int i = 0; i < 2; i++) {
      assertThat(index.add(subscription(Status.ACTIVE, 1, UUID.randomUUID()), 2)).isTrue();
    }
    assertThat(index.add(subscription(Status.ACTIVE, 1, UUID.randomUUID()), 2)).isFalse();
  }

  @Test
  void anEventComesOnceThoughItIsToldTwice() {
    UUID id = added(Status.ACTIVE);
    index.happened(event("a"), List.of(id));
    index.happened(event("a"), List.of(id));
    index.happened(event("b"), List.of(id));
    assertThat(pending(id)).containsExactly(1L, 2L);
    assertThat(index.find(id).orElseThrow().events()).isEqualTo(2);
    index.settle(id, List.of(1L), "SENT");
    assertThat(pending(id)).containsExactly(2L);
    assertThat(index.events(id, 1, 1, 10)).hasSize(1);
  }

  @Test
  void numbersHaveNoGapAndNoDoubleHoweverManyNoteAtOnce() throws Exception {
    UUID one = added(Status.ACTIVE);
    UUID two = added(Status.ACTIVE);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      // Each cause comes from two threads.
      SubscriptionEvent event = event("cause" + i / 2);
      List<UUID> told = i % 4 < 2 ? List.of(one, two) : List.of(two, one);
      work.add(
          () -> {
            index.happened(event, told);
            return null;
          });
    }
    for (var done : threads.invokeAll(work)) {
      done.get();
    }
    threads.shutdown();
    List<Long> all = LongStream.rangeClosed(1, 20).boxed().toList();
    assertThat(pending(one)).isEqualTo(all);
    assertThat(pending(two)).isEqualTo(all);
  }

  @Test
  void oneProcessHasASubscriptionAtATime() {
    UUID id = added(Status.ACTIVE);
    Duration lease = Duration.ofSeconds(30);
    assertThat(index.claim(id, "me", NOON, lease)).isPresent();
    assertThat(index.claim(id, "me", NOON, lease)).isEmpty();
    assertThat(index.claim(id, "you", NOON, lease)).isEmpty();
    assertThat(index.claim(id, "you", NOON.plusSeconds(30), lease)).isPresent();
    index.release(id, "me");
    assertThat(index.claim(id, "me", NOON.plusSeconds(31), lease)).isEmpty();
    index.release(id, "you");
    assertThat(index.claim(id, "me", NOON.plusSeconds(31), lease)).isPresent();
  }

  @Test
  void whatIsDueIsFound() {
    UUID requested = added(Status.REQUESTED);
    UUID quiet = added(Status.ACTIVE);
    UUID waiting = added(Status.ACTIVE);
    UUID off = added(Status.OFF);
    index.happened(event("a"), List.of(waiting, off));
    assertThat(index.due(NOON, 10)).containsExactlyInAnyOrder(requested, waiting);
    assertThat(index.due(NOON.plusSeconds(3600), 10)).contains(quiet);
    index.failed(waiting, 1, "down", NOON.plusSeconds(5));
    assertThat(index.due(NOON, 10)).containsExactly(requested);
    assertThat(index.due(NOON.plusSeconds(5), 10)).contains(waiting);
    index.failed(waiting, 1, "down", null);
    assertThat(index.due(NOON.plusSeconds(5), 10)).containsExactly(requested);
    assertThat(index.find(waiting).orElseThrow().status()).isEqualTo(Status.ERROR);
    assertThat(index.find(waiting).orElseThrow().failures()).isEqualTo(2);
    index.succeeded(requested, 1, NOON);
    assertThat(index.find(requested).orElseThrow().status()).isEqualTo(Status.ACTIVE);
    // The answer to what an older version asked says nothing of this one.
    index.replace(subscription(Status.REQUESTED, 2, requested));
    index.succeeded(requested, 1, NOON);
    assertThat(index.find(requested).orElseThrow().status()).isEqualTo(Status.REQUESTED);
  }

  @Test
  void oldEventsAreForgottenUnlessSomebodyWaitsForThem() {
    UUID id = added(Status.ACTIVE);
    index.happened(event("a"), List.of(id));
    index.happened(event("b"), List.of(id));
    index.settle(id, List.of(1L), "SENT");
    assertThat(index.purge(NOON)).isZero();
    assertThat(index.purge(NOON.plusSeconds(1))).isEqualTo(1);
    assertThat(pending(id)).containsExactly(2L);
    assertThat(index.events(id, 1, 9, 10)).hasSize(1);
  }
}
