package org.isocentre.web;

import java.util.UUID;
import java.util.function.Supplier;
import org.isocentre.audit.AuditTrail;
import org.isocentre.model.Caller;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * The way in for those who look after interfaces: a system's or person's token with the role {@code
 * integration}. With an organisation it is limited to that trust's messages. Each entry is audited.
 */
public final class IntegrationDoor {
  static final String ROLE = "integration";
  private final Supplier<Caller> callers;
  private final AuditTrail audit;

  public IntegrationDoor(Supplier<Caller> callers, AuditTrail audit) {
    this.callers = callers;
    this.audit = audit;
  }

  /**
   * @param action R, U, C or E (FHIR AuditEvent.action)
   * @param id of the message, or null for many
   * @param patientId of the patient that it is about, or null
   * @throws ResponseStatusException 403
   */
  Caller enter(String action, String what, UUID id, UUID patientId) {
    Caller caller = caller();
    note(caller, action, what, id, patientId, true);
    return caller;
  }

  /**
   * Who calls, if they may be here; one who may not is audited.
   *
   * @throws ResponseStatusException 403
   */
  Caller caller() {
    Caller caller = callers.get();
    if (caller.isPatient() || !caller.roles().contains(ROLE)) {
      note(caller, "R", "message", null, null, false);
      throw new ResponseStatusException(
          HttpStatus.FORBIDDEN,
          "ISO-MESSAGE-010: messages are for callers whose token has the role " + ROLE);
    }
    return caller;
  }

  private void note(
      Caller caller, String action, String what, UUID id, UUID patientId, boolean permitted) {
    audit.note(
        caller.subject(),
        caller.organisation(),
        action,
        what,
        "Message",
        id == null ? null : id.toString(),
        patientId,
        permitted,
        permitted ? null : "without the role " + ROLE);
  }
}
