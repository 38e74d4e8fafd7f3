package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Rows behind a FHIR resource, field by field, so that two moments can be compared. Fields are
 * named like columns, in camel case; {@code studies} are the studies that an order or report is
 * linked to.
 */
public final class ResourceRows {
  private static final Map<String, String> TABLES =
      Map.of("Patient", "patient", "ServiceRequest", "imaging_order", "DiagnosticReport", "report");
  private static final Map<String, String> LINKED =
      Map.of(
          "Patient",
          "select issuer || '|' || key_value from patient_key where patient_id = ? order by 1",
          "ServiceRequest",
          "select cast(study_id as varchar) from study_link where order_id = ? order by 1",
          "DiagnosticReport",
          "select cast(study_id as varchar) from report_study where report_id = ? order by 1");

  /** Change with each filing, or repeat another column. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "id",
          "last_updated",
          "demographics_at",
          "message_key",
          "worklist_study_uid",
          "referrer_id",
          "patient_name_folded",
          "performer_folded");

  private static final Set<String> INSTANTS = Set.of("message_at", "authored_on", "issued");

  /** Fields that tell nothing of the patient but what lists of orders and reports show anyway. */
  private static final Set<String> OPEN =
      Set.of(
          "custodian",
          "placerIssuer",
          "placerNumber",
          "fillerIssuer",
          "fillerNumber",
          "accessionIssuer",
          "accessionValue",
          "studyInstanceUid",
          "patientId",
          "orderId",
          "procedureCode",
          "procedureSystem",
          "modality",
          "priority",
          "status",
          "stepStatus",
          "authoredOn",
          "issued",
          "scheduledStart",
          "referringOrganisation",
          "stationAeTitle",
          "stepId",
          "requestedProcedureId",
          "documentType",
          "messageAt",
          "inReview",
          "source",
          "studies");

  private final JdbcClient jdbc;

  public ResourceRows(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Whether a caller who may not open messages may see the value. Any field not known is closed.
   */
  public static boolean isOpen(String field) {
    return OPEN.contains(field);
  }

  /**
   * Fields with a value, or an empty map if there is no such resource.
   *
   * @param type Patient, ServiceRequest or DiagnosticReport
   */
  public Map<String, String> of(String type, UUID id) {
    String table = TABLES.get(type);
    if (table == null) {
      throw new IllegalArgumentException("ISO-INDEX-020: no rows of " + type);
    }
    Map<String, String> fields =
        jdbc.sql("select * from " + table + " where id = ?")
            .param(id)
            .query(ResourceRows::fields)
            .optional()
            .orElseGet(Map::of);
    if (fields.isEmpty()) {
      return fields;
    }
    List<String> linked = jdbc.sql(LINKED.get(type)).param(id).query(String.class).list();
    if (!linked.isEmpty()) {
      fields.put(type.equals("Patient") ? "identifiers" : "studies", String.join(" ", linked));
    }
    return fields;
  }

  private static Map<String, String> fields(ResultSet row, int number) throws SQLException {
    Map<String, String> fields = new TreeMap<>();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      String column = row.getMetaData().getColumnName(i).toLowerCase(java.util.Locale.ROOT);
      Object value = INSTANTS.contains(column) ? Rows.instant(row, column) : row.getString(column);
      if (value != null && !LEFT_OUT.contains(column)) {
        fields.put(camelCase(column), value.toString());
      }
    }
    return fields;
  }

  private static String camelCase(String column) {
    StringBuilder name = new StringBuilder();
    for (String part : column.split("_")) {
      name.append(
          name.isEmpty() ? part : Character.toUpperCase(part.charAt(0)) + part.substring(1));
    }
    return name.toString();
  }
}
