package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.isocentre.index.IndexChanges;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.PatientMerged;
import org.isocentre.model.PatientMerged.Change;
import org.isocentre.outbound.Destinations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What partners are to be told of a merge. */
class ChangeRelayTest {
  private static final UUID ANN = UUID.randomUUID();
  private static final UUID BOB = UUID.randomUUID();
  private IndexChanges changes;
  private ChangeRelay relay;

  @BeforeEach
  void open() {
    var database =
        JdbcConnectionPool.create(
            "jdbc:h2:mem:"
                + UUID.randomUUID()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;OPTIMIZE_REUSE_RESULTS=0;DB_CLOSE_DELAY=-1",
            "sa",
            "");
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    changes = new IndexChanges(JdbcClient.create(database));
    relay = new ChangeRelay(changes, new Destinations(List.of()), () -> false);
  }

  private List<String> told(PatientMerge.Kind kind, Change change, boolean confirmed) {
    relay.merged(
        new PatientMerged(
            "e",
            UUID.randomUUID(),
            kind,
            change,
            confirmed,
            new PatientKey("RTH", "A1"),
            new PatientKey("RTH", "B1"),
            ANN,
            BOB,
            "RTH",
            List.of(),
            Instant.EPOCH));
    List<IndexChanged> notes = changes.oldest(10);
    changes.forget(notes);
    return notes.stream()
        .map(n -> n.kind() + (n.subjectId().equals(ANN) ? " A" : " B") + name(n.otherId()))
        .toList();
  }

  private static String name(UUID other) {
    return other == null ? "" : other.equals(ANN) ? " A" : " B";
  }

  @Test
  void onlyWhatPeopleHaveConfirmedIsAMerge() {
    assertThat(told(PatientMerge.Kind.MERGE, Change.APPLIED, false)).isEmpty();
    assertThat(told(PatientMerge.Kind.LINK, Change.APPLIED, false)).isEmpty();
    assertThat(told(PatientMerge.Kind.MERGE, Change.CONFIRMED, true))
        .containsExactly(Kind.MERGE + " A B");
  }

  @Test
  void whatIsTakenBackIsReversedBeforeEachPatientIsTold() {
    assertThat(told(PatientMerge.Kind.CHANGE_ID, Change.WITHDRAWN, true))
        .containsExactly("UNMERGE A B", "PATIENT A", "PATIENT B");
  }

  @Test
  void aLinkIsToldOnceItIsConfirmedAndAsItsReverseWhenItIsTakenBack() {
    assertThat(told(PatientMerge.Kind.LINK, Change.CONFIRMED, true)).containsExactly("LINK A B");
    assertThat(told(PatientMerge.Kind.LINK, Change.WITHDRAWN, true))
        .containsExactly("LINK_UNDONE A B");
  }

  @Test
  void thatTwoAreTwoNeedsNoConfirmation() {
    assertThat(told(PatientMerge.Kind.UNLINK, Change.APPLIED, false)).containsExactly("UNLINK A B");
    assertThat(told(PatientMerge.Kind.UNLINK, Change.WITHDRAWN, false)).isEmpty();
  }
}
