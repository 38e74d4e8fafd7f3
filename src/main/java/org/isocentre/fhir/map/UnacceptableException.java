package org.isocentre.fhir.map;

/** A resource cannot be taken as it is; the message says why, without a word of what it holds. */
public final class UnacceptableException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnacceptableException(String why) {
    super(why);
  }
}
