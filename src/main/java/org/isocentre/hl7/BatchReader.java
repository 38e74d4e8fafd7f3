package org.isocentre.hl7;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Reads messages from a file one by one: one message, several one after the other, or batches (HL7
 * v2 §2.10.3: FHS, BHS, messages, BTS, FTS). Segments may end with CR, LF or both; MLLP blocks and
 * a byte order mark are passed over. Holds one message at a time.
 */
public final class BatchReader {
  private static final int BUFFER = 64 * 1024;
  private static final int FIRST_CAPACITY = 4096;
  private static final int NAME_LENGTH = 3;
  private final InputStream in;
  private final int maxMessageBytes;
  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int length;

  /** Where the line that is being read begins. */
  private int line;

  /** Whether the line in the buffer was not looked at yet. */
  private boolean pending;

  private boolean ended;
  private long number;

  /** A piece of a file. */
  public sealed interface Part {}

  /**
   * One message.
   *
   * @param number in the file, from 1
   */
  public record OneMessage(long number, byte[] bytes) implements Part {}

  /**
   * A header or trailer segment.
   *
   * @param name FHS, BHS, BTS or FTS
   * @param fields of it; the field separator itself counts in headers, as in MSH
   */
  public record Envelope(String name, String[] fields) implements Part {
    /** Such as BTS-1; empty if it is not there. */
    public String field(int number) {
      int index = name.equals("FHS") || name.equals("BHS") ? number - 1 : number;
      return index < fields.length ? fields[index].trim() : "";
    }
  }

  /**
   * @param maxMessageBytes of one message
   */
  public BatchReader(InputStream in, int maxMessageBytes) {
    this.in = new BufferedInputStream(in, BUFFER);
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * The next piece, or null at the end.
   *
   * @throws BatchException if the file is none of messages
   */
  public Part next() throws IOException {
    while (true) {
      if (!readLine()) {
        return length > 0 ? message(length) : null;
      }
      String name = name();
      if (name.equals("MSH") || isEnvelope(name)) {
        if (line > 0) {
          return message(line);
        }
        if (isEnvelope(name)) {
          return envelope(name);
        }
      } else if (line == 0) {
        if (!blank()) {
          throw new BatchException(
              "ISO-HL7-130: before message %d: found what is no segment MSH, FHS, BHS, BTS or FTS"
                  .formatted(number + 1));
        }
        length = 0;
        continue;
      }
      line = length;
    }
  }

  private boolean isEnvelope(String name) {
    return name.equals("FHS") || name.equals("BHS") || name.equals("BTS") || name.equals("FTS");
  }

  /** Everything before the line that was read last; that line is kept for the next. */
  private OneMessage message(int end) {
    OneMessage message = new OneMessage(++number, Arrays.copyOf(buffer, end));
    System.arraycopy(buffer, end, buffer, 0, length - end);
    length -= end;
    line = 0;
    pending = length > 0;
    return message;
  }

  private Envelope envelope(String name) {
    String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1).strip();
    char separator = text.length() > NAME_LENGTH ? text.charAt(NAME_LENGTH) : '|';
    length = 0;
    return new Envelope(name, text.split(Pattern.quote(String.valueOf(separator)), -1));
  }

  private boolean blank() {
    for (int i = 0; i < length; i++) {
      if (buffer[i] != '\r' && buffer[i] != '\n' && buffer[i] != ' ') {
        return false;
      }
    }
    return true;
  }

  /** Name of the segment in the line, or an empty one. */
  private String name() {
    int count = length - line;
    if (count <= NAME_LENGTH || Character.isLetterOrDigit(buffer[line + NAME_LENGTH] & 0xff)) {
      String text = new String(buffer, line, count, StandardCharsets.ISO_8859_1).strip();
      return isEnvelope(text) ? text : "";
    }
    return new String(buffer, line, NAME_LENGTH, StandardCharsets.ISO_8859_1);
  }

  /** Reads one line with its end to the end of the buffer. */
  private boolean readLine() throws IOException {
    if (pending) {
      pending = false;
      return true;
    }
    if (ended) {
      return false;
    }
    int start = length;
    while (true) {
      int value = in.read();
      if (value < 0) {
        ended = true;
        return length > start;
      }
      if (length == start && isPassedOver(value)) {
        continue;
      }
      add((byte) value);
      if (value == '\r' || value == '\n') {
        return true;
      }
    }
  }

  /** At the start of a line: blocks of MLLP, LF after CR, a byte order mark. */
  private boolean isPassedOver(int value) {
    return value == 0x0b
        || value == 0x1c
        || value == '\n'
        || length == 0 && number == 0 && (value == 0xef || value == 0xbb || value == 0xbf);
  }

  private void add(byte value) throws BatchException {
    if (length == buffer.length) {
      if (length >= maxMessageBytes) {
        throw new BatchException(
            "ISO-HL7-131: message %d is longer than %d bytes; see isocentre.mllp.max-message-size"
                .formatted(number + 1, maxMessageBytes));
      }
      buffer = Arrays.copyOf(buffer, (int) Math.min(2L * length, maxMessageBytes));
    }
    buffer[length++] = value;
  }
}
