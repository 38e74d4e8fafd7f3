package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Appointment;
import org.isocentre.model.Code;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.Order;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderRequest.Field;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.ScheduledStep;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.AbstractSqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What HL7 messages make of orders, appointments, reports and patients, in every database. */
abstract class MessageContract {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final LocalDate BORN = LocalDate.of(1974, 2, 13);
  private static final LocalDateTime MONDAY = LocalDateTime.of(2026, 11, 2, 9, 30);
  private static final PageRequest PAGE = new PageRequest(0, 100);

  private JdbcClient jdbc;
  private TransactionTemplate transactions;
  private PatientIndex patients;
  private OrderIndex orders;
  private StudyIndex studies;
  private ReportIndex reports;
  private AppointmentIndex appointments;
  private LinkIndex links;
  private ReviewList reviews;

  /** An empty database. */
  abstract DataSource database() throws Exception;

  /** Run before a plan is asked for, so that it shows what the planner can do with many rows. */
  List<String> plannerSettings() {
    return List.of();
  }

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    jdbc = JdbcClient.create(database);
    transactions = new TransactionTemplate(new DataSourceTransactionManager(database));
    reviews = new ReviewList(jdbc);
    patients = new PatientIndex(jdbc, transactions, reviews);
    orders = new OrderIndex(jdbc, transactions, patients);
    studies = new StudyIndex(jdbc, new JdbcTemplate(database), transactions, patients, reviews);
    reports = new ReportIndex(jdbc, transactions, patients);
    appointments = new AppointmentIndex(jdbc, transactions, patients, reviews);
    links = new LinkIndex(jdbc);
  }

  private static PatientDemographics patient(String local, LocalDate born) {
    return new PatientDemographics(
        new PatientIdentity(new PatientKey("RTH", local), null, born),
        new PersonName("TEST", "CASE", null),
        "female",
        null,
        null,
        Patient.Source.ORDER);
  }

  private static OrderRequest order(
      String placer, String filler, OrderStatus status, LocalDateTime start, int minute) {
    return order(placer, filler, status, start, minute, Set.of());
  }

  private static OrderRequest order(
      String placer,
      String filler,
      OrderStatus status,
      LocalDateTime start,
      int minute,
      Set<Field> deleted) {
    Instant at = NOON.plusSeconds(60L * minute);
    boolean deletes = !deleted.isEmpty();
    return new OrderRequest(
        "RTH",
        placer,
        "RTH",
        filler,
        "RTH",
        filler == null ? null : new AccessionKey("RTH", filler),
        null,
        patient("L1", BORN),
        new Code("CTHEAD", "LOCAL", "CT head"),
        "CT",
        deletes ? null : "stat",
        deletes ? null : "headache",
        deletes ? null : "C1234567",
        deletes ? null : new PersonName("REFERRER", null, "Dr"),
        deletes ? null : "RJ1",
        status,
        at,
        "hl7/o" + minute,
        at,
        new ScheduledStep(start, null, "CT1", null, null, null, null, null, null),
        "000000070000",
        deleted);
  }

  private static Appointment appointment(
      String number, Appointment.Status status, LocalDateTime start, int minute) {
    return appointment(number, status, start, minute, patient("L1", BORN));
  }

  private static Appointment appointment(
      String number,
      Appointment.Status status,
      LocalDateTime start,
      int minute,
      PatientDemographics patient) {
    return new Appointment(
        "RTH",
        null,
        number,
        status,
        List.of(new Appointment.OrderNumber(true, "RTH", "P1")),
        patient,
        start,
        30,
        new ScheduledStep(start, null, null, null, null, null, "ROOM 1", null, null),
        null,
        "hl7/s" + number + minute,
        NOON.plusSeconds(60L * minute));
  }

  private Order find(UUID id) {
    return orders.find(id).orElseThrow();
  }

  private OrderStatus status(UUID id) {
    return find(id).request().status();
  }

  private int onWorklist() {
    BoundSql sql = new WorklistFind("RTH", true, WorklistEnd.MPPS, List.of(), 10).sql();
    return jdbc.sql(sql.text()).params(sql.values()).query((row, n) -> n).list().size();
  }

  @Test
  void orderControlMovesTheOrderAndTheWorklist() {
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    assertThat(onWorklist()).isEqualTo(1);
    orders.record(order("P1", null, OrderStatus.ON_HOLD, null, 1));
    assertThat(status(id)).isEqualTo(OrderStatus.ON_HOLD);
    assertThat(onWorklist()).isZero();
    orders.record(order("P1", "F1", null, null, 2));
    assertThat(status(id)).isEqualTo(OrderStatus.ON_HOLD);
    assertThat(find(id).request().fillerNumber()).isEqualTo("F1");
    orders.record(order("P1", "F1", OrderStatus.ACTIVE, null, 3));
    assertThat(onWorklist()).isEqualTo(1);
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY);
    orders.record(order("P1", "F1", OrderStatus.REVOKED, null, 5));
    orders.record(order("P1", "F1", OrderStatus.ACTIVE, null, 4));
    assertThat(status(id)).isEqualTo(OrderStatus.REVOKED);
    assertThat(onWorklist()).isZero();
  }

  @Test
  void anOrderWhoseFirstMessageSaysNoStatusIsActive() {
    assertThat(status(orders.record(order("P1", null, null, null, 0))))
        .isEqualTo(OrderStatus.ACTIVE);
  }

  @Test
  void aMessageThatNamesTheNumbersOfTwoOrdersIsFiledUnderTheFirst() {
    UUID one = orders.record(order("P1", "F1", OrderStatus.ACTIVE, null, 0));
    UUID two = orders.record(order("P2", "F2", OrderStatus.ACTIVE, null, 0));
    assertThat(orders.record(order("P1", "F2", OrderStatus.ON_HOLD, null, 1))).isEqualTo(one);
    assertThat(find(one).request().fillerNumber()).isEqualTo("F1");
    assertThat(status(one)).isEqualTo(OrderStatus.ON_HOLD);
    assertThat(find(two).request().fillerNumber()).isEqualTo("F2");
    assertThat(status(two)).isEqualTo(OrderStatus.ACTIVE);
  }

  @Test
  void whatAMessageLeavesOutStaysAndWhatItDeletesIsGone() {
    UUID id = orders.record(order("P1", "F1", OrderStatus.ACTIVE, MONDAY, 0));
    orders.record(order("P1", "F1", null, null, 1, Set.of(Field.REASON)));
    OrderRequest after = find(id).request();
    assertThat(after.reason()).isNull();
    assertThat(after.priority()).isEqualTo("stat");
    assertThat(after.referrerName().family()).isEqualTo("REFERRER");
    assertThat(after.ubrn()).isEqualTo("000000070000");
    orders.record(
        order(
            "P1",
            "F1",
            null,
            null,
            2,
            Set.of(Field.PRIORITY, Field.REFERRER, Field.REFERRING_ORGANISATION)));
    after = find(id).request();
    assertThat(after.priority()).isNull();
    assertThat(after.referrerName()).isNull();
    assertThat(after.referrerCode()).isNull();
    assertThat(after.referringOrganisation()).isNull();
  }

  @Test
  void anAppointmentMovesItsOrderWhicheverComesFirst() {
    appointments.record(appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(1), 5));
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY.plusDays(1));
    assertThat(find(id).request().step().location()).isEqualTo("ROOM 1");
    assertThat(
            appointments.record(
                appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(2), 6)))
        .containsExactly(id);
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY.plusDays(2));
    // An order's own message that is newer counts again.
    orders.record(order("P1", null, null, MONDAY.plusDays(3), 7));
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY.plusDays(3));
  }

  @Test
  void anOlderMessageOfAnAppointmentChangesNothing() {
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    appointments.record(appointment("A1", Appointment.Status.CANCELLED, null, 6));
    appointments.record(appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(2), 5));
    assertThat(find(id).request().step().start()).isNull();
    assertThat(onWorklist()).isZero();
  }

  @Test
  void aCancelledAppointmentTakesTheOrderOffTheWorklistUntilItIsBookedAgain() {
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    appointments.record(appointment("A1", Appointment.Status.BOOKED, MONDAY, 1));
    assertThat(onWorklist()).isEqualTo(1);
    appointments.record(appointment("A1", Appointment.Status.CANCELLED, MONDAY, 2));
    assertThat(onWorklist()).isZero();
    assertThat(status(id)).isEqualTo(OrderStatus.ACTIVE);
    appointments.record(appointment("A2", Appointment.Status.BOOKED, MONDAY.plusDays(7), 3));
    assertThat(onWorklist()).isEqualTo(1);
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY.plusDays(7));
  }

  @Test
  void theEndOfAnAppointmentThatWasReplacedChangesNothing() {
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    appointments.record(appointment("A1", Appointment.Status.BOOKED, MONDAY, 1));
    appointments.record(appointment("A2", Appointment.Status.BOOKED, MONDAY.plusDays(7), 2));
    appointments.record(appointment("A1", Appointment.Status.CANCELLED, MONDAY, 3));
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY.plusDays(7));
    assertThat(onWorklist()).isEqualTo(1);
  }

  @Test
  void anAppointmentOfAnotherPatientMovesNothingAndAPersonIsAsked() {
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    appointments.record(
        appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(1), 5, patient("L2", BORN)));
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY);
    assertThat(reviews.open(PAGE))
        .extracting(ReviewItem::reason)
        .containsExactly("APPOINTMENT_PATIENT_DIFFERS");
  }

  @Test
  void anAppointmentOfAnotherPatientThatCameFirstMovesNothingAndAPersonIsAsked() {
    Appointment other =
        appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(1), 5, patient("L2", BORN));
    appointments.record(other);
    assertThat(reviews.open(PAGE)).isEmpty();
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    appointments.record(other);
    assertThat(find(id).request().step().start()).isEqualTo(MONDAY);
    assertThat(reviews.open(PAGE))
        .extracting(ReviewItem::reason)
        .containsExactly("APPOINTMENT_PATIENT_DIFFERS");
    assertThat(reviews.open(PAGE)).extracting(ReviewItem::orderId).containsExactly(id);
  }

  @Test
  void theQuestionOfAnAppointmentIsWithdrawnWhenItsPatientIsTheOrdersAfterAll() {
    PatientDemographics unknown = patient("L1", BORN.plusDays(1));
    appointments.record(appointment("A1", Appointment.Status.BOOKED, MONDAY, 5, unknown));
    orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    assertThat(reviews.open(PAGE))
        .extracting(ReviewItem::reason)
        .contains("APPOINTMENT_PATIENT_DIFFERS");
    appointments.record(appointment("A1", Appointment.Status.BOOKED, MONDAY, 6));
    assertThat(reviews.open(PAGE))
        .extracting(ReviewItem::reason)
        .doesNotContain("APPOINTMENT_PATIENT_DIFFERS");
  }

  @Test
  void aMoveIsNotedOnceForPartners() {
    IndexChanges changes = new IndexChanges(jdbc);
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0));
    changes.forget(changes.oldest(10));
    assertThat(orders.progress(id).scheduleVersion()).isZero();
    Appointment there = appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(1), 1);
    Appointment back = appointment("A1", Appointment.Status.BOOKED, MONDAY, 2);
    Appointment off = appointment("A1", Appointment.Status.CANCELLED, null, 3);
    int version = 0;
    for (Appointment a : List.of(there, back, off)) {
      appointments.record(a);
      appointments.record(a);
      assertThat(orders.progress(id).scheduleVersion()).isEqualTo(++version);
      List<IndexChanged> noted = changes.oldest(10);
      assertThat(noted).extracting(IndexChanged::subjectId).containsExactly(id);
      assertThat(noted).extracting(IndexChanged::kind).containsExactly(IndexChanged.Kind.ORDER);
      assertThat(noted).extracting(IndexChanged::origin).containsExactly("RTH");
      changes.forget(noted);
    }
    // A step that has begun cannot be cancelled by an appointment.
    jdbc.sql("update imaging_order set step_status = 'STARTED'").update();
    appointments.record(off);
    assertThat(changes.oldest(10)).isEmpty();
  }

  @Test
  void anAppointmentThatNamesNoOrderIsKept() {
    Appointment a = appointment("A1", Appointment.Status.BOOKED, MONDAY, 0);
    Appointment without =
        new Appointment(
            a.custodian(),
            a.placerNumber(),
            a.fillerNumber(),
            a.status(),
            List.of(),
            a.patient(),
            a.start(),
            a.minutes(),
            a.step(),
            a.procedure(),
            a.messageKey(),
            a.messageAt());
    assertThat(appointments.record(without)).isEmpty();
    assertThat(appointments.record(without)).isEmpty();
    assertThat(jdbc.sql("select count(*) from appointment").query(Integer.class).single())
        .isEqualTo(1);
  }

  @Test
  void anOrderAndItsAppointmentThatComeAtOnceMeet() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < 50; i++) {
        jdbc.sql("delete from appointment_order").update();
        jdbc.sql("delete from appointment").update();
        jdbc.sql("delete from imaging_order").update();
        List<Callable<Object>> both =
            List.of(
                () -> orders.record(order("P1", null, OrderStatus.ACTIVE, MONDAY, 0)),
                () ->
                    appointments.record(
                        appointment("A1", Appointment.Status.BOOKED, MONDAY.plusDays(1), 5)));
        for (Future<Object> f : threads.invokeAll(both)) {
          f.get();
        }
        assertThat(
                jdbc.sql("select scheduled_start from imaging_order")
                    .query(LocalDateTime.class)
                    .single())
            .isEqualTo(MONDAY.plusDays(1));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static ReportResult report(String status, String text, int minute) {
    return report(status, text, minute, patient("L1", BORN), "F1", null, List.of());
  }

  private static ReportResult report(
      String status,
      String text,
      int minute,
      PatientDemographics patient,
      String filler,
      String document,
      List<String> studies) {
    Instant at = NOON.plusSeconds(60L * minute);
    return new ReportResult(
        "RTH",
        "P1",
        "RTH",
        filler,
        "RTH",
        filler == null ? null : new AccessionKey("RTH", filler),
        studies.isEmpty() ? null : studies.get(0),
        patient,
        null,
        status,
        text,
        null,
        null,
        null,
        null,
        at,
        "hl7/r" + minute,
        at,
        document,
        studies.isEmpty() ? List.of() : studies.subList(1, studies.size()));
  }

  private Report found(UUID id) {
    return reports.find(id).orElseThrow();
  }

  private List<String> history(UUID id) {
    return reports.history(found(id)).stream()
        .map(r -> r.result().status() + ":" + r.result().text())
        .toList();
  }

  @Test
  void aReportsMessagesAreItsVersions() {
    UUID id = reports.record(report("preliminary", "Draft", 0));
    reports.record(report("final", "No fracture.", 1));
    reports.record(report("partial", "Addendum: fracture of C2.", 2));
    reports.record(report("corrected", "Fracture of C2.", 3));
    reports.record(report("final", "Fracture of C2.", 4));
    assertThat(history(id))
        .containsExactly(
            "preliminary:Draft",
            "final:No fracture.",
            "appended:No fracture.\n\nAddendum: fracture of C2.",
            "corrected:Fracture of C2.",
            "corrected:Fracture of C2.");
    Report now = found(id);
    List<Report> versions = reports.history(now);
    assertThat(now.versionId()).isEqualTo(versions.get(4).versionId());
    assertThat(versions).extracting(Report::versionId).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cancelled", "entered-in-error"})
  void whatWasWithdrawnIsNotReadInOlderVersionsEither(String withdrawn) {
    UUID id = reports.record(report("preliminary", "Draft", 0));
    reports.record(report("final", "Of another patient.", 2));
    reports.record(report(withdrawn, null, 3));
    assertThat(history(id)).containsExactly(withdrawn + ":null");
    assertThat(reports.history(found(id)).get(0).versionId()).isEqualTo(found(id).versionId());
    // A late older message is added up all the same, and not read.
    reports.record(report("final", "Late.", 1));
    assertThat(history(id)).containsExactly(withdrawn + ":null");
    // A new report after it is read; what was withdrawn stays so.
    reports.record(report("final", "No fracture.", 4));
    assertThat(history(id)).containsExactly(withdrawn + ":null", "final:No fracture.");
  }

  @Test
  void anAddendumThatRepeatsTheReportStandsForIt() {
    UUID id = reports.record(report("final", "No  fracture.", 0));
    reports.record(report("partial", "No fracture.\nAddendum: one.", 1));
    assertThat(found(id).result().status()).isEqualTo("appended");
    assertThat(found(id).result().text()).isEqualTo("No fracture.\nAddendum: one.");
  }

  @Test
  void aFinalReportThatComesFinalAgainWithOtherTextIsAmended() {
    UUID id = reports.record(report("final", "One", 0));
    reports.record(report("final", "Two", 1));
    assertThat(found(id).result().status()).isEqualTo("amended");
  }

  @Test
  void aMessageWithoutContentLeavesTheText() {
    UUID id = reports.record(report("preliminary", "Draft", 0));
    reports.record(report("final", null, 1));
    assertThat(found(id).result().status()).isEqualTo("final");
    assertThat(found(id).result().text()).isEqualTo("Draft");
  }

  @Test
  void theOrderOfArrivalAndRepetitionsDoNotMatter() {
    List<ReportResult> messages =
        List.of(
            report("preliminary", "Draft", 0),
            report("final", "Final", 1),
            report("partial", "Addendum", 2),
            report("unknown", null, 3));
    Random random = new Random(1);
    for (int i = 0; i < 24; i++) {
      jdbc.sql("delete from report_version").update();
      jdbc.sql("delete from report").update();
      List<ReportResult> shuffled = new ArrayList<>(messages);
      shuffled.addAll(messages);
      Collections.shuffle(shuffled, random);
      UUID id = null;
      for (ReportResult message : shuffled) {
        id = reports.record(message);
      }
      assertThat(history(id))
          .as(shuffled.toString())
          .containsExactly(
              "preliminary:Draft",
              "final:Final",
              "appended:Final\n\nAddendum",
              "appended:Final\n\nAddendum");
      assertThat(found(id).result().status()).isEqualTo("appended");
      assertThat(found(id).result().text()).isEqualTo("Final\n\nAddendum");
    }
  }

  @Test
  void whatWasSaidOfAnotherPatientIsNotSeenByTheReportAnyMore() {
    UUID id = reports.record(report("final", "Of another", 0));
    PatientDemographics other = patient("L2", BORN.plusYears(1));
    reports.record(report("corrected", "Theirs", 1, other, "F1", null, List.of()));
    assertThat(history(id)).containsExactly("corrected:Theirs");
    assertThat(found(id).patientId()).isEqualTo(patients.resolve(other));
    // A late one of the first patient does not come back either.
    reports.record(report("preliminary", "Of another, late", -1));
    assertThat(history(id)).containsExactly("corrected:Theirs");
    assertThat(found(id).result().text()).isEqualTo("Theirs");
  }

  @Test
  void aDocumentIsFoundByItsNumberAndJoinsItsOrderLater() {
    PatientDemographics p = patient("L1", BORN);
    UUID id = reports.record(report("preliminary", "Draft", 0, p, null, "D1^RIS", List.of()));
    assertThat(reports.record(report("final", "Done", 1, p, "F1", "D1^RIS", List.of())))
        .isEqualTo(id);
    assertThat(reports.record(report("corrected", "More", 2, p, "F1", null, List.of())))
        .isEqualTo(id);
    assertThat(found(id).result().documentNumber()).isEqualTo("D1^RIS");
    assertThat(found(id).result().fillerNumber()).isEqualTo("F1");
  }

  @Test
  void aDocumentThatSeveralOrdersShareIsAReportOfEach() {
    PatientDemographics p = patient("L1", BORN);
    UUID one = reports.record(report("final", "Both", 0, p, "F1", "D1", List.of()));
    UUID two = reports.record(report("final", "Both", 1, p, "F2", "D1", List.of()));
    assertThat(two).isNotEqualTo(one);
    assertThat(found(one).result().fillerNumber()).isEqualTo("F1");
    reports.record(report("cancelled", null, 2, p, "F2", "D1", List.of()));
    assertThat(found(two).result().status()).isEqualTo("cancelled");
    assertThat(found(one).result().text()).isEqualTo("Both");
  }

  @Test
  void aDocumentThatWasReplacedIsWithdrawnWithoutEffect() {
    PatientDemographics p = patient("L1", BORN);
    UUID id = reports.record(report("final", "One", 0, p, "F1", "D1", List.of()));
    reports.record(report("final", "Two", 1, p, "F1", "D2", List.of()));
    reports.record(report("cancelled", null, 2, p, "F1", "D1", List.of()));
    assertThat(found(id).result().text()).isEqualTo("Two");
    reports.record(report("cancelled", null, 3, p, "F1", "D2", List.of()));
    assertThat(found(id).result().text()).isNull();
  }

  private UUID study(String uid, String accession, Instant receivedAt) {
    return studies
        .record(
            new ReceivedInstance(
                "RTH",
                "RTHPACS",
                patient("L1", BORN),
                "TEST^CASE",
                "F",
                uid,
                null,
                new AccessionKey("RTH", accession),
                MONDAY,
                "CT head",
                null,
                uid + ".1",
                "CT",
                1,
                null,
                null,
                null,
                null,
                null,
                uid + ".1.1",
                "1.2.840.10008.5.1.4.1.1.2",
                "1.2.840.10008.1.2.1",
                1,
                null,
                512,
                512,
                "dcm/" + uid,
                uid,
                1000,
                receivedAt,
                new ProcedureContext(null, null, null, null, null, null, null)))
        .studyId();
  }

  @Test
  void aReportIsAttachedToTheStudiesThatItNamesAndCompletesItsOrder() {
    UUID one = study("1.1", "F1", NOON);
    UUID two = study("1.2", "F1", NOON);
    UUID three = study("1.3", "F1", NOON);
    UUID order = orders.record(order("P1", "F1", OrderStatus.ACTIVE, MONDAY, 0));
    new StudyOrderLinker(studies, orders, links, reviews, patients::compare)
        .orderChanged(new OrderChanged(order));
    ReportLinker linker =
        new ReportLinker(reports, orders, studies, links, reviews, patients::compare);

    UUID id = reports.record(report("preliminary", "Draft", 0));
    linker.reportChanged(id);
    assertThat(found(id).studyIds()).containsExactlyInAnyOrder(one, two, three);
    assertThat(status(order)).isEqualTo(OrderStatus.ACTIVE);

    PatientDemographics p = patient("L1", BORN);
    reports.record(report("final", "Done", 1, p, "F1", null, List.of("1.1", "1.3")));
    linker.reportChanged(id);
    assertThat(found(id).studyIds()).containsExactlyInAnyOrder(one, three);
    assertThat(found(id).orderId()).isEqualTo(order);
    assertThat(status(order)).isEqualTo(OrderStatus.COMPLETED);
    assertThat(onWorklist()).isZero();
  }

  @Test
  void aStudyWithoutAReportAwaitsOneAfterAWhile() {
    UUID old = study("1.1", "F1", NOON.minus(Duration.ofHours(25)));
    UUID fresh = study("1.2", "F2", NOON.minus(Duration.ofHours(1)));
    AwaitedReports awaited =
        new AwaitedReports(jdbc, Duration.ofHours(24), Clock.fixed(NOON, ZoneOffset.UTC));
    assertThat(awaited.among(List.of(old, fresh))).containsExactly(old);
    assertThat(awaited.list(PAGE)).containsExactly(old);
    UUID id = reports.record(report("registered", null, 0));
    reports.attach(id, null, List.of(old));
    assertThat(awaited.count()).isEqualTo(1);
    reports.record(report("preliminary", "Draft", 1));
    assertThat(awaited.count()).isZero();
    reports.record(report("cancelled", null, 2));
    assertThat(awaited.among(List.of(old, fresh))).containsExactly(old);
  }

  private static PatientDemographics adt(
      String sex, String postcode, String nhsStatus, PatientDemographics.Field... deleted) {
    return new PatientDemographics(
        new PatientIdentity(new PatientKey("RTH", "L1"), "9990000018", null),
        new PersonName("TEST", "CASE", null),
        sex,
        postcode == null ? null : "1 Test Street",
        postcode,
        Patient.Source.ADT,
        nhsStatus,
        Set.copyOf(Arrays.asList(deleted)));
  }

  @Test
  void anAdtDeletesAndAnOrderDoesNot() {
    UUID id = patients.resolve(adt("female", "ZZ99 9ZZ", "02"));
    patients.resolve(adt(null, null, "01"));
    Patient after = patients.find(id).orElseThrow();
    assertThat(after.sex()).isEqualTo("female");
    assertThat(after.postalCode()).isEqualTo("ZZ99 9ZZ");
    assertThat(after.nhsNumberStatus()).isEqualTo("01");

    PatientDemographics said =
        adt(null, null, null, PatientDemographics.Field.SEX, PatientDemographics.Field.POSTAL_CODE);
    patients.resolve(
        new PatientDemographics(
            said.identity(),
            said.name(),
            null,
            null,
            null,
            Patient.Source.ORDER,
            null,
            said.deleted()));
    assertThat(patients.find(id).orElseThrow().sex()).isEqualTo("female");

    patients.resolve(said);
    after = patients.find(id).orElseThrow();
    assertThat(after.sex()).isNull();
    assertThat(after.postalCode()).isNull();
    assertThat(after.addressLine()).isEqualTo("1 Test Street");
    assertThat(after.name().family()).isEqualTo("TEST");
  }

  @Test
  void anAdtDeletesABirthDate() {
    PatientDemographics born =
        new PatientDemographics(
            new PatientIdentity(new PatientKey("RTH", "L1"), "9990000018", BORN),
            null,
            null,
            null,
            null,
            Patient.Source.ADT);
    UUID id = patients.resolve(born);
    assertThat(patients.resolve(adt(null, null, null, PatientDemographics.Field.BIRTH_DATE)))
        .isEqualTo(id);
    assertThat(patients.find(id).orElseThrow().identity().birthDate()).isNull();
  }

  /** What runs with each message must not read whole tables. */
  @ParameterizedTest
  @MethodSource("lookups")
  void aLookupIsServedByIndexes(String sql, List<String> indexes) {
    String plan =
        transactions.execute(
            status -> {
              plannerSettings().forEach(setting -> jdbc.sql(setting).update());
              return String.join(
                  "\n",
                  jdbc.sql("explain " + sql)
                      .paramSource(new EmptyText())
                      .query(String.class)
                      .list());
            });
    assertThat(plan).doesNotContain("tableScan", "Seq Scan").contains(indexes);
  }

  static Stream<Arguments> lookups() {
    return Stream.of(
        Arguments.of(
            ReportIndex.RELATED,
            List.of("report_placer", "report_filler_number", "report_study_uid")),
        Arguments.of(Schedule.APPOINTMENTS, List.of("appointment_order_number")));
  }

  /** Gives each parameter a text, whatever its name. */
  private static final class EmptyText extends AbstractSqlParameterSource {
    @Override
    public boolean hasValue(String name) {
      return true;
    }

    @Override
    public Object getValue(String name) {
      return "";
    }
  }

  @Test
  void reportsAreRelatedByEachOfTheirNumbers() {
    PatientDemographics p = patient("L1", BORN);
    UUID one = reports.record(report("final", "One", 0, p, "F1", null, List.of("1.1", "1.2")));
    UUID two = reports.record(report("final", "Two", 1, p, "F2", null, List.of("1.3")));
    assertThat(related("P1", null, null, null)).containsExactlyInAnyOrder(one, two);
    assertThat(related(null, "F2", null, null)).containsExactly(two);
    assertThat(related(null, null, new AccessionKey("RTH", "F1"), null)).containsExactly(one);
    assertThat(related(null, null, null, "1.1")).containsExactly(one);
    assertThat(related(null, null, null, "1.2")).containsExactly(one);
    assertThat(related("P1", "F1", new AccessionKey("RTH", "F1"), "1.1"))
        .containsExactlyInAnyOrder(one, two);
    assertThat(related(null, null, null, null)).isEmpty();
  }

  private List<UUID> related(String placer, String filler, AccessionKey accession, String uid) {
    return reports.findRelated("RTH", placer, filler, accession, uid).stream()
        .map(Report::id)
        .toList();
  }
}
