package org.isocentre.index;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What staff say of a person or of their data, and what of it keeps data from the person. */
public final class PatientFlags {
  /** Ids of the records of the person with the NHS number {@code :nhs}, who is not in review. */
  static final String OWN =
      """
      (select o.id from patient o where o.nhs_number = :nhs and o.in_review = false
        union all select f.id from patient o join patient f on f.person_id = o.person_id
        where o.nhs_number = :nhs and o.in_review = false and f.in_review = false)""";

  private final JdbcClient jdbc;

  public PatientFlags(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What is said. */
  public enum Kind {
    /** The person's own access may put them in danger. */
    SAFEGUARDING,
    /** National Data Opt-out. */
    RESEARCH_OPT_OUT
  }

  /** Which of these records have it. */
  public Set<UUID> with(Kind kind, Collection<UUID> records) {
    Set<UUID> found = new HashSet<>();
    List<UUID> ids = new ArrayList<>(records);
    for (int from = 0; from < ids.size(); from += ConsentRows.MAX_BOUND) {
      found.addAll(
          jdbc.sql(
                  "select patient_id from patient_flag where kind = :kind and patient_id in (:ids)")
              .param("kind", kind.name())
              .param(
                  "ids",
                  Rows.padded(
                      ids.subList(from, Math.min(ids.size(), from + ConsentRows.MAX_BOUND))))
              .query(UUID.class)
              .list());
    }
    return found;
  }

  public boolean isPatient(UUID id) {
    return jdbc.sql("select count(*) from patient where id = ?")
            .param(id)
            .query(Integer.class)
            .single()
        > 0;
  }

  public boolean isReport(UUID id) {
    return jdbc.sql("select count(*) from report where id = ?")
            .param(id)
            .query(Integer.class)
            .single()
        > 0;
  }

  public void set(UUID patient, Kind kind, Instant at, String by) {
    jdbc.sql(
            "insert into patient_flag (patient_id, kind, set_at, set_by) values (?, ?, ?, ?) on conflict do nothing")
        .params(patient, kind.name(), Rows.utc(at), Rows.cut(by, 200))
        .update();
  }

  public void clear(UUID patient, Kind kind) {
    jdbc.sql("delete from patient_flag where patient_id = ? and kind = ?")
        .params(patient, kind.name())
        .update();
  }

  /**
   * @param subject id of a study, report or order of this patient
   * @param label {@code system|code}
   */
  public void label(UUID subject, UUID patient, String label, Instant at, String by) {
    jdbc.sql(
            """
            insert into data_label (subject_id, label, patient_id, set_at, set_by) values (?, ?, ?, ?, ?)
              on conflict do nothing""")
        .params(subject, label, patient, Rows.utc(at), Rows.cut(by, 200))
        .update();
  }

  public void unlabel(UUID subject, String label) {
    jdbc.sql("delete from data_label where subject_id = ? and label = ?")
        .params(subject, label)
        .update();
  }

  /** Records of the person with this NHS number, if one of them has a safeguarding flag. */
  public Set<UUID> safeguarded(String nhsNumber) {
    return Set.copyOf(
        jdbc.sql(
                "select distinct p.id from patient p where p.id in "
                    + OWN
                    + " and exists (select 1 from patient_flag f where f.kind = 'SAFEGUARDING' and f.patient_id in "
                    + OWN
                    + ")")
            .param("nhs", nhsNumber)
            .query(UUID.class)
            .list());
  }

  /**
   * What is kept from the person themselves: what has a sensitive label, with the reports of a
   * sensitive study, and reports that no clinician has seen and that are younger than the hold.
   *
   * @param sensitive labels, {@code system|code}
   * @param since reports that were filed after this moment are young
   * @param hold whether young reports are kept back
   */
  public Set<UUID> heldBack(
      String nhsNumber, Collection<String> sensitive, Instant since, boolean hold) {
    Collection<String> labels = sensitive.isEmpty() ? List.of("") : sensitive;
    return Set.copyOf(
        jdbc.sql(
                Unions.kept(
                    """
                select l.subject_id as id from data_label l where l.label in (:labels) and l.patient_id in %1$s
                union select rs.report_id from data_label l join report_study rs on rs.study_id = l.subject_id
                  where l.label in (:labels) and l.patient_id in %1$s
                union select r.id from report r where r.patient_id in %1$s
                  and :hold and coalesce(r.issued, r.message_at) > :since
                  and not exists (select 1 from report_seen s where s.report_id = r.id)"""
                        .formatted(OWN)))
            .param("labels", labels)
            .param("nhs", nhsNumber)
            .param("hold", hold)
            .param("since", Rows.utc(since))
            .query(UUID.class)
            .list());
  }

  /** A clinician has seen the report: it is kept from the person no longer. */
  public void seen(UUID report, Instant at, String by) {
    jdbc.sql(
            "insert into report_seen (report_id, seen_at, seen_by) values (?, ?, ?) on conflict do nothing")
        .params(report, Rows.utc(at), Rows.cut(by, 200))
        .update();
  }
}
