package org.isocentre.hl7;

/**
 * Escapes of text in a field (HL7 v2 §2.7): {@code \F\ \S\ \T\ \R\ \E\} for the delimiters {@code
 * |^&~\}, {@code \.br\} for a line break (§2.7.6), {@code \Xdd\} for what would end a segment or a
 * frame. Nothing in a value can break out of its field.
 */
final class OutboundText {
  private OutboundText() {}

  /** Line breaks of any kind become {@code \.br\}; a tab stays. */
  static void escape(CharSequence value, StringBuilder out) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '|' -> out.append("\\F\\");
        case '^' -> out.append("\\S\\");
        case '&' -> out.append("\\T\\");
        case '~' -> out.append("\\R\\");
        case '\\' -> out.append("\\E\\");
        case '\r' -> {
          out.append("\\.br\\");
          if (i + 1 < value.length() && value.charAt(i + 1) == '\n') {
            i++;
          }
        }
        case '\n' -> out.append("\\.br\\");
        case '\t' -> out.append(c);
        default -> plain(c, out);
      }
    }
  }

  private static void plain(char c, StringBuilder out) {
    if (c < ' ' || c == 0x7f) {
      out.append("\\X").append("%02X".formatted((int) c)).append('\\');
    } else {
      out.append(c);
    }
  }

  /** Whether a value goes out as it is. */
  static boolean isPlain(CharSequence value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f || "|^&~\\".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }
}
