package org.isocentre.hl7;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The characters that part a message (MSH-1 and MSH-2), and the escape sequences that stand for
 * them in text (HL7 v2 §2.7), both ways.
 *
 * @param escape 0 if the message has none
 * @param truncation 0 before 2.7
 */
public record Delimiters(
    char field, char component, char repetition, char escape, char subcomponent, char truncation) {
  /** {@code |^~\&}. */
  public static final Delimiters STANDARD = new Delimiters('|', '^', '~', '\\', '&', '\0');

  private static final int MOST_LINES = 100;

  /**
   * @param encodingCharacters MSH-2; the defaults stand in for those that it leaves out, but for
   *     the escape character
   */
  public static Delimiters of(char fieldSeparator, String encodingCharacters) {
    String e = encodingCharacters;
    return new Delimiters(
        fieldSeparator,
        e.length() > 0 ? e.charAt(0) : '^',
        e.length() > 1 ? e.charAt(1) : '~',
        e.length() > 2 ? e.charAt(2) : '\0',
        e.length() > 3 ? e.charAt(3) : '&',
        e.length() > 4 ? e.charAt(4) : '\0');
  }

  /** All parts of a text, also the empty ones; the whole of it where there is no such delimiter. */
  static String[] split(String text, char delimiter) {
    int parts = 1;
    for (int i = text.indexOf(delimiter); i >= 0; i = text.indexOf(delimiter, i + 1)) {
      parts++;
    }
    String[] split = new String[parts];
    int from = 0;
    for (int i = 0; i < parts; i++) {
      int end = i == parts - 1 ? text.length() : text.indexOf(delimiter, from);
      split[i] = text.substring(from, end);
      from = end + 1;
    }
    return split;
  }

  /**
   * Text as it stands in a field: delimiters, line ends (as {@code \.br\}) and other control
   * characters escaped.
   *
   * @throws IllegalStateException ISO-HL7-001 if the text needs an escape character and there is
   *     none
   */
  public String encode(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      String sequence = sequence(text, i);
      if (sequence == null) {
        if (out != null) {
          out.append(text.charAt(i));
        }
        continue;
      }
      out = out == null ? new StringBuilder(text.length() + 16).append(text, 0, i) : out;
      if (escape == 0) {
        throw new IllegalStateException(
            "ISO-HL7-001: text with a delimiter in a message without an escape character; send MSH-2 as ^~\\&");
      }
      if (!sequence.isEmpty()) {
        out.append(escape).append(sequence).append(escape);
      }
    }
    return out == null ? text : out.toString();
  }

  /**
   * What stands for a character; empty for the first half of CR LF and for NUL, null for one that
   * stays.
   */
  private String sequence(String text, int at) {
    char c = text.charAt(at);
    if (c == 0 || c == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
      return "";
    }
    if (c == '\r' || c == '\n') {
      return ".br";
    }
    if (c == field) {
      return "F";
    } else if (c == component) {
      return "S";
    } else if (c == subcomponent) {
      return "T";
    } else if (c == repetition) {
      return "R";
    } else if (c == escape && escape != 0) {
      return "E";
    } else if (c == truncation && truncation != 0) {
      return "P";
    }
    return c < ' ' ? "X" + HexFormat.of().withUpperCase().toHexDigits((byte) c) : null;
  }

  /**
   * The text of a field. Commands that end a line become {@code \n}; those that only lay it out
   * (highlight, indent, fill) are dropped. What is no sequence of the standard stays as it is, for
   * many senders do not escape their backslashes.
   *
   * @param charset that the bytes of {@code \Xdd..\} are in
   */
  public String decode(String text, Charset charset) {
    int next = escape == 0 ? -1 : text.indexOf(escape);
    if (next < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    while (next >= 0) {
      int end = text.indexOf(escape, next + 1);
      String meaning = end < 0 ? null : meaning(text.substring(next + 1, end), charset);
      out.append(text, from, next);
      if (meaning == null) {
        out.append(escape);
        from = next + 1;
      } else {
        out.append(meaning);
        from = end + 1;
      }
      next = text.indexOf(escape, from);
    }
    return out.append(text, from, text.length()).toString();
  }

  /** Null for what is no sequence. */
  private String meaning(String sequence, Charset charset) {
    return switch (sequence) {
      case "F" -> String.valueOf(field);
      case "S" -> String.valueOf(component);
      case "T" -> String.valueOf(subcomponent);
      case "R" -> String.valueOf(repetition);
      case "E" -> String.valueOf(escape);
      case "P" -> truncation == 0 ? "#" : String.valueOf(truncation);
      case "H", "N" -> "";
      default ->
          sequence.startsWith(".")
              ? command(sequence.substring(1).toLowerCase(Locale.ROOT))
              : sequence.startsWith("X") ? bytes(sequence.substring(1), charset) : null;
    };
  }

  /** Formatting commands (HL7 v2 §2.7.6). */
  private static String command(String command) {
    if (command.equals("br") || command.equals("ce")) {
      return "\n";
    }
    if (command.matches("sp ?\\+?\\d{0,4}")) {
      return "\n".repeat(number(command));
    }
    if (command.matches("sk ?\\+?\\d{1,4}")) {
      return " ".repeat(number(command));
    }
    return command.matches("fi|nf|(in|ti) ?[+-]?\\d{0,4}") ? "" : null;
  }

  private static int number(String command) {
    String digits = command.replaceAll("\\D", "");
    return digits.isEmpty() ? 1 : Math.min(MOST_LINES, Math.max(1, Integer.parseInt(digits)));
  }

  private static String bytes(String hex, Charset charset) {
    try {
      String text =
          charset.newDecoder().decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex))).toString();
      // NUL is no text; databases refuse it.
      return text.isEmpty() || text.indexOf('\0') >= 0 ? null : text;
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return null;
    }
  }
}
