package org.isocentre.camel.dicom;

import org.isocentre.dicom.dimse.Status;

/** The peer answered with a failure: it did not do what was asked. */
public class DicomOperationFailedException extends Exception {
  private static final long serialVersionUID = 1L;
  private final int status;

  DicomOperationFailedException(String calledAet, int status) {
    super("ISO-DICOM-603: %s answered %s".formatted(calledAet, Status.text(status)));
    this.status = status;
  }

  /** The response's status (PS3.7 Annex C). */
  public int getStatus() {
    return status;
  }

  /** Whether the same request may succeed later, unchanged. */
  public boolean isRetryable() {
    return Status.isRetryable(status);
  }
}
