package org.isocentre.model;

import java.time.Instant;
import java.util.List;

/**
 * A result as one ORU or MDM states it, or as its messages add up to it.
 *
 * @param fillerNumber of the order that it answers; null for a document that names none
 * @param studyInstanceUid the first study that it names, or null
 * @param status FHIR DiagnosticReport.status: registered, partial, preliminary, final, amended,
 *     corrected, appended, cancelled, entered-in-error, unknown
 * @param text the report's text with {@code \n} between lines, or null
 * @param documentKey object key of an embedded document, or null
 * @param documentType its media type, or null
 * @param issued or null
 * @param documentNumber TXA-12 unique document number of an MDM, or null
 * @param otherStudyInstanceUids studies that it names beside the first
 */
public record ReportResult(
    String custodian,
    String placerNumber,
    String placerIssuer,
    String fillerNumber,
    String fillerIssuer,
    AccessionKey accession,
    String studyInstanceUid,
    PatientDemographics patient,
    Code procedure,
    String status,
    String text,
    String documentKey,
    String documentType,
    String reporterCode,
    PersonName reporterName,
    Instant issued,
    String messageKey,
    Instant messageAt,
    String documentNumber,
    List<String> otherStudyInstanceUids) {
  public ReportResult {
    otherStudyInstanceUids = List.copyOf(otherStudyInstanceUids);
  }

  /** Without a document number; names one study at most. */
  public ReportResult(
      String custodian,
      String placerNumber,
      String placerIssuer,
      String fillerNumber,
      String fillerIssuer,
      AccessionKey accession,
      String studyInstanceUid,
      PatientDemographics patient,
      Code procedure,
      String status,
      String text,
      String documentKey,
      String documentType,
      String reporterCode,
      PersonName reporterName,
      Instant issued,
      String messageKey,
      Instant messageAt) {
    this(
        custodian,
        placerNumber,
        placerIssuer,
        fillerNumber,
        fillerIssuer,
        accession,
        studyInstanceUid,
        patient,
        procedure,
        status,
        text,
        documentKey,
        documentType,
        reporterCode,
        reporterName,
        issued,
        messageKey,
        messageAt,
        null,
        List.of());
  }

  /** With the place that its document was stored at. */
  public ReportResult withDocument(String key, String type) {
    return new ReportResult(
        custodian,
        placerNumber,
        placerIssuer,
        fillerNumber,
        fillerIssuer,
        accession,
        studyInstanceUid,
        patient,
        procedure,
        status,
        text,
        key,
        type,
        reporterCode,
        reporterName,
        issued,
        messageKey,
        messageAt,
        documentNumber,
        otherStudyInstanceUids);
  }

  /** With the studies that it names beside the first. */
  public ReportResult withOtherStudies(List<String> uids) {
    return new ReportResult(
        custodian,
        placerNumber,
        placerIssuer,
        fillerNumber,
        fillerIssuer,
        accession,
        studyInstanceUid,
        patient,
        procedure,
        status,
        text,
        documentKey,
        documentType,
        reporterCode,
        reporterName,
        issued,
        messageKey,
        messageAt,
        documentNumber,
        uids);
  }

  @Override
  public String toString() {
    return "ReportResult[" + custodian + ", " + status + "]";
  }
}
