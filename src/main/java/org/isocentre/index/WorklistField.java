package org.isocentre.index;

/**
 * What a worklist matches and returns of an order, which the SQL names {@code o}, and of one of its
 * steps, {@code st}, if it has several.
 */
public enum WorklistField implements QueryField {
  PATIENT_NAME(Kind.NAME, "o.patient_name", "o.patient_name_folded"),
  PATIENT_ID(Kind.TEXT, "coalesce(o.said_key_value, o.said_nhs_number)"),
  ISSUER_OF_PATIENT_ID(
      Kind.TEXT,
      "case when o.said_key_value is not null then o.said_key_issuer when o.said_nhs_number is not null then 'NHS' end"),
  OTHER_PATIENT_ID(
      Kind.TEXT, "case when o.said_key_value is null then null else o.said_nhs_number end"),
  PATIENT_BIRTH_DATE(Kind.DATE, "o.said_birth_date"),
  PATIENT_SEX(Kind.TEXT, "o.patient_sex"),
  ADMISSION_ID(Kind.TEXT, "o.admission_id"),
  CURRENT_PATIENT_LOCATION(Kind.TEXT, "o.patient_location"),
  ACCESSION_NUMBER(Kind.TEXT, "coalesce(st.accession_value, o.accession_value)"),
  ISSUER_OF_ACCESSION_NUMBER(
      Kind.TEXT,
      "case when st.accession_value is null then o.accession_issuer else st.accession_issuer end"),
  REFERRING_PHYSICIAN_FAMILY(Kind.TEXT, "o.referrer_family"),
  REFERRING_PHYSICIAN_GIVEN(Kind.TEXT, "o.referrer_given"),
  REFERRING_PHYSICIAN_PREFIX(Kind.TEXT, "o.referrer_prefix"),
  STUDY_INSTANCE_UID(Kind.TEXT, OrderSteps.SHOWN_STUDY),
  REQUESTED_PROCEDURE_ID(
      Kind.TEXT,
      """
      coalesce(st.requested_procedure_id, o.requested_procedure_id, o.filler_number, o.placer_number,
        o.accession_value)"""),
  PROCEDURE_CODE(Kind.TEXT, "o.procedure_code"),
  PROCEDURE_SYSTEM(Kind.TEXT, "o.procedure_system"),
  PROCEDURE_MEANING(Kind.TEXT, "o.procedure_display"),
  /** Text of the procedure, else its code: one of the two is always there to read. */
  PROCEDURE_DESCRIPTION(Kind.TEXT, "coalesce(o.procedure_display, o.procedure_code)"),
  PROTOCOL_CODE(Kind.TEXT, ofProtocol("code")),
  PROTOCOL_SYSTEM(Kind.TEXT, ofProtocol("system")),
  PROTOCOL_MEANING(Kind.TEXT, ofProtocol("display")),
  STEP_DESCRIPTION(
      Kind.TEXT,
      "coalesce(st.protocol_display, st.protocol_code, o.procedure_display, o.procedure_code)"),
  PRIORITY(Kind.TEXT, "o.priority"),
  REASON(Kind.TEXT, "o.reason"),
  PLACER_NUMBER(Kind.TEXT, "o.placer_number"),
  FILLER_NUMBER(Kind.TEXT, "o.filler_number"),
  STATION_AE_TITLE(
      Kind.TEXT,
      "case when st.order_id is null then o.station_ae_title else st.station_ae_title end"),
  START(Kind.DATE_TIME, "coalesce(o.scheduled_start, o.requested_at)"),
  START_DATE(Kind.DATE, "cast(coalesce(o.scheduled_start, o.requested_at) as date)"),
  START_TIME(Kind.TIME, "cast(coalesce(o.scheduled_start, o.requested_at) as time(6))"),
  MODALITY(Kind.TEXT, "coalesce(st.modality, o.modality, 'OT')"),
  PERFORMING_PHYSICIAN_NAME(Kind.NAME, "o.performer", "o.performer_folded"),
  STEP_ID(
      Kind.TEXT,
      """
      case when st.order_id is null then coalesce(o.step_id, o.requested_procedure_id, o.filler_number, o.placer_number,
        o.accession_value) else %s end"""
          .formatted(OrderSteps.SHOWN_ID)),
  STEP_LOCATION(Kind.TEXT, "coalesce(st.location, o.step_location)"),
  STEP_STATUS(Kind.TEXT, "coalesce(st.status, o.step_status)");

  /** The step's own protocol, else the order's procedure. */
  private static String ofProtocol(String part) {
    return "case when st.protocol_code is null and st.protocol_display is null then o.procedure_%1$s else st.protocol_%1$s end"
        .formatted(part);
  }

  private final Kind kind;
  private final String select;
  private final String match;

  WorklistField(Kind kind, String column) {
    this(kind, column, column);
  }

  WorklistField(Kind kind, String select, String match) {
    this.kind = kind;
    this.select = select;
    this.match = match;
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
}
