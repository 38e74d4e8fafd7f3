package org.isocentre.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.QueryField.Kind;

/** Writes a {@link StudyFind} as one statement. */
final class FindSql {
  /** Where rows of each level come from. */
  private static final List<String> FROM =
      List.of(
          "study s",
          "study s",
          "series r join study s on s.id = r.study_id",
          "instance i join series r on r.id = i.series_id join study s on s.id = i.study_id");

  /** What of these was not rejected. */
  private static final List<String> HELD =
      List.of(
          " and s.number_of_instances > 0",
          " and s.number_of_instances > 0",
          " and r.number_of_instances > 0",
          " and i.rejected_by is null");

  /** A patient is what studies say of a Patient ID; one without an ID cannot be told apart. */
  private static final String PATIENTS =
      """
      (select s.dicom_patient_id, s.dicom_patient_id_issuer, min(s.patient_name) as patient_name,
        min(s.said_birth_date) as said_birth_date, min(s.patient_sex) as patient_sex,
        min(s.said_key_value) as said_key_value, min(s.said_nhs_number) as said_nhs_number,
        min(cast(s.patient_id as varchar(36))) as patient_id
        from study s where s.dicom_patient_id is not null and\s""";

  /** What else names a copy {@code d} of a row of each level. */
  private static final List<String> COPY =
      List.of(
          "",
          "",
          " join series dr on dr.study_id = d.id and dr.series_instance_uid = r.series_instance_uid"
              + " and dr.number_of_instances > 0",
          " join instance di on di.study_id = d.id and di.custodian = d.custodian"
              + " and di.sop_instance_uid = i.sop_instance_uid and di.rejected_by is null");

  /** The newest study first; within it as they are numbered. */
  private static final List<String> ORDER =
      List.of(
          "s.dicom_patient_id, s.dicom_patient_id_issuer",
          "s.study_date desc, s.study_instance_uid, s.custodian",
          "s.study_date desc, s.study_instance_uid, s.custodian, r.series_number,"
              + " r.series_instance_uid",
          "s.study_date desc, s.study_instance_uid, s.custodian, r.series_number,"
              + " r.series_instance_uid, i.instance_number, i.sop_instance_uid");

  /** 0 for a Patient ID of the caller's own, 1 for another's in its own study, else 2. */
  private static final String FOREIGNNESS =
      "(case when %s.dicom_patient_id_issuer = ? then 0 when %s.custodian = ? then 1 else 2 end)";

  /** Fewer than H2 takes in one array, which are 65,536. */
  private static final int MAX_ARRAY = 50_000;

  private final StudyFind find;

  private final BoundSql sql = new BoundSql();
  private final MatchSql conditions = new MatchSql(sql);

  private FindSql(StudyFind find) {
    this.find = find;
  }

  static BoundSql of(StudyFind find) {
    FindSql writer = new FindSql(find);
    writer.statement();
    return writer.sql;
  }

  private void statement() {
    sql.add("select 1");
    for (StudyField field : find.returned()) {
      sql.add(", ");
      select(field);
    }
    sql.add(" from ");
    if (find.level() == QueryLevel.PATIENT) {
      sql.add(PATIENTS);
      where();
      sql.add(" group by s.dicom_patient_id, s.dicom_patient_id_issuer) s");
    } else {
      sql.add(FROM.get(find.level().ordinal())).add(" where ");
      where();
    }
    if (find.reach() == StudyFind.Reach.VISIBLE) {
      sql.add(" order by " + ORDER.get(find.level().ordinal()));
    }
    sql.add(" offset " + find.page().offset() + " rows");
    sql.add(" fetch next " + find.page().limit() + " rows only");
  }

  private void select(StudyField field) {
    if (field.kind() != Kind.COUNT) {
      sql.add(field.select());
      return;
    }
    sql.add("(select " + field.select() + " from study x where ");
    sql.add("x.number_of_instances > 0 and x.dicom_patient_id = s.dicom_patient_id and ");
    sql.add("x.dicom_patient_id_issuer = s.dicom_patient_id_issuer and ");
    visible("x");
    sql.add(")");
  }

  private void where() {
    visible("s");
    sql.add(HELD.get(find.level().ordinal()));
    oneCopy();
    onePatient();
    // Patients are read from their studies, so what a study has is at hand for them, too.
    QueryLevel lowest = find.level() == QueryLevel.PATIENT ? QueryLevel.STUDY : find.level();
    List<Match> below = new ArrayList<>();
    for (Match match : find.matches()) {
      if (level(match).compareTo(lowest) > 0) {
        below.add(match);
      } else {
        and(match);
      }
    }
    if (!below.isEmpty()) {
      below(lowest, below);
    }
  }

  private static QueryLevel level(Match match) {
    return ((StudyField) match.field()).level();
  }

  private void and(Match match) {
    sql.add(" and ");
    conditions.write(match);
  }

  private void below(QueryLevel lowest, List<Match> matches) {
    if (lowest == QueryLevel.SERIES) {
      sql.add(
          " and exists (select 1 from instance i where i.series_id = r.id and i.rejected_by is null");
    } else {
      boolean instances = matches.stream().anyMatch(m -> level(m) == QueryLevel.IMAGE);
      sql.add(" and exists (select 1 from series r ")
          .add(instances ? "join instance i on i.series_id = r.id and i.rejected_by is null " : "")
          .add("where r.study_id = s.id and r.number_of_instances > 0");
    }
    matches.forEach(this::and);
    sql.add(")");
  }

  /**
   * Of a study, series or object that several trusts hold: the caller's own copy, else that of the
   * first custodian by name. Compared within studies of one UID, so each look-up is by index.
   */
  private void oneCopy() {
    String own = find.visible().organisation();
    boolean all = own == null && find.reach() == StudyFind.Reach.HELD;
    if (all || find.level() == QueryLevel.PATIENT) {
      return;
    }
    sql.add(" and not exists (select 1 from study d").add(COPY.get(find.level().ordinal()));
    sql.add(" where d.study_instance_uid = s.study_instance_uid and d.id <> s.id");
    sql.add(" and d.number_of_instances > 0");
    if (own == null) {
      sql.add(" and d.custodian < s.custodian");
    } else {
      sql.add(" and (d.custodian = ? or s.custodian <> ? and d.custodian < s.custodian)", own, own);
    }
    sql.add(" and ");
    visible("d");
    sql.add(")");
  }

  /**
   * Two issuers may give one Patient ID to two people: then it is the caller's own who is meant.
   */
  private void onePatient() {
    String own = find.visible().organisation();
    if (own == null || !find.onePatient()) {
      return;
    }
    sql.add(" and not exists (select 1 from study o where o.dicom_patient_id = s.dicom_patient_id")
        .add(" and o.dicom_patient_id_issuer <> s.dicom_patient_id_issuer and (")
        .add(FOREIGNNESS.formatted("s", "s") + " = 2 or ", own, own)
        .add(FOREIGNNESS.formatted("o", "o") + " < ", own, own)
        .add(FOREIGNNESS.formatted("s", "s") + ") and ", own, own);
    visible("o");
    sql.add(")");
  }

  private void visible(String study) {
    Visibility v = find.visible();
    sql.add("1 = 1");
    if (find.reach() == StudyFind.Reach.VISIBLE) {
      sql.add(new SearchSql().visible(v, "ImagingStudy", study));
      return;
    }
    if (v.nhsNumber() != null) {
      sql.add(" and " + study + ".patient_id in (select p.id from patient p where p.nhs_number = ?")
          .add(" and p.in_review = false", v.nhsNumber())
          .add(" union all select f.id from patient p join patient f on f.person_id = p.person_id")
          .add(" where p.nhs_number = ? and p.in_review = false", v.nhsNumber())
          .add(" and f.in_review = false)");
    }
    if (v.organisation() != null) {
      sql.add(" and (" + study + ".custodian = ? or exists (select 1", v.organisation())
          .add(" from transfer t join transfer_item ti on ti.transfer_id = t.id")
          .add(" where t.study_id = " + study + ".id")
          .add(" and t.destination = ? and ti.state = 'CONFIRMED'))", v.organisation());
    }
    withheld(study, v);
  }

  private void withheld(String study, Visibility v) {
    Withheld w = v.withheld();
    if (w.onlyPatients() == null && w.patients().isEmpty() && w.data().isEmpty()) {
      return;
    }
    sql.add(" and (" + study + ".custodian = ? or ((1 = 1", String.valueOf(v.organisation()));
    if (w.onlyPatients() != null) {
      sql.add(" and (1 = 0");
      among(" or ", study + ".patient_id", w.onlyPatients());
      sql.add(")");
    }
    among(" and not ", study + ".patient_id", w.patients());
    sql.add(")");
    sql.add(" or 1 = 0");
    among(" or ", study + ".id", w.open());
    sql.add(")");
    among(" and not ", study + ".id", w.data());
    sql.add(")");
  }

  /** Bound as arrays: PostgreSQL takes 65,535 parameters. */
  private void among(String before, String column, Set<UUID> values) {
    UUID[] all = values.toArray(UUID[]::new);
    for (int i = 0; i < all.length; i += MAX_ARRAY) {
      UUID[] some = Arrays.copyOfRange(all, i, Math.min(all.length, i + MAX_ARRAY));
      sql.add(before + "(" + column + " = any (?))", (Object) some);
    }
  }
}
