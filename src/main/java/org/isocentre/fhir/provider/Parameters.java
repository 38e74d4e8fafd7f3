package org.isocentre.fhir.provider;

import java.util.UUID;

/** Ids as they come from callers. */
final class Parameters {
  /** An id that nothing has: for values that cannot match. */
  private static final UUID NONE = new UUID(0, 0);

  private Parameters() {}

  static UUID id(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return NONE;
    }
  }
}
