package org.isocentre.model;

/** Status of an order; the names are those of FHIR R4 RequestStatus. */
public enum OrderStatus {
  ACTIVE,
  ON_HOLD,
  REVOKED,
  COMPLETED,
  ENTERED_IN_ERROR,
  UNKNOWN;

  /** The FHIR code, such as {@code on-hold}. */
  public String code() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
