package org.isocentre.hl7;

import org.isocentre.model.ReportResult;

/**
 * A report whose document is still to be stored.
 *
 * @param document bytes, or null
 * @param documentType its media type, or null
 */
public record MappedReport(ReportResult result, byte[] document, String documentType) {
  /** With the place that the document was stored at. */
  public ReportResult storedAt(String key) {
    return result.withDocument(key, documentType);
  }

  @Override
  public String toString() {
    return "MappedReport[" + result + "]";
  }
}
