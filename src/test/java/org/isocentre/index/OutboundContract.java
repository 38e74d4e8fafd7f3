package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.index.OutboundIndex.Draft;
import org.isocentre.index.OutboundIndex.QueueFullException;
import org.isocentre.index.OutboundIndex.Refusal;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.OutboundEntry;
import org.isocentre.model.OutboundEntry.State;
import org.isocentre.model.Patient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What every database that holds the queues of destinations must do. */
abstract class OutboundContract {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00.123456Z");
  private static final Instant LATER = NOW.plus(Duration.ofDays(3650));
  private static final UUID ANN = UUID.randomUUID();
  private static final UUID BOB = UUID.randomUUID();

  private JdbcClient jdbc;
  private TransactionTemplate transactions;
  private OutboundIndex out;
  private IndexChanges changes;

  /** An empty database. */
  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    jdbc = JdbcClient.create(database);
    transactions = new TransactionTemplate(new DataSourceTransactionManager(database));
    out = new OutboundIndex(jdbc, transactions, 4, NoJourney.INSTANCE);
    changes = new IndexChanges(jdbc);
    out.register(List.of("ris", "epr"));
    out.register(List.of("ris"));
  }

  private Optional<UUID> add(String destination, UUID patient, String cause) {
    return out.enqueue(
        destination,
        patient,
        null,
        cause,
        () -> Optional.of(new Draft("RTH", "ORU^R01", "C" + cause, "hl7/" + cause, null)));
  }

  private String nextOf(String destination) {
    return out.next(destination, LATER).map(OutboundEntry::controlId).orElse(null);
  }

  private OutboundEntry entry(UUID id) {
    return out.find(id).orElseThrow();
  }

  @Test
  void theSameCauseIsQueuedOnceForEachDestination() {
    assertThat(add("ris", ANN, "1")).isPresent();
    assertThat(add("ris", ANN, "1")).isEmpty();
    UUID other =
        out.enqueue(
                "epr",
                ANN,
                null,
                "1",
                () -> Optional.of(new Draft(null, "ADT^A31", "D1", "k", null)))
            .orElseThrow();
    assertThat(entry(other).custodian()).isNull();
    assertThat(nextOf("ris")).isEqualTo("C1");
    assertThat(nextOf("epr")).isEqualTo("D1");
  }

  @Test
  void nothingToSayQueuesNothing() {
    assertThat(out.enqueue("ris", ANN, null, "1", Optional::empty)).isEmpty();
    assertThat(out.isKnown("ris", "1")).isFalse();
  }

  @Test
  void aMessageThatCouldNotBeMadeIsParked() {
    UUID id =
        out.enqueue(
                "ris",
                ANN,
                null,
                "1",
                () -> Optional.of(new Draft("RTH", "ORU^R01", "C1", null, "ISO-X")))
            .orElseThrow();
    assertThat(entry(id).state()).isEqualTo(State.PARKED);
    assertThat(entry(id).lastError()).isEqualTo("ISO-X");
    assertThat(out.retry(id)).isFalse();
    assertThat(out.giveUp(id, "me")).isTrue();
  }

  @Test
  void aWaitingOneHoldsBackItsOwnPatientAlone() {
    UUID first = add("ris", ANN, "1").orElseThrow();
    add("ris", ANN, "2");
    UUID other = add("ris", BOB, "3").orElseThrow();
    assertThat(nextOf("ris")).isEqualTo("C1");
    out.sending(first, NOW);
    out.unanswered(first, "none", false, LATER.plusSeconds(1), NOW);
    assertThat(nextOf("ris")).isEqualTo("C3");
    out.park(first, new Refusal("AR", "hl7/a", "refused"), NOW);
    assertThat(nextOf("ris")).isEqualTo("C3");
    assertThat(out.retry(first)).isTrue();
    assertThat(entry(first).state()).isEqualTo(State.PENDING);
    // Who has been due for longest comes first.
    assertThat(nextOf("ris")).isEqualTo("C3");
    out.acknowledged(other, "AA", NOW);
    assertThat(nextOf("ris")).isEqualTo("C1");
    out.sending(first, NOW);
    out.acknowledged(first, "AA", NOW);
    assertThat(nextOf("ris")).isEqualTo("C2");
  }

  @Test
  void whatIsTakenWaitsForItsApplicationAndHoldsItsPatientBack() {
    UUID first = add("ris", ANN, "1").orElseThrow();
    add("ris", ANN, "2");
    out.accepted(first, "CA", NOW.plusSeconds(30), NOW);
    assertThat(entry(first).state()).as("never sent").isEqualTo(State.PENDING);
    out.sending(first, NOW);
    out.accepted(first, "CA", NOW.plusSeconds(30), NOW);
    assertThat(entry(first).state()).isEqualTo(State.ACCEPTED);
    assertThat(nextOf("ris")).isNull();
    assertThat(out.expire("ris", "ISO-X", NOW.plusSeconds(29))).isZero();
    assertThat(out.expire("epr", "ISO-X", NOW.plusSeconds(31))).isZero();
    assertThat(out.expire("ris", "ISO-X", NOW.plusSeconds(31))).isEqualTo(1);
    assertThat(entry(first).state()).isEqualTo(State.ACKED);
    assertThat(entry(first).lastError()).isEqualTo("ISO-X");
    assertThat(nextOf("ris")).isEqualTo("C2");
    assertThat(out.findByControlId("C1")).contains(entry(first));
  }

  /** The application's error overtook the accept acknowledgement. */
  @Test
  void anAcceptAcknowledgementDoesNotUndoAnError() {
    UUID first = add("ris", ANN, "1").orElseThrow();
    out.sending(first, NOW);
    out.failed(first, new Refusal("AE", null, "ISO-X"), NOW, NOW);
    out.accepted(first, "CA", LATER, NOW);
    out.acknowledged(first, "CA", NOW);
    assertThat(entry(first).state()).isEqualTo(State.PENDING);
    out.park(first, new Refusal("AR", null, "ISO-X"), NOW);
    out.acknowledged(first, "CA", NOW);
    assertThat(entry(first).state()).isEqualTo(State.PARKED);
  }

  @Test
  void whatIsHeldBackIsOneRowForEachThingAndDestination() {
    IndexChanged order = new IndexChanged(1, Kind.ORDER, BOB, null, null);
    out.held().hold("ris", order, ANN, NOW);
    out.held().hold("ris", new IndexChanged(2, Kind.ORDER, BOB, null, null), ANN, NOW);
    out.held().hold("epr", order, ANN, NOW);
    out.held().hold("ris", new IndexChanged(3, Kind.MERGE, ANN, BOB, null), ANN, NOW);
    out.held().hold("ris", new IndexChanged(4, Kind.MERGE, ANN, ANN, null), ANN, NOW);
    assertThat(out.held().count("ris")).isEqualTo(3);
    List<OutboundHeld.Held> due = out.held().due(List.of("ris", "gone"), NOW, 10);
    assertThat(due)
        .extracting(OutboundHeld.Held::change)
        .containsExactlyInAnyOrder(
            new IndexChanged(2, Kind.ORDER, BOB, null, null),
            new IndexChanged(3, Kind.MERGE, ANN, BOB, null),
            new IndexChanged(4, Kind.MERGE, ANN, ANN, null));
    assertThat(out.held().due(List.of("ris"), NOW, 2)).hasSize(2);
    assertThat(out.held().due(List.of("ris"), NOW.minusSeconds(1), 10)).isEmpty();
    assertThat(out.held().due(List.of(), NOW, 10)).isEmpty();
    out.held().postpone(due.get(0), NOW.plusSeconds(60));
    out.held().settled(due.get(1));
    assertThat(out.held().due(List.of("ris"), NOW, 10)).containsExactly(due.get(2));
    out.held().recheck(ANN, NOW);
    assertThat(out.held().due(List.of("ris"), NOW, 10)).hasSize(2);
  }

  @Test
  void theNewestOfSomeCausesIsFound() {
    add("ris", ANN, "a|1");
    UUID second = add("ris", ANN, "b|1").orElseThrow();
    add("epr", ANN, "a|2");
    assertThat(out.newest("ris", List.of("a|", "b|"))).contains("b|1");
    out.cancel(second, "why");
    assertThat(out.newest("ris", List.of("a|", "b|"))).contains("a|1");
    assertThat(out.newest("ris", List.of("c|"))).isEmpty();
  }

  @Test
  void whatAPersonGivesUpHoldsNobodyBack() {
    UUID first = add("ris", ANN, "1").orElseThrow();
    add("ris", ANN, "2");
    assertThat(out.giveUp(first, "me")).isFalse();
    out.park(first, new Refusal("AR", null, "refused"), NOW);
    assertThat(out.giveUp(first, "me")).isTrue();
    assertThat(entry(first).state()).isEqualTo(State.CANCELLED);
    assertThat(nextOf("ris")).isEqualTo("C2");
  }

  @Test
  void eachStepIsOnTheRow() {
    UUID id = add("ris", ANN, "1").orElseThrow();
    assertThat(entry(id).state()).isEqualTo(State.PENDING);
    out.sending(id, NOW);
    assertThat(entry(id).state()).isEqualTo(State.SENT);
    assertThat(entry(id).sentAt()).isEqualTo(NOW);
    out.failed(id, new Refusal("AE", "hl7/a", "101"), NOW.plusSeconds(5), NOW.plusSeconds(1));
    OutboundEntry failed = entry(id);
    assertThat(failed.state()).isEqualTo(State.PENDING);
    assertThat(failed.failures()).isEqualTo(1);
    assertThat(failed.answer()).isEqualTo("AE");
    assertThat(failed.answerKey()).isEqualTo("hl7/a");
    assertThat(failed.lastError()).isEqualTo("101");
    assertThat(failed.answeredAt()).isEqualTo(NOW.plusSeconds(1));
    assertThat(out.next("ris", NOW.plusSeconds(4))).isEmpty();
    assertThat(out.next("ris", NOW.plusSeconds(5))).isPresent();
    out.sending(id, NOW.plusSeconds(5));
    out.unanswered(id, "timeout", true, NOW.plusSeconds(9), NOW.plusSeconds(6));
    assertThat(entry(id).state()).isEqualTo(State.SENT);
    assertThat(entry(id).failures()).isEqualTo(2);
    out.sending(id, NOW.plusSeconds(9));
    out.acknowledged(id, "CA", NOW.plusSeconds(10));
    OutboundEntry done = entry(id);
    assertThat(done.state()).isEqualTo(State.ACKED);
    assertThat(done.attempts()).isEqualTo(3);
    assertThat(done.answeredAt()).isEqualTo(NOW.plusSeconds(10));
    assertThat(done.lastError()).isNull();
    assertThat(nextOf("ris")).isNull();
  }

  @Test
  void aParkedOneThatWasNeverAnsweredIsStillAmbiguousWhenItIsSentAgain() {
    UUID id = add("ris", ANN, "1").orElseThrow();
    out.sending(id, NOW);
    out.park(id, new Refusal(null, null, "silence"), NOW);
    assertThat(entry(id).answeredAt()).isNull();
    out.retry(id);
    assertThat(entry(id).state()).isEqualTo(State.SENT);
    assertThat(entry(id).failures()).isZero();
    assertThat(entry(id).controlId()).isEqualTo("C1");
  }

  @Test
  void aQueueHasALimitAndTheOthersDoNotFeelIt() {
    for (int i = 0; i < 4; i++) {
      add("ris", ANN, "" + i);
    }
    assertThatThrownBy(() -> add("ris", ANN, "5"))
        .isInstanceOf(QueueFullException.class)
        .hasMessageContaining("ISO-OUTBOUND-002: ris has 4")
        .hasMessageContaining("isocentre.outbound.max-waiting");
    assertThat(add("ris", ANN, "1")).isEmpty();
    assertThat(add("epr", ANN, "6")).isPresent();
  }

  @Test
  void afterAMergeThePatientsMessagesKeepTheirOrder() {
    add("ris", ANN, "1");
    UUID merge =
        out.enqueue(
                "ris",
                BOB,
                ANN,
                "2",
                () -> Optional.of(new Draft(null, "ADT^A40", "C2", "k", null)))
            .orElseThrow();
    UUID first = out.next("ris", LATER).orElseThrow().id();
    assertThat(entry(first).patientId()).isEqualTo(BOB);
    out.park(first, new Refusal("AR", null, "refused"), NOW);
    assertThat(nextOf("ris")).isNull();
    out.giveUp(first, "me");
    assertThat(out.next("ris", LATER).orElseThrow().id()).isEqualTo(merge);
  }

  @Test
  void whatIsTakenBackIsNotSentAndWhatMayHaveArrivedIsReversedOnce() {
    UUID pending = add("ris", ANN, "m1|1").orElseThrow();
    UUID refused = add("ris", ANN, "m1|2").orElseThrow();
    out.sending(refused, NOW);
    out.park(refused, new Refusal("AR", null, "refused"), NOW);
    UUID other = add("ris", ANN, "m2|1").orElseThrow();
    assertThat(out.withdraw("ris", "m1|", "u1|", "taken back")).isFalse();
    assertThat(entry(pending).state()).isEqualTo(State.CANCELLED);
    assertThat(entry(pending).lastError()).isEqualTo("taken back");
    assertThat(entry(refused).state()).isEqualTo(State.CANCELLED);
    assertThat(entry(other).state()).isEqualTo(State.PENDING);
    // The sender had read it before.
    assertThat(out.sending(pending, NOW)).isFalse();
    out.park(pending, new Refusal(null, null, "late"), NOW);
    assertThat(entry(pending).state()).isEqualTo(State.CANCELLED);
    UUID silent = add("ris", ANN, "m1|3").orElseThrow();
    assertThat(out.sending(silent, NOW)).isTrue();
    out.park(silent, new Refusal(null, null, "silence"), NOW);
    assertThat(out.withdraw("ris", "m1|", "u1|", "taken back")).isTrue();
    assertThat(entry(silent).state()).isEqualTo(State.CANCELLED);
    add("ris", ANN, "u1|1");
    assertThat(out.withdraw("ris", "m1|", "u1|", "taken back")).isFalse();
    UUID sent = add("ris", ANN, "m1|4").orElseThrow();
    out.sending(sent, NOW);
    assertThat(out.withdraw("ris", "m1|", "u1|", "taken back")).isTrue();
    assertThat(entry(sent).state()).isEqualTo(State.SENT);
  }

  @Test
  void oneProcessSendsAtATime() {
    Duration minute = Duration.ofMinutes(1);
    assertThat(out.hold("ris", "one", minute)).isTrue();
    assertThat(out.hold("ris", "one", minute)).isTrue();
    assertThat(out.hold("ris", "two", minute)).isFalse();
    assertThat(out.hold("epr", "two", minute)).isTrue();
    out.release("ris", "two");
    assertThat(out.hold("ris", "two", minute)).isFalse();
    jdbc.sql("update outbound_destination set held_until = ? where name = 'ris'")
        .param(Rows.utc(Instant.now().minusSeconds(1)))
        .update();
    assertThat(out.hold("ris", "two", minute)).isTrue();
    out.release("ris", "two");
    assertThat(out.hold("ris", "one", minute)).isTrue();
  }

  @Test
  void aPausedDestinationIsNotSentToUntilItIsResumed() {
    add("ris", ANN, "1");
    assertThat(out.pause("ris", "me")).isTrue();
    assertThat(out.hold("ris", "one", Duration.ofMinutes(1))).isFalse();
    assertThat(out.destinations())
        .filteredOn(d -> d.name().equals("ris"))
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.paused()).isTrue();
              assertThat(d.pausedBy()).isEqualTo("me");
              assertThat(d.waiting()).isEqualTo(1);
              assertThat(d.parked()).isZero();
              assertThat(d.oldestWaiting()).isNotNull();
            });
    out.register(List.of("ris"));
    assertThat(out.hold("ris", "one", Duration.ofMinutes(1))).isFalse();
    assertThat(nextOf("ris")).isNull();
    assertThat(out.resume("ris")).isTrue();
    assertThat(out.hold("ris", "one", Duration.ofMinutes(1))).isTrue();
    assertThat(nextOf("ris")).isEqualTo("C1");
    assertThat(out.pause("nobody", "me")).isFalse();
    assertThat(out.resume("nobody")).isFalse();
  }

  @Test
  void messagesAreFoundByWhereAndHow() {
    UUID id = add("ris", ANN, "1").orElseThrow();
    add("epr", ANN, "2");
    out.park(id, new Refusal("AR", null, "refused"), NOW);
    PageRequest page = new PageRequest(0, 10);
    assertThat(out.search(new OutboundQuery("ris", Set.of(State.PARKED), null, page))).hasSize(1);
    assertThat(out.search(new OutboundQuery("ris", Set.of(State.PENDING), null, page))).isEmpty();
    assertThat(out.search(new OutboundQuery(null, null, "C2", page))).hasSize(1);
    assertThat(out.search(new OutboundQuery(null, null, null, page))).hasSize(2);
  }

  /** The sequence is the order of commits, whatever the writers do. */
  @Test
  void whoIsQueuedAtOnceIsQueuedOnceAndInOrder() throws Exception {
    out = new OutboundIndex(jdbc, transactions, 1000, NoJourney.INSTANCE);
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int w = 0; w < 4; w++) {
        running.add(
            writers.submit(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    add("ris", ANN, "c" + i);
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      writers.shutdownNow();
    }
    assertThat(out.count("ris", List.of(State.PENDING))).isEqualTo(20);
  }

  @Test
  void notesAreReadInOrderAndForgotten() {
    changes.note(Kind.ORDER, ANN, "RTH");
    changes.merged(BOB, ANN, null);
    List<IndexChanged> notes = changes.oldest(10);
    assertThat(notes).extracting(IndexChanged::kind).containsExactly(Kind.ORDER, Kind.MERGE);
    assertThat(notes.get(1).otherId()).isEqualTo(ANN);
    assertThat(notes.get(0).origin()).isEqualTo("RTH");
    assertThat(changes.oldest(1)).hasSize(1);
    changes.forget(notes.subList(0, 1));
    assertThat(changes.oldest(10)).containsExactly(notes.get(1));
    changes.forget(List.of());
  }

  @Test
  void aNoteGoesWithItsChange() {
    transactions.executeWithoutResult(
        status -> {
          changes.note(Kind.ORDER, ANN, "RTH");
          status.setRollbackOnly();
        });
    assertThat(changes.oldest(10)).isEmpty();
  }

  /** Messages that wait are the prior patient's again, also where a chain of merges took them. */
  @Test
  void whatAMergeMovedComesBackWhenItIsTakenBack() {
    PatientIndex patients = new PatientIndex(jdbc, transactions, new ReviewList(jdbc));
    UUID ann = patients.resolve(new MergeWorld.Person("ANN").says(Patient.Source.ADT));
    UUID bob = patients.resolve(new MergeWorld.Person("BOB").says(Patient.Source.ADT));
    UUID cat = patients.resolve(new MergeWorld.Person("CAT").says(Patient.Source.ADT));
    UUID anns = add("ris", ann, "1").orElseThrow();
    UUID bobs = add("ris", bob, "2").orElseThrow();
    out.enqueue("ris", bob, ann, "ADT|1", Optional::empty);
    out.enqueue("ris", cat, bob, "ADT|2", Optional::empty);
    assertThat(List.of(entry(anns).patientId(), entry(bobs).patientId())).containsOnly(cat);
    jdbc.sql("update patient set merged_into = ? where id = ?").params(bob, ann).update();
    out.part("ris", cat, bob, "taken back");
    assertThat(List.of(entry(anns).patientId(), entry(bobs).patientId())).containsOnly(bob);
    jdbc.sql("update patient set merged_into = null where id = ?").param(ann).update();
    out.part("ris", bob, ann, "taken back");
    assertThat(entry(anns).patientId()).isEqualTo(ann);
    assertThat(entry(bobs).patientId()).isEqualTo(bob);
    assertThat(List.of(entry(anns).state(), entry(bobs).state())).containsOnly(State.PENDING);
  }
}
