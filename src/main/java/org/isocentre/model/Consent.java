package org.isocentre.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A patient's decision on who may have their images.
 *
 * @param status FHIR Consent.status; only {@code active} counts
 * @param recordedAt when this version was said; the newest counts
 * @param recordedBy who recorded it
 * @param version from 1 on
 * @param rules its provisions, the outermost first
 * @param resource the FHIR resource (JSON) as it was sent, or null if it came in another way
 */
public record Consent(
    UUID id,
    UUID patientId,
    String status,
    Instant recordedAt,
    String recordedBy,
    Instant lastUpdated,
    int version,
    List<ConsentRule> rules,
    String resource) {
  public Consent {
    rules = List.copyOf(rules);
  }

  /**
   * A statement with one provision.
   *
   * @param organisation ODS code that it is about, or null for every organisation but the custodian
   * @param validFrom or null
   * @param validUntil or null
   */
  public Consent(
      UUID id,
      UUID patientId,
      boolean permit,
      String organisation,
      String status,
      Instant validFrom,
      Instant validUntil,
      Instant recordedAt,
      String recordedBy,
      Instant lastUpdated) {
    this(
        id,
        patientId,
        status,
        recordedAt,
        recordedBy,
        lastUpdated,
        1,
        List.of(
            new ConsentRule(
                0,
                -1,
                permit,
                organisation == null
                    ? Map.of()
                    : Map.of(ConsentRule.Criterion.ACTOR, Set.of(organisation)),
                validFrom,
                validUntil,
                null,
                null)),
        null);
  }

  public boolean isActive() {
    return status.equals("active");
  }

  /** Whether the outermost provision permits. */
  public boolean permit() {
    return rules.get(0).permit();
  }

  @Override
  public String toString() {
    return "Consent[" + id + ", version " + version + ", " + status + "]";
  }
}
