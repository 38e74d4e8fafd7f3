package org.isocentre.model;

import java.util.UUID;

/** How a patient record leads to another (FHIR R4 Patient.link). */
public record PatientLink(Type type, UUID other) {
  /** FHIR link-type. */
  public enum Type {
    /** The other record is to be used instead of this one. */
    REPLACED_BY,
    /** The other record was absorbed by this one. */
    REPLACES,
    /** Both are records of one person. */
    SEE_ALSO
  }
}
