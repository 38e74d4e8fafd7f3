package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.model.DirectoryEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What was written of the directory, whatever database holds the index. */
abstract class DirectoryContract {
  private static final Instant NOON = Instant.parse("2026-11-05T12:00:00Z");
  private DirectoryIndex index;
  private TransactionTemplate transactions;

  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).load().migrate();
    transactions = new TransactionTemplate(new JdbcTransactionManager(database));
    index = new DirectoryIndex(JdbcClient.create(database), transactions);
  }

  private static DirectoryEntry entry(String id, int version) {
    return new DirectoryEntry(
        "Organization", id, version, "{\"version\":" + version + "}", NOON.plusSeconds(version));
  }

  @Test
  void versionsFollowOnEachOther() {
    long before = index.revision();
    assertThat(index.write(entry("RTH", 2))).isFalse();
    assertThat(index.revision()).isEqualTo(before);
    assertThat(index.write(entry("RTH", 1))).isTrue();
    assertThat(index.write(entry("RTH", 1))).isFalse();
    assertThat(index.write(entry("RTH", 3))).isFalse();
    assertThat(index.write(entry("RTH", 2))).isTrue();
    assertThat(index.revision()).isEqualTo(before + 2);
    assertThat(index.find("Organization", "RTH")).contains(entry("RTH", 2));
    assertThat(index.history("Organization", "RTH"))
        .containsExactly(entry("RTH", 2), entry("RTH", 1));
    assertThat(index.find("Endpoint", "RTH")).isEmpty();
    assertThat(index.history("Organization", "RJ1")).isEmpty();
  }

  @Test
  void allAreListedOrganisationsFirst() {
    index.write(entry("RTH", 1));
    DirectoryEntry node = new DirectoryEntry("Endpoint", "ae-A", 1, "{}", NOON);
    index.write(node);
    index.write(entry("RJ1", 1));
    assertThat(index.entries()).containsExactly(entry("RJ1", 1), entry("RTH", 1), node);
  }

  @Test
  void whatIsUndoneWasNever() {
    long before = index.revision();
    transactions.executeWithoutResult(
        status -> {
          assertThat(index.write(entry("RTH", 1))).isTrue();
          status.setRollbackOnly();
        });
    assertThat(index.entries()).isEmpty();
    assertThat(index.revision()).isEqualTo(before);
  }

  /** Of writers at the same moment one is first; the others are told. */
  @Test
  void oneOfManyWritersIsFirst() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> index.write(entry("RTH", 1)));
      }
      int written = 0;
      for (Future<Boolean> done : writers.invokeAll(calls)) {
        written += done.get() ? 1 : 0;
      }
      assertThat(written).isEqualTo(1);
    } finally {
      writers.shutdownNow();
    }
  }
}
