package org.isocentre.dicom.io;

import java.io.IOException;
import java.io.Reader;
import java.util.regex.Pattern;

/**
 * The tokens of a JSON text (RFC 8259), one by one. Checks what a token is, not how tokens follow
 * each other but for names, commas and colons. Takes memory for one token, within a limit.
 */
final class JsonTokens {
  enum Token {
    BEGIN_OBJECT,
    END_OBJECT,
    BEGIN_ARRAY,
    END_ARRAY,
    COMMA,
    COLON,
    STRING,
    NUMBER,
    TRUE,
    FALSE,
    NULL,
    END
  }

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final int MAX_WORD = 400;
  private static final int NONE = -2;
  private static final int BOM = 0xfeff;

  private final Reader in;
  private final int maxString;
  private final StringBuilder text = new StringBuilder();
  private int ahead = NONE;
  private long position;

  JsonTokens(Reader in, int maxString) {
    this.in = in;
    this.maxString = maxString;
  }

  long position() {
    return position;
  }

  /** Of the last string or number. */
  String text() {
    return text.toString();
  }

  Token next() throws IOException {
    int c = read();
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == BOM && position == 1) {
      c = read();
    }
    return switch (c) {
      case -1 -> Token.END;
      case '{' -> Token.BEGIN_OBJECT;
      case '}' -> Token.END_OBJECT;
      case '[' -> Token.BEGIN_ARRAY;
      case ']' -> Token.END_ARRAY;
      case ',' -> Token.COMMA;
      case ':' -> Token.COLON;
      case '"' -> string();
      default -> word(c);
    };
  }

  private int read() throws IOException {
    int c = ahead == NONE ? in.read() : ahead;
    ahead = NONE;
    position++;
    return c;
  }

  private Token string() throws IOException {
    text.setLength(0);
    for (int c = read(); c != '"'; c = read()) {
      if (c < 0x20) {
        throw error(2, "a string that does not end, or with a control character in it");
      }
      if (text.length() >= maxString) {
        throw error(
            3, "a string longer than the limit of %d; give it by BulkDataURI".formatted(maxString));
      }
      text.append(c == '\\' ? escaped() : (char) c);
    }
    return Token.STRING;
  }

  private char escaped() throws IOException {
    int c = read();
    return switch (c) {
      case '"', '\\', '/' -> (char) c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hex();
      default -> throw error(4, "an unknown escape in a string");
    };
  }

  private char hex() throws IOException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(read(), 16);
      if (digit < 0) {
        throw error(4, "\\u without four hex digits");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  private Token word(int first) throws IOException {
    text.setLength(0);
    int c = first;
    while (c >= '0' && c <= '9'
        || c >= 'a' && c <= 'z'
        || c == 'E'
        || c == '.'
        || c == '-'
        || c == '+') {
      if (text.length() >= MAX_WORD) {
        throw error(5, "a number or word longer than the limit of " + MAX_WORD);
      }
      text.append((char) c);
      c = read();
    }
    ahead = c;
    position--;
    return switch (text()) {
      case "true" -> Token.TRUE;
      case "false" -> Token.FALSE;
      case "null" -> Token.NULL;
      default -> {
        if (!NUMBER.matcher(text).matches()) {
          throw error(5, "found what is no JSON value (RFC 8259)");
        }
        yield Token.NUMBER;
      }
    };
  }

  private DicomParseException error(int number, String message) {
    return DicomParseException.inText("ISO-JSON-%03d".formatted(number), position, message);
  }
}
