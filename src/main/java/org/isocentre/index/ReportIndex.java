package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;
import org.isocentre.model.TimeUuid;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Results. */
public final class ReportIndex {
  private static final String FROM = "report r join patient p on p.id = r.patient_id";
  private static final String SELECT = select(Visibility.ALL);

  /** A union, as no index serves conditions on several columns joined by OR. */
  static final String RELATED =
      SELECT
          + "\n"
          + """
           where r.id in
            (select id from report where placer_number = :placer and custodian = :custodian
             union select id from report where filler_number = :filler and custodian = :custodian
             union select id from report where accession_issuer = :issuer and accession_value = :accession
             union select id from report where study_instance_uid = :uid
             union select report_id from report_named_study where study_instance_uid = :uid)""";

  /** Versions of a report that named whom it belongs to. */
  private static final String COUNTING =
      """
      from report_version v join report r on r.id = v.report_id join patient p on p.id = v.patient_id
        join patient q on q.id = r.patient_id
      where v.report_id = ? and (p.id = q.id or p.person_id = q.person_id)""";

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final IndexChanges changes;

  public ReportIndex(JdbcClient jdbc, TransactionOperations transactions, PatientIndex patients) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.patients = patients;
    this.changes = new IndexChanges(jdbc);
  }

  /**
   * Files what a message says of a report: found by filler number, else by document number. Each
   * message is a version; what they add up to in the order in which the sender made them is the
   * report ({@link ReportVersions}), in whatever order they come. Idempotent.
   *
   * @return the report's id
   */
  public UUID record(ReportResult result) {
    return transactions.execute(
        status -> {
          UUID patient = patients.resolve(result.patient(), result.messageAt());
          UUID id = TimeUuid.next();
          UUID version = TimeUuid.next();
          if (find(result, "").isEmpty() && insert(id, version, patient, result)) {
            addVersion(id, version, patient, 1, result);
            name(id, result);
            changes.note(Kind.REPORT, id, result.custodian());
            return id;
          }
          Report known =
              find(result, " for update")
                  .orElseThrow(
                      () ->
                          new IllegalStateException(
                              "ISO-INDEX-003: a report was neither new nor found"));
          if (!hasVersion(known.id(), result.messageKey())) {
            addVersion(known.id(), version, patient, versions(known.id()) + 1, result);
            join(known, version, patient, result);
            changes.note(Kind.REPORT, known.id(), result.custodian());
          }
          return known.id();
        });
  }

  private static String select(Visibility visible) {
    return "select r.*, " + Rows.currentPatient(visible) + " from " + FROM;
  }

  /**
   * The newest message says whose report it is; what named somebody else is theirs no more, unless
   * people say later that the two are one.
   */
  private void join(Report known, UUID version, UUID patient, ReportResult said) {
    boolean newer = !said.messageAt().isBefore(known.result().messageAt());
    boolean samePatient = patients.areOnePerson(patient, known.patientId());
    if (newer) {
      ReportResult next = samePatient ? ReportVersions.next(known.result(), said) : said;
      update(known.id(), version, patient, next);
      name(known.id(), next);
    }
    if (newer != samePatient) {
      addUp(known.id());
    }
  }

  /** Brings what a report says in line with those of its versions that count. */
  private ReportResult addUp(UUID id) {
    Report known =
        jdbc.sql("select r.*, r.patient_id as current_patient_id from report r where id = ?")
            .param(id)
            .query(ReportIndex::map)
            .single();
    known = withStudies(List.of(known)).get(0);
    List<Report> all = everyVersion(known);
    if (!all.isEmpty()) {
      ReportResult result = all.get(all.size() - 1).result();
      update(id, known.versionId(), known.patientId(), result);
      name(id, result);
    }
    return known.result();
  }

  /** What its messages add up to, once its patient is another one. */
  void addUpAnew(UUID id) {
    changes.note(Kind.REPORT, id, addUp(id).custodian());
  }

  /**
   * People said that these records are of one person with others, or that they are not any more:
   * reports whose messages named several of them are what the messages of one person add up to.
   */
  void personChanged(Collection<UUID> records) {
    if (records.isEmpty()) {
      return;
    }
    List<UUID> several =
        jdbc.sql(
                """
                select id from report where id in (select report_id from report_version where patient_id in (:records))
                  and exists (select 1 from report_version v where v.report_id = report.id
                    and v.patient_id <> report.patient_id)
                order by id for update""")
            .param("records", records)
            .query(UUID.class)
            .list();
    for (UUID id : several) {
      changes.note(Kind.REPORT, id, addUp(id).custodian());
    }
  }

  private boolean insert(UUID id, UUID version, UUID patient, ReportResult r) {
    return bind(
            """
            insert into report (id, version_id, custodian, placer_issuer, placer_number, filler_issuer, filler_number,
              accession_issuer, accession_value, study_instance_uid, patient_id, said_key_issuer, said_key_value,
              said_nhs_number, said_birth_date, procedure_code, procedure_system, procedure_display, status, report_text,
              document_key, document_type, document_number, reporter_code, reporter_family, reporter_given,
              reporter_prefix, issued, message_key, message_at, last_updated)
            values (:id, :version, :custodian, :placerIssuer, :placer, :fillerIssuer, :filler, :accessionIssuer,
              :accession, :uid, :patient, :keyIssuer, :key, :nhs, :birth, :code, :system, :display, :status, :text,
              :documentKey, :documentType, case when exists (select 1 from report o where o.custodian = :custodian
                and o.document_number = :document) then null else cast(:document as varchar(200)) end, :reporter, :reporterFamily, :reporterGiven, :reporterPrefix,
              :issued, :messageKey, :messageAt, :now) on conflict do nothing""",
            id,
            version,
            patient,
            r)
        == 1;
  }

  private void update(UUID id, UUID version, UUID patient, ReportResult r) {
    bind(
        """
        update report set version_id = :version, custodian = :custodian, placer_issuer = :placerIssuer,
          placer_number = :placer, filler_issuer = :fillerIssuer, filler_number = :filler,
          accession_issuer = :accessionIssuer, accession_value = :accession, study_instance_uid = :uid,
          patient_id = :patient, said_key_issuer = :keyIssuer, said_key_value = :key, said_nhs_number = :nhs,
          said_birth_date = :birth, procedure_code = :code, procedure_system = :system, procedure_display = :display,
          status = :status, report_text = :text, document_key = :documentKey, document_type = :documentType,
          document_number = case when exists (select 1 from report o where o.custodian = :custodian
            and o.document_number = :document and o.id <> :id) then document_number else :document end,
          reporter_code = :reporter, reporter_family = :reporterFamily, reporter_given = :reporterGiven,
          reporter_prefix = :reporterPrefix, issued = :issued, message_key = :messageKey, message_at = :messageAt,
          last_updated = :now
        where id = :id""",
        id,
        version,
        patient,
        r);
  }

  private void addVersion(UUID report, UUID version, UUID patient, int number, ReportResult r) {
    PersonName reporter =
        r.reporterName() == null ? new PersonName(null, null, null) : r.reporterName();
    jdbc.sql(
            """
            insert into report_version (version_id, report_id, number, status, report_text, document_key, document_type,
              document_number, reporter_code, reporter_family, reporter_given, reporter_prefix, issued, message_key,
              message_at, recorded_at, other_patient, patient_id)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false, ?)""")
        .params(
            version,
            report,
            number,
            r.status(),
            r.text(),
            r.documentKey(),
            Rows.cut(r.documentType(), 64),
            r.documentNumber(),
            Rows.cut(r.reporterCode(), 64),
            Rows.cut(reporter.family(), 200),
            Rows.cut(reporter.given(), 200),
            Rows.cut(reporter.prefix(), 64),
            Rows.utc(r.issued()),
            r.messageKey(),
            Rows.utc(r.messageAt()),
            Rows.utc(Instant.now()),
            patient)
        .update();
  }

  private boolean hasVersion(UUID report, String messageKey) {
    return jdbc.sql("select 1 from report_version where report_id = ? and message_key = ?")
        .params(report, messageKey)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  private int versions(UUID report) {
    return jdbc.sql("select coalesce(max(number), 0) from report_version where report_id = ?")
        .param(report)
        .query(Integer.class)
        .single();
  }

  private void name(UUID report, ReportResult r) {
    jdbc.sql("delete from report_named_study where report_id = ?").param(report).update();
    for (String uid : r.otherStudyInstanceUids()) {
      jdbc.sql(
              """
              insert into report_named_study (report_id, study_instance_uid) values (?, ?)
              on conflict do nothing""")
          .params(report, uid)
          .update();
    }
  }

  /**
   * The versions of a report that may be read, oldest first: what its messages added up to after
   * each. Those that named another patient than the report does now are left out, and so is what
   * was withdrawn: the withdrawal is the first version that is left.
   */
  public List<Report> history(Report report) {
    List<Report> all = everyVersion(report);
    int first = all.size() - 1;
    while (first > 0 && !ReportVersions.isWithdrawn(all.get(first).result())) {
      first--;
    }
    return all.isEmpty() ? all : List.copyOf(all.subList(first, all.size()));
  }

  private List<Report> everyVersion(Report report) {
    record Version(UUID id, ReportResult said, Instant recordedAt) {}
    List<Version> versions =
        jdbc.sql(
                """
                select v.* %s
                order by v.message_at, v.number"""
                    .formatted(COUNTING))
            .param(report.id())
            .query(
                (row, n) ->
                    new Version(
                        Rows.uuid(row, "version_id"),
                        said(row, report.result()),
                        Rows.instant(row, "recorded_at")))
            .list();
    List<Report> history = new ArrayList<>(versions.size());
    ReportResult result = null;
    for (Version version : versions) {
      result = ReportVersions.next(result, version.said());
      history.add(
          new Report(
              report.id(),
              report.patientId(),
              report.orderId(),
              report.studyIds(),
              result,
              version.recordedAt(),
              version.id()));
    }
    return history;
  }

  /** What one message said of the content; numbers and patient are those of the report. */
  private static ReportResult said(ResultSet row, ReportResult r) throws SQLException {
    return new ReportResult(
        r.custodian(),
        r.placerNumber(),
        r.placerIssuer(),
        r.fillerNumber(),
        r.fillerIssuer(),
        r.accession(),
        r.studyInstanceUid(),
        r.patient(),
        r.procedure(),
        row.getString("status"),
        row.getString("report_text"),
        row.getString("document_key"),
        row.getString("document_type"),
        row.getString("reporter_code"),
        Rows.name(row, "reporter_"),
        Rows.instant(row, "issued"),
        row.getString("message_key"),
        Rows.instant(row, "message_at"),
        row.getString("document_number"),
        r.otherStudyInstanceUids());
  }

  private int bind(String sql, UUID id, UUID version, UUID patient, ReportResult r) {
    Code procedure = r.procedure() == null ? new Code(null, null, null) : r.procedure();
    PersonName reporter =
        r.reporterName() == null ? new PersonName(null, null, null) : r.reporterName();
    var said = r.patient().identity();
    return jdbc.sql(sql)
        .param("id", id)
        .param("version", version)
        .param("custodian", r.custodian())
        .param("placerIssuer", r.placerNumber() == null ? null : r.placerIssuer())
        .param("placer", r.placerNumber())
        .param("fillerIssuer", r.fillerNumber() == null ? null : r.fillerIssuer())
        .param("filler", r.fillerNumber())
        .param("accessionIssuer", r.accession() == null ? null : r.accession().issuer())
        .param("accession", r.accession() == null ? null : r.accession().value())
        .param("uid", r.studyInstanceUid())
        .param("patient", patient)
        .param("keyIssuer", said.key() == null ? null : said.key().issuer())
        .param("key", said.key() == null ? null : said.key().value())
        .param("nhs", said.nhsNumber())
        .param("birth", said.birthDate())
        .param("code", Rows.cut(procedure.value(), 64))
        .param("system", Rows.cut(procedure.system(), 200))
        .param("display", Rows.cut(procedure.display(), 400))
        .param("status", r.status())
        .param("text", r.text())
        .param("documentKey", r.documentKey())
        .param("documentType", Rows.cut(r.documentType(), 64))
        .param("document", r.documentNumber())
        .param("reporter", Rows.cut(r.reporterCode(), 64))
        .param("reporterFamily", Rows.cut(reporter.family(), 200))
        .param("reporterGiven", Rows.cut(reporter.given(), 200))
        .param("reporterPrefix", Rows.cut(reporter.prefix(), 64))
        .param("issued", Rows.utc(r.issued()))
        .param("messageKey", r.messageKey())
        .param("messageAt", Rows.utc(r.messageAt()))
        .param("now", Rows.utc(Instant.now()))
        .update();
  }

  /**
   * By filler number, else by document number; but a document that several orders share is a report
   * of each.
   */
  private Optional<Report> find(ReportResult r, String locking) {
    Optional<Report> found = Optional.empty();
    if (r.fillerNumber() != null) {
      found =
          jdbc.sql(
                  "select r.*, r.patient_id as current_patient_id from report r where custodian = ? and filler_issuer = ? and filler_number = ?"
                      + locking)
              .params(r.custodian(), r.fillerIssuer(), r.fillerNumber())
              .query(ReportIndex::map)
              .optional();
    }
    if (found.isEmpty() && r.documentNumber() != null) {
      found =
          jdbc.sql(
                  "select r.*, r.patient_id as current_patient_id from report r where custodian = ? and document_number = ?"
                      + locking)
              .params(r.custodian(), r.documentNumber())
              .query(ReportIndex::map)
              .optional()
              .filter(known -> r.fillerNumber() == null || known.result().fillerNumber() == null);
    }
    return found.map(report -> withStudies(List.of(report)).get(0));
  }

  /**
   * Sets what the report answers. Studies that it was attached to before and that are not named any
   * more are detached.
   */
  public void attach(UUID reportId, UUID orderId, Collection<UUID> studyIds) {
    transactions.executeWithoutResult(
        status -> {
          Report known = find(reportId).orElseThrow();
          if (java.util.Objects.equals(known.orderId(), orderId)
              && java.util.Set.copyOf(known.studyIds()).equals(java.util.Set.copyOf(studyIds))) {
            return;
          }
          jdbc.sql("delete from report_study where report_id = ?").param(reportId).update();
          studyIds.forEach(
              study ->
                  jdbc.sql(
                          "insert into report_study (report_id, study_id) values (?, ?) on conflict do nothing")
                      .params(reportId, study)
                      .update());
          jdbc.sql("update report set order_id = ?, last_updated = ? where id = ?")
              .params(orderId, Rows.utc(Instant.now()), reportId)
              .update();
          changes.note(Kind.REPORT, reportId, known.result().custodian());
        });
  }

  public Optional<Report> find(UUID id) {
    return findAll(List.of(id)).stream().findFirst();
  }

  /**
   * A report as partners are told of it: of the patient it was filed under, until people have
   * confirmed that this is another one.
   */
  public Optional<Report> findToTell(UUID id) {
    return withStudies(
            jdbc.sql("select r.*, " + Rows.CONFIRMED_PATIENT + " from " + FROM + " where r.id = ?")
                .param(id)
                .query(ReportIndex::map)
                .list())
        .stream()
        .findFirst();
  }

  /**
   * How many messages add up to a report. One that came late changes the report without being its
   * newest message.
   */
  public int countVersions(UUID id) {
    return jdbc.sql("select count(*) " + COUNTING).param(id).query(Integer.class).single();
  }

  public List<Report> findAll(Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : withStudies(
            jdbc.sql(SELECT + " where r.id in (:ids)")
                .param("ids", ids)
                .query(ReportIndex::map)
                .list());
  }

  /**
   * Reports that may answer an order or concern a study: by either number, accession or Study
   * Instance UID.
   */
  public List<Report> findRelated(
      String custodian,
      String placer,
      String filler,
      AccessionKey accession,
      String studyInstanceUid) {
    return withStudies(
        jdbc.sql(RELATED)
            .param("custodian", custodian)
            .param("placer", placer == null ? "" : placer)
            .param("filler", filler == null ? "" : filler)
            .param("issuer", accession == null ? "" : accession.issuer())
            .param("accession", accession == null ? "" : accession.value())
            .param("uid", studyInstanceUid == null ? "" : studyInstanceUid)
            .query(ReportIndex::map)
            .list());
  }

  public List<Report> search(ReportQuery query) {
    return withStudies(
        where(query)
            .list(
                jdbc,
                select(query.visible()),
                "r.last_updated desc, r.id",
                query.page(),
                ReportIndex::map));
  }

  /**
   * Those with a document that the caller may see; whether they may see the report, too, or not.
   */
  public List<Report> documents(Visibility visible, Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : withStudies(
            new SearchSql()
                .visible(visible, "DocumentReference", "r")
                .in("r.id", ids)
                .list(
                    jdbc,
                    select(visible),
                    "r.id",
                    new PageRequest(0, PageRequest.MAX_LIMIT),
                    ReportIndex::map));
  }

  public int count(ReportQuery query) {
    return where(query).count(jdbc, FROM);
  }

  private static SearchSql where(ReportQuery q) {
    return new SearchSql()
        .visible(q.visible(), "DiagnosticReport", "r")
        .in("r.id", q.ids())
        .ofPatients("r.patient_id", q.patientIds())
        .anyOf(q.patientKeys(), PatientIndex::hasKey)
        .in("r.order_id", q.orderIds())
        .anyOf(
            q.studyIds(),
            id ->
                new SearchSql.Pair(
                    "exists (select 1 from report_study t where t.report_id = r.id and t.study_id in (?1, ?2))",
                    id,
                    id))
        .anyOf(q.numbers(), ReportIndex::hasNumber)
        .anyOf(
            q.accessions(),
            a ->
                new SearchSql.Pair(
                    "(r.accession_issuer = ?1 and r.accession_value = ?2)", a.issuer(), a.value()))
        .anyOf(
            q.identifierValues(),
            v ->
                new SearchSql.Pair(
                    "(r.accession_value = ?1 or r.placer_number = ?1 or r.filler_number = ?2)",
                    v,
                    v))
        .in("r.status", q.statuses())
        .between("r.issued", q.issued())
        .between("r.last_updated", q.lastUpdated());
  }

  private static SearchSql.Pair hasNumber(OrderQuery.Number n) {
    return n.issuer() == null
        ? new SearchSql.Pair("(r.placer_number = ?1 or r.filler_number = ?2)", n.value(), n.value())
        : new SearchSql.Pair(
            "((r.placer_issuer = ?1 and r.placer_number = ?2) or (r.filler_issuer = ?1 and r.filler_number = ?2))",
            n.issuer(),
            n.value());
  }

  private List<Report> withStudies(List<Report> reports) {
    if (reports.isEmpty()) {
      return reports;
    }
    record Attached(UUID report, UUID study) {}
    List<Attached> attached =
        jdbc.sql(
                "select * from report_study where report_id in (:ids) order by report_id, study_id")
            .param("ids", reports.stream().map(Report::id).toList())
            .query(
                (row, n) -> new Attached(Rows.uuid(row, "report_id"), Rows.uuid(row, "study_id")))
            .list();
    record Named(UUID report, String uid) {}
    List<Named> named =
        jdbc.sql(
                """
                select * from report_named_study where report_id in (:ids)
                order by report_id, study_instance_uid""")
            .param("ids", reports.stream().map(Report::id).toList())
            .query(
                (row, n) ->
                    new Named(Rows.uuid(row, "report_id"), row.getString("study_instance_uid")))
            .list();
    List<Report> result = new ArrayList<>(reports.size());
    for (Report r : reports) {
      List<UUID> studies =
          attached.stream().filter(a -> a.report().equals(r.id())).map(Attached::study).toList();
      List<String> uids =
          named.stream().filter(n -> n.report().equals(r.id())).map(Named::uid).toList();
      result.add(
          new Report(
              r.id(),
              r.patientId(),
              r.orderId(),
              studies,
              r.result().withOtherStudies(uids),
              r.lastUpdated(),
              r.versionId()));
    }
    return result;
  }

  private static Report map(ResultSet row, int number) throws SQLException {
    ReportResult result =
        new ReportResult(
            row.getString("custodian"),
            row.getString("placer_number"),
            row.getString("placer_issuer"),
            row.getString("filler_number"),
            row.getString("filler_issuer"),
            Rows.accession(row),
            row.getString("study_instance_uid"),
            new PatientDemographics(Rows.said(row), null, null, null, null, Patient.Source.ORDER),
            Rows.procedure(row),
            row.getString("status"),
            row.getString("report_text"),
            row.getString("document_key"),
            row.getString("document_type"),
            row.getString("reporter_code"),
            Rows.name(row, "reporter_"),
            Rows.instant(row, "issued"),
            row.getString("message_key"),
            Rows.instant(row, "message_at"),
            row.getString("document_number"),
            List.of());
    return new Report(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "current_patient_id"),
        Rows.uuid(row, "order_id"),
        List.of(),
        result,
        Rows.instant(row, "last_updated"),
        Rows.uuid(row, "version_id"));
  }
}
