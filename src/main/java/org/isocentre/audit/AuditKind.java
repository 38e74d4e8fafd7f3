package org.isocentre.audit;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.isocentre.model.AuditEntry;

/**
 * What kinds of event the types of rows of the audit trail are, in the terms of others: the audit
 * events of DICOM (PS3.15 §A.5, CID 400), and the RESTful operations of FHIR as IHE BALP has them.
 */
public enum AuditKind {
  /** A call of FHIR or DICOMweb that reads, searches or writes. */
  REST(
      CodeSystem.FHIR,
      "rest",
      "Restful Operation",
      "read",
      "search",
      "create",
      "update",
      "delete",
      "transaction",
      "order-write",
      "consent-write"),
  INSTANCES_ACCESSED(
      CodeSystem.DCM,
      "110103",
      "DICOM Instances Accessed",
      "viewer",
      "upload-list",
      "upload-objects",
      "upload-object",
      "upload-picture",
      "storage-commitment",
      "link-order",
      "unlink-order"),
  INSTANCES_TRANSFERRED(
      CodeSystem.DCM,
      "110104",
      "DICOM Instances Transferred",
      "store",
      "retrieve",
      "forward",
      "transfer-list",
      "transfer-read",
      "transfer-cancel",
      "transfer-retry"),
  STUDY_DELETED(
      CodeSystem.DCM,
      "110105",
      "DICOM Study Deleted",
      "reject",
      "rejection-list",
      "rejection-undo"),
  EXPORT(CodeSystem.DCM, "110106", "Export", "subscription", "instance-availability"),
  IMPORT(CodeSystem.DCM, "110107", "Import", "upload-accept", "upload-refuse"),
  PATIENT_RECORD(
      CodeSystem.DCM,
      "110110",
      "Patient Record",
      "patient-merge",
      "patient-merge-confirm",
      "patient-merge-undo",
      "undo-merge",
      "confirm-merge",
      "same-person-as",
      "undo-same-person-as",
      "message-read",
      "message-raw",
      "message-correct",
      "message-replay",
      "message-dry-run"),
  PROCEDURE_RECORD(
      CodeSystem.DCM, "110111", "Procedure Record", "mpps-create", "mpps-set", "mpps-get"),
  QUERY(
      CodeSystem.DCM,
      "110112",
      "Query",
      AuditTrail.QUERY,
      "message-search",
      "message-failures",
      "review-list",
      "outbound-list",
      "outbound-read",
      "outbound-destinations"),
  /** A decision of who may, and whatever else changes what the hub lets through. */
  SECURITY_ALERT(
      CodeSystem.DCM,
      "110113",
      "Security Alert",
      "scope",
      "proxy",
      "break-glass",
      "consent-decision",
      "decide",
      "audit-verify");

  private static final Map<String, AuditKind> BY_TYPE = new HashMap<>();

  static {
    for (AuditKind kind : values()) {
      kind.types.forEach(type -> BY_TYPE.put(type, kind));
    }
  }

  private final String system;
  private final String code;
  private final String display;
  private final Set<String> types;

  AuditKind(String system, String code, String display, String... types) {
    this.system = system;
    this.code = code;
    this.display = display;
    this.types = Set.of(types);
  }

  /** Code systems, as FHIR names them. */
  public static final class CodeSystem {
    /** Types of rows, of this hub. */
    public static final String OWN = "urn:isocentre:audit";

    public static final String FHIR = "http://terminology.hl7.org/CodeSystem/audit-event-type";
    public static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";
    public static final String RESTFUL = "http://hl7.org/fhir/restful-interaction";
    public static final String AUTHZ = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType";

    private CodeSystem() {}
  }

  /**
   * A code of one system.
   *
   * @param display or null
   */
  public record Term(String system, String code, String display) {}

  /**
   * @param type of a row
   */
  public static AuditKind of(String type) {
    return BY_TYPE.getOrDefault(type, SECURITY_ALERT);
  }

  public Term term() {
    return new Term(system, code, display);
  }

  /**
   * What a row's type is called more precisely: first in the terms of others, last its own.
   *
   * @param type of a row
   */
  public static List<Term> subtypes(String type) {
    Term own = new Term(CodeSystem.OWN, type, null);
    Term known = SUBTYPES.get(type);
    return known == null ? List.of(own) : List.of(known, own);
  }

  private static final Map<String, Term> SUBTYPES =
      Map.ofEntries(
          rest("read", "read"),
          rest("search", "search-type"),
          rest("create", "create"),
          rest("update", "update"),
          rest("delete", "delete"),
          rest("transaction", "transaction"),
          rest("order-write", "update"),
          rest("consent-write", "update"),
          Map.entry(
              "break-glass", new Term(CodeSystem.DCM, "110127", "Emergency Override Started")),
          Map.entry(
              "consent-decision",
              new Term(
                  CodeSystem.AUTHZ,
                  "AuthZ-Consent",
                  "Authorization Decision using Roles and Consent")),
          Map.entry(
              "scope",
              new Term(CodeSystem.AUTHZ, "AuthZ-Role", "Authorization Decision using only Roles")));

  private static Map.Entry<String, Term> rest(String type, String code) {
    return Map.entry(type, new Term(CodeSystem.RESTFUL, code, code));
  }

  /**
   * Types of rows of which the kind has this code.
   *
   * @param asked null for any system
   */
  public static Set<String> typesOf(String asked, String code) {
    Set<String> types = new HashSet<>();
    for (AuditKind kind : values()) {
      if (kind.code.equals(code) && (asked == null || asked.equals(kind.system))) {
        types.addAll(kind.types);
      }
    }
    return types;
  }

  /**
   * Types of rows that are called this more precisely, too.
   *
   * @param asked null for any system
   */
  public static Set<String> typesCalled(String asked, String code) {
    Set<String> types = new HashSet<>();
    SUBTYPES.forEach(
        (type, term) -> {
          if (term.code().equals(code) && (asked == null || asked.equals(term.system()))) {
            types.add(type);
          }
        });
    if (asked == null || asked.equals(CodeSystem.OWN)) {
      types.add(code);
    }
    return types;
  }

  /**
   * The audit event of PS3.15 §A.5 that a row is: what a REST call was about, where it was one.
   *
   * @return a code of CID 400
   */
  public static Term event(AuditEntry e) {
    AuditKind kind = of(e.type());
    if ("AuditEvent".equals(e.entityType())) {
      return new Term(CodeSystem.DCM, "110101", "Audit Log Used");
    }
    if (kind != REST) {
      return kind.term();
    }
    if (e.isSearch()) {
      return QUERY.term();
    }
    return switch (e.entityType() == null ? "" : e.entityType()) {
      case "ServiceRequest" -> new Term(CodeSystem.DCM, "110109", "Order Record");
      case "ImagingStudy" -> INSTANCES_ACCESSED.term();
      case "Appointment" -> PROCEDURE_RECORD.term();
      case "Consent" -> SECURITY_ALERT.term();
      case "Task" -> INSTANCES_TRANSFERRED.term();
      default -> e.patientId() == null ? EXPORT.term() : PATIENT_RECORD.term();
    };
  }

  /** All types of rows that have a kind of their own. */
  static Set<String> known() {
    Set<String> known = new HashSet<>();
    Arrays.stream(values()).forEach(kind -> known.addAll(kind.types));
    return known;
  }
}
