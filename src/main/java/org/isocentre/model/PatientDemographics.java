package org.isocentre.model;

/**
 * What one message or object says of a patient.
 *
 * @param identity key, NHS number, birth date
 * @param name or null
 * @param sex FHIR code or null
 * @param addressLine or null
 * @param postalCode or null
 * @param source how far the statement is to be trusted
 */
public record PatientDemographics(
    PatientIdentity identity,
    PersonName name,
    String sex,
    String addressLine,
    String postalCode,
    Patient.Source source) {
  @Override
  public String toString() {
    return "PatientDemographics[" + source + "]";
  }
}
