package org.isocentre.model;

import java.time.Instant;
import java.time.LocalDateTime;

/**
 * Everything that the index takes from one object: patient, study, series and instance attributes.
 * Text may be null.
 *
 * @param custodian ODS code of the trust that sent it
 * @param patientName as in the object (DICOM PN)
 * @param procedure the procedure that it came from
 */
public record ReceivedInstance(
    String custodian,
    String callingAeTitle,
    PatientDemographics patient,
    String patientName,
    String patientSex,
    String studyInstanceUid,
    String studyId,
    AccessionKey accession,
    LocalDateTime studyStarted,
    String studyDescription,
    String referringPhysician,
    String seriesInstanceUid,
    String modality,
    Integer seriesNumber,
    String seriesDescription,
    String bodyPartExamined,
    String laterality,
    String performingPhysician,
    LocalDateTime seriesStarted,
    String sopInstanceUid,
    String sopClassUid,
    String transferSyntaxUid,
    Integer instanceNumber,
    Integer numberOfFrames,
    Integer rows,
    Integer columns,
    String objectKey,
    String sha256,
    long size,
    Instant receivedAt,
    ProcedureContext procedure) {
  @Override
  public String toString() {
    return "ReceivedInstance[" + custodian + ", " + sopInstanceUid + "]";
  }
}
