package org.isocentre.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.isocentre.hl7.OutboundKind;
import org.isocentre.hl7.OutboundRules;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.DisclosureReasons;
import org.isocentre.index.IndexChanges;
import org.isocentre.index.MppsIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OutboundHeld;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.Rebuilt;
import org.isocentre.index.OutboundQuery;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Appointment;
import org.isocentre.model.Consent;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.OutboundEntry;
import org.isocentre.model.OutboundEntry.State;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ScheduledStep;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Who is told of a change, of what, and who is not. */
class OutboxTest {
  private static final String NHS = "9990000018";
  private static final String OTHER_NHS = "9990000026";
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final Set<OutboundKind> ALL =
      Set.of(OutboundKind.ADT, OutboundKind.ORM, OutboundKind.ORU, OutboundKind.MDM);
  @TempDir static Path root;
  private static ObjectStore store;
  private final Set<String> denied = new HashSet<>();
  private final Set<String> failing = new HashSet<>();
  private final List<UUID> audited = new ArrayList<>();
  private HeldNews held;
  private JdbcClient jdbc;
  private TransactionTemplate transactions;
  private PatientIndex patients;
  private PatientMerges merges;
  private OrderIndex orders;
  private ReportIndex reports;
  private MppsIndex mpps;
  private OutboundIndex queue;
  private IndexChanges changes;
  private Outbox outbox;

  @BeforeAll
  static void openStore() throws Exception {
    store = new FileObjectStore(root, 1024, false);
  }

  @AfterAll
  static void closeStore() {
    store.close();
  }

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
    jdbc = JdbcClient.create(database);
    transactions = new TransactionTemplate(new DataSourceTransactionManager(database));
    patients = new PatientIndex(jdbc, transactions, new ReviewList(jdbc));
    merges = new PatientMerges(jdbc, transactions, patients, new AuditIndex(jdbc));
    orders = new OrderIndex(jdbc, transactions, patients);
    reports = new ReportIndex(jdbc, transactions, patients);
    mpps = new MppsIndex(jdbc, transactions, orders);
    changes = new IndexChanges(jdbc);
    outbox(1000, to("rth", "RTH", ALL), to("rj1", "RJ1", ALL), to("rx9", "RX9", ALL));
  }

  private void outbox(int maxWaiting, Destination... destinations) {
    queue =
        new OutboundIndex(jdbc, transactions, maxWaiting, org.isocentre.index.NoJourney.INSTANCE);
    queue.register(java.util.Arrays.stream(destinations).map(Destination::name).toList());
    outbox =
        new Outbox(
            List.of(destinations),
            queue,
            new DisclosureReasons(jdbc),
            permission(),
            patients,
            merges,
            orders,
            reports,
            new MessageMaker(store, Clock.systemUTC(), "ISOCENTRE", "HUB", 100));
    held =
        new HeldNews(
            outbox,
            queue.held(),
            new Destinations(List.of(destinations)),
            Duration.ofDays(1),
            Clock.systemUTC());
  }

  private DisclosurePermission permission() {
    return new DisclosurePermission() {
      @Override
      public boolean mayReceive(UUID patient, String custodian, String ods, String type) {
        audited.add(patient);
        return couldReceive(patient, custodian, ods, type);
      }

      @Override
      public boolean couldReceive(UUID patient, String custodian, String ods, String type) {
        if (failing.contains(ods)) {
          throw new IllegalStateException("no decision");
        }
        return ods.equals(custodian) || !denied.contains(ods);
      }
    };
  }

  private static Destination to(String name, String ods, Set<OutboundKind> messages) {
    return to(name, ods, messages, StandardCharsets.UTF_8);
  }

  private static Destination to(
      String name, String ods, Set<OutboundKind> messages, Charset charset) {
    return new Destination(
        name,
        ods,
        "localhost",
        1,
        false,
        "RIS",
        ods,
        messages,
        "2.4",
        null,
        charset,
        OutboundRules.NONE,
        0,
        Duration.ofSeconds(1),
        3,
        Destination.OnError.RETRY,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1));
  }

  private static PatientDemographics person(String number, String nhs, String family) {
    return new PatientDemographics(
        new PatientIdentity(new PatientKey("RTH", number), nhs, LocalDate.of(1974, 2, 13)),
        new PersonName(family, "Ann", null),
        "female",
        null,
        null,
        Patient.Source.ADT);
  }

  private UUID order(String placer, OrderStatus status, String key) {
    return order(placer, status, key, person("A1", NHS, "Test"));
  }

  private UUID order(String placer, OrderStatus status, String key, PatientDemographics who) {
    return orders.record(
        new OrderRequest(
            "RTH",
            placer,
            "RTH",
            null,
            null,
            new AccessionKey("RTH", "ACC" + placer),
            "1.2." + placer,
            who,
            null,
            "CT",
            null,
            null,
            null,
            null,
            "RJ1",
            status,
            NOON,
            key,
            NOON,
            ScheduledStep.NONE));
  }

  private UUID report(String status, String text, String document, String key) {
    return report(status, text, document, key, NOON);
  }

  private UUID report(String status, String text, String document, String key, Instant at) {
    return reports.record(
        new ReportResult(
            "RTH",
            null,
            null,
            "F1",
            "RTH",
            null,
            null,
            person("A1", NHS, "Test"),
            null,
            status,
            text,
            document,
            document == null ? null : "application/pdf",
            null,
            null,
            NOON,
            key,
            at));
  }

  /** Messages say that B1 is A1. */
  private MergeRecord merge() {
    return merges.apply(
        new PatientMerge(
            PatientMerge.Kind.MERGE,
            person("A1", NHS, "Test"),
            person("B1", null, "Test").identity(),
            "RTH",
            "hl7/m",
            NOON));
  }

  /** Carries all notes on, as the route does. @return what was queued: destination and message */
  private List<String> told() {
    Set<UUID> before = new HashSet<>();
    all().forEach(e -> before.add(e.id()));
    List<IndexChanged> waiting = changes.oldest(100);
    waiting.forEach(outbox::changed);
    // Each event may come twice.
    waiting.forEach(outbox::changed);
    changes.forget(waiting);
    held.tell();
    return all().stream()
        .filter(e -> !before.contains(e.id()))
        .map(e -> e.destination() + " " + e.messageType())
        .sorted()
        .toList();
  }

  private List<OutboundEntry> all() {
    return queue.search(new OutboundQuery(null, null, null, new PageRequest(0, 1000)));
  }

  private String text(OutboundEntry entry) throws Exception {
    try (InputStream in = store.open(entry.objectKey())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void anOrdersStateGoesToWhoAskedForItAndNotBackToWhoSaidIt() throws Exception {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).containsExactly("rj1 ORM^O01");
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).isEmpty();
    order("1", OrderStatus.REVOKED, "hl7/2");
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(text(all().get(0))).contains("\rORC|OC|1^RTH|").contains("MSH|^~\\&|ISOCENTRE|HUB|");
  }

  @Test
  void whatTheModalitySaysGoesToTheTrustsOwnRisToo() throws Exception {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    told();
    mpps.create(
        new MppsIndex.Mpps(
            "9.9",
            "RTH",
            "CT1",
            MppsIndex.Status.IN_PROGRESS,
            new byte[1],
            List.of(new MppsIndex.StepReference("1.2.1", null))));
    assertThat(told()).containsExactly("rj1 ORM^O01", "rth ORM^O01");
    assertThat(text(all().get(0))).contains("|IP|");
  }

  @Test
  void eachMoveOfAnAppointmentIsToldAlsoTheOneBack() throws Exception {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    told();
    for (int day : new int[] {2, 3, 2}) {
      book(LocalDateTime.of(2026, 11, day, 9, 30), "hl7/s" + all().size());
      assertThat(told()).containsExactly("rj1 ORM^O01");
    }
    assertThat(all().stream().map(this::unchecked))
        .filteredOn(text -> text.contains("|20261102093000"))
        .hasSize(2);
  }

  private void book(LocalDateTime start, String key) {
    new AppointmentIndex(jdbc, transactions, patients, new ReviewList(jdbc))
        .record(
            new Appointment(
                "RTH",
                null,
                "S1",
                Appointment.Status.BOOKED,
                List.of(new Appointment.OrderNumber(true, "RTH", "1")),
                person("A1", NHS, "Test"),
                start,
                30,
                ScheduledStep.NONE,
                null,
                key,
                NOON));
  }

  @Test
  void aReportGoesToWhoAskedOnceItsOrderIsKnown() throws Exception {
    UUID report = report("final", "Text", null, "hl7/9");
    assertThat(told()).isEmpty();
    UUID order = order("1", OrderStatus.ACTIVE, "hl7/1");
    reports.attach(report, order, List.of());
    assertThat(told()).containsExactly("rj1 MDM^T02", "rj1 ORM^O01", "rj1 ORU^R01");
    report("corrected", "Other text", null, "hl7/10");
    assertThat(told()).containsExactly("rj1 MDM^T10", "rj1 ORU^R01");
    assertThat(all().stream().map(this::unchecked))
        .anyMatch(t -> t.contains("ORU^R01") && t.contains("Other text"));
  }

  @Test
  void aReportWithoutContentIsNoDocument() {
    UUID report = report("registered", null, null, "hl7/9");
    reports.attach(report, order("1", OrderStatus.ACTIVE, "hl7/1"), List.of());
    assertThat(told()).containsExactly("rj1 ORM^O01", "rj1 ORU^R01");
    report("cancelled", null, null, "hl7/10");
    assertThat(told()).containsExactly("rj1 MDM^T11", "rj1 ORU^R01");
  }

  private String unchecked(OutboundEntry entry) {
    try {
      return text(entry);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPatientsNewsGoWhereThereIsAReason() {
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    changes.note(Kind.PATIENT, ann, "RTH");
    assertThat(told()).isEmpty();
    order("1", OrderStatus.ACTIVE, "hl7/1");
    told();
    patients.resolve(person("A1", NHS, "Married"));
    changes.note(Kind.PATIENT, ann, "RTH");
    assertThat(told()).containsExactly("rj1 ADT^A31");
    changes.note(Kind.PATIENT, ann, "RTH");
    assertThat(told()).isEmpty();
    changes.note(Kind.PATIENT, ann, null);
    assertThat(told()).containsExactly("rth ADT^A31");
  }

  @Test
  void aMergeIsToldToEachWhoHasThePatient() throws Exception {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
    told();
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    UUID bob = patients.resolve(person("B1", OTHER_NHS, "Test"));
    merges.confirm(merge().id(), "staff");
    changes.merged(ann, bob, null);
    assertThat(told()).containsExactly("rj1 ADT^A40", "rth ADT^A40");
    OutboundEntry merge =
        all().stream().filter(e -> e.messageType().equals("ADT^A40")).findFirst().orElseThrow();
    assertThat(text(merge)).contains("\rMRG|" + OTHER_NHS + "^^^NHS^NH~B1^^^RTH^MR\r");
    // What waits for the number that is gone stays before the merge, where there is one.
    assertThat(all())
        .filteredOn(e -> e.destination().equals("rj1"))
        .extracting(OutboundEntry::patientId)
        .containsOnly(ann);
    changes.merged(ann, bob, null);
    assertThat(told()).containsExactly("rj1 ADT^A40", "rth ADT^A40");
  }

  @Test
  void aMergeThatIsTakenBackIsToldToNobodyOrAsItsReverse() throws Exception {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
    told();
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    UUID bob = patients.resolve(person("B1", OTHER_NHS, "Test"));
    MergeRecord merge = merge();
    merges.confirm(merge.id(), "staff");
    changes.merged(ann, bob, null);
    assertThat(told()).containsExactly("rj1 ADT^A40", "rth ADT^A40");
    queue.acknowledged(of("rth", "ADT^A40").id(), "AA", NOON);
    merges.undo(merge.id(), "staff", "wrong person");
    changes.unmerged(ann, bob);
    assertThat(told()).containsExactly("rth ADT^A37");
    assertThat(of("rj1", "ADT^A40").state()).isEqualTo(State.CANCELLED);
    assertThat(text(of("rth", "ADT^A37")))
        .contains("\rPID|1||" + NHS + "^^^NHS^NH~A1^^^RTH^MR|")
        .contains("\rPID|2||" + OTHER_NHS + "^^^NHS^NH~B1^^^RTH^MR|");
    changes.unmerged(ann, bob);
    changes.merged(ann, bob, null);
    assertThat(told()).isEmpty();
  }

  @Test
  void whatWaitsIsThePriorPatientsAgainWhenAMergeIsTakenBack() throws Exception {
    UUID order = order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
    assertThat(told()).containsExactly("rj1 ORM^O01");
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    UUID bob = patients.resolve(person("B1", OTHER_NHS, "Test"));
    MergeRecord merge = merge();
    merges.confirm(merge.id(), "staff");
    changes.merged(ann, bob, null);
    assertThat(told()).contains("rj1 ADT^A40");
    order("2", OrderStatus.ON_HOLD, "hl7/3", person("B1", OTHER_NHS, "Test"));
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(text(newest())).contains(NHS);
    assertThat(waitingOf(ann)).hasSize(3);

    merges.undo(merge.id(), "staff", "wrong person");
    changes.unmerged(ann, bob);
    // What was made of the order while it was Ann's is taken back, and told as Bob's.
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(text(newest())).contains(OTHER_NHS).doesNotContain("|" + NHS);
    assertThat(waitingOf(ann)).isEmpty();
    assertThat(waitingOf(bob)).hasSize(2).allMatch(e -> e.messageType().equals("ORM^O01"));
    changes.unmerged(ann, bob);
    assertThat(told()).isEmpty();
    assertThat(orders.find(order).orElseThrow().patientId()).isEqualTo(bob);
  }

  @Test
  void whatWasToldAsAnothersIsToldAnewWhenAMergeIsTakenBack() throws Exception {
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    UUID bob = patients.resolve(person("B1", OTHER_NHS, "Test"));
    MergeRecord merge = merge();
    merges.confirm(merge.id(), "staff");
    changes.merged(ann, bob, null);
    order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
    told();
    for (OutboundEntry entry : all()) {
      queue.acknowledged(entry.id(), "AA", NOON);
    }
    merges.undo(merge.id(), "staff", "wrong person");
    changes.unmerged(ann, bob);
    assertThat(told()).contains("rj1 ORM^O01");
    OutboundEntry again =
        all().stream()
            .filter(e -> e.messageType().equals("ORM^O01") && e.state() == State.PENDING)
            .findFirst()
            .orElseThrow();
    assertThat(text(again)).contains(OTHER_NHS);
    assertThat(again.patientId()).isEqualTo(bob);
  }

  private List<OutboundEntry> waitingOf(UUID patient) {
    return all().stream()
        .filter(e -> e.destination().equals("rj1") && e.patientId().equals(patient))
        .filter(e -> e.state() == State.PENDING)
        .toList();
  }

  private OutboundEntry of(String destination, String type) {
    return all().stream()
        .filter(e -> e.destination().equals(destination) && e.messageType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMergeThatHoldsIsNotTakenBackByALateEvent() {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    UUID bob = patients.resolve(person("B1", OTHER_NHS, "Test"));
    merges.confirm(merge().id(), "staff");
    told();
    changes.merged(ann, bob, null);
    changes.unmerged(ann, bob);
    assertThat(told()).containsExactly("rj1 ADT^A40", "rth ADT^A40");
    assertThat(of("rj1", "ADT^A40").state()).isEqualTo(State.PENDING);
  }

  @Test
  void whatThePatientForbidsIsNotQueued() {
    denied.add("RJ1");
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).isEmpty();
  }

  @Test
  void ofWhomIsInReviewNothingIsTold() {
    UUID order = order("1", OrderStatus.ACTIVE, "hl7/1");
    jdbc.sql("update patient set in_review = true").update();
    assertThat(told()).isEmpty();
    jdbc.sql("update patient set in_review = false").update();
    changes.note(Kind.ORDER, order, "RTH");
    assertThat(told()).containsExactly("rj1 ORM^O01");
  }

  private UUID ann() {
    return patients.resolve(person("A1", NHS, "Test"));
  }

  private void consents(boolean permit) {
    if (permit) {
      denied.clear();
    } else {
      denied.add("RJ1");
    }
    Instant now = Instant.now();
    new ConsentIndex(jdbc)
        .add(
            new Consent(
                UUID.randomUUID(), ann(), permit, "RJ1", "active", null, null, now, "staff", now));
  }

  @Test
  void whatAConsentHeldBackIsToldOnceItIsGivenAsItIsThenAndOnce() throws Exception {
    order("0", OrderStatus.ACTIVE, "hl7/0");
    told();
    consents(false);
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).isEmpty();
    order("1", OrderStatus.REVOKED, "hl7/2");
    assertThat(told()).isEmpty();
    assertThat(queue.held().count("rj1")).isEqualTo(1);
    audited.clear();
    assertThat(told()).isEmpty();
    assertThat(audited).as("decisions while nothing is to be told").isEmpty();
    consents(true);
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(text(newest())).contains("\rORC|OC|1^RTH|");
    assertThat(queue.held().count("rj1")).isZero();
    consents(true);
    assertThat(told()).isEmpty();
  }

  /** Its time is over, and nothing else happened. */
  @Test
  void whatAConsentHeldBackIsToldWhenItEndsByItself() {
    outbox(1000, to("rj1", "RJ1", ALL));
    denied.add("RJ1");
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).isEmpty();
    denied.clear();
    assertThat(told()).as("not looked at yet").isEmpty();
    new HeldNews(
            outbox,
            queue.held(),
            new Destinations(List.of(to("rj1", "RJ1", ALL))),
            Duration.ofDays(1),
            Clock.offset(Clock.systemUTC(), Duration.ofDays(2)))
        .tell();
    assertThat(all()).extracting(OutboundEntry::messageType).containsExactly("ORM^O01");
  }

  @Test
  void whatAnOpenIdentityHeldBackIsToldOnceItIsDecided() {
    UUID order = order("1", OrderStatus.ACTIVE, "hl7/1");
    UUID report = report("final", "Text", null, "hl7/9");
    reports.attach(report, order, List.of());
    jdbc.sql("update patient set in_review = true").update();
    assertThat(told()).isEmpty();
    jdbc.sql("update patient set in_review = false").update();
    changes.note(Kind.PERMISSION, ann(), null);
    assertThat(told()).containsExactly("rj1 MDM^T02", "rj1 ORM^O01", "rj1 ORU^R01");
  }

  /** The trust that spoke last is not told its own news with what another trust missed. */
  @Test
  void whatOneTrustMissedIsToldToNobodyElse() {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    denied.add("RJ1");
    told();
    denied.clear();
    changes.note(Kind.PERMISSION, ann(), null);
    assertThat(told()).containsExactly("rj1 ORM^O01");
  }

  @Test
  void whatWasQueuedAndThenHeldBackIsToldAnewLater() {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    told();
    UUID id = of("rj1", "ORM^O01").id();
    denied.add("RJ1");
    assertThat(queue.withhold(id, "consent")).isTrue();
    assertThat(queue.withhold(id, "consent")).isFalse();
    assertThat(queue.find(id).orElseThrow().state()).isEqualTo(State.CANCELLED);
    assertThat(told()).isEmpty();
    denied.clear();
    changes.note(Kind.PERMISSION, ann(), null);
    assertThat(told()).containsExactly("rj1 ORM^O01");
    changes.note(Kind.PERMISSION, ann(), null);
    assertThat(told()).isEmpty();
  }

  @Test
  void whatHadNoRoomIsTriedAgain() {
    outbox(1, to("rj1", "RJ1", ALL));
    denied.add("RJ1");
    order("1", OrderStatus.ACTIVE, "hl7/1");
    order("2", OrderStatus.ACTIVE, "hl7/2");
    told();
    denied.clear();
    changes.note(Kind.PERMISSION, ann(), null);
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(queue.held().count("rj1")).isEqualTo(1);
    queue.acknowledged(newest().id(), "AA", NOON);
    changes.note(Kind.PERMISSION, ann(), null);
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(queue.held().count("rj1")).isZero();
  }

  /** Another event comes while it is looked at. */
  @Test
  void whatIsHeldBackAgainMeanwhileStays() {
    denied.add("RJ1");
    order("1", OrderStatus.ACTIVE, "hl7/1");
    told();
    changes.note(Kind.PERMISSION, ann(), null);
    changes.oldest(10).forEach(outbox::changed);
    OutboundHeld.Held seen = queue.held().due(List.of("rj1"), Instant.now(), 10).get(0);
    queue.held().recheck(ann(), Instant.now());
    queue.held().postpone(seen, Instant.now().plusSeconds(1000));
    queue.held().settled(seen);
    assertThat(queue.held().due(List.of("rj1"), Instant.now(), 10)).hasSize(1);
  }

  /** Messages say that A1 and B1 belong together, or that they do not. */
  private MergeRecord linked(PatientMerge.Kind kind, String key) {
    return merges.apply(
        new PatientMerge(
            kind,
            person("A1", NHS, "Test"),
            person("B1", OTHER_NHS, "Test").identity(),
            "RTH",
            key,
            NOON.plusSeconds(all().size() + 1)));
  }

  private UUID bob() {
    return patients.resolve(person("B1", OTHER_NHS, "Test"));
  }

  @Test
  void aConfirmedLinkIsToldAndItsEndToWhomItWasTold() throws Exception {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
    told();
    changes.notePair(Kind.LINK, ann(), bob(), "RTH");
    assertThat(told()).as("nobody has confirmed it").isEmpty();
    MergeRecord link = linked(PatientMerge.Kind.LINK, "hl7/l");
    merges.confirm(link.id(), "staff");
    changes.notePair(Kind.LINK, ann(), bob(), "RTH");
    assertThat(told()).containsExactly("rj1 ADT^A24");
    assertThat(text(of("rj1", "ADT^A24")))
        .contains("|ADT^A24^ADT_A24|")
        .contains("\rPID|1||" + NHS + "^^^NHS^NH~A1^^^RTH^MR|")
        .contains("\rPID|2||" + OTHER_NHS + "^^^NHS^NH~B1^^^RTH^MR|");
    queue.acknowledged(of("rj1", "ADT^A24").id(), "AA", NOON);
    linked(PatientMerge.Kind.UNLINK, "hl7/u");
    changes.notePair(Kind.LINK_UNDONE, ann(), bob(), null);
    changes.notePair(Kind.UNLINK, ann(), bob(), "RTH");
    assertThat(told()).as("by either event").containsExactly("rj1 ADT^A37");
  }

  @Test
  void anUnlinkIsToldToWhoHasBothAndToNobodyTwice() {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
    told();
    linked(PatientMerge.Kind.UNLINK, "hl7/u");
    changes.notePair(Kind.UNLINK, ann(), bob(), "RTH");
    assertThat(told()).containsExactly("rj1 ADT^A37");
    changes.notePair(Kind.UNLINK, ann(), bob(), "RTH");
    assertThat(told()).isEmpty();
  }

  /** They are two people. */
  @Test
  void whoHasOneOfTwoLearnsNothingOfTheOtherByAnUnlink() {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    bob();
    told();
    linked(PatientMerge.Kind.UNLINK, "hl7/u");
    changes.notePair(Kind.UNLINK, ann(), bob(), null);
    assertThat(told()).isEmpty();
  }

  @Test
  void anUnlinkAfterAMergeIsToldOnceInWhicheverOrderItsEventsCome() {
    for (boolean unlinkFirst : new boolean[] {true, false}) {
      open();
      order("1", OrderStatus.ACTIVE, "hl7/1");
      order("2", OrderStatus.ACTIVE, "hl7/2", person("B1", OTHER_NHS, "Test"));
      told();
      merges.confirm(linked(PatientMerge.Kind.MERGE, "hl7/m").id(), "staff");
      changes.merged(ann(), bob(), "RTH");
      assertThat(told()).containsExactly("rj1 ADT^A40");
      queue.acknowledged(of("rj1", "ADT^A40").id(), "AA", NOON);
      linked(PatientMerge.Kind.UNLINK, "hl7/u");
      if (unlinkFirst) {
        changes.notePair(Kind.UNLINK, ann(), bob(), "RTH");
        changes.unmerged(ann(), bob());
      } else {
        changes.unmerged(ann(), bob());
        changes.notePair(Kind.UNLINK, ann(), bob(), "RTH");
      }
      assertThat(told()).as("unlink first: " + unlinkFirst).containsExactly("rj1 ADT^A37");
    }
  }

  @Test
  void aParkedMessageIsMadeAnewByTheRulesOfNow() throws Exception {
    outbox(1000, to("rj1", "RJ1", ALL, StandardCharsets.US_ASCII));
    order("1", OrderStatus.ACTIVE, "hl7/1", person("A1", NHS, "Müller"));
    told();
    OutboundEntry unmade = newest();
    assertThat(unmade.objectKey()).isNull();
    assertThat(outbox.rebuild(unmade.id(), "staff")).isEqualTo(Rebuilt.NOT_MADE);
    outbox(1000, to("rj1", "RJ1", ALL));
    assertThat(outbox.rebuild(unmade.id(), "staff")).isEqualTo(Rebuilt.DONE);
    OutboundEntry made = queue.find(unmade.id()).orElseThrow();
    assertThat(made.state()).isEqualTo(State.PENDING);
    assertThat(made.sequence()).isEqualTo(unmade.sequence());
    assertThat(made.controlId()).isNotEqualTo(unmade.controlId());
    assertThat(text(made)).contains("Müller").contains("|" + made.controlId() + "|");
    assertThat(outbox.rebuild(unmade.id(), "staff")).isEqualTo(Rebuilt.NOT_PARKED);
  }

  @Test
  void whatMayNotBeToldIsNotMadeAnew() {
    order("1", OrderStatus.ACTIVE, "hl7/1");
    told();
    UUID id = newest().id();
    queue.park(id, new OutboundIndex.Refusal("AR", null, "ISO-X"), NOON);
    denied.add("RJ1");
    assertThat(outbox.rebuild(id, "staff")).isEqualTo(Rebuilt.HELD_BACK);
    denied.clear();
    outbox(1000, to("other", "RJ1", ALL));
    assertThat(outbox.rebuild(id, "staff")).isEqualTo(Rebuilt.NOT_KNOWN);
    assertThat(queue.find(id).orElseThrow().state()).isEqualTo(State.PARKED);
  }

  @Test
  void onlyWhatADestinationWantsIsQueued() {
    outbox(1000, to("rj1", "RJ1", Set.of(OutboundKind.ADT)));
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).isEmpty();
  }

  @Test
  void aFullQueueDoesNotKeepOthersFromTheirs() {
    outbox(1, to("a", "RJ1", ALL), to("b", "RJ1", ALL));
    order("1", OrderStatus.ACTIVE, "hl7/1");
    assertThat(told()).hasSize(2);
    queue.acknowledged(
        all().stream().filter(e -> e.destination().equals("b")).findFirst().orElseThrow().id(),
        "AA",
        NOON);
    order("2", OrderStatus.ACTIVE, "hl7/2");
    IndexChanged event = changes.oldest(1).get(0);
    assertThatThrownBy(() -> outbox.changed(event)).hasMessageContaining("ISO-OUTBOUND-002: a has");
    assertThat(all().stream().filter(e -> e.destination().equals("b"))).hasSize(2);
  }

  @Test
  void aMessageThatItsCharacterSetCannotHoldWaitsForAPerson() {
    outbox(1000, to("rj1", "RJ1", ALL, StandardCharsets.US_ASCII));
    order("1", OrderStatus.ACTIVE, "hl7/1", person("A1", NHS, "Müller"));
    assertThat(told()).containsExactly("rj1 ORM");
    assertThat(all().get(0).state()).isEqualTo(State.PARKED);
    assertThat(all().get(0).lastError())
        .startsWith("ISO-OUTBOUND-004")
        .contains("charset")
        .doesNotContain("Müller");
  }

  @Test
  void aDocumentGoesWithItsReportUnlessItIsTooLarge() throws Exception {
    UUID report = report("final", null, keep(50), "hl7/9");
    reports.attach(report, order("1", OrderStatus.ACTIVE, "hl7/1"), List.of());
    told();
    assertThat(all().stream().map(this::unchecked).filter(t -> t.contains("^application^pdf^")))
        .hasSize(2);
    report("corrected", null, keep(101), "hl7/10");
    assertThat(told()).containsExactly("rj1 MDM", "rj1 ORU");
    assertThat(all().stream().filter(e -> e.state() == State.PARKED))
        .hasSize(2)
        .allMatch(e -> e.lastError().startsWith("ISO-OUTBOUND-003"));
  }

  private static String keep(int size) throws Exception {
    try (ObjectStore.ObjectWriter writer = store.create("doc")) {
      writer.write(ByteBuffer.wrap(new byte[size]));
      return writer.commit().key();
    }
  }

  @Test
  void controlIdsAreUniqueAndFit() {
    for (int i = 0; i < 50; i++) {
      order("" + i, OrderStatus.ACTIVE, "hl7/" + i);
    }
    told();
    List<String> ids = new ArrayList<>(all().stream().map(OutboundEntry::controlId).toList());
    assertThat(ids).hasSize(50).doesNotHaveDuplicates().allMatch(id -> id.length() <= 20);
  }

  @Test
  void aMergeThatNobodyHasConfirmedTellsPartnersNothingMore() throws Exception {
    patients.resolve(person("A1", NHS, "Survivor"));
    UUID bob = patients.resolve(person("B1", null, "Prior"));
    MergeRecord merge = merge();
    UUID order = order("1", OrderStatus.ACTIVE, "hl7/1", person("B1", null, "Prior"));
    UUID report = reportOf("B1");
    reports.attach(report, order, List.of());
    assertThat(told()).containsExactly("rj1 MDM^T02", "rj1 ORM^O01", "rj1 ORU^R01");
    assertThat(all()).extracting(OutboundEntry::patientId).containsOnly(bob);
    assertThat(all().stream().map(this::unchecked))
        .allMatch(t -> t.contains("B1^^^RTH^MR") && !t.contains(NHS) && !t.contains("Survivor"));
    merges.confirm(merge.id(), "staff");
    order("1", OrderStatus.REVOKED, "hl7/2", person("B1", null, "Prior"));
    assertThat(told()).containsExactly("rj1 ORM^O01");
    assertThat(text(newest())).contains(NHS);
  }

  private UUID reportOf(String number) {
    return reports.record(
        new ReportResult(
            "RTH",
            null,
            null,
            "F1",
            "RTH",
            null,
            null,
            person(number, null, "Prior"),
            null,
            "final",
            "Text",
            null,
            null,
            null,
            null,
            NOON,
            "hl7/9",
            NOON));
  }

  private OutboundEntry newest() {
    return all().stream()
        .max(java.util.Comparator.comparing(OutboundEntry::sequence))
        .orElseThrow();
  }

  @Test
  void aLateMessageThatChangesTheReportIsTold() {
    UUID report = report("final", "Second", null, "hl7/9", NOON.plusSeconds(60));
    reports.attach(report, order("1", OrderStatus.ACTIVE, "hl7/1"), List.of());
    told();
    report("final", "First", null, "hl7/8", NOON);
    assertThat(reports.find(report).orElseThrow().result().status()).isEqualTo("amended");
    assertThat(told()).containsExactly("rj1 MDM^T10", "rj1 ORU^R01");
    report("final", "First", null, "hl7/8", NOON);
    changes.note(Kind.REPORT, report, "RTH");
    assertThat(told()).isEmpty();
  }

  @Test
  void aFailureAtOneDestinationDoesNotKeepOthersFromTheirs() {
    outbox(1000, to("a", "RJ1", ALL), to("b", "RX9", ALL));
    UUID order = order("1", OrderStatus.ACTIVE, "hl7/1");
    order("2", OrderStatus.ACTIVE, "hl7/2");
    jdbc.sql("update imaging_order set custodian = 'RX9' where id = ?").param(order).update();
    failing.add("RJ1");
    changes.forget(changes.oldest(100));
    changes.note(Kind.ORDER, order, null);
    IndexChanged event = changes.oldest(1).get(0);
    assertThatThrownBy(() -> outbox.changed(event)).hasMessage("no decision");
    assertThat(all()).extracting(OutboundEntry::destination).containsExactly("b");
    failing.clear();
    outbox.changed(event);
    assertThat(all()).extracting(OutboundEntry::destination).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aDocumentThatCannotBeReadWaitsForAPerson() {
    UUID report = report("final", null, "doc/2026-11-01/" + UUID.randomUUID().toString(), "hl7/9");
    reports.attach(report, order("1", OrderStatus.ACTIVE, "hl7/1"), List.of());
    assertThat(told()).containsExactly("rj1 MDM", "rj1 ORM^O01", "rj1 ORU");
    assertThat(all().stream().filter(e -> e.state() == State.PARKED))
        .hasSize(2)
        .allMatch(e -> e.lastError().startsWith("ISO-OUTBOUND-006"));
  }

  @Test
  void aPatientsNewsGoToWhoHasWhatWasFiledUnderAnAbsorbedRecord() throws Exception {
    UUID ann = patients.resolve(person("A1", NHS, "Test"));
    UUID bob = patients.resolve(person("B1", null, "Test"));
    order("1", OrderStatus.ACTIVE, "hl7/1", person("B1", null, "Test"));
    told();
    MergeRecord merge = merge();
    changes.note(Kind.PATIENT, ann, "RX9");
    assertThat(told()).isEmpty();
    merges.confirm(merge.id(), "staff");
    changes.note(Kind.PATIENT, ann, "RX9");
    assertThat(told()).containsExactly("rj1 ADT^A31", "rth ADT^A31");
    changes.note(Kind.PATIENT, bob, "RX9");
    assertThat(told()).isEmpty();
    patients.resolve(person("B1", null, "Married"));
    jdbc.sql("update patient set last_updated = ? where id = ?")
        .params(java.time.OffsetDateTime.now(java.time.ZoneOffset.UTC).plusDays(1), ann)
        .update();
    changes.note(Kind.PATIENT, bob, "RX9");
    assertThat(told()).containsExactly("rj1 ADT^A31", "rth ADT^A31");
    assertThat(newest().patientId()).isEqualTo(ann);
    assertThat(text(newest())).contains(NHS).doesNotContain("B1^^^RTH");
  }
}
