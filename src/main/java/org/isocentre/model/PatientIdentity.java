package org.isocentre.model;

import java.time.LocalDate;

/**
 * What one source said of who the patient is, kept as it was said with each order and each study.
 * Linking compares two of these.
 *
 * @param key the source's own patient number, or null
 * @param nhsNumber ten valid digits, or null when the source gave none or an invalid one
 * @param birthDate or null when the source gave none or only a part of it
 */
public record PatientIdentity(PatientKey key, String nhsNumber, LocalDate birthDate) {
  /** Never shows what it holds. */
  @Override
  public String toString() {
    return "PatientIdentity[key="
        + (key != null)
        + ", nhsNumber="
        + (nhsNumber != null)
        + ", birthDate="
        + (birthDate != null)
        + "]";
  }

  /** How two statements of identity compare. */
  public enum Comparison {
    /**
     * At least one strong identifier (NHS number, or the same issuer's patient number) agrees and
     * nothing disagrees.
     */
    AGREES,
    /** NHS number, the same issuer's patient number, or birth date differ. */
    DISAGREES,
    /** Nothing disagrees but no strong identifier is on both sides. */
    UNKNOWN
  }

  /** Symmetric: {@code a.compare(b) == b.compare(a)}. */
  public Comparison compare(PatientIdentity other) {
    boolean sameIssuer =
        key != null && other.key != null && key.issuer().equals(other.key.issuer());
    boolean bothNhs = nhsNumber != null && other.nhsNumber != null;
    boolean bothBirth = birthDate != null && other.birthDate != null;
    if (bothNhs && !nhsNumber.equals(other.nhsNumber)
        || bothBirth && !birthDate.equals(other.birthDate)
        || sameIssuer && !key.equals(other.key)) {
      return Comparison.DISAGREES;
    }
    return bothNhs || sameIssuer ? Comparison.AGREES : Comparison.UNKNOWN;
  }
}
