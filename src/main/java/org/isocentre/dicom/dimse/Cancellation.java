package org.isocentre.dicom.dimse;

/** Set by C-CANCEL or the end of the association. */
final class Cancellation {
  private volatile boolean cancelled;

  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }
}
