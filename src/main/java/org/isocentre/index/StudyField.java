package org.isocentre.index;

/**
 * What the index can match and return of patients, studies, series and instances. The SQL names the
 * tables {@code s} (study), {@code r} (series) and {@code i} (instance).
 */
public enum StudyField implements QueryField {
  PATIENT_NAME(QueryLevel.PATIENT, Kind.NAME, "s.patient_name", "s.patient_name_folded"),
  PATIENT_ID(QueryLevel.PATIENT, Kind.TEXT, "s.dicom_patient_id"),
  ISSUER_OF_PATIENT_ID(QueryLevel.PATIENT, Kind.TEXT, "s.dicom_patient_id_issuer"),
  /** The NHS number, where Patient ID is another. */
  OTHER_PATIENT_ID(
      QueryLevel.PATIENT,
      Kind.TEXT,
      "case when s.said_key_value is null then null else s.said_nhs_number end"),
  PATIENT_BIRTH_DATE(QueryLevel.PATIENT, Kind.DATE, "s.said_birth_date"),
  PATIENT_SEX(QueryLevel.PATIENT, Kind.TEXT, "s.patient_sex"),
  NUMBER_OF_PATIENT_RELATED_STUDIES(QueryLevel.PATIENT, "count(distinct x.study_instance_uid)"),
  NUMBER_OF_PATIENT_RELATED_SERIES(QueryLevel.PATIENT, "sum(x.number_of_series)"),
  NUMBER_OF_PATIENT_RELATED_INSTANCES(QueryLevel.PATIENT, "sum(x.number_of_instances)"),

  /** ODS code of the trust that it came from. */
  CUSTODIAN(QueryLevel.STUDY, Kind.TEXT, "s.custodian"),
  /** Id of the patient that the index found for it. */
  PATIENT_RECORD(QueryLevel.PATIENT, Kind.TEXT, "s.patient_id"),

  /** Id of the study in the index. */
  STUDY_RECORD(QueryLevel.STUDY, Kind.TEXT, "s.id"),
  STUDY_INSTANCE_UID(QueryLevel.STUDY, Kind.TEXT, "s.study_instance_uid"),
  STUDY_ID(QueryLevel.STUDY, Kind.TEXT, "s.dicom_study_id"),
  STUDY_DATE(QueryLevel.STUDY, Kind.DATE, "s.study_date"),
  STUDY_TIME(QueryLevel.STUDY, Kind.TIME, "s.study_time"),
  /** Date and time as one; midnight where the time was not given. */
  STUDY_STARTED(QueryLevel.STUDY, Kind.DATE_TIME, "s.started"),
  ACCESSION_NUMBER(QueryLevel.STUDY, Kind.TEXT, "s.accession_value"),
  ISSUER_OF_ACCESSION_NUMBER(QueryLevel.STUDY, Kind.TEXT, "s.accession_issuer"),
  STUDY_DESCRIPTION(QueryLevel.STUDY, Kind.TEXT, "s.description"),
  REFERRING_PHYSICIAN_NAME(
      QueryLevel.STUDY, Kind.NAME, "s.referring_physician", "s.referring_physician_folded"),
  PROCEDURE_CODE(QueryLevel.STUDY, Kind.TEXT, "s.procedure_code"),
  PROCEDURE_SYSTEM(QueryLevel.STUDY, Kind.TEXT, "s.procedure_system"),
  PROCEDURE_MEANING(QueryLevel.STUDY, Kind.TEXT, "s.procedure_display"),
  MODALITIES_IN_STUDY(QueryLevel.STUDY, "series", "modality"),
  SOP_CLASSES_IN_STUDY(QueryLevel.STUDY, "instance", "sop_class_uid"),
  NUMBER_OF_STUDY_RELATED_SERIES(QueryLevel.STUDY, Kind.INTEGER, "s.number_of_series"),
  NUMBER_OF_STUDY_RELATED_INSTANCES(QueryLevel.STUDY, Kind.INTEGER, "s.number_of_instances"),

  SERIES_INSTANCE_UID(QueryLevel.SERIES, Kind.TEXT, "r.series_instance_uid"),
  MODALITY(QueryLevel.SERIES, Kind.TEXT, "r.modality"),
  SERIES_NUMBER(QueryLevel.SERIES, Kind.INTEGER, "r.series_number"),
  SERIES_DESCRIPTION(QueryLevel.SERIES, Kind.TEXT, "r.description"),
  BODY_PART_EXAMINED(QueryLevel.SERIES, Kind.TEXT, "r.body_part_examined"),
  LATERALITY(QueryLevel.SERIES, Kind.TEXT, "r.laterality"),
  PERFORMING_PHYSICIAN_NAME(
      QueryLevel.SERIES, Kind.NAME, "r.performing_physician", "r.performing_physician_folded"),
  PERFORMED_START_DATE(QueryLevel.SERIES, Kind.DATE, "r.performed_start_date"),
  PERFORMED_START_TIME(QueryLevel.SERIES, Kind.TIME, "r.performed_start_time"),
  /** Both; nothing where one was not given. */
  PERFORMED_START(
      QueryLevel.SERIES, Kind.DATE_TIME, "r.performed_start_date + r.performed_start_time"),
  REQUESTED_PROCEDURE_ID(QueryLevel.SERIES, Kind.TEXT, "r.requested_procedure_id"),
  SCHEDULED_STEP_ID(QueryLevel.SERIES, Kind.TEXT, "r.scheduled_step_id"),
  NUMBER_OF_SERIES_RELATED_INSTANCES(QueryLevel.SERIES, Kind.INTEGER, "r.number_of_instances"),

  SOP_INSTANCE_UID(QueryLevel.IMAGE, Kind.TEXT, "i.sop_instance_uid"),
  SOP_CLASS_UID(QueryLevel.IMAGE, Kind.TEXT, "i.sop_class_uid"),
  INSTANCE_NUMBER(QueryLevel.IMAGE, Kind.INTEGER, "i.instance_number"),
  NUMBER_OF_FRAMES(QueryLevel.IMAGE, Kind.INTEGER, "i.number_of_frames"),
  ROWS(QueryLevel.IMAGE, Kind.INTEGER, "i.image_rows"),
  COLUMNS(QueryLevel.IMAGE, Kind.INTEGER, "i.image_columns"),
  TRANSFER_SYNTAX_UID(QueryLevel.IMAGE, Kind.TEXT, "i.transfer_syntax_uid"),
  OBJECT_KEY(QueryLevel.IMAGE, Kind.TEXT, "i.object_key"),
  /** Hex digest of the data set. */
  OBJECT_SHA256(QueryLevel.IMAGE, Kind.TEXT, "i.sha256"),
  /** Bytes of the Part 10 file. */
  OBJECT_SIZE(QueryLevel.IMAGE, Kind.INTEGER, "i.size_bytes");

  private final QueryLevel level;
  private final Kind kind;
  private final String select;
  private final String match;
  private final String table;

  StudyField(QueryLevel level, Kind kind, String column) {
    this(level, kind, column, column, null);
  }

  StudyField(QueryLevel level, Kind kind, String select, String match) {
    this(level, kind, select, match, null);
  }

  StudyField(QueryLevel level, Kind kind, String select, String match, String table) {
    this.level = level;
    this.kind = kind;
    this.select = select;
    this.match = match;
    this.table = table;
  }

  /** Over all studies {@code x} of a patient. */
  StudyField(QueryLevel level, String count) {
    this(level, Kind.COUNT, count, null, null);
  }

  /** Over all series or instances {@code m} of a study. */
  StudyField(QueryLevel level, String table, String column) {
    this(
        level,
        Kind.SET,
        "(select string_agg(distinct m.%s, ',') from %s m where m.study_id = s.id and %s)"
            .formatted(column, table, shown(table)),
        "m." + column,
        table);
  }

  /** Rows {@code m} of a table that were not rejected. */
  private static String shown(String table) {
    return table.equals("series") ? "m.number_of_instances > 0" : "m.rejected_by is null";
  }

  /** As {@link #table}. */
  String shown() {
    return shown(table);
  }

  public QueryLevel level() {
    return level;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  String select() {
    return select;
  }

  String match() {
    return match;
  }

  /** Of a set: the table {@code m} whose rows are its values. */
  String table() {
    return table;
  }

  /** Whether its column has an index in the order of code points. */
  boolean isOrdered() {
    return this == PATIENT_NAME;
  }
}
