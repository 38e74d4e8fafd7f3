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
   * The trust whose objects the caller brings: its own.
   *
   * @throws ResponseStatusException 403 without a scope to create imaging studies, for a patient,
   *     and for who speaks for no trust of the directory
   */
  String custodian() {
    Caller caller = callers.get();
    String trust = caller.organisation();
    boolean scope = access.may(caller, Right.CREATE, IMAGING_STUDY);
    if (scope && !caller.isPatient() && trust != null && trusts.test(trust)) {
      return trust;
    }
    note(false, "no right to store");
    throw new ResponseStatusException(
        HttpStatus.FORBIDDEN,
        "ISO-STOW-002: objects are stored by a trust of the directory with a scope to create ImagingStudy");
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
