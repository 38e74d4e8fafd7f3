package org.isocentre.store;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records to a segment: long ones past the page cache, for which the disk takes them as they
 * lie in memory, short ones through it, where several share one transfer. Where the file system
 * knows only the latter, all go that way.
 */
final class SegmentWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentWriter.class);

  /** Bytes from which a transfer of its own costs less than a copy. */
  private static final int LONG = 64 * 1024;

  private final Path path;
  private final FileChannel cached;
  private FileChannel direct;

  SegmentWriter(Path path, boolean direct) throws IOException {
    this.path = path;
    this.cached = FileChannel.open(path, StandardOpenOption.WRITE);
    this.direct = direct ? openDirect(path) : null;
  }

  /**
   * @return null where it is not possible
   */
  private static FileChannel openDirect(Path path) throws IOException {
    if (LogRecord.BLOCK % Files.getFileStore(path).getBlockSize() != 0) {
      return null;
    }
    try {
      return FileChannel.open(path, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT);
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("{} cannot be written past the page cache", path, e);
      return null;
    }
  }

  /**
   * Not durable before {@link #flush}.
   *
   * @param record whole blocks, outside the heap, that begin at a block
   * @param offset of a block
   */
  void write(ByteBuffer record, long offset) throws IOException {
    if (direct != null && record.remaining() >= LONG) {
      try {
        write(direct, record.duplicate(), offset);
        return;
      } catch (IOException e) {
        // Some file systems say at the first transfer only that they cannot. A full or broken disk
        // fails the other way, too.
        write(cached, record.duplicate(), offset);
        LOG.info("{} is written through the page cache from here on", path, e);
        FileChannel given = direct;
        direct = null;
        given.close();
        return;
      }
    }
    write(cached, record.duplicate(), offset);
  }

  private static void write(FileChannel to, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += to.write(bytes, at);
    }
  }

  /** Makes durable what was written either way. */
  void flush() throws IOException {
    cached.force(false);
  }

  @Override
  public void close() throws IOException {
    try {
      if (direct != null) {
        direct.close();
      }
    } finally {
      cached.close();
    }
  }
}
