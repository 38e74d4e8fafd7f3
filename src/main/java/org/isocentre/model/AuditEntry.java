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
    String detail) {
  /** As a patient may read it: how much a search found is of other people, too. */
  public AuditEntry withoutCount() {
    return type.equals("search")
        ? new AuditEntry(
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
            null)
        : this;
  }
}
