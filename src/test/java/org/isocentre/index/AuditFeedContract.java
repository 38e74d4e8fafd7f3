package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.audit.AuditAnchor;
import org.isocentre.audit.AuditChain;
import org.isocentre.audit.AuditFeed;
import org.isocentre.audit.AuditRepository;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Every row of the trail reaches a repository, in order; whatever database holds the index. */
abstract class AuditFeedContract {
  private static final Duration HOLD = Duration.ofMinutes(1);
  @TempDir Path directory;
  private final OwnClock clock = new OwnClock();
  private final List<String> received = new ArrayList<>();
  private long noted;
  private JdbcClient jdbc;
  private AuditIndex rows;
  private AuditBlocks blocks;
  private AuditChain chain;
  private AuditFeedIndex positions;

  abstract DataSource database() throws Exception;

  /** Stands still but where it is told. */
  private static final class OwnClock extends java.time.Clock {
    private Instant now = Instant.parse("2026-11-05T09:30:00Z");

    @Override
    public java.time.ZoneId getZone() {
      return java.time.ZoneOffset.UTC;
    }

    @Override
    public java.time.Clock withZone(java.time.ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).load().migrate();
    jdbc = JdbcClient.create(database);
    rows = new AuditIndex(jdbc);
    blocks = new AuditBlocks(jdbc, new TransactionTemplate(new JdbcTransactionManager(database)));
    chain = new AuditChain(blocks, new AuditAnchor(directory.resolve("anchor")), clock);
    positions = new AuditFeedIndex(jdbc, clock);
  }

  private void note(String... actors) {
    for (String actor : actors) {
      rows.append(
          new AuditEntry(
              new UUID(0, ++noted),
              clock.instant(),
              actor,
              "RTH",
              "R",
              "read",
              "Patient",
              "x",
              null,
              true,
              null,
              new AuditOrigin("app", "192.0.2.7", "r-1", null)));
    }
    chain.seal();
  }

  private AuditFeed feed(boolean whole, int batch, AuditRepository repository) {
    AuditFeed feed =
        new AuditFeed(new AuditFeed.Feed("one", whole, batch, HOLD), blocks, positions, repository);
    feed.begin();
    return feed;
  }

  private int take(List<AuditEntry> some) {
    some.forEach(row -> received.add(row.actor()));
    return some.size();
  }

  @Test
  void everyRowIsSentInOrderAndOnce() {
    note("before");
    AuditFeed feed = feed(false, 2, this::take);
    assertThat(feed.send()).isZero();
    note("a", "b", "c", "d", "e");
    note("f");
    assertThat(feed.send()).isEqualTo(6);
    assertThat(feed.send()).isZero();
    note("g");
    assertThat(feed.send()).isEqualTo(1);
    assertThat(received).containsExactly("a", "b", "c", "d", "e", "f", "g");
    assertThat(feed.behind()).isZero();
  }

  @Test
  void theWholeTrailIsSentWhereItIsAskedFor() {
    note("a", "b");
    note("c");
    assertThat(feed(true, 100, this::take).send()).isEqualTo(3);
    assertThat(received).containsExactly("a", "b", "c");
  }

  /** What was taken is not sent again, the rest is. */
  @Test
  void whatARepositoryDidNotTakeIsSentAgain() {
    List<IOException> failures =
        new ArrayList<>(List.of(new IOException("down"), new IOException("down")));
    AuditFeed feed =
        feed(
            false,
            4,
            some -> {
              if (received.size() >= 3 && !failures.isEmpty()) {
                throw failures.remove(0);
              }
              return take(some.subList(0, Math.min(3, some.size())));
            });
    note("a", "b", "c", "d", "e");
    note("f");
    assertThat(feed.send()).isZero();
    assertThat(received).containsExactly("a", "b", "c");
    assertThat(feed.behind()).isEqualTo(2);
    assertThat(feed.send()).isZero();
    feed.send();
    assertThat(received).containsExactly("a", "b", "c", "d", "e", "f");
  }

  @Test
  void anotherHubGoesOnWhereThisOneEnded() {
    AuditFeed feed = feed(false, 1, this::take);
    note("a", "b", "c");
    UUID other = UUID.randomUUID();
    assertThat(positions.hold("one", other, HOLD)).isTrue();
    assertThat(feed.send()).isZero();
    assertThat(received).isEmpty();
    // It was killed: its time ends.
    clock.now = clock.now.plus(HOLD).plusSeconds(1);
    assertThat(feed.send()).isEqualTo(3);
    assertThat(positions.move("one", other, new AuditFeedIndex.Position(1, 0), HOLD)).isFalse();
    assertThat(positions.hold("one", other, HOLD)).isTrue();
  }

  /** One that was too slow, and lost the feed meanwhile, stops. */
  @Test
  void whoLostTheFeedSendsNoMore() {
    AuditFeed feed =
        feed(
            false,
            1,
            some -> {
              clock.now = clock.now.plus(HOLD).plusSeconds(1);
              assertThat(positions.hold("one", UUID.randomUUID(), HOLD)).isTrue();
              return take(some);
            });
    note("a", "b", "c");
    feed.send();
    assertThat(received).containsExactly("a");
    assertThat(positions.position("one").orElseThrow().sent()).isZero();
  }

  /** Somebody removed a block: what is left is sent all the same. */
  @Test
  void aMissingBlockIsPassedOver() {
    AuditFeed feed = feed(false, 10, this::take);
    note("a");
    note("b");
    note("c");
    jdbc.sql("delete from audit_block where number = 2").update();
    feed.send();
    assertThat(received).containsExactly("a", "c");
  }
}
