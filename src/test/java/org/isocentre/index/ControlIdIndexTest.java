package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.isocentre.model.MessageStored;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** On H2 and on PostgreSQL. */
class ControlIdIndexTest {
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private static MessageStored message(String sender, String id, char content, Instant at) {
    return new MessageStored(
        "e",
        "RTH",
        "ORM^O01",
        id,
        "hl7/" + String.valueOf(content).repeat(64),
        "UTF-8",
        at,
        new MessageStored.Arrival(sender, null, null));
  }

  @Test
  void onH2() {
    onEither(
        JdbcConnectionPool.create(
            "jdbc:h2:mem:"
                + UUID.randomUUID()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;DB_CLOSE_DELAY=-1",
            "sa",
            ""));
  }

  @Test
  void onPostgres() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      onEither(server.getPostgresDatabase());
    }
  }

  private static void onEither(DataSource database) {
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    JdbcClient jdbc = JdbcClient.create(database);
    ReviewList reviews = new ReviewList(jdbc);
    ControlIdIndex ids = new ControlIdIndex(jdbc, reviews, Duration.ofHours(1));

    ids.record(message("RIS|RTH", "1", 'a', NOW.minusSeconds(7100)));
    ids.record(message("RIS|RTH", "1", 'b', NOW));
    ids.record(message("RIS|RTH", "1", 'b', NOW));
    ids.record(message("PAS|RTH", "1", 'c', NOW.plusMillis(1)));
    assertThat(reviews.open(new PageRequest(0, 10)))
        .as("other sender, or after the window")
        .isEmpty();

    ids.record(message("RIS|RTH", "1", 'd', NOW.plusMillis(2)));
    ids.record(message("RIS|RTH", "2", 'e', NOW.plusMillis(3)));
    ids.record(message("RIS|RTH", "2", 'f', NOW.plusMillis(4)));
    assertThat(reviews.open(new PageRequest(0, 10)))
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.reason()).isEqualTo("CONTROL_ID_REUSED");
              assertThat(item.detail()).contains("RIS|RTH").contains("control ID 1");
            });

    List<String> seen = new ArrayList<>();
    ids.recent(
        4,
        NOW.minusSeconds(3600),
        s -> seen.add(s.sender() + " " + s.controlId() + " " + (s.sha256()[0] & 0xf)));
    assertThat(seen)
        .containsExactly(
            "RTH|PAS|RTH 1 12", "RTH|RIS|RTH 1 13", "RTH|RIS|RTH 2 14", "RTH|RIS|RTH 2 15");
  }
}
