package org.isocentre.index;

import java.util.ArrayList;
import java.util.List;
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

  /** A patient is what studies say of a Patient ID; one without an ID cannot be told apart. */
  private static final String PATIENTS =
      """
      (select s.dicom_patient_id, s.dicom_patient_id_issuer, min(s.patient_name) as patient_name,
        min(s.said_birth_date) as said_birth_date, min(s.patient_sex) as patient_sex,
        min(s.said_key_value) as said_key_value, min(s.said_nhs_number) as said_nhs_number
        from study s where s.dicom_patient_id is not null and\s""";

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
    sql.add(" fetch first " + find.limit() + " rows only");
  }

  private void select(StudyField field) {
    if (field.kind() != Kind.COUNT) {
      sql.add(field.select());
      return;
    }
    sql.add("(select " + field.select() + " from study x where ");
    sql.add("x.dicom_patient_id = s.dicom_patient_id and ");
    sql.add("x.dicom_patient_id_issuer = s.dicom_patient_id_issuer and ");
    visible("x");
    sql.add(")");
  }

  private void where() {
    visible("s");
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
      sql.add(" and exists (select 1 from instance i where i.series_id = r.id");
    } else {
      boolean instances = matches.stream().anyMatch(m -> level(m) == QueryLevel.IMAGE);
      sql.add(" and exists (select 1 from series r ")
          .add(instances ? "join instance i on i.series_id = r.id " : "")
          .add("where r.study_id = s.id");
    }
    matches.forEach(this::and);
    sql.add(")");
  }

  private void visible(String study) {
    Visibility v = find.visible();
    if (v.organisation() == null) {
      sql.add("1 = 1");
      return;
    }
    sql.add("(" + study + ".custodian = ? or exists (select 1 from transfer t", v.organisation())
        .add(" join transfer_item ti on ti.transfer_id = t.id where t.study_id = " + study + ".id")
        .add(" and t.destination = ? and ti.state = 'CONFIRMED'))", v.organisation());
    if (!v.hiddenPatients().isEmpty()) {
      sql.add(" and (" + study + ".custodian = ? or ", v.organisation())
          .add(study + ".patient_id not in ")
          .list(v.hiddenPatients())
          .add(")");
    }
  }
}
