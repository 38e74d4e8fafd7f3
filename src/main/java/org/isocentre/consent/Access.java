package org.isocentre.consent;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.BreakGlassIndex;
import org.isocentre.index.Visibility;
import org.isocentre.index.Withheld;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.model.Role;

/**
 * What a caller may see: a patient what release rules do not keep back, who acts for one what of
 * that a Consent opens to them, an organisation what no consent keeps from it, and a clinician, of
 * that, what is of people whom the organisation cares for.
 */
public final class Access {
  private final ConsentDecision consent;
  private final ReleaseRules release;
  private final BreakGlassIndex brokenGlass;
  private final ScopeExtent scopes;
  private final Clock clock;

  /**
   * @param parts reads scopes that open a part of a type
   */
  public Access(
      ConsentDecision consent,
      ReleaseRules release,
      BreakGlassIndex brokenGlass,
      ScopeExtent.PartReader parts,
      Clock clock) {
    this.scopes = new ScopeExtent(parts);
    this.consent = consent;
    this.release = release;
    this.brokenGlass = brokenGlass;
    this.clock = clock;
  }

  /**
   * Whether a token's scopes open some of a type.
   *
   * @param type FHIR resource type
   */
  public boolean may(Caller caller, Right right, String type) {
    List<?> some = scopes.of(caller, right, type);
    return some == null || !some.isEmpty();
  }

  /**
   * What the caller may see, of that what their scopes open.
   *
   * @param right by which they look at this type; what it leads to needs those to read and to
   *     search
   */
  public Visibility of(Caller caller, Right right, String type) {
    return of(caller).only(scopes.parts(caller, right, type));
  }

  /** What the caller may see, whatever the scopes. */
  public Visibility of(Caller caller) {
    if (caller.isPatient()) {
      Withheld kept = release.from(caller.nhsNumber());
      return new Visibility(
          caller.nhsNumber(),
          caller.birthDate(),
          caller.isProxy()
              ? consent.withheldFromProxy(caller.nhsNumber(), caller.proxy()).without(kept)
              : kept,
          null,
          null,
          Map.of());
    }
    return caller.isHubStaff() ? Visibility.ALL : ofOrganisation(caller);
  }

  /**
   * Who a caller is to the audit trail: of one who acts for a patient, by which Consent. The
   * Consent says who that is.
   */
  public Caller named(Caller caller) {
    return caller.isProxy()
        ? caller.named(
            consent
                .grant(caller.nhsNumber(), caller.proxy())
                .map(id -> "proxy by Consent/" + id)
                .orElse("proxy without a Consent"))
        : caller;
  }

  private Visibility ofOrganisation(Caller caller) {
    String organisation = caller.organisation();
    String purpose = purpose(caller);
    Set<UUID> glass =
        caller.subject() == null
            ? Set.of()
            : brokenGlass.patients(caller.subject(), organisation, clock.instant());
    Visibility visible =
        new Visibility(null, consent.withheld(organisation, purpose, glass), organisation);
    return caller.roles().contains(Role.CLINICIAN)
        ? visible.within(consent.relationship(organisation, purpose, glass))
        : visible;
  }

  private static String purpose(Caller caller) {
    return caller.roles().contains(Role.RESEARCH) ? Question.RESEARCH : Question.TREATMENT;
  }

  /**
   * Asks again while an answer is being sent.
   *
   * @param stillOpen what would be decided now
   */
  public Watch watch(java.util.function.BooleanSupplier stillOpen) {
    return new Watch(stillOpen);
  }
}
