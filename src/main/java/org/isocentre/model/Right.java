package org.isocentre.model;

/** What a scope lets do with resources of a type (SMART App Launch 2.2 §3.0.2.1). */
public enum Right {
  CREATE('c'),
  /** Of one resource, its versions, too. */
  READ('r'),
  UPDATE('u'),
  DELETE('d'),
  SEARCH('s');

  private final char letter;

  Right(char letter) {
    this.letter = letter;
  }

  char letter() {
    return letter;
  }
}
