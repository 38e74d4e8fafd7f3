package org.isocentre.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A result in the index.
 *
 * @param id the FHIR logical id of its DiagnosticReport
 * @param orderId the order that it answers, or null while none is known
 * @param studyIds the studies that it is attached to
 * @param result what its messages add up to
 * @param lastUpdated when the index learnt of it
 * @param versionId which of its versions this is; each message that spoke of it made one
 */
public record Report(
    UUID id,
    UUID patientId,
    UUID orderId,
    List<UUID> studyIds,
    ReportResult result,
    Instant lastUpdated,
    UUID versionId) {
  public Report {
    studyIds = List.copyOf(studyIds);
  }
}
