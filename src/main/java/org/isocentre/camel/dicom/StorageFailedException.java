package org.isocentre.camel.dicom;

import org.isocentre.dicom.dimse.Status;

/** The peer answered a C-STORE or C-ECHO with a failure. It does not have the object. */
public class StorageFailedException extends Exception {
  private static final long serialVersionUID = 1L;
  private final int status;

  StorageFailedException(String calledAet, int status) {
    super("ISO-DICOM-603: %s answered %s".formatted(calledAet, Status.text(status)));
    this.status = status;
  }

  /** The response's status (PS3.7 Annex C). */
  public int getStatus() {
    return status;
  }

  /** Whether the same object may be taken later. */
  public boolean isRetryable() {
    return Status.isRetryable(status);
  }
}
