package org.isocentre.dicomweb;

import java.util.function.Predicate;
import java.util.function.Supplier;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Who may store objects, and for which trust. */
public final class StoreDoor {
  private static final String IMAGING_STUDY = "ImagingStudy";
  private final Supplier<Caller> callers;
  private final Access access;
  private final AuditTrail audit;
  private final Predicate<String> trusts;

  /**
   * @param trusts whether an ODS code is that of a trust of the directory
   */
  public StoreDoor(
      Supplier<Caller> callers, Access access, AuditTrail audit, Predicate<String> trusts) {
    this.callers = callers;
    this.access = access;
    this.audit = audit;
    this.trusts = trusts;
  }

  /**
   * Whose objects come.
   *
   * @param custodian ODS code of the trust that brings its own; or null
   * @param patient who brings theirs; or null
   */
  record Sender(String custodian, Caller patient) {}

  /**
   * @throws ResponseStatusException 403 without a scope to create imaging studies, and for who
   *     speaks for no patient and no trust of the directory
   */
  Sender enter() {
    Caller caller = callers.get();
    String trust = caller.organisation();
    if (access.may(caller, Right.CREATE, IMAGING_STUDY)) {
      if (caller.isPatient()) {
        return new Sender(null, caller);
      }
      if (trust != null && trusts.test(trust)) {
        return new Sender(trust, null);
      }
    }
    note(false, "no right to store");
    throw new ResponseStatusException(
        HttpStatus.FORBIDDEN,
        "ISO-STOW-002: objects are stored by a trust of the directory, or a patient, with a scope to create ImagingStudy");
  }

  /** Before the answer goes out. */
  void note(boolean permitted, String detail) {
    Caller caller = callers.get();
    audit.note(
        caller.subject(),
        caller.organisation(),
        "C",
        "store",
        IMAGING_STUDY,
        null,
        null,
        permitted,
        detail);
  }
}
