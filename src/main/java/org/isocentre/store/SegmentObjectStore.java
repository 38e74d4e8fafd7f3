package org.isocentre.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects of up to 1 MiB one after the other in segments, so that many of them share one flush and
 * none has a file system entry to make durable; larger ones, and those of a store that was begun
 * with files alone, as a file each. See {@code docs/decisions/0006-segments.md}.
 */
public final class SegmentObjectStore implements ObjectStore {
  /** Bytes of a segment unless told otherwise. */
  public static final long SEGMENT_BYTES = 128L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(SegmentObjectStore.class);
  private static final int MAX_BODY = 1024 * 1024;
  private static final int MAX_BUFFERS = 64;

  /** Of the memory outside the heap, how much records may take; the network needs some, too. */
  private static final int SHARE = 2;

  private static final byte[] NO_NOTE = {};

  private final FileObjectStore files;
  private final SegmentLog log;
  private final Path delivered;

  /** The one that was used last is taken first: it is still near the processor. */
  private final ConcurrentLinkedDeque<RecordBuffer> freeBuffers = new ConcurrentLinkedDeque<>();

  private final int maxBuffers = maxBuffers(DirectMemory.limit());
  private final AtomicInteger buffers = new AtomicInteger();
  private NoteDelivery delivery;

  /**
   * @param root made if it is not there
   * @param reserveBytes no new object is begun while the file system has less room than this
   * @param sync false leaves out every flush: only for throw-away data
   * @param segmentBytes at least 2 MiB
   * @param direct whether objects go to the disk past the page cache where the file system can
   */
  public SegmentObjectStore(
      Path root, long reserveBytes, boolean sync, long segmentBytes, boolean direct)
      throws IOException {
    if (segmentBytes < 2 * MAX_BODY) {
      throw new IllegalArgumentException(
          "ISO-STORE-018: segments of %d bytes, at least %d".formatted(segmentBytes, 2 * MAX_BODY));
    }
    this.files = new FileObjectStore(root, reserveBytes, sync);
    Path directory = root.resolve("segments");
    this.log = new SegmentLog(directory, segmentBytes, sync, direct);
    this.delivered = directory.resolve("delivered");
  }

  /**
   * Begins to hand over notes, from the first that is not known to be delivered. Once only.
   *
   * @throws IllegalStateException if it has begun before
   */
  public synchronized void deliver(NoteReceiver receiver) throws IOException {
    if (delivery != null) {
      throw new IllegalStateException("ISO-STORE-019: notes are delivered already");
    }
    delivery = new NoteDelivery(log, delivered, receiver);
  }

  /** Whether every note from before the store was opened has been handed over. */
  public synchronized boolean earlierNotesDelivered() {
    return delivery != null && delivery.segment() >= log.firstSegment();
  }

  @Override
  public ObjectWriter create(String kind) throws IOException {
    FileObjectStore.checkKind(kind);
    files.checkSpace();
    return new Writer(kind, borrow());
  }

  /**
   * Records that are put together at once; more objects at a time go to files of their own.
   *
   * @param directMemory bytes that the process may take outside the heap
   */
  static int maxBuffers(long directMemory) {
    long fit = directMemory / SHARE / (MAX_BODY + RecordBuffer.MAX_NOTE + 3 * LogRecord.BLOCK);
    return (int) Math.max(1, Math.min(MAX_BUFFERS, fit));
  }

  /**
   * @return null if all are in use
   */
  private RecordBuffer borrow() {
    RecordBuffer free = freeBuffers.poll();
    if (free != null) {
      free.clear();
      return free;
    }
    if (buffers.incrementAndGet() <= maxBuffers) {
      return new RecordBuffer(MAX_BODY);
    }
    buffers.decrementAndGet();
    return null;
  }

  private SegmentLog.Found find(String key) throws IOException {
    if (!FileObjectStore.isKey(key)) {
      throw new NoSuchFileException(
          key, null, "ISO-STORE-003: not an object key; expected kind/sha256");
    }
    int slash = key.indexOf('/');
    return log.open(key.substring(0, slash), HexFormat.of().parseHex(key.substring(slash + 1)));
  }

  @Override
  public InputStream open(String key) throws IOException {
    SegmentLog.Found found = find(key);
    return found == null ? files.open(key) : stream(found, 0, found.length());
  }

  @Override
  public InputStream open(String key, long offset, long length) throws IOException {
    SegmentLog.Found found = find(key);
    if (found == null) {
      return files.open(key, offset, length);
    }
    if (offset < 0 || length < 0 || offset > found.length() - length) {
      found.channel().close();
      throw FileObjectStore.outside(key, offset, length, found.length());
    }
    return stream(found, offset, length);
  }

  private static InputStream stream(SegmentLog.Found found, long offset, long length)
      throws IOException {
    found.channel().position(found.offset() + offset);
    return new BoundedInputStream(Channels.newInputStream(found.channel()), length);
  }

  @Override
  public boolean exists(String key) throws IOException {
    SegmentLog.Found found = find(key);
    if (found == null) {
      return files.exists(key);
    }
    found.channel().close();
    return true;
  }

  @Override
  public long size(String key) throws IOException {
    SegmentLog.Found found = find(key);
    if (found == null) {
      return files.size(key);
    }
    found.channel().close();
    return found.length();
  }

  @Override
  public void forEachKey(String kind, Instant writtenBefore, Consumer<String> keys)
      throws IOException {
    log.forEach(
        kind, writtenBefore, digest -> keys.accept(kind + "/" + HexFormat.of().formatHex(digest)));
    files.forEachKey(kind, writtenBefore, keys);
  }

  @Override
  public synchronized void close() {
    try {
      if (delivery != null) {
        delivery.close();
      }
    } catch (IOException e) {
      LOG.warn("How far notes were delivered could not be written; some will come again", e);
    }
    log.close();
    files.close();
  }

  /** In memory up to the size of a buffer, then in a file. */
  private final class Writer implements ObjectWriter {
    private final String kind;
    private final MessageDigest digest = FileObjectStore.sha256();
    private RecordBuffer buffer;
    private FileObjectStore.FileWriter file;
    private boolean ended;

    Writer(String kind, RecordBuffer buffer) throws IOException {
      this.kind = kind;
      this.buffer = buffer;
      if (buffer == null) {
        file = files.createUndigested(kind);
      }
    }

    @Override
    public void writeUndigested(ByteBuffer bytes) throws IOException {
      if (buffer != null && bytes.remaining() > buffer.room()) {
        file = files.createUndigested(kind);
        file.writeUndigested(buffer.body());
        giveBack();
      }
      if (buffer != null) {
        buffer.put(bytes);
      } else {
        file.writeUndigested(bytes);
      }
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      digest.update(bytes.duplicate());
      writeUndigested(bytes);
    }

    @Override
    public long length() {
      return buffer != null ? buffer.bodyLength() : file.length();
    }

    @Override
    public InputStream openWritten() throws IOException {
      return buffer != null ? new BufferInputStream(buffer.body()) : file.openWritten();
    }

    @Override
    public StoredObject commit() throws IOException {
      return commit(object -> NO_NOTE);
    }

    @Override
    public StoredObject commit(Function<StoredObject, byte[]> note) throws IOException {
      if (ended) {
        throw new IllegalStateException("ISO-STORE-006: the object was committed or closed before");
      }
      byte[] sha256 = digest.digest();
      StoredObject object = buffer != null ? inSegment(sha256, note) : inFile(sha256, note);
      close();
      return object;
    }

    private StoredObject inSegment(byte[] sha256, Function<StoredObject, byte[]> note)
        throws IOException {
      String hex = HexFormat.of().formatHex(sha256);
      String key = kind + "/" + hex;
      boolean isFile = files.exists(key);
      long size = isFile ? files.size(key) : length();
      boolean created =
          log.append(
              kind,
              sha256,
              note.apply(new StoredObject(key, hex, size, false)),
              isFile ? null : buffer);
      return new StoredObject(key, hex, created ? size : size(key), created && !isFile);
    }

    private StoredObject inFile(byte[] sha256, Function<StoredObject, byte[]> note)
        throws IOException {
      StoredObject object = file.commit(sha256);
      byte[] told = note.apply(object);
      if (told.length > 0) {
        log.append(kind, sha256, told, null);
      }
      return object;
    }

    private void giveBack() {
      freeBuffers.push(buffer);
      buffer = null;
    }

    @Override
    public void close() {
      if (ended) {
        return;
      }
      ended = true;
      if (buffer != null) {
        giveBack();
      }
      if (file != null) {
        file.close();
      }
    }
  }
}
