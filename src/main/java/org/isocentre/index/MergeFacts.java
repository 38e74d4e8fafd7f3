package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.index.MergeGraph.Verdict;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The statements on identifiers, as rows. */
final class MergeFacts {
  private final JdbcClient jdbc;

  MergeFacts(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A statement and the verdict that was written last. */
  record Filed(MergeFact fact, Verdict verdict) {}

  /**
   * @return false if it was filed before
   */
  boolean add(MergeFact f) {
    return jdbc.sql(
                """
                insert into patient_merge (id, kind, surviving_issuer, surviving_value, surviving_nhs_number,
                  surviving_birth_date, prior_issuer, prior_value, prior_nhs_number, prior_birth_date, custodian,
                  message_key, said_at, received_at, state)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'WAITING') on conflict do nothing""")
            .params(
                f.id(),
                f.kind().name(),
                f.surviving().key().issuer(),
                f.surviving().key().value(),
                f.surviving().nhsNumber(),
                f.surviving().birthDate(),
                f.prior().key().issuer(),
                f.prior().key().value(),
                f.prior().nhsNumber(),
                f.prior().birthDate(),
                f.custodian(),
                f.messageKey(),
                Rows.utc(f.at()),
                Rows.utc(Instant.now()))
            .update()
        == 1;
  }

  boolean isKnown(UUID id) {
    return jdbc.sql("select count(*) from patient_merge where id = ?")
            .param(id)
            .query(Integer.class)
            .single()
        > 0;
  }

  Optional<Filed> find(UUID id) {
    return jdbc.sql("select * from patient_merge where id = ?")
        .param(id)
        .query(MergeFacts::map)
        .optional();
  }

  List<Filed> naming(PatientKey key) {
    return jdbc.sql(
            Unions.kept(
                """
            select * from patient_merge where prior_issuer = :issuer and prior_value = :value
            union select * from patient_merge where surviving_issuer = :issuer and surviving_value = :value"""))
        .param("issuer", key.issuer())
        .param("value", key.value())
        .query(MergeFacts::map)
        .list();
  }

  /** Newest first. */
  List<MergeRecord> of(Collection<UUID> patients) {
    return patients.isEmpty()
        ? List.of()
        : jdbc.sql(
                """
                select * from patient_merge where id in (select id from patient_merge where prior_patient in (:ids)
                  union all select id from patient_merge where surviving_patient in (:ids))
                order by said_at desc, id""")
            .param("ids", patients)
            .query((row, n) -> record(map(row, n)))
            .list();
  }

  void write(UUID id, Verdict v) {
    jdbc.sql(
            "update patient_merge set state = ?, reason = ?, surviving_patient = ?, prior_patient = ?, in_force_confirmed = ? where id = ?")
        .params(v.state().name(), v.reason(), v.surviving(), v.prior(), v.confirmed(), id)
        .update();
  }

  void confirm(UUID id, Verdict seen, String by) {
    jdbc.sql(
            "update patient_merge set confirmed_at = ?, confirmed_by = ?, confirmed_surviving = ?, confirmed_prior = ? where id = ?")
        .params(Rows.utc(Instant.now()), Rows.cut(by, 200), seen.surviving(), seen.prior(), id)
        .update();
  }

  /** Takes back a statement and all others that say the same. */
  void undo(MergeFact fact, String by, String why) {
    jdbc.sql(
            """
            update patient_merge set undone_at = :now, undone_by = :by, undone_why = :why
            where undone_at is null and prior_issuer = :priorIssuer and prior_value = :prior
              and surviving_issuer = :survivingIssuer and surviving_value = :surviving and kind in (:kinds)""")
        .param("now", Rows.utc(Instant.now()))
        .param("by", Rows.cut(by, 200))
        .param("why", Rows.cut(why, 1000))
        .param("priorIssuer", fact.prior().key().issuer())
        .param("prior", fact.prior().key().value())
        .param("survivingIssuer", fact.surviving().key().issuer())
        .param("surviving", fact.surviving().key().value())
        .param(
            "kinds",
            fact.absorbs()
                ? List.of(PatientMerge.Kind.MERGE.name(), PatientMerge.Kind.CHANGE_ID.name())
                : List.of(fact.kind().name()))
        .update();
  }

  static MergeRecord record(Filed filed) {
    MergeFact f = filed.fact();
    Verdict v = filed.verdict();
    return new MergeRecord(
        f.id(),
        f.kind(),
        f.surviving().key(),
        f.prior().key(),
        f.custodian(),
        f.at(),
        v.state(),
        v.reason(),
        v.surviving(),
        v.prior(),
        v.confirmed());
  }

  private static Filed map(ResultSet row, int number) throws SQLException {
    MergeFact fact =
        new MergeFact(
            Rows.uuid(row, "id"),
            PatientMerge.Kind.valueOf(row.getString("kind")),
            side(row, "surviving_"),
            side(row, "prior_"),
            row.getString("custodian"),
            row.getString("message_key"),
            Rows.instant(row, "said_at"),
            Rows.uuid(row, "confirmed_surviving"),
            Rows.uuid(row, "confirmed_prior"),
            row.getObject("undone_at") != null);
    UUID surviving = Rows.uuid(row, "surviving_patient");
    UUID prior = Rows.uuid(row, "prior_patient");
    return new Filed(
        fact,
        new Verdict(
            MergeRecord.State.valueOf(row.getString("state")),
            row.getString("reason"),
            surviving,
            prior,
            row.getBoolean("in_force_confirmed")));
  }

  private static PatientIdentity side(ResultSet row, String side) throws SQLException {
    return new PatientIdentity(
        new PatientKey(row.getString(side + "issuer"), row.getString(side + "value")),
        row.getString(side + "nhs_number"),
        Rows.date(row, side + "birth_date"));
  }
}
