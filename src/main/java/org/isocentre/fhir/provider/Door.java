package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.fhir.map.Subjects;
import org.isocentre.index.SearchTables;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.model.Role;

/** Every provider's way in: whose call it is, what they may see, and a note of it. */
public final class Door {
  private static final String AUDIT_EVENT = "AuditEvent";
  private final Supplier<Caller> callers;
  private final Access access;
  private final AuditTrail audit;

  /**
   * @param callers who makes the call that this thread serves
   */
  public Door(Supplier<Caller> callers, Access access, AuditTrail audit) {
    this.callers = callers;
    this.access = access;
    this.audit = audit;
  }

  Caller caller() {
    return callers.get();
  }

  /**
   * @throws ForbiddenOperationException if the token's scopes do not allow to read this type
   */
  Visibility reading(String type) {
    return entering(Right.READ, type);
  }

  /**
   * @throws ForbiddenOperationException if the token's scopes do not allow to search this type
   */
  Visibility searching(String type) {
    return entering(Right.SEARCH, type);
  }

  private Visibility entering(Right right, String type) {
    Caller caller = caller();
    if (!access.may(caller, right, type)) {
      String what = right == Right.READ ? "read " : "search ";
      noScope(caller, "R", type, "no scope to " + what.strip());
      throw new ForbiddenOperationException(
          "ISO-FHIR-001: the token has no scope to " + what + type);
    }
    if (!isOpen(type, caller)) {
      refused(type, "scope", "neither staff of the hub nor an auditor");
      throw new ForbiddenOperationException(
          "ISO-FHIR-005: the audit trail is for staff of the hub, for auditors of what their organisation did, and for patients of their own data");
    }
    return access.of(caller, right, type);
  }

  /**
   * Types that the caller may read and search, of those that a search may lead through. The audit
   * trail is for staff of the hub, auditors and patients.
   */
  Set<String> readable() {
    Caller caller = caller();
    Set<String> types = new HashSet<>(SearchTables.types());
    types.add(Resources.ORGANIZATION);
    types.removeIf(
        type ->
            !access.may(caller, Right.READ, type)
                || !access.may(caller, Right.SEARCH, type)
                || !isOpen(type, caller));
    return types;
  }

  /** Whose pages of a search are; who renews a token stays the same caller. */
  String owner() {
    Caller caller = caller();
    return String.join(
        "|",
        caller.isProxy() ? "proxy" : caller.subject(),
        caller.nhsNumber(),
        caller.proxy(),
        caller.organisation());
  }

  /** What an organisation did is not another organisation's to read, nor who looked at it. */
  private static boolean isOpen(String type, Caller caller) {
    return !type.equals(AUDIT_EVENT)
        || caller.isPatient()
        || caller.isHubStaff()
        || caller.roles().contains(Role.AUDITOR);
  }

  /**
   * @param right to create, update or delete
   * @throws ForbiddenOperationException if the token's scopes do not allow to write this type
   */
  Visibility writing(Right right, String type) {
    Caller caller = caller();
    if (!caller.may(right, type)) {
      noScope(caller, right.name().substring(0, 1), type, "no scope to write");
      throw new ForbiddenOperationException(
          "ISO-FHIR-002: the token has no scope to "
              + right.name().toLowerCase(Locale.ROOT)
              + " "
              + type);
    }
    return access.of(caller);
  }

  private void noScope(Caller caller, String action, String type, String why) {
    audit.note(
        caller.subject(), caller.organisation(), action, "scope", type, null, null, false, why);
  }

  /**
   * For those who run the hub: a system's token that may write this type and is bound to no one
   * organisation.
   *
   * @throws ForbiddenOperationException for everybody else
   */
  Caller staff(String operation, String type, String id) {
    Caller caller = caller();
    if (!caller.may(Right.UPDATE, type) || !caller.isHubStaff()) {
      audit.note(
          caller.subject(),
          caller.organisation(),
          "E",
          operation,
          type,
          id,
          null,
          false,
          "not staff of the hub");
      throw new ForbiddenOperationException(
          "ISO-FHIR-006: " + operation + " is for staff of the hub with a scope to write " + type);
    }
    return caller;
  }

  /** The one resource that a read found; what the caller may not see is not found either. */
  <T extends IBaseResource> T found(String type, String id, List<T> found, UUID patientId) {
    Caller caller = caller();
    audit.note(
        caller.subject(),
        caller.organisation(),
        "R",
        "read",
        type,
        id,
        patientId,
        !found.isEmpty(),
        null);
    if (found.isEmpty()) {
      throw new ResourceNotFoundException(
          "ISO-FHIR-003: there is no " + type + "/" + id + " that this token may read");
    }
    return found.get(0);
  }

  void created(String type, String id, UUID patientId) {
    Caller caller = caller();
    audit.note(
        caller.subject(), caller.organisation(), "C", "create", type, id, patientId, true, null);
  }

  /**
   * @param action of AuditEvent: U or D
   */
  void changed(String type, String id, UUID patientId, String action, String what) {
    Caller caller = caller();
    audit.note(
        caller.subject(), caller.organisation(), action, what, type, id, patientId, true, null);
  }

  /**
   * Notes what staff decided.
   *
   * @param why without patient data
   */
  void decided(String type, String id, UUID patientId, String what, String why) {
    Caller caller = caller();
    audit.note(caller.subject(), caller.organisation(), "E", what, type, id, patientId, true, why);
  }

  /** Notes what was asked for and not done. */
  public void refused(String type, String what, String why) {
    Caller caller = caller();
    audit.note(caller.subject(), caller.organisation(), "E", what, type, null, null, false, why);
  }

  /**
   * @param shown what is sent
   */
  void searched(String type, int total, Collection<? extends IBaseResource> shown) {
    Caller caller = caller();
    audit.noteSearch(
        caller.subject(), caller.organisation(), type, Subjects.of(shown), total + " found");
  }
}
