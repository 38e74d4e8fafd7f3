package org.isocentre.audit;

import java.time.Clock;
import java.util.UUID;
import org.isocentre.index.AuditIndex;
import org.isocentre.model.AuditEntry;

/**
 * Notes who did what, whether it was allowed, and to whose data. A row that cannot be written fails
 * what it is about.
 */
public final class AuditTrail {
  private final AuditIndex index;
  private final Clock clock;

  public AuditTrail(AuditIndex index, Clock clock) {
    this.index = index;
    this.clock = clock;
  }

  /**
   * @param actor token subject, AE title, facility
   * @param organisation ODS code or null
   * @param action C, R, U, D or E (FHIR AuditEvent.action)
   * @param type such as {@code read}, {@code search}, {@code forward}, {@code consent-decision}
   * @param detail without patient data, or null
   */
  public void note(
      String actor,
      String organisation,
      String action,
      String type,
      String entityType,
      String entityId,
      UUID patientId,
      boolean permitted,
      String detail) {
    index.append(
        new AuditEntry(
            UUID.randomUUID(),
            clock.instant(),
            actor,
            organisation,
            action,
            type,
            entityType,
            entityId,
            patientId,
            permitted,
            detail));
  }
}
