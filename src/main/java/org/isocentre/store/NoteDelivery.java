package org.isocentre.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.isocentre.store.SegmentLog.Notes;
import org.isocentre.store.SegmentLog.Position;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads notes from the log and hands them over, in order; remembers in a file how far it came. The
 * file is not flushed: after a power loss it may say less than was done, and notes come again.
 */
final class NoteDelivery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NoteDelivery.class);
  private static final int BATCH = 512;
  private static final int MANY = 16;
  private static final long GATHER_MILLIS = 50;
  private static final long GATHER_MANY_MILLIS = 250;
  private static final long IDLE_MILLIS = 1_000;
  private static final long RETRY_NANOS = 1_000_000_000L;
  private static final int RECORD = Integer.BYTES + Long.BYTES + Long.BYTES;
  private static final Position START = new Position(1, LogRecord.BLOCK);

  private final SegmentLog log;
  private final NoteReceiver receiver;
  private final FileChannel file;
  private final Thread thread;
  private volatile boolean closed;
  private volatile int segment;

  NoteDelivery(SegmentLog log, Path file, NoteReceiver receiver) throws IOException {
    this.log = log;
    this.receiver = receiver;
    this.file =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Position from = load();
    segment = from.segment();
    this.thread = new Thread(() -> run(from), "notes");
    thread.setDaemon(true);
    thread.start();
  }

  /** In which everything before has been handed over. */
  int segment() {
    return segment;
  }

  private void run(Position from) {
    Position position = from;
    while (!closed) {
      try {
        Notes next = log.notes(position, BATCH);
        if (!next.notes().isEmpty()) {
          receiver.receive(next.notes());
        }
        if (!next.end().equals(position)) {
          position = next.end();
          segment = position.segment();
          save(position);
          if (next.notes().size() < BATCH) {
            // No sender waits for notes, but each handing over costs flushes that compete with
            // those that senders wait for: let some gather.
            Thread.sleep(next.notes().size() < MANY ? GATHER_MILLIS : GATHER_MANY_MILLIS);
          }
        } else {
          log.awaitAfter(position, IDLE_MILLIS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Throwable e) {
        // Also an Error, such as a lack of memory, passes: no other thread would go on with it.
        if (!closed) {
          LOG.warn("ISO-STORE-017: notes of stored objects wait, they could not be handed over", e);
          LockSupport.parkNanos(RETRY_NANOS);
        }
      }
    }
  }

  private Position load() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(RECORD);
    if (!Segment.readFully(file, bytes, 0)
        || bytes.getLong(RECORD - Long.BYTES) != crc(bytes.array())) {
      return START;
    }
    return new Position(bytes.getInt(0), bytes.getLong(Integer.BYTES));
  }

  private void save(Position position) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(RECORD).putInt(position.segment()).putLong(position.offset());
    bytes.putLong(crc(bytes.array()));
    file.write(bytes.flip(), 0);
  }

  private static long crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, RECORD - Long.BYTES);
    return crc.getValue();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    thread.interrupt();
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
  }
}
