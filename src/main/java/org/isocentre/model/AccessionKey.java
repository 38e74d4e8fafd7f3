package org.isocentre.model;

/**
 * An accession number with the organisation that issued it (the filler). Two departments use the
 * same numbers, so a value alone never links anything.
 *
 * @param issuer ODS code of the issuing organisation
 * @param value as received
 */
public record AccessionKey(String issuer, String value) {
  public AccessionKey {
    if (issuer == null || issuer.isBlank() || value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "ISO-MODEL-002: an accession key needs an issuer and a value");
    }
  }

  /** Never shows the value. */
  @Override
  public String toString() {
    return "AccessionKey[" + issuer + ", …]";
  }
}
