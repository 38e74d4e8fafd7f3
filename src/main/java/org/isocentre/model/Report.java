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
 */
public record Report(
    UUID id,
    UUID patientId,
    UUID orderId,
    List<UUID> studyIds,
    ReportResult result,
    Instant lastUpdated) {
  public Report {
    studyIds = List.copyOf(studyIds);
  }
}
