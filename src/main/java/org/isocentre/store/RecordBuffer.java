package org.isocentre.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Where a record is put together as its object arrives: room for the header, the body, then the
 * note. Begins at a block, outside the heap, so that the disk can take the record from here.
 */
final class RecordBuffer {
  /** Bytes of the longest note. */
  static final int MAX_NOTE = 64 * 1024;

  private final ByteBuffer bytes;
  private final int maxBody;
  private int bodyLength;

  /**
   * @param maxBody bytes
   */
  RecordBuffer(int maxBody) {
    this.maxBody = maxBody;
    int longest = LogRecord.HEADER + maxBody + MAX_NOTE;
    this.bytes =
        ByteBuffer.allocateDirect(longest + 2 * LogRecord.BLOCK).alignedSlice(LogRecord.BLOCK);
  }

  void clear() {
    bodyLength = 0;
  }

  /** Bytes that the body can still take. */
  int room() {
    return maxBody - bodyLength;
  }

  int bodyLength() {
    return bodyLength;
  }

  /** Adds to the body what {@link #room} is left for. */
  void put(ByteBuffer more) {
    int count = more.remaining();
    bytes.put(LogRecord.HEADER + bodyLength, more, more.position(), count);
    more.position(more.limit());
    bodyLength += count;
  }

  /** The body so far, to read. */
  ByteBuffer body() {
    return bytes.slice(LogRecord.HEADER, bodyLength);
  }

  /** CRC-32C of the body and a note behind it. */
  int crc(byte[] note) {
    CRC32C crc = new CRC32C();
    crc.update(body());
    crc.update(note);
    return (int) crc.getValue();
  }

  /** The whole record, of whole blocks, to be written as it is. The body stays as it was. */
  ByteBuffer encode(LogRecord header, byte[] note) {
    int end = LogRecord.HEADER + bodyLength + note.length;
    int padded = (int) header.paddedLength();
    bytes.clear();
    bytes.put(LogRecord.HEADER + bodyLength, note);
    for (int at = end; at < padded; at++) {
      bytes.put(at, (byte) 0);
    }
    header.encode(bytes);
    return bytes.slice(0, padded);
  }
}
