package org.isocentre.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * What stands in front of the bytes of a record in a segment. Big-endian: identity of the segment
 * (8 bytes), CRC-32C of the rest of the header (4), CRC-32C of what follows it (4), milliseconds
 * since 1970 (8), bytes of the note (4), bytes of the body or -1 for none (4), kind (16), SHA-256
 * (32). Then the body, the note, and zeros up to the next block; in segments of the first layout
 * the note comes before the body.
 *
 * @param segment it stands in; its identity is random, and tells a record of this segment from
 *     whatever else may look like one
 * @param crc of body and note, in their order
 * @param time milliseconds since 1970
 * @param noteLength bytes
 * @param bodyLength bytes, or -1: the object is elsewhere, and this is its note alone
 * @param digest SHA-256 of the object, 32 bytes
 */
record LogRecord(
    Segment segment,
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

  /** Writes the header at the start of a buffer, whose position and limit stay as they are. */
  void encode(ByteBuffer into) {
    ByteBuffer header = into.slice(0, HEADER);
    header
        .putLong(segment.id())
        .putInt(0)
        .putInt(crc)
        .putLong(time)
        .putInt(noteLength)
        .putInt(bodyLength)
        .put(Arrays.copyOf(kind.getBytes(StandardCharsets.US_ASCII), KIND))
        .position(HEADER - DIGEST)
        .put(digest);
    header.putInt(Long.BYTES, headerCrc(header));
  }

  /**
   * @param header {@link #HEADER} bytes
   * @return null if it is no header of a record of this segment
   */
  static LogRecord decode(ByteBuffer header, Segment segment) {
    if (header.getLong(0) != segment.id() || header.getInt(Long.BYTES) != headerCrc(header)) {
      return null;
    }
    byte[] kind = new byte[KIND];
    byte[] digest = new byte[DIGEST];
    header.get(HEADER - DIGEST - KIND, kind).get(HEADER - DIGEST, digest);
    LogRecord record =
        new LogRecord(
            segment,
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
    return segment.noteFirst() ? HEADER + noteLength : HEADER;
  }

  /** Of the note from the start of the record. */
  int noteOffset() {
    return segment.noteFirst() ? HEADER : HEADER + Math.max(0, bodyLength);
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
