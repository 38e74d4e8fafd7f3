package org.isocentre.consent;

import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.isocentre.index.PatientFlags;
import org.isocentre.index.Withheld;

/**
 * What is kept from patients themselves: reports that no clinician has seen, for a time; what has a
 * sensitive label, with its reports; and everything while somebody may be in danger by it.
 */
public final class ReleaseRules {
  private final PatientFlags flags;
  private final Set<String> sensitive;
  private final Duration hold;
  private final Clock clock;

  /**
   * @param sensitive labels, {@code system|code}
   * @param hold for how long a report is kept back that no clinician has seen; zero: not at all
   */
  public ReleaseRules(PatientFlags flags, Set<String> sensitive, Duration hold, Clock clock) {
    this.flags = flags;
    this.sensitive = Set.copyOf(sensitive);
    this.hold = hold;
    this.clock = clock;
  }

  Withheld from(String nhsNumber) {
    return new Withheld(
        null,
        flags.safeguarded(nhsNumber),
        flags.heldBack(nhsNumber, sensitive, clock.instant().minus(hold), !hold.isZero()),
        Set.of());
  }
}
