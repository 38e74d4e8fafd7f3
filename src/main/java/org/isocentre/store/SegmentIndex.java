package org.isocentre.store;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * Which objects a full segment holds: a file beside it, 60 bytes an object and a CRC-32C, so that a
 * start does not read the segments. Can be made again from the segment at any time.
 */
final class SegmentIndex {
  private static final int DIGEST = 32;
  private static final int KIND = 16;

  private SegmentIndex() {}

  /**
   * One object of a segment.
   *
   * @param block of the record's header
   * @param time milliseconds since 1970
   */
  record Entry(byte[] digest, String kind, long time, int block) {
    static Entry of(long offset, LogRecord record) {
      return new Entry(
          record.digest(), record.kind(), record.time(), (int) (offset / LogRecord.BLOCK));
    }
  }

  private static Path file(Segment segment) {
    return segment.file().resolveSibling(segment.file().getFileName() + ".index");
  }

  static void write(Segment segment, List<Entry> entries) throws IOException {
    Path part = file(segment).resolveSibling(segment.file().getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            part,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      write(Channels.newOutputStream(channel), entries);
      channel.force(true);
    }
    Files.move(part, file(segment), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(OutputStream to, List<Entry> entries) throws IOException {
    CheckedOutputStream checked =
        new CheckedOutputStream(new BufferedOutputStream(to), new CRC32C());
    DataOutputStream out = new DataOutputStream(checked);
    out.writeInt(entries.size());
    for (Entry entry : entries) {
      byte[] kind = new byte[KIND];
      byte[] name = entry.kind().getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(name, 0, kind, 0, name.length);
      out.write(entry.digest());
      out.write(kind);
      out.writeLong(entry.time());
      out.writeInt(entry.block());
    }
    out.writeLong(checked.getChecksum().getValue());
    out.flush();
  }

  /**
   * @return null if there is none, or none that is whole
   */
  static List<Entry> read(Segment segment) throws IOException {
    try (CheckedInputStream checked =
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file(segment))), new CRC32C());
        DataInputStream in = new DataInputStream(checked)) {
      int count = in.readInt();
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] digest = in.readNBytes(DIGEST);
        byte[] kind = in.readNBytes(KIND);
        entries.add(
            new Entry(
                digest,
                new String(kind, StandardCharsets.US_ASCII).trim(),
                in.readLong(),
                in.readInt()));
      }
      long sum = checked.getChecksum().getValue();
      return in.readLong() == sum ? entries : null;
    } catch (NoSuchFileException | EOFException e) {
      return null;
    }
  }
}
