package org.isocentre.web;

import java.util.UUID;
import java.util.function.Supplier;
import org.isocentre.audit.AuditTrail;
import org.isocentre.model.Caller;
import org.isocentre.model.Role;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * The way in for those who look after interfaces: a system's or person's token with the role {@code
 * integration}. With an organisation it is limited to that trust's messages. Each entry is audited.
 */
public final class IntegrationDoor {
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
    note(caller, action, what, id, patientId, null);
    return caller;
  }

  /**
   * Who calls, if they may be here; one who may not is audited.
   *
   * @throws ResponseStatusException 403
   */
  Caller caller() {
    Caller caller = callers.get();
    if (caller.isPatient() || !caller.roles().contains(Role.INTEGRATION)) {
      throw refused(
          caller,
          "without the role " + Role.INTEGRATION,
          "ISO-MESSAGE-010: messages are for callers whose token has the role " + Role.INTEGRATION);
    }
    if (caller.organisation() != null && caller.organisation().isBlank()) {
      // Where a sender is of no trust, its messages have an empty code: that is nobody's own.
      throw refused(
          caller,
          "of an organisation without a code",
          "ISO-MESSAGE-030: the token's organisation is empty; it must be an ODS code, or the claim"
              + " be left out");
    }
    return caller;
  }

  private ResponseStatusException refused(Caller caller, String why, String answer) {
    note(caller, "R", "message", null, null, why);
    return new ResponseStatusException(HttpStatus.FORBIDDEN, answer);
  }

  /**
   * @param refusal why not, or null if it is permitted
   */
  private void note(
      Caller caller, String action, String what, UUID id, UUID patientId, String refusal) {
    audit.note(
        caller.subject(),
        caller.organisation(),
        action,
        what,
        "Message",
        id == null ? null : id.toString(),
        patientId,
        refusal == null,
        refusal);
  }
}
