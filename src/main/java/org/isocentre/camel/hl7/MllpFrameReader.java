package org.isocentre.camel.hl7;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.util.Arrays;

/**
 * Finds messages in a stream of bytes (MLLP: HL7 Version 3 Standard, Transport Specification MLLP,
 * Release 1): start block VT, message, end block FS CR, however the stream is cut. Looks at each
 * byte once.
 *
 * <p>What it puts up with: line ends, spaces and stray end blocks between messages; a start block
 * twice; a message without its start block; an end block whose CR is missing, if a start block
 * follows. A VT within a message is content (word processors use it for line breaks in a report)
 * unless a segment MSH, FHS or BHS follows: then the message before has lost its end block, and is
 * no whole message. An FS alone never ends a message: what follows would be lost.
 */
final class MllpFrameReader {
  static final byte START_BLOCK = 0x0b;
  static final byte END_BLOCK = 0x1c;
  static final byte CARRIAGE_RETURN = 0x0d;

  private static final int FIRST_CAPACITY = 4096;
  private static final int SPARE_CAPACITY = 64 * 1024;
  private static final String[] FIRST_SEGMENTS = {"MSH", "FHS", "BHS"};
  private static final ByteProcessor NOT_A_BLOCK =
      value -> value != START_BLOCK && value != END_BLOCK;

  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int length;
  private boolean inside;
  private boolean endBlock;

  /** Bytes since a VT within the message, itself counted, while they may be a new message; or 0. */
  private int sinceStart;

  /**
   * One message.
   *
   * @param whole false if another began before it ended
   */
  record Frame(byte[] bytes, boolean whole) {}

  /**
   * Reads to the end of the next message, or all there is.
   *
   * @return null if the message goes on
   */
  Frame read(ByteBuf in) {
    while (in.isReadable()) {
      if (!inside) {
        outside(in);
      } else if (endBlock || sinceStart > 0) {
        Frame frame = afterBlock(in);
        if (frame != null) {
          return frame;
        }
      } else {
        content(in);
      }
    }
    return null;
  }

  private void outside(ByteBuf in) {
    byte value = in.readByte();
    switch (value) {
      case CARRIAGE_RETURN, '\n', ' ', END_BLOCK -> {
        // Belongs to no message.
      }
      case START_BLOCK -> inside = true;
      default -> {
        inside = true;
        in.readerIndex(in.readerIndex() - 1);
      }
    }
  }

  /** Up to the next byte that may be part of a block, which is taken, too. */
  private void content(ByteBuf in) {
    int at = in.forEachByte(NOT_A_BLOCK);
    int count = (at < 0 ? in.writerIndex() : at) - in.readerIndex();
    reserve(count + 1);
    in.readBytes(buffer, length, count);
    length += count;
    if (at >= 0) {
      byte block = in.readByte();
      if (block == END_BLOCK) {
        endBlock = true;
      } else if (length > 0) {
        add(block);
        sinceStart = 1;
      }
    }
  }

  private Frame afterBlock(ByteBuf in) {
    byte value = in.readByte();
    if (endBlock) {
      endBlock = false;
      if (value == CARRIAGE_RETURN) {
        return end(false);
      }
      if (value == START_BLOCK) {
        return end(true);
      }
      reserve(1);
      add(END_BLOCK);
      in.readerIndex(in.readerIndex() - 1);
      return null;
    }
    return afterStart(in, value);
  }

  private Frame afterStart(ByteBuf in, byte value) {
    boolean goesOn =
        sinceStart <= 3 ? isFirstSegment(value) : isSeparator(Byte.toUnsignedInt(value));
    if (!goesOn) {
      sinceStart = 0;
      in.readerIndex(in.readerIndex() - 1);
      return null;
    }
    reserve(1);
    add(value);
    if (++sinceStart <= 4) {
      return null;
    }
    sinceStart = 0;
    byte[] next = Arrays.copyOfRange(buffer, length - 4, length);
    Frame broken = new Frame(Arrays.copyOf(buffer, length - 5), false);
    begin();
    inside = true;
    System.arraycopy(next, 0, buffer, 0, next.length);
    length = next.length;
    return broken;
  }

  private static boolean isSeparator(int value) {
    return value > ' ' && !Character.isLetterOrDigit(value);
  }

  private boolean isFirstSegment(byte value) {
    int at = sinceStart - 1;
    for (String name : FIRST_SEGMENTS) {
      boolean same = name.charAt(at) == value;
      for (int i = 0; same && i < at; i++) {
        same = name.charAt(i) == buffer[length - at + i];
      }
      if (same) {
        return true;
      }
    }
    return false;
  }

  private Frame end(boolean another) {
    Frame frame = new Frame(Arrays.copyOf(buffer, length), true);
    begin();
    inside = another;
    return frame;
  }

  /** Forgets the message that it is in. */
  void begin() {
    if (buffer.length > SPARE_CAPACITY) {
      buffer = new byte[FIRST_CAPACITY];
    }
    length = 0;
    inside = false;
    endBlock = false;
    sinceStart = 0;
  }

  boolean isInside() {
    return inside;
  }

  /** Bytes of the unfinished message. */
  int length() {
    return length;
  }

  /** The first bytes of the unfinished message. */
  byte[] head(int most) {
    return Arrays.copyOf(buffer, Math.min(most, length));
  }

  private void reserve(int more) {
    if (length + more > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(length + more, buffer.length + (buffer.length >> 1)));
    }
  }

  private void add(byte value) {
    buffer[length++] = value;
  }
}
