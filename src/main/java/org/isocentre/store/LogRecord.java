package org.isocentre.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * What stands in front of the bytes of a record in a segment. Big-endian: identity of the segment
 * (8 bytes), CRC-32C of the rest of the header (4), CRC-32C of note and body (4), milliseconds
 * since 1970 (8), bytes of the note (4), bytes of the body or -1 for none (4), kind (16), SHA-256
 * (32). Then the note, the body, and zeros up to the next block.
 *
 * @param segmentId random; tells a record of this segment from whatever else may look like one
 * @param crc of note and body
 * @param time milliseconds since 1970
 * @param noteLength bytes
 * @param bodyLength bytes, or -1: the object is elsewhere, and this is its note alone
 * @param digest SHA-256 of the object, 32 bytes
 */
record LogRecord(
    long segmentId,
    int crc,
    long time,
    int noteLength,
    int bodyLength,
    String kind,
    byte[] digest) {
  static final int BLOCK = 4096;
  static final int HEADER = 80;
  static final int NO_BODY = -1;
  private static final int KIND = 16;
  private static final int DIGEST = 32;
  private static final int CHECKED_FROM = 12;

  ByteBuffer encode() {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header
        .putLong(segmentId)
        .putInt(0)
        .putInt(crc)
        .putLong(time)
        .putInt(noteLength)
        .putInt(bodyLength)
        .put(kind.getBytes(StandardCharsets.US_ASCII))
        .position(HEADER - DIGEST)
        .put(digest);
    return header.putInt(Long.BYTES, headerCrc(header)).flip();
  }

  /**
   * @param header {@link #HEADER} bytes
   * @return null if it is no header of a record of this segment
   */
  static LogRecord decode(ByteBuffer header, long segmentId) {
    if (header.getLong(0) != segmentId || header.getInt(Long.BYTES) != headerCrc(header)) {
      return null;
    }
    byte[] kind = new byte[KIND];
    byte[] digest = new byte[DIGEST];
    header.get(HEADER - DIGEST - KIND, kind).get(HEADER - DIGEST, digest);
    LogRecord record =
        new LogRecord(
            segmentId,
            header.getInt(CHECKED_FROM),
            header.getLong(16),
            header.getInt(24),
            header.getInt(28),
            new String(kind, StandardCharsets.US_ASCII).trim(),
            digest);
    return record.noteLength < 0 || record.bodyLength < NO_BODY ? null : record;
  }

  private static int headerCrc(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().position(CHECKED_FROM).limit(HEADER));
    return (int) crc.getValue();
  }

  boolean hasBody() {
    return bodyLength != NO_BODY;
  }

  /** Of the body from the start of the record. */
  int bodyOffset() {
    return HEADER + noteLength;
  }

  /** Bytes without padding. */
  long length() {
    return (long) HEADER + noteLength + Math.max(0, bodyLength);
  }

  /** Bytes with padding. */
  long paddedLength() {
    return (length() + BLOCK - 1) / BLOCK * BLOCK;
  }
}
