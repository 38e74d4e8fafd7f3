package org.isocentre.dicom.dimse;

/**
 * Ends an operation with a certain status. The comment goes to the peer: at most 64 characters,
 * never patient data.
 */
public class DimseStatusException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;

  public DimseStatusException(int status, String comment) {
    this(status, comment, null);
  }

  public DimseStatusException(int status, String comment, Throwable cause) {
    super(comment, cause);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
