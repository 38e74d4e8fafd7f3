package org.isocentre.dicom.association;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * An association that could not be made or kept. The message names the peer, what was found and
 * what to do; never patient data. Each kind has a stable code.
 */
public class AssociationException extends UncheckedIOException {
  /** What went wrong; decides what may be tried again. */
  public enum Kind {
    /** The transport could not be connected. */
    CONNECT("ISO-DICOM-101", true),
    /** A-ASSOCIATE-RJ, permanent (PS3.8 §9.3.4 result 1). */
    REJECTED_PERMANENT("ISO-DICOM-102", false),
    /** A-ASSOCIATE-RJ, transient (PS3.8 §9.3.4 result 2). */
    REJECTED_TRANSIENT("ISO-DICOM-103", true),
    /** A-ABORT from the peer or from here. */
    ABORTED("ISO-DICOM-104", true),
    /** The transport closed without release or abort. */
    CONNECTION_LOST("ISO-DICOM-105", true),
    /** A timer ran out (connect, ARTIM, response, idle, send, release). */
    TIMEOUT("ISO-DICOM-106", true),
    /** The peer broke PS3.8, or what was asked for does not fit its PDUs. */
    PROTOCOL("ISO-DICOM-107", false),
    /** The association is already closed. */
    CLOSED("ISO-DICOM-108", true),
    /** TLS could not be set up, or broke (PS3.15 Annex B). */
    TLS("ISO-DICOM-109", false);

    private final String code;
    private final boolean retryable;

    Kind(String code, boolean retryable) {
      this.code = code;
      this.retryable = retryable;
    }

    public String code() {
      return code;
    }

    public boolean retryable() {
      return retryable;
    }
  }

  private static final long serialVersionUID = 1L;
  private final Kind kind;
  private final String plainMessage;

  public AssociationException(Kind kind, String message) {
    this(kind, message, null);
  }

  public AssociationException(Kind kind, String message, Throwable cause) {
    super(kind.code() + ": " + message, new IOException(message, cause));
    this.kind = kind;
    this.plainMessage = message;
  }

  /** The same for another thread to throw, with this as its cause. */
  public AssociationException again() {
    return new AssociationException(kind, plainMessage, this);
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the same request may succeed later, unchanged. */
  public boolean isRetryable() {
    return kind.retryable();
  }
}
