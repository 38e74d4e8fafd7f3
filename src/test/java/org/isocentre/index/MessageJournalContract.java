package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.index.MessageIndex.Cause;
import org.isocentre.index.MessageIndex.Failure;
import org.isocentre.index.MessageIndex.State;
import org.isocentre.model.MessageCorrection;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageLabels.Kind;
import org.isocentre.model.MessageLabels.Number;
import org.isocentre.model.MessageRefused;
import org.isocentre.model.MessageStep;
import org.isocentre.model.MessageStored;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What every database must do with the journeys of messages. */
abstract class MessageJournalContract {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");
  private static final Number PATIENT = new Number(Kind.PATIENT, "RTH", "L1");
  private static final Number ACCESSION = new Number(Kind.ACCESSION, "RTH", "A1");

  private MessageIndex messages;
  private MessageJournal journal;
  private TransactionTemplate transactions;

  /** An empty database. */
  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    JdbcClient jdbc = JdbcClient.create(database);
    transactions = new TransactionTemplate(new DataSourceTransactionManager(database));
    messages = new MessageIndex(jdbc);
    journal = new MessageJournal(jdbc, transactions, messages);
  }

  private static MessageStored message(String type, String control, Instant at) {
    return new MessageStored(
        UUID.randomUUID().toString(), "RTH", type, control, "hl7/" + control, "UTF-8", at);
  }

  private static MessageLabels labels(Number... numbers) {
    return new MessageLabels("RIS", "RTH", NOON.minusSeconds(60), Set.of(numbers));
  }

  private UUID received(String type, String control, Instant at, Number... numbers) {
    return journal.received(message(type, control, at), labels(numbers), at.plusMillis(5));
  }

  private List<MessageStep.Kind> kinds(UUID id) {
    return journal.steps(id).stream().map(MessageStep::step).toList();
  }

  private static MessageQuery.Cursor after(TrackedMessage m) {
    return new MessageQuery.Cursor(m.receivedAt(), m.id());
  }

  @Test
  void aMessageTellsItsJourney() {
    MessageStored m = message("ORM^O01", "M1", NOON);
    UUID id = journal.received(m, labels(PATIENT, ACCESSION), NOON.plusMillis(5));
    assertThat(id).hasToString(m.eventId());
    UUID order = UUID.randomUUID();
    var resource = new MessageJournal.Resource("ServiceRequest", order);
    journal.filed(id, NOON.plusSeconds(1), List.of(resource, resource), "1 order");

    assertThat(journal.steps(id))
        .startsWith(
            new MessageStep(MessageStep.Kind.RECEIVED, NOON, "RTH", null),
            new MessageStep(MessageStep.Kind.ACKNOWLEDGED, NOON.plusMillis(5), null, "AA"),
            new MessageStep(MessageStep.Kind.MAPPED, NOON.plusSeconds(1), null, null));
    assertThat(kinds(id)).endsWith(MessageStep.Kind.FILED).hasSize(4);
    assertThat(journal.resources(id)).containsExactly(resource);
    assertThat(journal.orderNumbers(id)).containsExactly(ACCESSION);
    TrackedMessage found = messages.find(id).orElseThrow();
    assertThat(found.state()).isEqualTo(State.FILED);
    assertThat(found.sentAt()).isEqualTo(NOON.minusSeconds(60));
    assertThat(found.senderApplication()).isEqualTo("RIS");
  }

  @Test
  void anEventThatComesAgainAddsNothingAndAMessageThatComesAgainAddsAStep() {
    MessageStored m = message("ORM^O01", "M1", NOON);
    UUID id = journal.received(m, labels(PATIENT), NOON);
    journal.received(m, labels(PATIENT), NOON);
    assertThat(kinds(id)).containsExactly(MessageStep.Kind.RECEIVED, MessageStep.Kind.ACKNOWLEDGED);

    MessageStored again = message("ORM^O01", "M1", NOON.plusSeconds(9));
    assertThat(journal.received(again, labels(PATIENT), NOON)).isEqualTo(id);
    journal.received(again, labels(PATIENT), NOON);
    assertThat(kinds(id))
        .containsExactly(
            MessageStep.Kind.RECEIVED, MessageStep.Kind.ACKNOWLEDGED, MessageStep.Kind.REPEATED);
  }

  @Test
  void aReplayOfACorrectedTextIsOfTheSameMessage() {
    UUID id = received("ORM^O01", "M1", NOON);
    MessageStored corrected =
        new MessageStored(id.toString(), "RTH", "ORM^O01", "M1", "hl7/other", "UTF-8", NOON);
    assertThat(journal.received(corrected, labels(ACCESSION), NOON)).isEqualTo(id);
    assertThat(messages.find(id).orElseThrow().objectKey()).isEqualTo("hl7/M1");
    assertThat(messages.count(State.RECEIVED)).isEqualTo(1);
    assertThat(journal.orderNumbers(id)).containsExactly(ACCESSION);
  }

  @Test
  void stepsOfOneMessageHaveAnEndButPersonsActsAreKept() {
    UUID id = received("ORM^O01", "M1", NOON);
    transactions.executeWithoutResult(
        status -> {
          for (int i = 0; i < MessageJournal.MOST_STEPS; i++) {
            journal.step(id, MessageStep.Kind.REPEATED, null, NOON);
          }
        });
    assertThat(journal.steps(id)).hasSize(MessageJournal.MOST_STEPS);
    journal.step(id, MessageStep.Kind.REPLAYED, "anna", null, NOON.plusSeconds(9));
    assertThat(journal.steps(id))
        .hasSize(MessageJournal.MOST_STEPS + 1)
        .endsWith(new MessageStep(MessageStep.Kind.REPLAYED, NOON.plusSeconds(9), "anna", null));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // patient issuer, value, accession issuer, value, control, facility, type, state, found
        "-, -, -, -, -, -, -, -, M3 M2 M1",
        "RTH, L1, -, -, -, -, -, -, M1",
        "-, L1, -, -, -, -, -, -, M1",
        "RJ1, L1, -, -, -, -, -, -, ''",
        // The number that a merge ended finds the merge.
        "RTH, L9, -, -, -, -, -, -, M3",
        "-, -, RTH, A1, -, -, -, -, M2 M1",
        "-, -, -, A2, -, -, -, -, M2",
        "-, -, -, L1, -, -, -, -, ''",
        "-, -, -, -, M2, -, -, -, M2",
        "-, -, -, -, -, RTH, -, -, M3 M2 M1",
        "-, -, -, -, -, RJ1, -, -, ''",
        "-, -, -, -, -, -, ORM^O01, -, M1",
        "-, -, -, -, -, -, ORU, -, M2",
        "-, -, -, -, -, -, OR, -, ''",
        "-, -, -, -, -, -, %, -, ''",
        "-, -, -, -, -, -, -, FAILED, M2"
      })
  void aMessageIsFoundByWhatItNames(
      String patientIssuer,
      String patient,
      String accessionIssuer,
      String accession,
      String control,
      String facility,
      String type,
      State state,
      String found) {
    received("ORM^O01", "M1", NOON, PATIENT, ACCESSION);
    UUID second =
        received(
            "ORU^R01",
            "M2",
            NOON.plusSeconds(1),
            ACCESSION,
            new Number(Kind.ACCESSION, "RTH", "A2"));
    received("ADT^A40", "M3", NOON.plusSeconds(2), new Number(Kind.PRIOR, "RTH", "L9"));
    journal.failed(second, new Failure("ISO-X-001", "report-index", "ISO-X-001: no", "e"));
    MessageQuery query =
        new MessageQuery(
            null,
            TrackedMessage.Direction.IN,
            patient == null ? null : List.of(new Number(Kind.PATIENT, patientIssuer, patient)),
            accession == null ? null : new Number(Kind.ACCESSION, accessionIssuer, accession),
            null,
            control,
            null,
            facility,
            null,
            type,
            state == null ? null : Set.of(state),
            null,
            null,
            TimeRange.ANY);
    assertThat(messages.search(query, null, 10).stream().map(TrackedMessage::controlId))
        .containsExactlyElementsOf(found.isEmpty() ? List.of() : List.of(found.split(" ")));
  }

  @Test
  void pagesFollowEachOtherWithoutADoubleOrAGapThoughMessagesCome() {
    for (int i = 0; i < 7; i++) {
      // Some at the same moment.
      received("ORM^O01", "M" + i, NOON.plusSeconds(i / 3));
    }
    List<UUID> seen = new ArrayList<>();
    MessageQuery.Cursor cursor = null;
    for (int page = 0; page < 4; page++) {
      List<TrackedMessage> found = messages.search(MessageQuery.ALL, cursor, 2);
      found.forEach(m -> seen.add(m.id()));
      cursor = after(found.get(found.size() - 1));
      received("ORM^O01", "LATE" + page, NOON.plusSeconds(60));
    }
    assertThat(seen).hasSize(7).doesNotHaveDuplicates();
    assertThat(messages.search(MessageQuery.ALL, cursor, 2)).isEmpty();
  }

  @Test
  void aTrustFindsItsOwnAlone() {
    received("ORM^O01", "M1", NOON);
    MessageQuery own =
        new MessageQuery(
            "RJ1",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            TimeRange.ANY);
    assertThat(messages.search(own, null, 10)).isEmpty();
    assertThat(messages.causes(own)).isEmpty();
  }

  @Test
  void whatWaitsForAPersonIsGroupedByCause() {
    for (int i = 0; i < 3; i++) {
      UUID id = received("ORM^O01", "M" + i, NOON.plusSeconds(i));
      journal.failed(
          id,
          new Failure(
              i == 2 ? "ISO-X-002" : "ISO-X-001", "order-index", "ISO-X-001: no such place", "e"));
    }
    journal.filed(received("ORM^O01", "M9", NOON), NOON, List.of(), null);
    journal.refused(
        new MessageRefused(message("ORM^O01", "M8", NOON), "AE", "HL70357-101:PID-3", "no number"),
        labels());

    List<Cause> causes = messages.causes(MessageQuery.ALL);
    assertThat(causes).hasSize(3);
    assertThat(causes.get(0))
        .isEqualTo(
            new Cause(
                "ISO-X-001",
                "order-index",
                State.FAILED,
                2,
                NOON,
                NOON.plusSeconds(1),
                "ISO-X-001: no such place"));
    assertThat(causes.stream().map(Cause::code)).contains("HL70357-101:PID-3", "ISO-X-002");
  }

  @Test
  void aRefusedMessageThatComesAgainDoesNotUndoItsRepair() {
    MessageStored m = message("ORM^O01", "M1", NOON);
    UUID id =
        journal.refused(new MessageRefused(m, "AE", "HL70357-101:PID-3", "no number"), labels());
    assertThat(kinds(id)).containsExactly(MessageStep.Kind.RECEIVED, MessageStep.Kind.REFUSED);
    assertThat(messages.find(id).orElseThrow().failedStep()).isEqualTo("hl7-receive");
    journal.filed(id, NOON, List.of(), null);
    MessageStored again = message("ORM^O01", "M1", NOON.plusSeconds(5));
    journal.refused(new MessageRefused(again, "AE", "HL70357-101:PID-3", "no number"), labels());
    assertThat(messages.find(id).orElseThrow().state()).isEqualTo(State.FILED);
    assertThat(kinds(id)).contains(MessageStep.Kind.REPEATED);
  }

  @Test
  void correctionsAreNumberedAndStandBesideTheMessage() throws Exception {
    UUID id = received("ORM^O01", "M1", NOON);
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      Callable<Integer> correct =
          () -> journal.correct(id, correction("anna"), labels(ACCESSION)).number();
      Set<Integer> numbers = new HashSet<>();
      for (var future : two.invokeAll(List.of(correct, correct, correct, correct))) {
        numbers.add(future.get());
      }
      assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3, 4);
    } finally {
      two.shutdownNow();
    }
    assertThat(journal.corrections(id)).hasSize(4).first().isEqualTo(correction(1, "anna"));
    assertThat(messages.find(id).orElseThrow().objectKey()).isEqualTo("hl7/M1");
    assertThat(journal.steps(id).get(2).by()).isEqualTo("anna");
  }

  private static MessageCorrection correction(String by) {
    return correction(0, by);
  }

  private static MessageCorrection correction(int number, String by) {
    return new MessageCorrection(
        number,
        "hl7/new",
        "RTH",
        "M1",
        "ORM^O01",
        "UTF-8",
        "wrong number",
        by,
        NOON.plusSeconds(30));
  }

  @Test
  void ofSeveralWhoClaimAMessageOneGetsIt() {
    UUID id = received("ORM^O01", "M1", NOON);
    journal.failed(id, new Failure("ISO-X-001", "order-index", "ISO-X-001: no", "e"));
    assertThat(messages.claim(id, State.FAILED, State.RECEIVED)).isTrue();
    assertThat(messages.claim(id, State.FAILED, State.RECEIVED)).isFalse();
    assertThat(messages.find(id).orElseThrow().deadEvent()).isEqualTo("e");
  }

  @Test
  void anOutgoingMessageTellsWhoAcknowledgedIt() {
    MessageStored m = message("ORU^R01", "OUT1", NOON);
    journal.outgoing(m, labels(ACCESSION), "RJ1-EPR");
    journal.outgoing(m, labels(ACCESSION), "RJ1-EPR");
    UUID id = UUID.fromString(m.eventId());
    journal.step(id, MessageStep.Kind.SENT, "RJ1-EPR", null, NOON.plusSeconds(1));
    journal.step(id, MessageStep.Kind.ACKNOWLEDGED, "RJ1-EPR", "AA", NOON.plusSeconds(2));
    messages.became(id, State.ACKNOWLEDGED, null);
    assertThat(kinds(id))
        .containsExactly(
            MessageStep.Kind.QUEUED, MessageStep.Kind.SENT, MessageStep.Kind.ACKNOWLEDGED);
    assertThat(journal.steps(id).get(2).by()).isEqualTo("RJ1-EPR");
    TrackedMessage found = messages.find(id).orElseThrow();
    assertThat(found.direction()).isEqualTo(TrackedMessage.Direction.OUT);
    assertThat(found.destination()).isEqualTo("RJ1-EPR");
  }

  @Test
  void whatIsDoneAgainIsDoneInTheOrderInWhichItWasMade() {
    for (String control : List.of("B", "A", "C")) {
      journal.received(
          message("ORM^O01", control, NOON),
          new MessageLabels("RIS", "RTH", NOON.plusSeconds(control.charAt(0)), Set.of()),
          NOON);
    }
    assertThat(messages.oldest(MessageQuery.ALL, 2).stream().map(TrackedMessage::controlId))
        .containsExactly("A", "B");
  }
}
