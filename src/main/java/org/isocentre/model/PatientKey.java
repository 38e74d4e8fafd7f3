package org.isocentre.model;

/**
 * A patient identifier with the organisation that issued it. The value is never altered. A value
 * without its issuer means nothing, so two keys are equal only when both parts are.
 *
 * @param issuer ODS code of the issuing organisation, or {@link #NHS} for an NHS number
 * @param value as received
 */
public record PatientKey(String issuer, String value) {
  /** The issuer of NHS numbers. */
  public static final String NHS = "NHS";

  public PatientKey {
    if (issuer == null || issuer.isBlank() || value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "ISO-MODEL-001: a patient key needs an issuer and a value");
    }
  }

  /** Never shows the value. */
  @Override
  public String toString() {
    return "PatientKey[" + issuer + ", …]";
  }
}
