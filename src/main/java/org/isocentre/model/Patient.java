package org.isocentre.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A patient as the index knows them.
 *
 * @param id the index's own key; the FHIR logical id
 * @param identity NHS number, birth date and the first local number
 * @param keys every local number known for this patient
 * @param name or null
 * @param sex administrative sex as FHIR code (male, female, other, unknown), or null
 * @param addressLine or null
 * @param postalCode or null
 * @param source which kind of message demographics came from; HL7 ADT outranks DICOM
 * @param inReview true while a person must decide who this is; then nobody but staff sees anything
 *     of it
 * @param nhsNumberStatus NHS number status indicator, {@code 01} to {@code 08}, or null
 * @param claimedKeys local numbers that a source said beside these, and by which nobody is matched
 */
public record Patient(
    UUID id,
    PatientIdentity identity,
    List<PatientKey> keys,
    PersonName name,
    String sex,
    String addressLine,
    String postalCode,
    Source source,
    boolean inReview,
    Instant lastUpdated,
    String nhsNumberStatus,
    List<PatientKey> claimedKeys) {
  /** Where demographics came from, weakest first. */
  public enum Source {
    DICOM,
    ORDER,
    ADT
  }

  /** Without claimed numbers. */
  public Patient(
      UUID id,
      PatientIdentity identity,
      List<PatientKey> keys,
      PersonName name,
      String sex,
      String addressLine,
      String postalCode,
      Source source,
      boolean inReview,
      Instant lastUpdated,
      String nhsNumberStatus) {
    this(
        id,
        identity,
        keys,
        name,
        sex,
        addressLine,
        postalCode,
        source,
        inReview,
        lastUpdated,
        nhsNumberStatus,
        List.of());
  }

  @Override
  public String toString() {
    return "Patient[" + id + "]";
  }
}
