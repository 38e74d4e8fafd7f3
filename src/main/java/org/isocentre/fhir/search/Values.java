package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;

/** Values of search parameters as they are written (R4 §3.1.1.4.1, escapes §3.1.1.4.0.2). */
final class Values {
  private Values() {}

  /**
   * Parts between separators that no backslash escapes; the escapes stay.
   *
   * @param most parts at most; the last holds the rest
   */
  static List<String> split(String text, char separator, int most) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        part.append(c).append(text.charAt(++i));
      } else if (c == separator && parts.size() + 1 < most) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  /** Without the backslashes that escape. */
  static String plain(String text) {
    if (text.indexOf('\u0000') >= 0) {
      throw new InvalidRequestException("ISO-FHIR-022: a value holds no NUL character");
    }
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      plain.append(c == '\\' && i + 1 < text.length() ? text.charAt(++i) : c);
    }
    return plain.toString();
  }

  /**
   * A token.
   *
   * @param system null if it names none, empty for none at all ({@code |code})
   * @param code empty for any
   */
  record Token(String system, String code) {
    static Token parse(String text) {
      List<String> parts = split(text, '|', 2);
      return parts.size() == 1
          ? new Token(null, plain(parts.get(0)))
          : new Token(plain(parts.get(0)), plain(parts.get(1)));
    }

    @Override
    public String toString() {
      return "Token[" + system + ", …]";
    }
  }
}
