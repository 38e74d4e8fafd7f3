package org.isocentre.index;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.consent.Access;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.consent.TestAccess;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Caller;
import org.isocentre.model.Code;
import org.isocentre.model.Consent;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.Study;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An index in which patients are filed and merged. */
final class MergeWorld {
  static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  static final LocalDate BORN = LocalDate.of(1974, 2, 13);
  static final PageRequest PAGE = new PageRequest(0, 500);

  final JdbcClient jdbc;
  final TransactionTemplate transactions;
  final ReviewList reviews;
  final PatientIndex patients;
  final StudyIndex studies;
  final OrderIndex orders;
  final ReportIndex reports;
  final TransferIndex transfers;
  final ConsentIndex consents;
  final ConsentDecision decision;
  final Access access;
  final AuditIndex audit;
  final MergeNotices notices;
  final PatientMerges merges;

  MergeWorld(DataSource database) {
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    jdbc = JdbcClient.create(database);
    transactions = new TransactionTemplate(new DataSourceTransactionManager(database));
    reviews = new ReviewList(jdbc);
    patients = new PatientIndex(jdbc, transactions, reviews);
    studies = new StudyIndex(jdbc, new JdbcTemplate(database), transactions, patients, reviews);
    orders = new OrderIndex(jdbc, transactions, patients);
    reports = new ReportIndex(jdbc, transactions, patients);
    transfers = new TransferIndex(jdbc, transactions);
    consents = new ConsentIndex(jdbc);
    decision = TestAccess.decision(jdbc, Clock.systemUTC());
    access = TestAccess.access(jdbc, Clock.systemUTC());
    audit = new AuditIndex(jdbc);
    notices = new MergeNotices(jdbc);
    merges = new PatientMerges(jdbc, transactions, patients, audit);
  }

  /** A number of trust RTH with what its messages say of the patient. */
  record Person(String number, String nhs, LocalDate born) {
    Person(String number) {
      this(number, null, BORN);
    }

    PatientKey key() {
      return new PatientKey("RTH", number);
    }

    PatientDemographics says(Patient.Source source) {
      return new PatientDemographics(
          new PatientIdentity(key(), nhs, born),
          new PersonName("TEST", "CASE", null),
          "female",
          null,
          null,
          source);
    }
  }

  UUID adt(Person who) {
    return patients.resolve(who.says(Patient.Source.ADT));
  }

  UUID study(Person who, String uid) {
    return studies.record(object(who, uid, uid + ".1.1")).studyId();
  }

  ReceivedInstance object(Person who, String study, String uid) {
    return new ReceivedInstance(
        "RTH",
        "RTHPACS",
        who.says(Patient.Source.DICOM),
        "TEST^CASE",
        "F",
        study,
        null,
        new AccessionKey("RTH", "A" + study),
        LocalDateTime.of(2026, 11, 1, 10, 15),
        "CT head",
        null,
        study + ".1",
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
        "dcm/" + uid,
        uid,
        1000,
        NOON,
        new ProcedureContext(
            LocalDate.of(2026, 11, 1), LocalTime.of(10, 15), null, null, null, null, null));
  }

  UUID order(Person who, String placer) {
    return orders.record(
        new OrderRequest(
            "RTH",
            placer,
            "RTH",
            null,
            null,
            new AccessionKey("RTH", "A" + placer),
            null,
            who.says(Patient.Source.ORDER),
            new Code("CTHEAD", "LOCAL", "CT head"),
            "CT",
            "routine",
            null,
            null,
            null,
            "RJ1",
            OrderStatus.ACTIVE,
            NOON,
            "hl7/o" + placer,
            NOON,
            ScheduledStep.NONE));
  }

  UUID report(Person who, String filler) {
    return report(who, filler, "final", "Nothing seen.", 0);
  }

  UUID report(Person who, String filler, String status, String text, int minute) {
    Instant at = NOON.plusSeconds(60L * minute);
    return reports.record(
        new ReportResult(
            "RTH",
            null,
            null,
            filler,
            "RTH",
            null,
            null,
            who.says(Patient.Source.ORDER),
            null,
            status,
            text,
            null,
            null,
            null,
            null,
            at,
            "hl7/r" + filler + "/" + minute,
            at));
  }

  UUID consent(UUID patient, boolean permit, String organisation, int minute) {
    Instant at = NOON.plusSeconds(60L * minute);
    Consent consent =
        new Consent(
            UUID.randomUUID(), patient, permit, organisation, "active", null, null, at, "me", at);
    consents.add(consent);
    return consent.id();
  }

  static PatientMerge said(PatientMerge.Kind kind, Person prior, Person surviving, int minute) {
    return said(kind, prior, surviving, minute, "RTH");
  }

  static PatientMerge said(
      PatientMerge.Kind kind, Person prior, Person surviving, int minute, String custodian) {
    return new PatientMerge(
        kind,
        surviving.says(Patient.Source.ADT),
        new PatientIdentity(prior.key(), null, null),
        custodian,
        "hl7/m" + minute,
        NOON.plusSeconds(60L * minute));
  }

  MergeRecord merge(Person prior, Person surviving, int minute) {
    return merges.apply(said(PatientMerge.Kind.MERGE, prior, surviving, minute));
  }

  UUID record(Person who) {
    return patients.findByKey(who.key()).stream()
        .filter(p -> !p.inReview())
        .map(Patient::id)
        .findFirst()
        .orElse(null);
  }

  /** The local numbers of whoever has the study now. */
  List<String> numbersOfPatientOf(UUID study) {
    UUID patient = studies.find(study).orElseThrow().patientId();
    return patients.find(patient).orElseThrow().keys().stream().map(PatientKey::value).toList();
  }

  /** Study Instance UIDs that a caller sees. */
  List<String> seenBy(Visibility visible) {
    return studies
        .search(
            new StudyQuery(
                visible,
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
                TimeRange.ANY,
                PAGE))
        .stream()
        .map(Study::studyInstanceUid)
        .sorted()
        .toList();
  }

  List<String> seenByPatient(String nhs) {
    return seenBy(access.of(new Caller("patient", nhs, null, Set.of())));
  }

  List<String> seenByTrust(String ods) {
    return seenBy(access.of(new Caller("system", null, ods, Set.of())));
  }

  List<String> questions() {
    return reviews.open(PAGE).stream().map(ReviewItem::reason).sorted().toList();
  }
}
