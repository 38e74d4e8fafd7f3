package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.ReviewItem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * That people say that two records are one person's. Of a record in review, whose source disagrees
 * with a better one on who has a number: whoever it describes is a patient who is known, as after a
 * slip in a birth date. What was filed under it is the patient's then, and what comes with the same
 * description, too. Of any other: a merge, as a trust states it by A40, and confirmed. Either can
 * be taken back.
 */
public final class IdentityDecisions {
  /** Tables whose rows change hands, and what names a row. */
  private static final List<Moved> MOVED =
      List.of(
          new Moved("imaging_order", "id", true),
          new Moved("study", "id", true),
          // A report is what the versions of one patient add up to: they go before it.
          new Moved("report_version", "version_id", false),
          new Moved("report", "id", true),
          new Moved("appointment", "id", true),
          new Moved("consent", "id", true),
          new Moved("data_label", "subject_id", false));

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final ReportIndex reports;
  private final ReviewList reviews;
  private final IndexChanges changes;
  private final MergeNotices notices;
  private final PatientMerges merges;

  /** Who says so of merges that staff state. */
  private static final String HUB = "ISOCENTRE";

  private record Moved(String table, String row, boolean updated) {}

  public IdentityDecisions(
      JdbcClient jdbc,
      TransactionOperations transactions,
      PatientIndex patients,
      PatientMerges merges) {
    this.merges = merges;
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.patients = patients;
    this.reports = new ReportIndex(jdbc, transactions, patients);
    this.reviews = new ReviewList(jdbc);
    this.changes = new IndexChanges(jdbc);
    this.notices = new MergeNotices(jdbc);
  }

  /**
   * Two records are one person's.
   *
   * @param record in review, or one that is to be merged into the other
   * @param patient who is known; by one of the same numbers, if the record is in review
   * @param why for the record, without patient data
   * @throws DecisionException ISO-INDEX-035 if that cannot be decided of these
   */
  public void same(UUID record, UUID patient, String by, String why) {
    if (found(record).inReview()) {
      decide(record, patient, by, why);
    } else {
      merge(found(record), found(patient), by);
    }
  }

  private void merge(Patient prior, Patient surviving, String by) {
    if (surviving.inReview()
        || patients.current(prior.id()).equals(patients.current(surviving.id()))) {
      throw new DecisionException(
          "ISO-INDEX-035: Patient/%s must not be in review, nor one with Patient/%s already"
              .formatted(surviving.id(), prior.id()));
    }
    PatientDemographics stays =
        new PatientDemographics(surviving.identity(), null, null, null, null, Patient.Source.DICOM);
    transactions.executeWithoutResult(
        status -> {
          MergeRecord said =
              merges.apply(
                  new PatientMerge(
                      PatientMerge.Kind.MERGE,
                      stays,
                      prior.identity(),
                      HUB,
                      "staff",
                      Instant.now()));
          merges.confirm(said.id(), by);
        });
  }

  private void decide(UUID record, UUID patient, String by, String why) {
    transactions.executeWithoutResult(
        status -> {
          Patient one = locked(record);
          Patient other = locked(patient);
          boolean undecided = one.inReview() && of(jdbc, record).isEmpty();
          if (!undecided || other.inReview() || !patients.current(patient).equals(patient)) {
            throw new DecisionException(
                "ISO-INDEX-035: Patient/%s must not be decided on, Patient/%s must be neither in review nor merged into another"
                    .formatted(record, patient));
          }
          if (!shareANumber(one, other)) {
            throw new DecisionException(
                "ISO-INDEX-035: Patient/%s, which is in review, and Patient/%s have no number in common"
                    .formatted(record, patient));
          }
          UUID decision = UUID.randomUUID();
          jdbc.sql(
                  """
                  insert into identity_decision (id, record_id, patient_id, decided_at, decided_by, why)
                    values (?, ?, ?, ?, ?, ?)""")
              .params(
                  decision,
                  record,
                  patient,
                  Rows.utc(Instant.now()),
                  Rows.cut(by, 200),
                  Rows.cut(why, 1000))
              .update();
          move(decision, record, patient, false);
          jdbc.sql(
                  """
                  insert into patient_flag (patient_id, kind, set_at, set_by)
                    select cast(:patient as uuid), kind, set_at, set_by from patient_flag where patient_id = :record
                    on conflict do nothing""")
              .param("patient", patient)
              .param("record", record)
              .update();
          reviews.settled("PATIENT|" + record, by);
          settle(record, patient);
        });
  }

  /**
   * They are not, or it is not known: what changed hands goes back, and waits for a person again.
   *
   * @throws DecisionException ISO-INDEX-036 if nothing was decided of the record
   */
  public void undo(UUID record, String by, String why) {
    transactions.executeWithoutResult(
        status -> {
          locked(record);
          UUID patient =
              of(jdbc, record)
                  .orElseThrow(
                      () ->
                          new DecisionException(
                              "ISO-INDEX-036: nothing is decided of Patient/" + record));
          locked(patient);
          UUID decision =
              jdbc.sql("select id from identity_decision where record_id = ? and undone_at is null")
                  .param(record)
                  .query(UUID.class)
                  .single();
          jdbc.sql(
                  "update identity_decision set undone_at = ?, undone_by = ?, undone_why = ? where id = ?")
              .params(Rows.utc(Instant.now()), Rows.cut(by, 200), Rows.cut(why, 1000), decision)
              .update();
          move(decision, patient, record, true);
          reviews.raise(
              ReviewItem.Kind.PATIENT,
              "PATIENT|" + record + "|" + decision,
              null,
              null,
              null,
              null,
              null,
              "DECISION_UNDONE",
              "patient " + record + " is hidden until a person decides who it is");
          settle(record, patient);
        });
  }

  /** Who a record in review was decided to be; empty if nobody has decided. */
  static Optional<UUID> of(JdbcClient jdbc, UUID record) {
    return jdbc.sql(
            "select patient_id from identity_decision where record_id = ? and undone_at is null")
        .param(record)
        .query(UUID.class)
        .optional();
  }

  private Patient found(UUID id) {
    return patients
        .find(id)
        .orElseThrow(() -> new DecisionException("ISO-INDEX-036: there is no Patient/" + id));
  }

  private Patient locked(UUID id) {
    Patient found = found(id);
    patients.lock(
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(found.identity()),
                found.keys().stream()
                    .map(k -> new PatientIdentity(k, found.identity().nhsNumber(), null)))
            .toList());
    return patients.find(id).orElseThrow();
  }

  private static boolean shareANumber(Patient one, Patient other) {
    String nhs = one.identity().nhsNumber();
    return nhs != null && nhs.equals(other.identity().nhsNumber())
        || one.keys().stream().anyMatch(other.keys()::contains);
  }

  /**
   * @param back only what changed hands by this decision, and has not since
   */
  private void move(UUID decision, UUID from, UUID to, boolean back) {
    notices.studiesOf(from);
    new OrderVersions(jdbc).keepOf(from);
    for (Moved m : MOVED) {
      List<UUID> rows =
          jdbc.sql(
                  "select t.%1$s from %2$s t where t.patient_id = :from%3$s"
                      .formatted(
                          m.row(),
                          m.table(),
                          back
                              ? " and t.%s in (select row_id from patient_repointed where decision_id = :decision and table_name = '%s')"
                                  .formatted(m.row(), m.table())
                              : ""))
              .param("from", from)
              .param("decision", decision)
              .query(UUID.class)
              .list();
      for (UUID row : rows) {
        move(m, row, decision, from, to);
      }
    }
  }

  private void move(Moved m, UUID row, UUID decision, UUID from, UUID to) {
    var now = Rows.utc(Instant.now());
    jdbc.sql(
            """
            insert into patient_repointed (decision_id, table_name, row_id, from_patient, to_patient, changed_at)
              values (?, ?, ?, ?, ?, ?)""")
        .params(decision, m.table(), row, from, to, now)
        .update();
    // A label is of one subject, and there may be several of it.
    jdbc.sql(
            "update %s set patient_id = :to%s where %s = :row and patient_id = :from"
                .formatted(m.table(), m.updated() ? ", last_updated = :now" : "", m.row()))
        .param("to", to)
        .param("now", now)
        .param("row", row)
        .param("from", from)
        .update();
    switch (m.table()) {
      case "imaging_order" -> {
        changes.note(Kind.ORDER, row, null);
        notices.order(row);
      }
      case "study" -> changes.note(Kind.STUDY, row, null);
      case "report" -> reports.addUpAnew(row);
      default -> {
        // Follows one of those.
      }
    }
  }

  private void settle(UUID record, UUID patient) {
    patients.changed(record);
    patients.changed(patient);
  }
}
