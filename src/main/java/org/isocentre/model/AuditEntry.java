package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * One row of the audit trail. Holds ids, never names or numbers of patients.
 *
 * @param actor who: token subject, AE title or facility
 * @param actorOrganisation ODS code or null
 * @param action C, R, U, D or E (FHIR AuditEvent.action)
 * @param type what was done, such as {@code read}, {@code search}, {@code consent-decision}, {@code
 *     forward}
 * @param entityType such as {@code ImagingStudy}
 * @param entityId or null
 * @param patientId or null
 * @param permitted the outcome
 * @param detail without patient data, or null
 * @param origin where the call came from
 */
public record AuditEntry(
    UUID id,
    Instant at,
    String actor,
    String actorOrganisation,
    String action,
    String type,
    String entityType,
    String entityId,
    UUID patientId,
    boolean permitted,
    String detail,
    AuditOrigin origin) {

  /** Of what the hub did by itself. */
  public AuditEntry(
      UUID id,
      Instant at,
      String actor,
      String actorOrganisation,
      String action,
      String type,
      String entityType,
      String entityId,
      UUID patientId,
      boolean permitted,
      String detail) {
    this(
        id,
        at,
        actor,
        actorOrganisation,
        action,
        type,
        entityType,
        entityId,
        patientId,
        permitted,
        detail,
        AuditOrigin.HUB);
  }

  /** Whether it is about a search, which may have found more than one patient. */
  public boolean isSearch() {
    return type.equals("search") || type.equals("query");
  }

  /**
   * As a patient may read it: how much a search found, and what it asked for, is of other people,
   * too; and where staff sit is theirs.
   */
  public AuditEntry asPatientsRead() {
    return new AuditEntry(
        id,
        at,
        actor,
        actorOrganisation,
        action,
        type,
        entityType,
        entityId,
        patientId,
        permitted,
        isSearch() ? null : detail,
        new AuditOrigin(origin.client(), null, null, null));
  }
}
