package org.isocentre.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of records, written from front to back and never changed: one block with a mark and the
 * segment's random identity, then {@link LogRecord}s that begin at blocks.
 *
 * @param number 1 and up, in the order of writing
 * @param id random, or 0: it holds nothing
 * @param noteFirst whether it has the first layout, in which a note comes before its body
 */
record Segment(Path file, int number, long id, boolean noteFirst) {
  private static final long NOTE_FIRST = 0x49534f_5345474d31L;
  private static final long MARK = 0x49534f_5345474d32L;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String SUFFIX = ".segment";

  /** Called for each record; {@code offset} is that of its header. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @return false ends the scan
     */
    boolean visit(FileChannel channel, long offset, LogRecord record) throws IOException;

    /** A header was found, but what follows it is not what was to be written. */
    default void torn(long offset) {
      // Is stepped over, block by block.
    }
  }

  /**
   * Makes a new file of its whole length, of which only the first block is written: a later flush
   * of a record changes no length. See {@code docs/decisions/0006-segments.md} for why the rest is
   * not filled.
   */
  static Segment create(Path directory, int number, long length) throws IOException {
    Segment segment =
        new Segment(
            directory.resolve("%010d%s".formatted(number, SUFFIX)), number, randomId(), false);
    // Left by an attempt that failed, if anything: a number is used once.
    Files.deleteIfExists(segment.file);
    try (RandomAccessFile file = new RandomAccessFile(segment.file.toFile(), "rw")) {
      ByteBuffer start = ByteBuffer.allocate(LogRecord.BLOCK);
      file.write(start.putLong(MARK).putLong(segment.id).array());
      file.setLength(length);
    }
    return segment;
  }

  private static long randomId() {
    long id = RANDOM.nextLong();
    return id == 0 ? 1 : id;
  }

  /** All segments of a directory in order; files that are none are left out. */
  static List<Segment> list(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      all.forEach(files::add);
    }
    files.sort(null);
    List<Segment> segments = new ArrayList<>();
    for (Path file : files) {
      segments.add(open(file));
    }
    return segments;
  }

  private static Segment open(Path file) throws IOException {
    String name = file.getFileName().toString();
    int number = Integer.parseInt(name.substring(0, name.length() - SUFFIX.length()));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(2 * Long.BYTES);
      readFully(channel, start, 0);
      long mark = start.getLong(0);
      if (mark != MARK && mark != NOTE_FIRST && mark != 0) {
        throw new IOException(
            "ISO-STORE-023: %s is of a layout that this version does not know (mark %016x); start a newer one"
                .formatted(file, mark));
      }
      // One that died before its first flush has no mark and no record: id 0 is nobody's.
      return new Segment(
          file, number, mark == 0 ? 0 : start.getLong(Long.BYTES), mark == NOTE_FIRST);
    }
  }

  /**
   * Visits records from an offset on. Bytes that are no record, such as what was being written when
   * the process or the machine died, are stepped over block by block: what follows them may have
   * been acknowledged.
   *
   * @param to bytes from here on are not looked at
   * @param verify whether note and body must match their checksum, too
   * @return where the last whole record ends
   */
  long scan(long from, long to, boolean verify, Visitor visitor) throws IOException {
    long end = from;
    if (id == 0) {
      return end;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long most = Math.min(to, channel.size());
      long at = from;
      while (at + LogRecord.HEADER <= most) {
        LogRecord record = read(channel, at);
        if (record == null) {
          at += LogRecord.BLOCK;
          continue;
        }
        if (record.length() > most - at || verify && !matches(channel, at, record)) {
          visitor.torn(at);
          at += LogRecord.BLOCK;
          continue;
        }
        end = at + record.paddedLength();
        if (!visitor.visit(channel, at, record)) {
          return end;
        }
        at = end;
      }
    }
    return end;
  }

  /** Makes records that are not whole none at all, so that nobody reads their notes. */
  void erase(List<Long> headers) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long offset : headers) {
        channel.write(ByteBuffer.allocate(LogRecord.HEADER), offset);
      }
    }
  }

  /**
   * @return null if there is none at this offset
   */
  LogRecord read(FileChannel channel, long offset) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(LogRecord.HEADER);
    return readFully(channel, header, offset) ? LogRecord.decode(header, this) : null;
  }

  private static boolean matches(FileChannel channel, long offset, LogRecord record)
      throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer part = ByteBuffer.allocate(64 * 1024);
    long at = offset + LogRecord.HEADER;
    long end = offset + record.length();
    while (at < end) {
      part.clear().limit((int) Math.min(part.capacity(), end - at));
      if (!readFully(channel, part, at)) {
        return false;
      }
      at += part.limit();
      crc.update(part.flip());
    }
    return (int) crc.getValue() == record.crc();
  }

  /** Bytes of a record's note. */
  static byte[] note(FileChannel channel, long offset, LogRecord record) throws IOException {
    ByteBuffer note = ByteBuffer.allocate(record.noteLength());
    if (!readFully(channel, note, offset + record.noteOffset())) {
      throw new IOException("ISO-STORE-011: a segment ends within a record");
    }
    return note.array();
  }

  /**
   * @return false if the file ends before the buffer is full
   */
  static boolean readFully(FileChannel channel, ByteBuffer into, long offset) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        return false;
      }
      at += count;
    }
    return true;
  }
}
