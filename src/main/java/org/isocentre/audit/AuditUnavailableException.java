package org.isocentre.audit;

/** The audit trail cannot be written, so what it is about must not happen. */
public final class AuditUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AuditUnavailableException(RuntimeException cause) {
    super(
        "ISO-AUDIT-011: the audit trail cannot be written now, so nothing is shown or done; try again later",
        cause);
  }
}
