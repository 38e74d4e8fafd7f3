package org.isocentre.hl7;

import java.io.IOException;

/** A file that is not whole, or none of HL7 v2 messages. Its text holds no patient data. */
public class BatchException extends IOException {
  private static final long serialVersionUID = 1L;

  public BatchException(String message) {
    super(message);
  }
}
