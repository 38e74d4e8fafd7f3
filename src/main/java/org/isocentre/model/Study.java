package org.isocentre.model;

import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;

/**
 * One study of one custodian.
 *
 * @param id the FHIR logical id of its ImagingStudy
 * @param custodian ODS code of the trust that it came from
 * @param patientId the patient that the index found for it
 * @param identity what the objects say of the patient
 * @param accession or null
 * @param studyId DICOM Study ID (0020,0010), or null
 * @param started Study Date and Time without offset, or null
 * @param timezoneOffset of it, such as {@code +0100}, or null where the objects give none
 * @param procedure first Procedure Code of the objects (0008,1032), or null
 * @param readingPhysician (0008,1060) of DICOM PN, or null
 * @param reason Reason for the Requested Procedure (0040,1002), or null
 * @param patientName as in the objects (DICOM PN), or null
 * @param patientSex as in the objects, or null
 * @param modalities distinct, sorted
 * @param numberOfSeries really received
 * @param numberOfInstances really received
 * @param lastReceivedAt when the newest object came
 */
public record Study(
    UUID id,
    String custodian,
    String studyInstanceUid,
    UUID patientId,
    PatientIdentity identity,
    AccessionKey accession,
    String studyId,
    LocalDateTime started,
    String timezoneOffset,
    Code procedure,
    String description,
    String referringPhysician,
    String readingPhysician,
    String reason,
    String patientName,
    String patientSex,
    List<String> modalities,
    int numberOfSeries,
    int numberOfInstances,
    Instant lastReceivedAt,
    Instant lastUpdated) {
  /** Of objects that give neither offset, procedure, reader nor reason. */
  public Study(
      UUID id,
      String custodian,
      String studyInstanceUid,
      UUID patientId,
      PatientIdentity identity,
      AccessionKey accession,
      String studyId,
      LocalDateTime started,
      String description,
      String referringPhysician,
      String patientName,
      String patientSex,
      List<String> modalities,
      int numberOfSeries,
      int numberOfInstances,
      Instant lastReceivedAt,
      Instant lastUpdated) {
    this(
        id,
        custodian,
        studyInstanceUid,
        patientId,
        identity,
        accession,
        studyId,
        started,
        null,
        null,
        description,
        referringPhysician,
        null,
        null,
        patientName,
        patientSex,
        modalities,
        numberOfSeries,
        numberOfInstances,
        lastReceivedAt,
        lastUpdated);
  }

  @Override
  public String toString() {
    return "Study[" + custodian + ", " + studyInstanceUid + "]";
  }
}
