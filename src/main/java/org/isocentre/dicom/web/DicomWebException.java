package org.isocentre.dicom.web;

import java.io.IOException;
import org.isocentre.dicom.dimse.Status;

/** A DICOMweb server, or the way to it, did not do what was asked. */
public final class DicomWebException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it is. */
  public enum Kind {
    /** No connection, none that was kept, or no answer in time. */
    UNREACHABLE,
    /** The token server, or the DICOMweb server, does not know us, or not this resource. */
    NOT_ADMITTED,
    /** The server cannot do it now. */
    BUSY,
    /** The server will not do it as it was asked. */
    REFUSED,
    /** The answer is none of DICOMweb. */
    MALFORMED
  }

  private final Kind kind;
  private final int httpStatus;
  private final int failureReason;

  DicomWebException(Kind kind, int httpStatus, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.failureReason = 0;
  }

  private DicomWebException(int httpStatus, int failureReason, String where) {
    super(
        "ISO-DICOMWEB-004: %s did not store an object: %s"
            .formatted(where, Status.text(failureReason)));
    this.kind = Status.isRetryable(failureReason) ? Kind.BUSY : Kind.REFUSED;
    this.httpStatus = httpStatus;
    this.failureReason = failureReason;
  }

  /** An answer with a status of failure. */
  static DicomWebException of(int httpStatus, String where) {
    Kind kind =
        switch (httpStatus) {
          case 401, 403, 404, 405, 407, 501 -> Kind.NOT_ADMITTED;
          case 408, 425, 429 -> Kind.BUSY;
          default -> httpStatus >= 500 ? Kind.BUSY : Kind.REFUSED;
        };
    return new DicomWebException(
        kind, httpStatus, "ISO-DICOMWEB-003: %s answered %d".formatted(where, httpStatus), null);
  }

  /** An object that the server did not store. */
  static DicomWebException notStored(int httpStatus, int failureReason, String where) {
    return new DicomWebException(httpStatus, failureReason, where);
  }

  public Kind kind() {
    return kind;
  }

  /** HTTP status; 0 where there was no answer. */
  public int httpStatus() {
    return httpStatus;
  }

  /** Failure Reason (0008,1197) of an object that was not stored, else 0. */
  public int failureReason() {
    return failureReason;
  }

  /** Whether the same request may succeed later, unchanged. */
  public boolean isRetryable() {
    return kind == Kind.UNREACHABLE || kind == Kind.BUSY || kind == Kind.NOT_ADMITTED;
  }

  /** Whether it is about what was sent, so that something else may succeed now. */
  public boolean isAboutRequest() {
    return kind == Kind.REFUSED;
  }
}
