package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.param.TokenParam;

/** Tokens of searches of what is kept in memory (R4 §3.1.1.4.10). */
final class Tokens {
  private Tokens() {}

  /**
   * @param text {@code system|code}, {@code |code} or {@code code}
   */
  static TokenParam token(String text) {
    int bar = text.indexOf('|');
    return bar < 0
        ? new TokenParam(null, text)
        : new TokenParam(text.substring(0, bar), text.substring(bar + 1));
  }

  /** Whether a code of a system is one that is asked for. */
  static boolean meets(String system, String code, TokenParam asked) {
    boolean ofSystem = asked.getSystem() == null || asked.getSystem().equals(system);
    return ofSystem && code.equals(asked.getValue());
  }
}
