package org.isocentre.model;

/**
 * A person's name as its source gave it; each part may be null. Never shown by {@link #toString()}.
 */
public record PersonName(String family, String given, String prefix) {
  @Override
  public String toString() {
    return "PersonName[…]";
  }
}
