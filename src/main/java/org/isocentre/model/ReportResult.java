package org.isocentre.model;

import java.time.Instant;

/**
 * A result as one ORU^R01 states it.
 *
 * @param status FHIR DiagnosticReport.status: registered, partial, preliminary, final, amended,
 *     corrected, cancelled, entered-in-error, unknown
 * @param text the report's text with {@code \n} between lines, or null
 * @param documentKey object key of an embedded document, or null
 * @param documentType its media type, or null
 * @param issued or null
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
    Instant messageAt) {
  @Override
  public String toString() {
    return "ReportResult[" + custodian + ", " + status + "]";
  }
}
