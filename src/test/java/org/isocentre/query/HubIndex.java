package org.isocentre.query;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.TestAccess;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.AuditOrigin;
import org.isocentre.model.Code;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.ScheduledStep;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** An index with two trusts, RTH and RJ1, and what the handlers need around it. */
final class HubIndex {
  static final Peer RTH = new Peer(1, "RTHPACS", "ISOCENTRE", "127.0.0.1");
  static final Peer RJ1 = new Peer(2, "RJ1PACS", "ISOCENTRE", "127.0.0.1");
  static final Peer STRANGER = new Peer(3, "NOBODY", "ISOCENTRE", "127.0.0.1");
  static final ZoneId LONDON = ZoneId.of("Europe/London");
  static final String CT = "1.2.840.10008.5.1.4.1.1.2";

  final JdbcClient jdbc;
  final DataSource database;
  final StudyIndex studies;
  final OrderIndex orders;
  final ReportIndex reports;
  final TransferIndex transfers;
  final ConsentIndex consents;
  final AuditIndex audit;
  final TrustDirectory directory =
      new TrustDirectory(List.of(trust("RTH", 11113), trust("RJ1", 0)), null);
  final CallingTrust trusts;
  final QueryIndex queries;

  HubIndex(DataSource database) {
    Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
    this.database = database;
    jdbc = JdbcClient.create(database);
    TransactionTemplate transactions =
        new TransactionTemplate(new DataSourceTransactionManager(database));
    ReviewList reviews = new ReviewList(jdbc);
    PatientIndex patients = new PatientIndex(jdbc, transactions, reviews);
    studies = new StudyIndex(jdbc, new JdbcTemplate(database), transactions, patients, reviews);
    orders = new OrderIndex(jdbc, transactions, patients);
    reports = new ReportIndex(jdbc, transactions, patients);
    transfers = new TransferIndex(jdbc, transactions);
    consents = new ConsentIndex(jdbc);
    audit = new AuditIndex(jdbc);
    trusts =
        new CallingTrust(
            directory,
            TestAccess.access(JdbcClient.create(database), Clock.systemUTC()),
            new AuditTrail(
                audit,
                TransactionOperations.withoutTransaction(),
                () -> AuditOrigin.HUB,
                Clock.systemUTC()));
    queries = new QueryIndex(database, 2, Duration.ofMinutes(1));
  }

  private static Organisation trust(String ods, int port) {
    return new Organisation(
        ods,
        "Trust " + ods,
        List.of(
            new ApplicationEntity(
                ods + "PACS",
                port == 0 ? null : InetAddress.getLoopbackAddress().getHostAddress(),
                port,
                List.of()),
            new ApplicationEntity(
                ods + "SAFE", "127.0.0.1", port, List.of(), true, List.of(), false, false)),
        List.of(),
        false,
        List.of());
  }

  /** One object; what is not given here follows from it. */
  record Sample(
      String custodian,
      String patientId,
      String nhs,
      String name,
      LocalDate born,
      String study,
      String accession,
      LocalDate date,
      LocalTime time,
      String description,
      String series,
      String modality,
      String instance,
      int number) {}

  UUID store(Sample s) {
    return store(s, "sha" + s.instance(), "dcm/" + s.instance());
  }

  UUID store(Sample s, String sha256, String objectKey) {
    PatientIdentity identity =
        new PatientIdentity(
            s.patientId() == null ? null : new PatientKey(s.custodian(), s.patientId()),
            s.nhs(),
            s.born());
    LocalDateTime started =
        s.date() == null ? null : s.date().atTime(s.time() == null ? LocalTime.MIDNIGHT : s.time());
    return studies
        .record(
            new ReceivedInstance(
                s.custodian(),
                s.custodian() + "PACS",
                new PatientDemographics(identity, null, "female", null, null, Patient.Source.DICOM),
                s.name(),
                "F",
                s.study(),
                "ID" + s.number(),
                s.accession() == null ? null : new AccessionKey(s.custodian(), s.accession()),
                started,
                s.description(),
                "RÖNTGEN^WILHELM",
                s.series(),
                s.modality(),
                s.number(),
                "Series " + s.number(),
                "HEAD",
                null,
                "CURIE^MARIE",
                null,
                s.instance(),
                CT,
                "1.2.840.10008.1.2.1",
                s.number(),
                null,
                512,
                256,
                objectKey,
                sha256,
                1000,
                Instant.parse("2026-11-01T12:00:00Z"),
                new ProcedureContext(
                    s.date(),
                    s.time(),
                    new Code("P" + s.number(), "LOCAL", "Procedure"),
                    s.date(),
                    s.time(),
                    "RP" + s.number(),
                    "SPS" + s.number())))
        .studyId();
  }

  /** Sends a study to a trust, as if its PACS had confirmed every object. */
  void transfer(UUID study, String destination) {
    UUID id = transfers.request(study, destination).orElseThrow().id();
    jdbc.sql("update transfer_item set state = 'CONFIRMED' where transfer_id = ?")
        .param(id)
        .update();
  }

  /** An order of RTH, or of another trust; what is not given here follows from its number. */
  UUID order(String custodian, String number, OrderStatus status, ScheduledStep step) {
    return orders.record(
        new OrderRequest(
            custodian,
            "P" + number,
            custodian,
            "F" + number,
            custodian,
            new AccessionKey(custodian, "A" + number),
            null,
            new PatientDemographics(
                new PatientIdentity(
                    new PatientKey(custodian, "L" + number), null, LocalDate.of(1974, 2, 13)),
                new PersonName("Müller", "Case" + number, "Ms"),
                "female",
                null,
                null,
                Patient.Source.ORDER),
            new Code("CTHEAD", "LOCAL", "CT head"),
            "CT",
            "stat",
            null,
            null,
            new PersonName("Referrer", "Ann", "Dr"),
            null,
            status,
            Instant.parse("2026-11-01T12:00:00Z"),
            "hl7/" + number,
            Instant.parse("2026-11-01T12:00:00Z"),
            step));
  }
}
