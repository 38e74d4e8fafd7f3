package org.isocentre.dicom.dimse;

/**
 * The peer accepted no presentation context for an object. Sending it again unchanged will not
 * help.
 */
public class NoPresentationContextException extends Exception {
  private static final long serialVersionUID = 1L;

  public NoPresentationContextException(
      String calledAet, String sopClassUid, String transferSyntaxUid) {
    super(
        "ISO-DICOM-503: %s accepts no presentation context for SOP class %s%s"
            .formatted(
                calledAet,
                sopClassUid,
                transferSyntaxUid == null ? "" : " in transfer syntax " + transferSyntaxUid));
  }

  /** Never: the same object will be refused again. */
  public boolean isRetryable() {
    return false;
  }
}
