package org.isocentre.model;

import java.util.Set;

/**
 * What one message or object says of a patient.
 *
 * @param identity key, NHS number, birth date
 * @param name or null
 * @param sex FHIR code or null
 * @param addressLine or null
 * @param postalCode or null
 * @param source how far the statement is to be trusted
 * @param nhsNumberStatus NHS number status indicator, {@code 01} to {@code 08} (NHS Data
 *     Dictionary), or null
 * @param deleted what the statement says to be no longer known ({@code ""} of HL7 v2 §2.5.3)
 */
public record PatientDemographics(
    PatientIdentity identity,
    PersonName name,
    String sex,
    String addressLine,
    String postalCode,
    Patient.Source source,
    String nhsNumberStatus,
    Set<Field> deleted) {
  /** What a statement may delete. */
  public enum Field {
    BIRTH_DATE,
    NAME,
    SEX,
    ADDRESS_LINE,
    POSTAL_CODE
  }

  public PatientDemographics {
    deleted = Set.copyOf(deleted);
  }

  /** Without a status of the NHS number; deletes nothing. */
  public PatientDemographics(
      PatientIdentity identity,
      PersonName name,
      String sex,
      String addressLine,
      String postalCode,
      Patient.Source source) {
    this(identity, name, sex, addressLine, postalCode, source, null, Set.of());
  }

  @Override
  public String toString() {
    return "PatientDemographics[" + source + "]";
  }
}
