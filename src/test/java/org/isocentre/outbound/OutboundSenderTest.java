package org.isocentre.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.isocentre.outbound.ScriptedReceiver.ack;
import static org.isocentre.outbound.ScriptedReceiver.answer;
import static org.isocentre.outbound.ScriptedReceiver.bytes;
import static org.isocentre.outbound.ScriptedReceiver.frame;
import static org.isocentre.outbound.ScriptedReceiver.hangUp;
import static org.isocentre.outbound.ScriptedReceiver.silence;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.hl7.AcknowledgementMode.Condition;
import org.isocentre.hl7.OutboundKind;
import org.isocentre.hl7.OutboundRules;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.Draft;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.model.OutboundEntry;
import org.isocentre.model.OutboundEntry.State;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.outbound.Acknowledging.Way;
import org.isocentre.outbound.Destination.OnError;
import org.isocentre.outbound.ScriptedReceiver.Reaction;
import org.isocentre.outbound.ScriptedReceiver.Received;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a destination may answer, or not, and what becomes of the message. */
class OutboundSenderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration ACK_TIMEOUT = Duration.ofMillis(400);
  @TempDir static Path root;
  private static ObjectStore store;
  private final Set<UUID> denied = ConcurrentHashMap.newKeySet();
  private OutboundIndex queue;
  private PatientIndex patients;
  private JdbcClient jdbc;
  private ScriptedReceiver receiver;
  private OutboundSender sender;
  private Destination ris;
  private UUID ann;
  private UUID bob;

  @BeforeAll
  static void openStore() throws Exception {
    store = new FileObjectStore(root, 1024, false);
  }

  @AfterAll
  static void closeStore() {
    store.close();
  }

  @BeforeEach
  void open() throws Exception {
    DataSource database =
        JdbcConnectionPool.create(
            "jdbc:h2:mem:"
                + UUID.randomUUID()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;OPTIMIZE_REUSE_RESULTS=0;DB_CLOSE_DELAY=-1",
            "sa",
            "");
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    jdbc = JdbcClient.create(database);
    TransactionTemplate transactions =
        new TransactionTemplate(new DataSourceTransactionManager(database));
    patients = new PatientIndex(jdbc, transactions, new ReviewList(jdbc));
    queue = new OutboundIndex(jdbc, transactions, 1000, org.isocentre.index.NoJourney.INSTANCE);
    queue.register(List.of("ris"));
    ann = patient("A1");
    bob = patient("B1");
  }

  @AfterEach
  void close() {
    if (sender != null) {
      sender.close();
    }
    if (receiver != null) {
      receiver.close();
    }
  }

  private UUID patient(String number) {
    return patients.resolve(
        new PatientDemographics(
            new PatientIdentity(new PatientKey("RTH", number), null, LocalDate.of(1974, 2, 13)),
            null,
            null,
            null,
            null,
            Patient.Source.ADT));
  }

  private UUID add(UUID patient, String controlId) {
    return add(patient, controlId, "");
  }

  private UUID add(UUID patient, String controlId, String more) {
    String text =
        "MSH|^~\\&|ISOCENTRE|HUB|RIS|RJ1|20261101||ORU^R01|" + controlId + "|P|2.4\rPID|1\r" + more;
    try (ObjectStore.ObjectWriter writer = store.create("hl7")) {
      writer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      Draft draft = new Draft("RTH", "ORU^R01", controlId, writer.commit().key(), null);
      return queue.enqueue("ris", patient, null, controlId, () -> Optional.of(draft)).orElseThrow();
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What makes a destination of a test another one. */
  private record Wish(int maxAttempts, OnError onError, double perSecond, Duration ackTimeout) {}

  private void sendTo(int port) {
    sendTo(port, new Wish(3, OnError.RETRY, 0, ACK_TIMEOUT), null);
  }

  private void sendTo(int port, Wish wish, SSLContext tls) {
    sendTo(port, wish, tls, Acknowledging.ORIGINAL);
  }

  private void sendTo(int port, Wish wish, SSLContext tls, Acknowledging acknowledging) {
    ris =
        new Destination(
            "ris",
            "RJ1",
            "localhost",
            port,
            tls != null,
            "RIS",
            "RJ1",
            Set.of(OutboundKind.ORU),
            "2.4",
            "UNICODE UTF-8",
            StandardCharsets.UTF_8,
            OutboundRules.NONE,
            wish.perSecond(),
            wish.ackTimeout(),
            wish.maxAttempts(),
            wish.onError(),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            acknowledging);
    sender =
        new OutboundSender(
            List.of(ris),
            queue,
            patients,
            (patient, custodian, ods, type) -> !denied.contains(patient),
            store,
            tls == null ? null : tls::getSocketFactory,
            Clock.systemUTC(),
            "test");
  }

  private void listen(Function<Received, Reaction> script) {
    receiver = new ScriptedReceiver(script);
    sendTo(receiver.port());
  }

  /** These reactions, one a message; then the last for ever. */
  private static Function<Received, Reaction> inTurn(Reaction... reactions) {
    Queue<Reaction> rest = new ArrayDeque<>(List.of(reactions));
    return message -> rest.size() > 1 ? rest.remove() : rest.element();
  }

  private OutboundEntry entry(UUID id) {
    return queue.find(id).orElseThrow();
  }

  private void awaitState(UUID id, State state) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              sender.send("ris");
              return entry(id).state() == state;
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"AA", "CA"})
  void anAcceptedMessageIsDone(String code) {
    listen(message -> answer(code));
    UUID first = add(ann, "C1");
    UUID second = add(ann, "C2");
    awaitState(second, State.ACKED);
    assertThat(entry(first).state()).isEqualTo(State.ACKED);
    assertThat(entry(first).answer()).isEqualTo(code);
    assertThat(entry(first).answeredAt()).isNotNull();
    sender.send("ris");
    assertThat(receiver.controlIds()).containsExactly("C1", "C2");
    assertThat(receiver.received).extracting(Received::connection).containsOnly(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AE", "CE", "XX"})
  void anErrorIsTriedAgainAndThenParked(String code) {
    listen(message -> message.controlId().equals("C1") ? answer(code) : answer("AA"));
    UUID first = add(ann, "C1");
    UUID behind = add(ann, "C2");
    UUID other = add(bob, "C3");
    awaitState(first, State.PARKED);
    assertThat(entry(first).attempts()).isEqualTo(3);
    assertThat(entry(first).answer()).isEqualTo(code);
    awaitState(other, State.ACKED);
    assertThat(entry(behind).state()).isEqualTo(State.PENDING);
    assertThat(receiver.controlIds()).containsOnlyOnce("C3").doesNotContain("C2");
    assertThat(receiver.received)
        .filteredOn(m -> m.controlId().equals("C1"))
        .hasSize(3)
        .extracting(Received::text)
        .containsOnly(receiver.received.get(0).text());
  }

  @Test
  void anErrorThatPassesHoldsThePatientsOrder() {
    listen(inTurn(answer("AE"), answer("AA")));
    UUID first = add(ann, "C1");
    UUID second = add(ann, "C2");
    awaitState(second, State.ACKED);
    assertThat(entry(first).state()).isEqualTo(State.ACKED);
    assertThat(receiver.controlIds()).containsExactly("C1", "C1", "C2");
  }

  @Test
  void anErrorIsParkedAtOnceWhereTheRuleSaysSo() {
    receiver = new ScriptedReceiver(message -> answer("AE"));
    sendTo(receiver.port(), new Wish(3, OnError.PARK, 0, ACK_TIMEOUT), null);
    UUID id = add(ann, "C1");
    awaitState(id, State.PARKED);
    assertThat(entry(id).attempts()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AR", "CR"})
  void aRejectionIsParkedAndItsPatientWaits(String code) throws Exception {
    listen(message -> message.controlId().equals("C1") ? answer(code) : answer("AA"));
    UUID first = add(ann, "C1");
    UUID behind = add(ann, "C2");
    UUID other = add(bob, "C3");
    awaitState(other, State.ACKED);
    assertThat(entry(first).state()).isEqualTo(State.PARKED);
    assertThat(entry(first).attempts()).isEqualTo(1);
    assertThat(entry(first).lastError()).contains(code).contains("101").doesNotContain("SECRET");
    assertThat(entry(behind).state()).isEqualTo(State.PENDING);
    try (InputStream kept = store.open(entry(first).answerKey())) {
      assertThat(new String(kept.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(ack(code, "C1"));
    }
    assertThat(queue.giveUp(first, "me")).isTrue();
    awaitState(behind, State.ACKED);
  }

  /** Silence, a closed connection, an answer to something else, none at all: nobody knows. */
  @ParameterizedTest
  @ValueSource(
      strings = {"silence", "close", "wrong MSA-2", "no MSA", "endless", "half", "slow", "not HL7"})
  void withoutItsAnswerAMessageIsSentAgainAsItWas(String what) {
    Reaction nothing =
        switch (what) {
          case "silence" -> silence();
          case "close" -> hangUp();
          case "wrong MSA-2" -> (id, out) -> frame(out, ack("AA", "other"));
          case "no MSA" -> (id, out) -> frame(out, "MSH|^~\\&|RIS\r");
          case "endless" ->
              (id, out) -> {
                out.write(0x0b);
                out.write(new byte[100_000]);
                out.flush();
              };
          case "half" -> bytes("\u000bMSH|^~\\&|RIS\rMSA|AA|C1".getBytes(StandardCharsets.UTF_8));
          case "slow" ->
              (id, out) -> {
                for (byte b : ("\u000b" + ack("AA", id)).getBytes(StandardCharsets.UTF_8)) {
                  out.write(b);
                  out.flush();
                  java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
                }
              };
          default -> (id, out) -> frame(out, "OK");
        };
    listen(inTurn(nothing, answer("AA")));
    UUID id = add(ann, "C1");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              sender.send("ris");
              return entry(id).lastError() != null || entry(id).state() == State.ACKED;
            });
    assertThat(entry(id).state()).isEqualTo(State.SENT);
    assertThat(entry(id).lastError()).startsWith("ISO-OUTBOUND-01");
    assertThat(entry(id).failures()).isZero();
    awaitState(id, State.ACKED);
    assertThat(entry(id).attempts()).isEqualTo(2);
    assertThat(receiver.received).hasSize(2);
    assertThat(receiver.received.get(1).text()).isEqualTo(receiver.received.get(0).text());
    assertThat(receiver.received.get(1).connection()).isEqualTo(2);
  }

  /** Such as the application's own answer after a commit. */
  @Test
  void aLateAnswerToAnotherMessageIsPassedOver() {
    listen(
        message ->
            (id, out) -> {
              frame(out, ack("AR", "an earlier one"));
              frame(out, ack("AA", id));
            });
    UUID id = add(ann, "C1");
    awaitState(id, State.ACKED);
    assertThat(entry(id).attempts()).isEqualTo(1);
  }

  @Test
  void aDestinationThatIsAwayCostsNoAttempt() {
    receiver = new ScriptedReceiver(message -> answer("AA"));
    int port = receiver.port();
    receiver.close();
    sendTo(port);
    UUID id = add(ann, "C1");
    for (int i = 0; i < 5; i++) {
      sender.send("ris");
    }
    assertThat(entry(id).state()).isEqualTo(State.PENDING);
    assertThat(entry(id).attempts()).isZero();
    receiver = new ScriptedReceiver(port, null, message -> answer("AA"));
    awaitState(id, State.ACKED);
  }

  /** A destination that takes messages and answers none must not fill the parking place. */
  @Test
  void aSilentDestinationParksNothing() {
    listen(message -> silence());
    UUID first = add(ann, "C1");
    UUID other = add(bob, "C2");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              sender.send("ris");
              return entry(first).attempts() > 4;
            });
    assertThat(entry(first).state()).isEqualTo(State.SENT);
    receiver.script(message -> answer("AA"));
    awaitState(first, State.ACKED);
    awaitState(other, State.ACKED);
  }

  /** A message that the destination chokes on while it answers others. */
  @Test
  void aMessageThatAloneIsNeverAnsweredIsParked() {
    listen(message -> message.controlId().equals("C1") ? hangUp() : answer("AA"));
    UUID poison = add(ann, "C1");
    int[] next = {2};
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              add(bob, "C" + next[0]++);
              sender.send("ris");
              return entry(poison).state() == State.PARKED;
            });
    assertThat(entry(poison).failures()).isEqualTo(3);
    assertThat(entry(poison).lastError()).startsWith("ISO-OUTBOUND-012");
  }

  @Test
  void aPeerThatDoesNotReadIsLeftInTime() {
    receiver = new ScriptedReceiver(message -> answer("AA"));
    receiver.deaf();
    sendTo(receiver.port());
    UUID id = add(ann, "C1", "OBX|1|TX|||" + "x".repeat(20_000_000) + "\r");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              sender.send("ris");
              return entry(id).lastError() != null;
            });
    assertThat(entry(id).state()).isEqualTo(State.SENT);
    assertThat(entry(id).lastError()).startsWith("ISO-OUTBOUND-010");
  }

  @Test
  void theThrottleSpreadsMessages() {
    receiver = new ScriptedReceiver(message -> answer("AA"));
    sendTo(receiver.port(), new Wish(3, OnError.RETRY, 20, ACK_TIMEOUT), null);
    UUID last = null;
    for (int i = 0; i < 6; i++) {
      last = add(ann, "C" + i);
    }
    long begin = System.nanoTime();
    awaitState(last, State.ACKED);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThan(Duration.ofMillis(5 * 50 - 10));
  }

  @Test
  void aPausedDestinationGetsNothingUntilItIsResumed() {
    listen(message -> answer("AA"));
    UUID first = add(ann, "C1");
    awaitState(first, State.ACKED);
    queue.pause("ris", "me");
    UUID second = add(ann, "C2");
    sender.send("ris");
    sender.close();
    sendTo(receiver.port());
    sender.send("ris");
    assertThat(receiver.controlIds()).containsExactly("C1");
    queue.resume("ris");
    awaitState(second, State.ACKED);
  }

  /** A process that died between the message and its answer. */
  @Test
  void afterARestartExactlyWhatWasNotAcknowledgedIsSentAgain() {
    listen(message -> message.controlId().equals("C2") ? silence() : answer("AA"));
    UUID first = add(ann, "C1");
    UUID second = add(bob, "C2");
    awaitState(second, State.SENT);
    UUID third = add(bob, "C3");
    sender.close();
    receiver.script(message -> answer("AA"));
    int before = receiver.received.size();
    sendTo(receiver.port());
    awaitState(third, State.ACKED);
    assertThat(receiver.controlIds().subList(before, receiver.received.size()))
        .containsExactly("C2", "C3");
    assertThat(entry(first).attempts()).isEqualTo(1);
  }

  @Test
  void whatThePatientForbidsByNowIsNotSent() {
    listen(message -> answer("AA"));
    UUID id = add(ann, "C1");
    UUID other = add(bob, "C2");
    denied.add(ann);
    awaitState(other, State.ACKED);
    assertThat(entry(id).state()).isEqualTo(State.CANCELLED);
    assertThat(receiver.controlIds()).containsExactly("C2");
  }

  @Test
  void whoseIdentityIsInDoubtWaitsForAPerson() {
    listen(message -> answer("AA"));
    UUID id = add(ann, "C1");
    jdbc.sql("update patient set in_review = true where id = ?").param(ann).update();
    awaitState(id, State.PARKED);
    assertThat(entry(id).lastError()).startsWith("ISO-OUTBOUND-014");
    jdbc.sql("update patient set in_review = false where id = ?").param(ann).update();
    queue.retry(id);
    awaitState(id, State.ACKED);
  }

  @Test
  void aMessageWhoseBytesAreGoneIsParkedAndNeverCalledSent() {
    listen(message -> answer("AA"));
    Draft lost = new Draft("RTH", "ORU^R01", "C1", "hl7/" + "0".repeat(64), null);
    UUID id = queue.enqueue("ris", ann, null, "C1", () -> Optional.of(lost)).orElseThrow();
    awaitState(id, State.PARKED);
    assertThat(entry(id).lastError()).startsWith("ISO-OUTBOUND-013");
    assertThat(receiver.received).isEmpty();
  }

  @Test
  void overTlsBothShowCertificates() {
    TestCertificates hub = TestCertificates.of("hub");
    TestCertificates ris = TestCertificates.of("localhost");
    receiver = new ScriptedReceiver(0, ris.trusting(hub), message -> answer("AA"));
    sendTo(
        receiver.port(), new Wish(3, OnError.RETRY, 0, Duration.ofSeconds(5)), hub.trusting(ris));
    UUID id = add(ann, "C1");
    awaitState(id, State.ACKED);
    UUID next = add(ann, "C2");
    awaitState(next, State.ACKED);
    assertThat(receiver.received).extracting(Received::connection).containsOnly(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"another name", "not trusted"})
  void overTlsNothingGoesToWhoIsNotTheHost(String what) {
    TestCertificates hub = TestCertificates.of("hub");
    TestCertificates shown = TestCertificates.of("pacs");
    UnaryOperator<TestCertificates> same = UnaryOperator.identity();
    TestCertificates trusted =
        what.equals("another name") ? same.apply(shown) : TestCertificates.of("other");
    receiver = new ScriptedReceiver(0, shown.trusting(hub), message -> answer("AA"));
    sendTo(
        receiver.port(),
        new Wish(3, OnError.RETRY, 0, Duration.ofSeconds(5)),
        hub.trusting(trusted));
    UUID id = add(ann, "C1");
    sender.send("ris");
    assertThat(entry(id).state()).isEqualTo(State.PENDING);
    assertThat(receiver.received).isEmpty();
  }

  /** Asks for both acknowledgements. */
  private static Acknowledging both(Way by, Duration timeout) {
    return new Acknowledging(Condition.AL, Condition.AL, by, timeout);
  }

  private void listenEnhanced(Acknowledging mode, Function<Received, Reaction> script) {
    receiver = new ScriptedReceiver(script);
    sendTo(receiver.port(), new Wish(3, OnError.RETRY, 0, ACK_TIMEOUT), null, mode);
  }

  /** Answers with each of these codes, one after the other. */
  private static Reaction answers(String... codes) {
    return (id, out) -> {
      for (String code : codes) {
        frame(out, ack(code, id));
      }
    };
  }

  private ApplicationAnswers door() {
    return new ApplicationAnswers(List.of(ris), queue, store, Clock.systemUTC());
  }

  private boolean atTheDoor(String code, String controlId, String from) {
    byte[] raw = ack(code, controlId).getBytes(StandardCharsets.UTF_8);
    return door().receive(org.isocentre.hl7.Answer.read(raw).orElseThrow(), raw, from);
  }

  @ParameterizedTest
  @CsvSource({
    "CA AA, ACKED, AA, 1",
    "AA, ACKED, AA, 1",
    "CA CA AA, ACKED, AA, 1",
    "CA AE, PARKED, AE, 3",
    "CA AR, PARKED, AR, 1",
    "CE, PARKED, CE, 3",
    "CR, PARKED, CR, 1"
  })
  void inEnhancedModeTheApplicationsAnswerIsAwaitedOnTheConnection(
      String codes, State state, String answer, int attempts) {
    listenEnhanced(
        both(Way.SAME_CONNECTION, Duration.ofSeconds(10)), m -> answers(codes.split(" ")));
    UUID id = add(ann, "C1");
    awaitState(id, state);
    assertThat(entry(id).answer()).isEqualTo(answer);
    assertThat(entry(id).attempts()).isEqualTo(attempts);
    assertThat(receiver.received).extracting(Received::connection).containsOnly(1);
  }

  @Test
  void whatWasTakenIsNotSentAgainWithoutTheApplicationsAnswer() {
    listenEnhanced(
        both(Way.SAME_CONNECTION, Duration.ofMillis(300)),
        m -> m.controlId().equals("C1") ? answer("CA") : answers("CA", "AA"));
    UUID first = add(ann, "C1");
    UUID behind = add(ann, "C2");
    sender.send("ris");
    assertThat(entry(first).state()).isEqualTo(State.ACCEPTED);
    awaitState(behind, State.ACKED);
    assertThat(entry(first).state()).isEqualTo(State.ACKED);
    assertThat(entry(first).lastError()).startsWith("ISO-OUTBOUND-016");
    assertThat(receiver.controlIds()).containsExactly("C1", "C2");
  }

  @Test
  void withoutAnAcceptAcknowledgementTheApplicationsAnswerCounts() {
    listenEnhanced(
        new Acknowledging(Condition.NE, Condition.AL, Way.SAME_CONNECTION, Duration.ofSeconds(10)),
        inTurn(answer("AE"), answer("AA")));
    UUID id = add(ann, "C1");
    awaitState(id, State.ACKED);
    assertThat(receiver.controlIds()).containsExactly("C1", "C1");
  }

  /** A commit is all that was asked for; an error may come later. */
  @ParameterizedTest
  @ValueSource(strings = {"NE", "ER"})
  void aCommitIsEnoughWhereNoMoreIsAskedFor(Condition application) {
    listenEnhanced(
        new Acknowledging(Condition.AL, application, Way.OWN_CONNECTION, Duration.ofSeconds(10)),
        m -> answer("CA"));
    UUID id = add(ann, "C1");
    awaitState(id, State.ACKED);
    assertThat(entry(id).answer()).isEqualTo("CA");
    assertThat(atTheDoor("AE", "C1", "RJ1")).isTrue();
    assertThat(entry(id).state()).isEqualTo(State.PARKED);
    assertThat(entry(id).lastError()).startsWith("ISO-OUTBOUND-015");
  }

  @Test
  void anAnswerOnAConnectionOfItsOwnFindsItsMessage() {
    listenEnhanced(both(Way.OWN_CONNECTION, Duration.ofMinutes(10)), m -> answer("CA"));
    UUID first = add(ann, "C1");
    UUID behind = add(ann, "C2");
    UUID other = add(bob, "C3");
    awaitState(first, State.ACCEPTED);
    awaitState(other, State.ACCEPTED);
    assertThat(entry(behind).state()).as("its turn has not come").isEqualTo(State.PENDING);
    assertThat(atTheDoor("AA", "C9", "RJ1")).isFalse();
    assertThat(atTheDoor("AA", "C1", "RTH")).as("another trust says so").isFalse();
    assertThat(entry(first).state()).isEqualTo(State.ACCEPTED);
    assertThat(atTheDoor("AA", "C1", "RJ1")).isTrue();
    assertThat(entry(first).state()).isEqualTo(State.ACKED);
    assertThat(atTheDoor("AE", "C1", "RJ1")).as("a second word").isTrue();
    assertThat(entry(first).state()).isEqualTo(State.ACKED);
    awaitState(behind, State.ACCEPTED);
    assertThat(atTheDoor("AE", "C3", "RJ1")).isTrue();
    assertThat(entry(other).state()).isEqualTo(State.PENDING);
    awaitState(other, State.ACCEPTED);
    assertThat(entry(other).failures()).isEqualTo(1);
    assertThat(atTheDoor("AR", "C3", "RJ1")).isTrue();
    assertThat(entry(other).state()).isEqualTo(State.PARKED);
  }

  /** Of an earlier message that was given up waiting for. */
  @Test
  void aLateAnswerOnTheConnectionFindsItsMessage() {
    listenEnhanced(
        both(Way.SAME_CONNECTION, Duration.ofMillis(300)),
        m ->
            m.controlId().equals("C1")
                ? answer("CA")
                : (id, out) -> {
                  frame(out, ack("AR", "C1"));
                  frame(out, ack("CA", id));
                  frame(out, ack("AA", id));
                });
    UUID first = add(ann, "C1");
    awaitState(first, State.ACKED);
    UUID second = add(bob, "C2");
    awaitState(second, State.ACKED);
    assertThat(entry(first).state()).isEqualTo(State.PARKED);
    assertThat(entry(first).answer()).isEqualTo("AR");
  }

  /** The hub itself asks so where it acknowledges on a connection of its own. */
  @Test
  void anApplicationsAnswerIsAcknowledgedWhereItAsksForThat() {
    listenEnhanced(
        both(Way.SAME_CONNECTION, Duration.ofSeconds(10)),
        m ->
            m.text().contains("ACK")
                ? silence()
                : (id, out) -> {
                  frame(out, ack("CA", id));
                  frame(
                      out,
                      "MSH|^~\\&|RIS|RJ1|ISOCENTRE|HUB|2026||ACK^R01|A1|P|2.4|||AL|NE\rMSA|AA|"
                          + id
                          + "\r");
                });
    UUID id = add(ann, "C1");
    awaitState(id, State.ACKED);
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 2);
    assertThat(receiver.received.get(1).text()).contains("\rMSA|CA|A1").contains("|RIS|RJ1|");
  }

  @Test
  void whatIsHeldBackAtTheLastMomentIsNotedForLater() {
    listen(message -> answer("AA"));
    UUID report = UUID.randomUUID();
    String cause = org.isocentre.index.OutboundCause.of("ORU", report, "1");
    UUID forbidden = addFor(ann, cause, "C1");
    UUID doubtful = addFor(bob, org.isocentre.index.OutboundCause.of("ORU", report, "2"), "C2");
    UUID last = add(patient("D1"), "C3");
    denied.add(ann);
    jdbc.sql("update patient set in_review = true where id = ?").param(bob).update();
    awaitState(last, State.ACKED);
    assertThat(entry(forbidden).state()).isEqualTo(State.CANCELLED);
    assertThat(entry(doubtful).state()).isEqualTo(State.CANCELLED);
    assertThat(entry(doubtful).lastError()).startsWith("ISO-OUTBOUND-014");
    assertThat(queue.held().count("ris")).isEqualTo(1);
    assertThat(receiver.controlIds()).containsExactly("C3");
    assertThat(queue.isKnown("ris", cause)).isFalse();
  }

  private UUID addFor(UUID patient, String cause, String controlId) {
    Draft draft = new Draft("RTH", "ORU^R01", controlId, "hl7/" + "0".repeat(64), null);
    return queue.enqueue("ris", patient, null, cause, () -> Optional.of(draft)).orElseThrow();
  }
}
