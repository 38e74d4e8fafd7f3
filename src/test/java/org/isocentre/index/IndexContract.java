package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.index.StudyIndex.Outcome;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.Code;
import org.isocentre.model.Consent;
import org.isocentre.model.Instance;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.Practitioner;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.RejectionNote;
import org.isocentre.model.RejectionReason;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.Study;
import org.isocentre.model.StudyLink;
import org.isocentre.model.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What every database that holds the index must do. */
abstract class IndexContract {
  private static final PageRequest PAGE = new PageRequest(0, 100);
  private static final String NHS = "9990000018";
  private static final String OTHER_NHS = "9990000026";
  private static final LocalDate BORN = LocalDate.of(1974, 2, 13);
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");

  private ReviewList reviews;
  private PatientIndex patients;
  private StudyIndex studies;
  private OrderIndex orders;
  private ReportIndex reports;
  private LinkIndex links;
  private TransferIndex transfers;
  private ConsentIndex consents;
  private AuditIndex audit;
  private MessageIndex messages;
  private RejectionIndex rejections;
  private JdbcClient jdbc;
  private TransactionTemplate transactions;

  /** An empty database. */
  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    DataSource database = database();
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    jdbc = JdbcClient.create(database);
    transactions = new TransactionTemplate(new DataSourceTransactionManager(database));
    reviews = new ReviewList(jdbc);
    patients = new PatientIndex(jdbc, transactions, reviews);
    studies = new StudyIndex(jdbc, new JdbcTemplate(database), transactions, patients, reviews);
    orders = new OrderIndex(jdbc, transactions, patients);
    reports = new ReportIndex(jdbc, transactions, patients);
    links = new LinkIndex(jdbc);
    transfers = new TransferIndex(jdbc, transactions);
    consents = new ConsentIndex(jdbc);
    audit = new AuditIndex(jdbc);
    messages = new MessageIndex(jdbc);
    rejections = new RejectionIndex(jdbc, new JdbcTemplate(database), transactions);
  }

  private static UploadIndex.Upload upload(
      String nhs, String study, String uid, UploadIndex.Says s) {
    return new UploadIndex.Upload(
        UUID.randomUUID(),
        UploadIndex.study(nhs, study),
        nhs,
        NOON,
        "1.2.840.10008.5.1.4.1.1.2",
        uid,
        study,
        study + ".1",
        "CT",
        "1.2.840.10008.1.2.1",
        s,
        "upload/" + uid,
        "0".repeat(64),
        100,
        null,
        null,
        0);
  }

  @Test
  void uploadsWaitAreDecidedOnAndFiledOnce() {
    UploadIndex uploads = new UploadIndex(jdbc);
    UUID patient = patients.resolve(patient(NHS, BORN, Patient.Source.ADT));
    UploadIndex.Upload first = upload(NHS, "1.2", "1.2.1.1", UploadIndex.Says.SAME);
    uploads.record(first);
    uploads.record(upload(NHS, "1.2", "1.2.1.1", UploadIndex.Says.SAME));
    uploads.record(upload(NHS, "1.2", "1.2.1.2", UploadIndex.Says.OTHER));
    uploads.record(upload(OTHER_NHS, "1.2", "1.2.1.1", UploadIndex.Says.UNSAID));
    assertThat(uploads.waiting(NHS)).isEqualTo(new UploadIndex.Waiting(2, 200));
    assertThat(uploads.waiting("9990000034")).isEqualTo(new UploadIndex.Waiting(0, 0));

    List<UploadIndex.UploadedStudy> waiting =
        uploads.studies(UploadIndex.State.WAITING, new PageRequest(0, 10));
    assertThat(waiting).hasSize(2);
    UploadIndex.UploadedStudy known = uploads.waitingStudy(first.study()).orElseThrow();
    assertThat(known)
        .isEqualTo(
            new UploadIndex.UploadedStudy(
                first.study(),
                patient,
                "1.2",
                "CT",
                2,
                200,
                1,
                0,
                UploadIndex.State.WAITING,
                NOON));
    assertThat(uploads.waitingStudy(UploadIndex.study(OTHER_NHS, "1.2")).orElseThrow().patientId())
        .isNull();
    assertThat(uploads.studies(UploadIndex.State.WAITING, new PageRequest(1, 10))).hasSize(1);

    assertThat(uploads.toFile(10)).isEmpty();
    assertThat(uploads.decide(first.study(), "RTH", "me", NOON.plusSeconds(60))).isEqualTo(2);
    assertThat(uploads.decide(first.study(), null, "you", NOON)).isZero();
    List<UploadIndex.Upload> toFile = uploads.toFile(10);
    assertThat(toFile).hasSize(2).allMatch(u -> u.custodian().equals("RTH"));
    assertThat(toFile.get(0).decidedAt()).isEqualTo(NOON.plusSeconds(60));
    uploads.filed(toFile.get(0).id());
    uploads.failed(toFile.get(1).id(), false);
    assertThat(uploads.toFile(10)).singleElement().matches(u -> u.attempts() == 1);
    uploads.failed(toFile.get(1).id(), true);
    assertThat(uploads.toFile(10)).isEmpty();
    assertThat(uploads.studies(UploadIndex.State.FAILED, new PageRequest(0, 10))).hasSize(1);
    assertThat(uploads.objects(first.study(), new PageRequest(0, 1))).hasSize(1);
    assertThat(uploads.waiting(NHS)).isEqualTo(new UploadIndex.Waiting(0, 0));
  }

  /** Two images, two notes and the undoing of one, in every order that there is. */
  @Test
  void theOrderOfNotesAndObjectsDoesNotMatter() {
    List<String> events = List.of("one", "two", "first note", "second note");
    int number = 0;
    for (List<String> order : permutations(events)) {
      for (int undoneAfter = 0; undoneAfter <= order.size(); undoneAfter++) {
        String study = "9." + ++number;
        for (int i = 0; i < order.size(); i++) {
          happens(study, order.get(i));
          if (i == undoneAfter) {
            rejections.undo(StudyIndex.instanceId("RTH", study + ".n1"), "somebody");
          }
        }
        // The first names both, the second the second image only.
        boolean undone = undoneAfter < order.size() && order.indexOf("first note") <= undoneAfter;
        UUID id = StudyIndex.studyId("RTH", study);
        assertThat(studies.instances(id))
            .as(order + " undone after " + undoneAfter)
            .extracting(Instance::sopInstanceUid)
            .containsExactlyElementsOf(undone ? List.of(study + ".1") : List.of());
        Study now = studies.find(id).orElseThrow();
        assertThat(now.numberOfInstances()).isEqualTo(undone ? 1 : 0);
        assertThat(now.numberOfSeries()).isEqualTo(undone ? 1 : 0);
      }
    }
    assertThat(number).isEqualTo(24 * 5);
  }

  private void happens(String study, String event) {
    switch (event) {
      case "one" -> studies.record(instance(study, study + ".s", study + ".1", "a" + study));
      case "two" -> studies.record(instance(study, study + ".s", study + ".2", "b" + study));
      case "first note" -> rejects(study, ".n1", Set.of(study + ".1", study + ".2"));
      default -> rejects(study, ".n2", Set.of(study + ".2"));
    }
  }

  private void rejects(String study, String note, Set<String> uids) {
    studies.record(instance(study, study + ".k", study + note, note + study));
    RejectionNote says =
        new RejectionNote(
            "RTH", "RTHPACS", study + note, study, RejectionReason.PATIENT_SAFETY, uids);
    assertThat(rejections.apply(says, done -> {})).isPresent();
    assertThat(rejections.apply(says, done -> {})).isEmpty();
  }

  /**
   * A rejection of which no trail can be written did not happen, and happens when it comes again.
   */
  @Test
  void aRejectionThatCannotBeNotedIsTakenBack() {
    happens("9.9", "one");
    studies.record(instance("9.9", "9.9.k", "9.9.n1", "n"));
    RejectionNote says =
        new RejectionNote(
            "RTH", "RTHPACS", "9.9.n1", "9.9", RejectionReason.QUALITY, Set.of("9.9.1"));
    UUID id = StudyIndex.studyId("RTH", "9.9");
    assertThatThrownBy(
            () ->
                rejections.apply(
                    says,
                    done -> {
                      throw new IllegalStateException("no trail");
                    }))
        .hasMessage("no trail");
    assertThat(studies.instances(id)).hasSize(2);
    assertThat(rejections.apply(says, done -> {})).isPresent();
    assertThat(studies.instances(id)).isEmpty();
  }

  /** What a clinician of the organisation sees of a patient's study, order and report. */
  private List<Integer> seenBy(String organisation, Set<UUID> patients, Set<UUID> data) {
    Visibility clinician =
        new Visibility(null, Withheld.NOTHING, organisation)
            .within(new LegitimateRelationship(patients, data));
    ResourceSearch search = new ResourceSearch(jdbc);
    return java.util.stream.Stream.of("Patient", "ImagingStudy", "ServiceRequest", "Task")
        .map(
            type ->
                search.count(
                    new ResourceSearch.Query(type, clinician, Set.of(), List.of(), List.of())))
        .toList();
  }

  @Test
  void aClinicianSeesPeopleWhomTheirOrganisationCaresFor() {
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    UUID study = StudyIndex.studyId("RTH", "1.1");
    UUID patient = studies.find(study).orElseThrow().patientId();
    List<Integer> nothing = List.of(0, 0, 0, 0);
    assertThat(seenBy("RTH", Set.of(), Set.of())).isEqualTo(List.of(1, 1, 0, 0));
    assertThat(seenBy("RJ1", Set.of(), Set.of())).isEqualTo(nothing);
    assertThat(seenBy("RJ1", Set.of(patient), Set.of())).isEqualTo(List.of(1, 1, 0, 0));
    assertThat(seenBy("RJ1", Set.of(), Set.of(study))).isEqualTo(List.of(0, 1, 0, 0));

    // Who asked for it.
    orders.file(order("P1", "F1", OrderStatus.ACTIVE, NOON));
    assertThat(seenBy("RJ1", Set.of(), Set.of())).isEqualTo(List.of(1, 1, 1, 0));
    assertThat(seenBy("RJ2", Set.of(), Set.of())).isEqualTo(nothing);

    // Whom it was sent to, until that was stopped.
    Transfer sent = transfers.request(study, "RJ2").orElseThrow();
    assertThat(seenBy("RJ2", Set.of(), Set.of())).isEqualTo(List.of(1, 1, 1, 1));
    transfers.cancel(sent.id(), "stopped");
    assertThat(seenBy("RJ2", Set.of(), Set.of())).isEqualTo(nothing);

    // Whose register they are in; what another trust calls that trust's number is no such thing.
    jdbc.sql(
            "insert into patient_key (issuer, key_value, patient_id, claimed) values ('RJ3', 'L1', ?, true)")
        .param(patient)
        .update();
    assertThat(seenBy("RJ3", Set.of(), Set.of())).isEqualTo(nothing);
    jdbc.sql("update patient_key set claimed = false where issuer = 'RJ3'").update();
    assertThat(seenBy("RJ3", Set.of(), Set.of())).isEqualTo(List.of(1, 1, 1, 1));
  }

  @Test
  void anAppointmentIsHiddenWithItsOrder() {
    UUID order = orders.file(order("P1", "F1", OrderStatus.ACTIVE, NOON)).id();
    AppointmentIndex appointments = new AppointmentIndex(jdbc, transactions, patients, reviews);
    appointments.record(
        new org.isocentre.model.Appointment(
            "RTH",
            null,
            "AF1",
            org.isocentre.model.Appointment.Status.BOOKED,
            List.of(new org.isocentre.model.Appointment.OrderNumber(false, "RTH", "F1")),
            patient(NHS, BORN, Patient.Source.ORDER),
            LocalDateTime.of(2026, 11, 5, 9, 30),
            30,
            ScheduledStep.NONE,
            null,
            "hl7/a",
            NOON));
    ResourceSearch search = new ResourceSearch(jdbc);
    AppointmentSearch rows = new AppointmentSearch(jdbc);
    UUID id = search.page(appointments(Visibility.ALL), null, 2).get(0).id();
    assertThat(rows.search(Visibility.ALL, Set.of(id)).get(0).orderIds()).containsExactly(order);
    Visibility hidden =
        new Visibility(null, new Withheld(null, Set.of(), Set.of(order), Set.of()), "RJ1");
    assertThat(search.count(appointments(hidden))).isZero();
    assertThat(rows.search(hidden, Set.of(id))).isEmpty();
    Visibility other =
        new Visibility(
            null, new Withheld(null, Set.of(), Set.of(UUID.randomUUID()), Set.of()), "RJ1");
    assertThat(search.count(appointments(other))).isEqualTo(1);
    Visibility revoked =
        Visibility.ALL.only(
            java.util.Map.of(
                "ServiceRequest",
                List.of(List.of(new Criterion.OneOf("status", Set.of("REVOKED"), false)))));
    assertThat(rows.search(revoked, Set.of(id)).get(0).orderIds()).isEmpty();
  }

  private static ResourceSearch.Query appointments(Visibility visible) {
    return new ResourceSearch.Query("Appointment", visible, Set.of(), List.of(), List.of());
  }

  @Test
  void recordsOfOnePersonHaveOneRelationship() {
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    UUID mine = studies.find(StudyIndex.studyId("RTH", "1.1")).orElseThrow().patientId();
    UUID other =
        patients.resolve(
            new PatientDemographics(
                new PatientIdentity(new PatientKey("RJ1", "X1"), OTHER_NHS, BORN),
                new PersonName("TEST", "CASE", null),
                null,
                null,
                null,
                Patient.Source.ADT));
    assertThat(seenBy("RJ1", Set.of(), Set.of())).isEqualTo(List.of(1, 0, 0, 0));
    jdbc.sql("update patient set person_id = ? where id in (?, ?)")
        .params(mine, mine, other)
        .update();
    assertThat(seenBy("RJ1", Set.of(), Set.of())).isEqualTo(List.of(2, 1, 0, 0));
  }

  private static List<List<String>> permutations(List<String> of) {
    if (of.isEmpty()) {
      return List.of(List.of());
    }
    List<List<String>> all = new java.util.ArrayList<>();
    for (String first : of) {
      List<String> rest = new java.util.ArrayList<>(of);
      rest.remove(first);
      for (List<String> one : permutations(rest)) {
        List<String> whole = new java.util.ArrayList<>(List.of(first));
        whole.addAll(one);
        all.add(whole);
      }
    }
    return all;
  }

  private static PatientDemographics patient(String nhs, LocalDate born, Patient.Source source) {
    return new PatientDemographics(
        new PatientIdentity(new PatientKey("RTH", "L" + nhs), nhs, born),
        new PersonName("TEST", "CASE", null),
        "female",
        "1 Test Street",
        "ZZ99 9ZZ",
        source);
  }

  private static ReceivedInstance instance(String study, String series, String uid, String sha) {
    return instance(patient(NHS, BORN, Patient.Source.DICOM), study, series, uid, sha);
  }

  private static ReceivedInstance instance(
      PatientDemographics patient, String study, String series, String uid, String sha) {
    return new ReceivedInstance(
        "RTH",
        "RTHPACS",
        patient,
        "TEST^CASE",
        "F",
        study,
        null,
        new AccessionKey("RTH", "A1"),
        LocalDateTime.of(2026, 11, 1, 10, 15),
        "CT head",
        null,
        series,
        "CT",
        1,
        null,
        "HEAD",
        null,
        null,
        null,
        uid,
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2.840.10008.1.2.1",
        1,
        null,
        512,
        512,
        "dcm/" + sha,
        sha,
        1000,
        NOON,
        new ProcedureContext(
            LocalDate.of(2026, 11, 1), LocalTime.of(10, 15), null, null, null, null, null));
  }

  private static OrderRequest order(String placer, String filler, OrderStatus status, Instant at) {
    return new OrderRequest(
        "RTH",
        placer,
        "RTH",
        filler,
        "RTH",
        new AccessionKey("RTH", "A1"),
        null,
        patient(NHS, BORN, Patient.Source.ORDER),
        new Code("CTHEAD", "LOCAL", "CT head"),
        "CT",
        "routine",
        "headache",
        "C1234567",
        new PersonName("REFERRER", null, "Dr"),
        "RJ1",
        status,
        NOON,
        "hl7/" + at,
        at,
        ScheduledStep.NONE);
  }

  private static ReportResult report(String status, String text, Instant at) {
    return new ReportResult(
        "RTH",
        "P1",
        "RTH",
        "F1",
        "RTH",
        new AccessionKey("RTH", "A1"),
        null,
        patient(NHS, BORN, Patient.Source.ORDER),
        null,
        status,
        text,
        null,
        null,
        null,
        null,
        at,
        "hl7/r" + at,
        at);
  }

  private static StudyQuery everything() {
    return query(Visibility.ALL, List.of(), null, null);
  }

  private static StudyQuery query(
      Visibility visible, List<String> uids, LocalDateTime from, LocalDateTime until) {
    return new StudyQuery(
        visible,
        Set.of(),
        Set.of(),
        List.of(),
        List.of(),
        uids,
        List.of(),
        List.of(),
        Set.of(),
        List.of(),
        from,
        until,
        TimeRange.ANY,
        PAGE);
  }

  @Test
  void aStudyGrowsAndCountsWhatItReallyHas() {
    assertThat(studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a")).outcome())
        .isEqualTo(Outcome.NEW_STUDY);
    assertThat(studies.record(instance("1.1", "1.1.1", "1.1.1.2", "b")).outcome())
        .isEqualTo(Outcome.ADDED);
    assertThat(studies.record(instance("1.1", "1.1.2", "1.1.2.1", "c")).outcome())
        .isEqualTo(Outcome.ADDED);
    assertThat(studies.record(instance("1.1", "1.1.2", "1.1.2.1", "c")).outcome())
        .isEqualTo(Outcome.DUPLICATE);
    Study study = studies.findByStudyInstanceUid("1.1").get(0);
    assertThat(study.numberOfSeries()).isEqualTo(2);
    assertThat(study.numberOfInstances()).isEqualTo(3);
    assertThat(study.modalities()).containsExactly("CT");
    assertThat(study.accession()).isEqualTo(new AccessionKey("RTH", "A1"));
    assertThat(study.lastReceivedAt()).isEqualTo(NOON);
    assertThat(studies.series(List.of(study.id())).get(study.id()))
        .extracting(s -> s.numberOfInstances())
        .containsExactlyInAnyOrder(2, 1);
    assertThat(studies.instances(study.id()))
        .extracting(Instance::sopInstanceUid)
        .containsExactly("1.1.1.1", "1.1.1.2", "1.1.2.1");
    assertThat(studies.referencedKeys(List.of("dcm/a", "dcm/z"))).containsExactly("dcm/a");
  }

  @Test
  void objectsOfOneTransactionAreFiledAsIfTheyCameOneAfterTheOther() {
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    assertThat(
            studies.record(
                List.of(
                    instance("1.1", "1.1.1", "1.1.1.1", "a"),
                    instance("1.1", "1.1.1", "1.1.1.2", "b"),
                    instance("1.1", "1.1.1", "1.1.1.2", "b"),
                    instance("1.1", "1.1.1", "1.1.1.2", "other"),
                    instance("1.1", "1.1.2", "1.1.2.1", "c"),
                    instance("1.2", "1.2.1", "1.2.1.1", "d"),
                    instance("1.2", "1.2.1", "1.2.1.2", "e"))))
        .extracting(StudyIndex.Recorded::outcome)
        .containsExactly(
            Outcome.DUPLICATE,
            Outcome.ADDED,
            Outcome.DUPLICATE,
            Outcome.CONFLICT,
            Outcome.ADDED,
            Outcome.NEW_STUDY,
            Outcome.ADDED);
    Study first = studies.findByStudyInstanceUid("1.1").get(0);
    assertThat(first.numberOfSeries()).isEqualTo(2);
    assertThat(first.numberOfInstances()).isEqualTo(3);
    Study second = studies.findByStudyInstanceUid("1.2").get(0);
    assertThat(second.numberOfSeries()).isEqualTo(1);
    assertThat(second.numberOfInstances()).isEqualTo(2);
    assertThat(studies.series(List.of(first.id())).get(first.id()))
        .extracting(s -> s.numberOfInstances())
        .containsExactlyInAnyOrder(2, 1);
  }

  @Test
  void theSameUidWithOtherContentIsKeptApart() {
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    assertThat(studies.record(instance("1.1", "1.1.1", "1.1.1.1", "b")).outcome())
        .isEqualTo(Outcome.CONFLICT);
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "b"));
    assertThat(reviews.open(PAGE))
        .singleElement()
        .satisfies(r -> assertThat(r.reason()).isEqualTo("SOP_INSTANCE_UID_REUSED"));
    Study study = studies.findByStudyInstanceUid("1.1").get(0);
    assertThat(studies.instances(study.id()))
        .singleElement()
        .satisfies(i -> assertThat(i.sha256()).isEqualTo("a"));
    assertThat(studies.referencedKeys(List.of("dcm/b"))).containsExactly("dcm/b");
    assertThat(reviews.resolve(reviews.open(PAGE).get(0).id(), "somebody")).isTrue();
    assertThat(reviews.open(PAGE)).isEmpty();
  }

  @Test
  void anObjectOfAnotherPatientDoesNotJoinTheStudy() {
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    var other = patient(OTHER_NHS, BORN, Patient.Source.DICOM);
    assertThat(studies.record(instance(other, "1.1", "1.1.1", "1.1.1.2", "b")).outcome())
        .isEqualTo(Outcome.CONFLICT);
    assertThat(studies.findByStudyInstanceUid("1.1").get(0).numberOfInstances()).isEqualTo(1);
  }

  @RepeatedTest(10)
  void manyThreadsFileOneStudyWithoutALossOrADouble() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Outcome>> work = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        String uid = "1.2." + i / 2;
        String series = "1.2.9" + i % 8 / 2;
        work.add(() -> studies.record(instance("1.2", series, uid, "s" + uid)).outcome());
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> one : threads.invokeAll(work)) {
        outcomes.add(one.get());
      }
      assertThat(outcomes).filteredOn(o -> o == Outcome.DUPLICATE).hasSize(40);
      assertThat(outcomes).filteredOn(o -> o == Outcome.NEW_STUDY).hasSize(1);
    } finally {
      threads.shutdownNow();
    }
    Study study = studies.findByStudyInstanceUid("1.2").get(0);
    assertThat(study.numberOfInstances()).isEqualTo(40);
    assertThat(study.numberOfSeries()).isEqualTo(4);
    assertThat(studies.instances(study.id())).hasSize(40);
    assertThat(patients.findByKey(new PatientKey("RTH", "L" + NHS))).hasSize(1);
  }

  @Test
  void studiesAreFoundByDateAndOnlyByThoseWhoMaySeeThem() {
    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    studies.record(
        instance(patient(OTHER_NHS, BORN, Patient.Source.DICOM), "1.3", "1.3.1", "1.3.1.1", "d"));
    assertThat(studies.search(everything())).hasSize(2);
    assertThat(studies.count(everything())).isEqualTo(2);
    Visibility own = new Visibility(NHS, Set.of(), null);
    assertThat(studies.search(query(own, List.of(), null, null)))
        .extracting(Study::studyInstanceUid)
        .containsExactly("1.1");
    assertThat(studies.search(query(own, List.of("1.3"), null, null))).isEmpty();
    UUID hidden = studies.findByStudyInstanceUid("1.3").get(0).patientId();
    assertThat(
            studies.search(
                query(new Visibility(null, Set.of(hidden), "RJ1"), List.of(), null, null)))
        .extracting(Study::studyInstanceUid)
        .containsExactly("1.1");
    assertThat(
            studies.search(
                query(new Visibility(null, Set.of(hidden), "RTH"), List.of(), null, null)))
        .hasSize(2);
    LocalDateTime day = LocalDateTime.of(2026, 11, 1, 0, 0);
    assertThat(studies.search(query(Visibility.ALL, List.of(), day, day.plusDays(1)))).hasSize(2);
    assertThat(studies.search(query(Visibility.ALL, List.of(), day.plusDays(1), null))).isEmpty();
    assertThat(studies.findByAccession(new AccessionKey("RTH", "A1"))).hasSize(2);
    assertThat(studies.findByAccession(new AccessionKey("RJ1", "A1"))).isEmpty();
  }

  @Test
  void aQuietStudyIsCompleteUntilMoreComes() {
    UUID id = studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a")).studyId();
    assertThat(studies.quiet(NOON, 10)).isEmpty();
    assertThat(studies.quiet(NOON.plusSeconds(1), 10)).containsExactly(id);
    studies.markComplete(id);
    assertThat(studies.isComplete(id)).isTrue();
    assertThat(studies.quiet(NOON.plusSeconds(1), 10)).isEmpty();
    studies.record(instance("1.1", "1.1.1", "1.1.1.2", "b"));
    assertThat(studies.isComplete(id)).isFalse();
  }

  @Test
  void anOlderMessageNeverUndoesANewer() {
    UUID id = orders.record(order("P1", null, OrderStatus.ACTIVE, NOON));
    assertThat(orders.record(order("P1", "F1", OrderStatus.REVOKED, NOON.plusSeconds(60))))
        .isEqualTo(id);
    assertThat(orders.record(order("P1", "F1", OrderStatus.ACTIVE, NOON.plusSeconds(30))))
        .isEqualTo(id);
    Order order = orders.find(id).orElseThrow();
    assertThat(order.request().status()).isEqualTo(OrderStatus.REVOKED);
    assertThat(order.request().fillerNumber()).isEqualTo("F1");
    assertThat(order.request().reason()).isEqualTo("headache");
    assertThat(orders.findByAccession(new AccessionKey("RTH", "A1"))).hasSize(1);
  }

  @Test
  void linksAreMadeOnceAndUndone() {
    UUID order = orders.record(order("P1", "F1", OrderStatus.ACTIVE, NOON));
    UUID study = studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a")).studyId();
    assertThat(links.link(order, study, StudyLink.Rule.ACCESSION)).isTrue();
    links.link(order, study, StudyLink.Rule.ACCESSION);
    assertThat(links.ofStudies(List.of(study))).hasSize(1);
    assertThat(
            studies.search(
                new StudyQuery(
                    Visibility.ALL,
                    Set.of(),
                    Set.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Set.of(order),
                    List.of("CT"),
                    null,
                    null,
                    TimeRange.ANY,
                    PAGE)))
        .hasSize(1);
    assertThat(links.unlink(order, study)).isTrue();
    assertThat(links.ofOrders(List.of(order))).isEmpty();
  }

  /** A message that names one of clinician and organisation leaves the other as it was. */
  @Test
  void aRequesterIsThereWhateverMessagesTheyAreOf() {
    PractitionerIndex practitioners = new PractitionerIndex(jdbc, Clock.systemUTC());
    UUID id = orders.record(order("P1", "F1", OrderStatus.ACTIVE, NOON));
    Practitioner.Key first = Practitioner.Key.of("C1234567", "RTH");
    assertThat(practitioners.roles(Visibility.ALL, Set.of(first.roleId("RJ1")))).hasSize(1);

    orders.record(asked("S1", new PersonName("BLACK", "Kim", null), null, NOON.plusSeconds(1)));
    orders.record(asked(null, null, "RTH", NOON.plusSeconds(2)));

    Practitioner.Key local = Practitioner.Key.of("S1", "RTH");
    var request = orders.find(id).orElseThrow().request();
    assertThat(request.referrerCode()).isEqualTo("S1");
    assertThat(request.referringOrganisation()).isEqualTo("RTH");
    for (String organisation : List.of("RJ1", "RTH")) {
      assertThat(practitioners.roles(Visibility.ALL, Set.of(local.roleId(organisation))))
          .singleElement()
          .satisfies(r -> assertThat(r.organisation()).isEqualTo(organisation))
          .satisfies(r -> assertThat(r.practitioner().name().given()).isEqualTo("Kim"));
    }
    // The newest message has the name, whichever comes last.
    orders.record(asked("S1", new PersonName("GREEN", "Kim", null), null, NOON.plusSeconds(9)));
    orders.record(asked("S1", new PersonName("BLACK", "Kim", null), null, NOON.plusSeconds(5)));
    assertThat(practitioners.search(Visibility.ALL, Set.of(local.id())))
        .singleElement()
        .satisfies(p -> assertThat(p.name().family()).isEqualTo("GREEN"))
        .satisfies(p -> assertThat(p.key()).isEqualTo(local));
  }

  private static OrderRequest asked(String code, PersonName name, String ods, Instant at) {
    OrderRequest r = order("P1", "F1", OrderStatus.ACTIVE, at);
    return new OrderRequest(
        r.custodian(),
        r.placerNumber(),
        r.placerIssuer(),
        r.fillerNumber(),
        r.fillerIssuer(),
        r.accession(),
        null,
        r.patient(),
        r.procedure(),
        r.modality(),
        r.priority(),
        r.reason(),
        code,
        name,
        ods,
        r.status(),
        r.authoredOn(),
        r.messageKey(),
        at,
        r.step());
  }

  private UUID filed(String placer, String accession, String studyInstanceUid) {
    OrderRequest r = order(placer, null, OrderStatus.ACTIVE, NOON);
    return orders
        .file(
            new OrderRequest(
                r.custodian(),
                r.placerNumber(),
                r.placerIssuer(),
                r.fillerNumber(),
                r.fillerIssuer(),
                new AccessionKey("RTH", accession),
                studyInstanceUid,
                r.patient(),
                r.procedure(),
                r.modality(),
                r.priority(),
                r.reason(),
                r.referrerCode(),
                r.referrerName(),
                r.referringOrganisation(),
                r.status(),
                r.authoredOn(),
                r.messageKey(),
                r.messageAt(),
                r.step()))
        .id();
  }

  @Test
  void onlyOrdersThatSomethingMayBelongToAreLinked() {
    UUID lonely = filed("P9", "A9", null);
    UUID byAccession = filed("P2", "A1", null);
    UUID byUid = filed("P3", "A3", "1.1");
    UUID ofWorklist = filed("P4", "A4", null);
    UUID byReport = filed("P1", "A5", null);
    UUID linked = filed("P6", "A6", null);
    List<UUID> all = List.of(lonely, byAccession, byUid, ofWorklist, byReport, linked);
    assertThat(links.ordersToLink(all)).isEmpty();
    assertThat(links.ordersToLink(List.of())).isEmpty();

    studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a"));
    studies.record(instance(OrderIndex.worklistStudyUid(ofWorklist), "1.2.1", "1.2.1.1", "b"));
    reports.record(report("final", "clear", NOON));
    links.link(
        linked,
        studies.findByStudyInstanceUid("1.1").get(0).id(),
        StudyLink.Rule.STUDY_INSTANCE_UID);

    assertThat(links.ordersToLink(all))
        .containsExactlyInAnyOrder(byAccession, byUid, ofWorklist, byReport, linked);
  }

  @Test
  void aReportIsRevisedAndAttached() {
    UUID order = orders.record(order("P1", "F1", OrderStatus.ACTIVE, NOON));
    UUID study = studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a")).studyId();
    UUID id = reports.record(report("preliminary", "first", NOON));
    assertThat(reports.record(report("final", "second", NOON.plusSeconds(5)))).isEqualTo(id);
    assertThat(reports.record(report("preliminary", "first", NOON))).isEqualTo(id);
    reports.attach(id, order, List.of(study));
    reports.attach(id, order, List.of(study));
    var found = reports.find(id).orElseThrow();
    assertThat(found.result().status()).isEqualTo("final");
    assertThat(found.result().text()).isEqualTo("second");
    assertThat(found.orderId()).isEqualTo(order);
    assertThat(found.studyIds()).containsExactly(study);
  }

  @Test
  void aTransferIsCompleteOnlyWhenEveryObjectIsConfirmed() {
    UUID study = studies.record(instance("1.1", "1.1.1", "1.1.1.1", "a")).studyId();
    studies.record(instance("1.1", "1.1.1", "1.1.1.2", "b"));
    Transfer asked = transfers.request(study, "RJ1").orElseThrow();
    assertThat(asked.expected()).isEqualTo(2);
    transfers.begin(asked.id());
    List<Instance> pending = transfers.pending(asked.id());
    assertThat(pending).hasSize(2);
    transfers.confirmed(asked.id(), pending.get(0).id(), 0, null);
    transfers.failed(asked.id(), pending.get(1).id(), 0xa900, "A900");
    assertThat(transfers.finish(asked.id(), null).state()).isEqualTo(Transfer.State.FAILED);
    assertThat(transfers.retry(asked.id())).isPresent();
    transfers.begin(asked.id());
    assertThat(transfers.pending(asked.id())).hasSize(1);
    transfers.confirmed(asked.id(), pending.get(1).id(), 0, null);
    Transfer done = transfers.finish(asked.id(), null);
    assertThat(done.state()).isEqualTo(Transfer.State.COMPLETED);
    assertThat(done.confirmed()).isEqualTo(2);
    studies.record(instance("1.1", "1.1.1", "1.1.1.3", "c"));
    Transfer more = transfers.request(study, "RJ1").orElseThrow();
    assertThat(more.id()).isEqualTo(asked.id());
    assertThat(transfers.pending(more.id())).hasSize(1);
    assertThat(
            transfers.search(
                new TransferQuery(
                    Visibility.ALL,
                    Set.of(),
                    Set.of(study),
                    Set.of(),
                    Set.of(),
                    Set.of("RJ1"),
                    TimeRange.ANY,
                    PAGE)))
        .hasSize(1);
  }

  @Test
  void anotherBirthDateIsAnotherPatientInReview() {
    UUID first = patients.resolve(patient(NHS, BORN, Patient.Source.ADT));
    assertThat(patients.resolve(patient(NHS, BORN, Patient.Source.DICOM))).isEqualTo(first);
    UUID second = patients.resolve(patient(NHS, BORN.plusDays(1), Patient.Source.DICOM));
    assertThat(second).isNotEqualTo(first);
    assertThat(patients.find(second).orElseThrow().inReview()).isTrue();
    assertThat(
            patients.search(
                new PatientQuery(
                    new Visibility(NHS, Set.of(), null),
                    Set.of(),
                    List.of(),
                    null,
                    null,
                    null,
                    TimeRange.ANY,
                    PAGE)))
        .extracting(Patient::id)
        .containsExactly(first);
  }

  @Test
  void consentsAndAuditAndMessagesAreKept() {
    UUID patient = patients.resolve(patient(NHS, BORN, Patient.Source.ADT));
    Consent consent =
        new Consent(
            UUID.randomUUID(), patient, false, "RJ1", "active", null, NOON, NOON, "me", NOON);
    consents.add(consent);
    assertThat(consents.find(consent.id())).contains(consent);
    assertThat(consents.activeOf(patient)).containsExactly(consent);
    assertThat(consents.patientsWithDenials("RJ1", NOON.minusSeconds(1))).containsExactly(patient);
    AuditEntry entry =
        new AuditEntry(
            UUID.randomUUID(),
            NOON,
            "app",
            null,
            "R",
            "read",
            "ImagingStudy",
            "x",
            patient,
            true,
            null);
    audit.append(entry);
    assertThat(
            audit.search(
                new AuditIndex.Query(
                    Visibility.ALL,
                    Set.of(),
                    Set.of(patient),
                    Set.of("read"),
                    TimeRange.ANY,
                    PAGE)))
        .containsExactly(entry);
    MessageStored message = new MessageStored("e", "RTH", "ORM^O01", "M1", "hl7/x", "UTF-8", NOON);
    messages.received(message);
    messages.received(message);
    assertThat(messages.count(MessageIndex.State.RECEIVED)).isEqualTo(1);
    messages.became(message, MessageIndex.State.FILED, null);
    assertThat(messages.count(MessageIndex.State.FILED)).isEqualTo(1);
  }

  /** Each order in which three statements may come. */
  @ParameterizedTest
  @ValueSource(strings = {"123", "132", "213", "231", "312", "321", "1231", "3213", "11332"})
  void theLatestStatementOfAPatientCountsInWhicheverOrderTheyCome(String sequence) {
    UUID id = null;
    for (char c : sequence.toCharArray()) {
      int said = c - '0';
      PatientDemographics statement =
          new PatientDemographics(
              // The third corrects the birth date.
              new PatientIdentity(
                  new PatientKey("RTH", "L1"), NHS, said == 3 ? BORN.plusDays(1) : BORN),
              new PersonName("NAME" + said, "CASE", null),
              "female",
              said + " Test Street",
              "ZZ99 9ZZ",
              Patient.Source.ADT);
      UUID resolved = patients.resolve(statement, NOON.plusSeconds(said));
      assertThat(id == null || id.equals(resolved)).isTrue();
      id = resolved;
    }
    Patient known = patients.find(id).orElseThrow();
    assertThat(known.name().family()).isEqualTo("NAME3");
    assertThat(known.addressLine()).isEqualTo("3 Test Street");
    assertThat(known.identity().birthDate()).isEqualTo(BORN.plusDays(1));
    assertThat(known.inReview()).isFalse();
  }

  @Test
  void aStatementThatChangesNothingStillCountsAsTheLatest() {
    PatientDemographics same = patient(NHS, BORN, Patient.Source.ADT);
    PatientDemographics other =
        new PatientDemographics(
            same.identity(),
            new PersonName("OTHER", "CASE", null),
            null,
            null,
            null,
            same.source());
    UUID id = patients.resolve(same, NOON);
    patients.resolve(same, NOON.plusSeconds(9));
    patients.resolve(other, NOON.plusSeconds(5));
    assertThat(patients.find(id).orElseThrow().name().family()).isEqualTo("TEST");
    patients.resolve(other, NOON.plusSeconds(10));
    assertThat(patients.find(id).orElseThrow().name().family()).isEqualTo("OTHER");
  }

  @Test
  void theTimesOfAWeakerSourceDoNotOutdateAStronger() {
    patients.resolve(patient(NHS, BORN, Patient.Source.ORDER), NOON.plusSeconds(9));
    PatientDemographics adt = patient(NHS, BORN, Patient.Source.ADT);
    patients.resolve(adt, NOON);
    PatientDemographics moved =
        new PatientDemographics(adt.identity(), null, null, "2 New Street", null, adt.source());
    UUID id = patients.resolve(moved, NOON.plusSeconds(1));
    assertThat(patients.find(id).orElseThrow().addressLine()).isEqualTo("2 New Street");
  }
}
