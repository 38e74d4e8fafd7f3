package org.isocentre.dicom.pdu;

/** A PDU that breaks PS3.8. */
final class PduFormatException extends Exception {
  private static final long serialVersionUID = 1L;
  private final int abortReason;

  PduFormatException(int abortReason, String message) {
    super(message);
    this.abortReason = abortReason;
  }

  /** Reason/diag for the A-ABORT (PS3.8 §9.3.8). */
  int abortReason() {
    return abortReason;
  }
}
