package org.isocentre.consent;

import java.time.Clock;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.BreakGlassIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Role;

/**
 * What a caller may see: a patient what release rules do not keep back, an organisation what no
 * consent keeps from it, and a clinician, of that, what is of people whom the organisation cares
 * for.
 */
public final class Access {
  private final ConsentDecision consent;
  private final ReleaseRules release;
  private final BreakGlassIndex brokenGlass;
  private final Clock clock;

  public Access(
      ConsentDecision consent, ReleaseRules release, BreakGlassIndex brokenGlass, Clock clock) {
    this.consent = consent;
    this.release = release;
    this.brokenGlass = brokenGlass;
    this.clock = clock;
  }

  public Visibility of(Caller caller) {
    if (caller.isPatient()) {
      return new Visibility(
          caller.nhsNumber(), caller.birthDate(), release.from(caller.nhsNumber()), null, null);
    }
    return caller.isHubStaff() ? Visibility.ALL : ofOrganisation(caller);
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
