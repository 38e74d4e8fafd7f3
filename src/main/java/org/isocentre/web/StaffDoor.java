package org.isocentre.web;

import java.util.function.Supplier;
import org.isocentre.audit.AuditTrail;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * The way in for those who run the hub: a system's token with rights on Task that is bound to no
 * one organisation. A patient's token never passes.
 */
public final class StaffDoor {
  private final Supplier<Caller> callers;
  private final AuditTrail audit;

  public StaffDoor(Supplier<Caller> callers, AuditTrail audit) {
    this.callers = callers;
    this.audit = audit;
  }

  /**
   * @throws ResponseStatusException 403
   */
  Caller reading(String what) {
    return enter(callers.get().may(Right.READ, "Task"), "R", what, null);
  }

  /**
   * @throws ResponseStatusException 403
   */
  Caller acting(String what, String id) {
    return enter(callers.get().may(Right.UPDATE, "Task"), "U", what, id);
  }

  private Caller enter(boolean inScope, String action, String what, String id) {
    Caller caller = callers.get();
    boolean permitted = inScope && caller.isHubStaff();
    audit.note(
        caller.subject(),
        caller.organisation(),
        action,
        what,
        "Task",
        id,
        null,
        permitted,
        permitted ? null : "not staff of the hub");
    if (!permitted) {
      throw new ResponseStatusException(
          HttpStatus.FORBIDDEN, "ISO-WEB-001: this call is for staff of the hub");
    }
    return caller;
  }
}
