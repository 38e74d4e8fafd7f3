package org.isocentre.hl7;

import ca.uhn.hl7v2.HL7Exception;

/** A message whose text cannot be read without a guess: its character set is at fault (MSH-18). */
public final class UnreadableTextException extends HL7Exception {
  private static final long serialVersionUID = 1L;

  UnreadableTextException(String message) {
    super(message);
  }

  /** For the answer. */
  public MessageProblem problem() {
    return new MessageProblem("MSH", 1, 18, MessageProblem.DATA_TYPE, false, getMessage());
  }
}
