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
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Results. */
public final class ReportIndex {
  private static final String FROM = "report r join patient p on p.id = r.patient_id";
  private static final String SELECT = select(Visibility.ALL);
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
   * Files a result by its filler number; a newer message replaces an older one, an older one
   * changes nothing. Idempotent.
   *
   * @return the report's id
   */
  public UUID record(ReportResult result) {
    return transactions.execute(
        status -> {
          UUID patient = patients.resolve(result.patient(), result.messageAt());
          UUID id = UUID.randomUUID();
          if (insert(id, patient, result)) {
            changes.note(Kind.REPORT, id, result.custodian());
            return id;
          }
          Report known = lockKnown(result);
          if (!result.messageAt().isBefore(known.result().messageAt())) {
            update(known.id(), patient, result);
            changes.note(Kind.REPORT, known.id(), result.custodian());
          }
          return known.id();
        });
  }

  private static String select(Visibility visible) {
    return "select r.*, " + Rows.currentPatient(visible) + " from " + FROM;
  }

  private boolean insert(UUID id, UUID patient, ReportResult r) {
    return bind(
            """
            insert into report (id, custodian, placer_issuer, placer_number, filler_issuer, filler_number,
              accession_issuer, accession_value, study_instance_uid, patient_id, said_key_issuer, said_key_value,
              said_nhs_number, said_birth_date, procedure_code, procedure_system, procedure_display, status, report_text,
              document_key, document_type, reporter_code, reporter_family, reporter_given, reporter_prefix, issued,
              message_key, message_at, last_updated)
            values (:id, :custodian, :placerIssuer, :placer, :fillerIssuer, :filler, :accessionIssuer, :accession, :uid,
              :patient, :keyIssuer, :key, :nhs, :birth, :code, :system, :display, :status, :text, :documentKey,
              :documentType, :reporter, :reporterFamily, :reporterGiven, :reporterPrefix, :issued, :messageKey,
              :messageAt, :now) on conflict do nothing""",
            id,
            patient,
            r)
        == 1;
  }

  private void update(UUID id, UUID patient, ReportResult r) {
    bind(
        """
        update report set custodian = :custodian, placer_issuer = coalesce(:placerIssuer, placer_issuer),
          placer_number = coalesce(:placer, placer_number), filler_issuer = :fillerIssuer, filler_number = :filler,
          accession_issuer = coalesce(:accessionIssuer, accession_issuer),
          accession_value = coalesce(:accession, accession_value),
          study_instance_uid = coalesce(:uid, study_instance_uid), patient_id = :patient, said_key_issuer = :keyIssuer,
          said_key_value = :key, said_nhs_number = :nhs, said_birth_date = :birth,
          procedure_code = coalesce(:code, procedure_code), procedure_system = coalesce(:system, procedure_system),
          procedure_display = coalesce(:display, procedure_display), status = :status, report_text = :text,
          document_key = :documentKey, document_type = :documentType, reporter_code = :reporter,
          reporter_family = :reporterFamily, reporter_given = :reporterGiven, reporter_prefix = :reporterPrefix,
          issued = coalesce(:issued, issued), message_key = :messageKey, message_at = :messageAt, last_updated = :now
        where id = :id""",
        id,
        patient,
        r);
  }

  private int bind(String sql, UUID id, UUID patient, ReportResult r) {
    Code procedure = r.procedure() == null ? new Code(null, null, null) : r.procedure();
    PersonName reporter =
        r.reporterName() == null ? new PersonName(null, null, null) : r.reporterName();
    var said = r.patient().identity();
    return jdbc.sql(sql)
        .param("id", id)
        .param("custodian", r.custodian())
        .param("placerIssuer", r.placerNumber() == null ? null : r.placerIssuer())
        .param("placer", r.placerNumber())
        .param("fillerIssuer", r.fillerIssuer())
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

  private Report lockKnown(ReportResult r) {
    return jdbc.sql(
            "select r.*, r.patient_id as current_patient_id from report r where custodian = ? and filler_issuer = ? and filler_number = ? for update")
        .params(r.custodian(), r.fillerIssuer(), r.fillerNumber())
        .query(ReportIndex::map)
        .optional()
        .orElseThrow(
            () -> new IllegalStateException("ISO-INDEX-003: a report was neither new nor found"));
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
        jdbc.sql(
                SELECT
                    + "\n"
                    + """
                 where (r.custodian = :custodian and r.placer_number = :placer)
                  or (r.custodian = :custodian and r.filler_number = :filler)
                  or (r.accession_issuer = :issuer and r.accession_value = :accession)
                  or r.study_instance_uid = :uid""")
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

  public int count(ReportQuery query) {
    return where(query).count(jdbc, FROM);
  }

  private static SearchSql where(ReportQuery q) {
    return new SearchSql()
        .visible(q.visible(), "r.patient_id", "r.custodian")
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
    List<Report> result = new ArrayList<>(reports.size());
    for (Report r : reports) {
      List<UUID> studies =
          attached.stream().filter(a -> a.report().equals(r.id())).map(Attached::study).toList();
      result.add(
          new Report(r.id(), r.patientId(), r.orderId(), studies, r.result(), r.lastUpdated()));
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
            Rows.instant(row, "message_at"));
    return new Report(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "current_patient_id"),
        Rows.uuid(row, "order_id"),
        List.of(),
        result,
        Rows.instant(row, "last_updated"));
  }
}
