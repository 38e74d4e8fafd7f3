package org.isocentre.dicom.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Buffered bytes with their position, read in either byte order. */
final class ByteSource {
  private static final int BUFFER = 16 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;
  private long bufferStart;
  private boolean bigEndian;

  ByteSource(InputStream in, boolean bigEndian) {
    this.in = in;
    this.bigEndian = bigEndian;
  }

  void bigEndian(boolean on) {
    bigEndian = on;
  }

  long position() {
    return bufferStart + at;
  }

  /** Whether another byte can be had. */
  boolean hasMore() throws IOException {
    return at < end || fill();
  }

  private boolean fill() throws IOException {
    bufferStart += end;
    at = 0;
    end = 0;
    int got = in.read(buffer, 0, buffer.length);
    end = Math.max(got, 0);
    return end > 0;
  }

  /** Makes {@code count} bytes stand together in the buffer. */
  private void need(int count) throws IOException {
    while (end - at < count) {
      if (at > 0) {
        System.arraycopy(buffer, at, buffer, 0, end - at);
        bufferStart += at;
        end -= at;
        at = 0;
      }
      int got = in.read(buffer, end, buffer.length - end);
      if (got < 0) {
        throw new EOFException(
            "ISO-DICOM-300: the data set ends at byte %d, in the middle of an element"
                .formatted(bufferStart + end));
      }
      end += got;
    }
  }

  int u8() throws IOException {
    need(1);
    return buffer[at++] & 0xff;
  }

  int u16() throws IOException {
    need(2);
    int a = buffer[at++] & 0xff;
    int b = buffer[at++] & 0xff;
    return bigEndian ? a << 8 | b : b << 8 | a;
  }

  long u32() throws IOException {
    long a = u16();
    long b = u16();
    return bigEndian ? a << 16 | b : b << 16 | a;
  }

  int tag() throws IOException {
    int group = u16();
    return group << 16 | u16();
  }

  /** The next two bytes, high byte first, without moving on. */
  int peekPair() throws IOException {
    need(2);
    return (buffer[at] & 0xff) << 8 | buffer[at + 1] & 0xff;
  }

  /**
   * The caller has checked {@code length} against its limit. Memory grows with what really comes.
   */
  byte[] bytes(int length) throws IOException {
    byte[] value = new byte[Math.min(length, 1 << 16)];
    int got = 0;
    while (got < length) {
      if (got == value.length) {
        value = java.util.Arrays.copyOf(value, (int) Math.min(length, 2L * value.length));
      }
      if (!hasMore()) {
        throw new EOFException(
            "ISO-DICOM-300: the data set ends at byte %d, in the middle of a value"
                .formatted(position()));
      }
      int count = Math.min(value.length - got, end - at);
      System.arraycopy(buffer, at, value, got, count);
      at += count;
      got += count;
    }
    return value;
  }

  /** Passes over bytes, without reading them where the stream can. */
  void skip(long length) throws IOException {
    long left = length;
    int buffered = (int) Math.min(left, end - at);
    at += buffered;
    left -= buffered;
    while (left > 0) {
      long skipped = in.skip(left - 1);
      if (skipped > 0) {
        bufferStart += end + skipped;
        at = 0;
        end = 0;
        left -= skipped;
      }
      if (!hasMore()) {
        throw new EOFException(
            "ISO-DICOM-300: the data set ends at byte %d, in the middle of a value"
                .formatted(position()));
      }
      int count = (int) Math.min(left, end - at);
      at += count;
      left -= count;
    }
  }
}
