package org.isocentre.index;

/** What a person decided cannot be done, or taken back, as things stand; nothing was changed. */
public final class DecisionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DecisionException(String message) {
    super(message);
  }
}
