package org.isocentre.hl7;

/** In which role an order is told (HL7 v2 §4.3): what it says in ORC-1 depends on it. */
public enum ToldAs {
  /** Its status, as a filler tells it. */
  STATUS,
  /** By its placer, the first time. */
  NEW_ORDER,
  /** By its placer, again. */
  CHANGE,
  /** By its placer, once it is held no more. */
  RELEASE
}
