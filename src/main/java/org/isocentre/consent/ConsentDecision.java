package org.isocentre.consent;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.index.ConsentIndex;
import org.isocentre.model.Consent;

/**
 * The one consent decision, asked by every door. The custodian of a study always has it: it is the
 * custodian's own. For everybody else the newest active, valid statement about that organisation
 * decides; else the newest about all; else yes.
 *
 * <p>While a message calls two people one and nobody has confirmed it, what either of them refuses
 * is refused for both, and what one of them permits opens nothing of the other.
 */
public final class ConsentDecision {
  private final ConsentIndex consents;
  private final Clock clock;

  public ConsentDecision(ConsentIndex consents, Clock clock) {
    this.consents = consents;
    this.clock = clock;
  }

  /**
   * @param custodian ODS code of whose the data is, or null if it is nobody's in particular
   */
  public boolean permits(UUID patientId, String custodian, String organisation) {
    return organisation.equals(custodian)
        || consents.perhapsSamePeople(Set.of(patientId)).stream()
            .allMatch(record -> decide(consents.activeOf(record), organisation));
  }

  /** Every patient record whose data this organisation may not see, unless it is its own. */
  public Set<UUID> deniedPatients(String organisation) {
    Set<UUID> denied =
        consents.activeAbout(organisation).stream()
            .collect(Collectors.groupingBy(Consent::patientId))
            .entrySet()
            .stream()
            .filter(entry -> !decide(consents.activeOf(entry.getKey()), organisation))
            .map(java.util.Map.Entry::getKey)
            .collect(Collectors.toSet());
    return consents.perhapsSamePeople(denied);
  }

  private boolean decide(List<Consent> newestFirst, String organisation) {
    Instant now = clock.instant();
    List<Consent> valid = newestFirst.stream().filter(c -> isValid(c, now)).toList();
    return valid.stream()
        .filter(c -> organisation.equals(c.organisation()))
        .findFirst()
        .or(() -> valid.stream().filter(c -> c.organisation() == null).findFirst())
        .map(Consent::permit)
        .orElse(true);
  }

  private static boolean isValid(Consent consent, Instant now) {
    return (consent.validFrom() == null || !now.isBefore(consent.validFrom()))
        && (consent.validUntil() == null || now.isBefore(consent.validUntil()));
  }
}
