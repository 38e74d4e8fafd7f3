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

  /**
   * Symmetric: {@code a.compare(b) == b.compare(a)}. Two local numbers of one issuer that differ
   * are no disagreement where both name the same NHS number: one person may be registered twice.
   */
  public Comparison compare(PatientIdentity other) {
    boolean bothNhs = nhsNumber != null && other.nhsNumber != null;
    boolean sameNhs = bothNhs && nhsNumber.equals(other.nhsNumber);
    boolean sameIssuer =
        key != null && other.key != null && key.issuer().equals(other.key.issuer());
    boolean otherBirthDate =
        birthDate != null && other.birthDate != null && !birthDate.equals(other.birthDate);
    boolean otherNumber = sameIssuer && !key.equals(other.key) && !sameNhs;
    if (bothNhs && !sameNhs || otherBirthDate || otherNumber) {
      return Comparison.DISAGREES;
    }
    return sameNhs || sameIssuer ? Comparison.AGREES : Comparison.UNKNOWN;
  }
}
