package org.isocentre.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.isocentre.store.LocationTable.Location;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends records to segments. Records are written one after the other, so that what is flushed has
 * no gap before it; callers that wait for the disk at the same time share one flush.
 */
final class SegmentLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);
  private final Path directory;
  private final long segmentBytes;
  private final boolean sync;
  private final boolean direct;
  private final DirectorySync directorySync = new DirectorySync();
  private final LocationTable table = new LocationTable();
  private final ConcurrentNavigableMap<Integer, Segment> segments = new ConcurrentSkipListMap<>();

  /** Of segments whose index is not on disk yet; filled under {@link #appending}. */
  private final ConcurrentNavigableMap<Integer, List<SegmentIndex.Entry>> unindexed =
      new ConcurrentSkipListMap<>();

  /** Closes full segments and prepares the next. */
  private final ExecutorService background =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "segments");
            thread.setDaemon(true);
            return thread;
          });

  // Under this lock:
  private final Object appending = new Object();
  private Segment active;
  private SegmentWriter writer;
  private long tail;
  private long appended;
  private Future<Segment> spare;
  private final RecordBuffer noteAlone = new RecordBuffer(0);
  private final RecentNotes recent = new RecentNotes();

  // Under this lock, which is taken before the other:
  private final ReentrantLock syncing = new ReentrantLock();
  private long durableCount;

  private final Object progress = new Object();
  private volatile Position durableEnd;
  private final int firstSegment;
  private volatile IOException failure;

  /**
   * A place in the log.
   *
   * @param segment its number
   * @param offset in bytes
   */
  record Position(int segment, long offset) implements Comparable<Position> {
    @Override
    public int compareTo(Position other) {
      return segment != other.segment
          ? Integer.compare(segment, other.segment)
          : Long.compare(offset, other.offset);
    }
  }

  /**
   * @param ticket how many records were written until then
   * @param created false if an object with this digest was there before
   */
  private record Appended(long ticket, boolean created) {}

  /**
   * Finds what is there, and begins a new segment.
   *
   * @param segmentBytes length of a segment; a record must fit into it
   * @param sync false leaves out every flush
   * @param direct whether long records go to the disk past the page cache, where that is possible
   */
  SegmentLog(Path directory, long segmentBytes, boolean sync, boolean direct) throws IOException {
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.sync = sync;
    this.direct = direct;
    Files.createDirectories(directory);
    int last = 0;
    for (Segment segment : Segment.list(directory)) {
      last = segment.number();
      recover(segment);
    }
    use(create(last + 1));
    firstSegment = active.number();
    durableEnd = new Position(firstSegment, tail);
  }

  /** The first that was begun since the start. */
  int firstSegment() {
    return firstSegment;
  }

  // --- at start

  private void recover(Segment segment) throws IOException {
    List<SegmentIndex.Entry> entries = SegmentIndex.read(segment);
    if (entries == null) {
      entries = mend(segment);
    }
    if (entries == null) {
      Files.delete(segment.file());
      return;
    }
    segments.put(segment.number(), segment);
    entries.forEach(e -> table.put(e.digest(), new Location(segment.number(), e.block())));
  }

  /** Of a segment that was in use when its process ended. */
  private static List<SegmentIndex.Entry> mend(Segment segment) throws IOException {
    List<SegmentIndex.Entry> entries = new ArrayList<>();
    List<Long> torn = new ArrayList<>();
    long end =
        segment.scan(
            LogRecord.BLOCK,
            Long.MAX_VALUE,
            true,
            new Segment.Visitor() {
              @Override
              public boolean visit(FileChannel channel, long offset, LogRecord record) {
                if (record.hasBody()) {
                  entries.add(SegmentIndex.Entry.of(offset, record));
                }
                return true;
              }

              @Override
              public void torn(long offset) {
                torn.add(offset);
              }
            });
    if (end == LogRecord.BLOCK) {
      return null;
    }
    segment.erase(torn);
    close(segment, end, entries);
    LOG.info("Segment {} was open; it holds {} objects", segment.file(), entries.size());
    return entries;
  }

  private static void close(Segment segment, long end, List<SegmentIndex.Entry> entries)
      throws IOException {
    try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.WRITE)) {
      file.truncate(end);
      file.force(true);
    }
    SegmentIndex.write(segment, entries);
  }

  // --- appending

  /**
   * Makes an object and its note durable. If the object was there, only the note is written.
   *
   * @param note may be empty
   * @param object null for one that is kept elsewhere
   * @return whether the object was not there before
   */
  boolean append(String kind, byte[] digest, byte[] note, RecordBuffer object) throws IOException {
    if (note.length > RecordBuffer.MAX_NOTE) {
      throw new IllegalArgumentException(
          "ISO-STORE-012: a note of %d bytes, at most %d"
              .formatted(note.length, RecordBuffer.MAX_NOTE));
    }
    int crc = object == null ? 0 : object.crc(note);
    Appended done;
    synchronized (appending) {
      boolean there = find(kind, digest) != null;
      if (there && note.length == 0) {
        done = new Appended(appended, false);
      } else {
        done = new Appended(write(kind, digest, crc, note, there ? null : object), !there);
      }
    }
    awaitDurable(done.ticket());
    return done.created();
  }

  private long write(String kind, byte[] digest, int crc, byte[] note, RecordBuffer object)
      throws IOException {
    checkUsable();
    int bodyLength = object == null ? LogRecord.NO_BODY : object.bodyLength();
    long time = System.currentTimeMillis();
    if (tail + LogRecord.BLOCK + LogRecord.HEADER + note.length + Math.max(0, bodyLength)
        > segmentBytes) {
      roll();
    }
    RecordBuffer buffer = object == null ? noteAlone : object;
    LogRecord record =
        new LogRecord(
            active,
            object == null ? noteAlone.crc(note) : crc,
            time,
            note.length,
            bodyLength,
            kind,
            digest);
    writer.write(buffer.encode(record, note), tail);
    if (object != null) {
      SegmentIndex.Entry entry = SegmentIndex.Entry.of(tail, record);
      List<SegmentIndex.Entry> entries = unindexed.get(active.number());
      synchronized (entries) {
        entries.add(entry);
      }
      table.put(digest, new Location(active.number(), entry.block()));
    }
    recent.add(
        new Position(active.number(), tail),
        new Position(active.number(), tail + record.paddedLength()),
        note);
    tail += record.paddedLength();
    return ++appended;
  }

  private void checkUsable() throws IOException {
    IOException broken = failure;
    if (broken != null) {
      throw new IOException(
          "ISO-STORE-013: a flush of the log failed before, what was written since is not known;"
              + " check the disk and start again",
          broken);
    }
  }

  private void awaitDurable(long ticket) throws IOException {
    syncing.lock();
    try {
      checkUsable();
      if (durableCount >= ticket) {
        return;
      }
      SegmentWriter current;
      long count;
      Position end;
      synchronized (appending) {
        current = writer;
        count = appended;
        end = new Position(active.number(), tail);
      }
      force(current);
      durableCount = count;
      durableEnd = end;
    } finally {
      syncing.unlock();
    }
    synchronized (progress) {
      progress.notifyAll();
    }
  }

  /** After a flush that failed the kernel may take the pages for clean: another proves nothing. */
  private void force(SegmentWriter file) throws IOException {
    if (!sync) {
      return;
    }
    try {
      file.flush();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  // --- from segment to segment

  private void roll() throws IOException {
    Segment next = takeSpare();
    force(writer);
    Segment full = active;
    SegmentWriter old = writer;
    long end = tail;
    use(next);
    background.execute(() -> seal(full, old, end));
  }

  private Segment takeSpare() throws IOException {
    Future<Segment> prepared = spare;
    spare = null;
    try {
      return prepared == null ? create(active.number() + 1) : prepared.get();
    } catch (ExecutionException e) {
      throw new IOException("ISO-STORE-014: no new segment could be made", e.getCause());
    } catch (InterruptedException e) {
      spare = prepared;
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a segment");
    }
  }

  private Segment create(int number) throws IOException {
    Segment segment = Segment.create(directory, number, segmentBytes);
    if (sync) {
      try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.WRITE)) {
        file.force(true);
      }
      directorySync.syncNow(directory);
    }
    return segment;
  }

  private void use(Segment segment) throws IOException {
    writer = new SegmentWriter(segment.file(), direct);
    active = segment;
    tail = LogRecord.BLOCK;
    unindexed.put(segment.number(), new ArrayList<>());
    segments.put(segment.number(), segment);
    int next = segment.number() + 1;
    spare = background.submit(() -> create(next));
  }

  private void seal(Segment segment, SegmentWriter file, long end) {
    try {
      syncing.lock();
      try {
        file.close();
      } finally {
        syncing.unlock();
      }
      close(segment, end, unindexed.get(segment.number()));
      unindexed.remove(segment.number());
    } catch (IOException e) {
      LOG.warn("Segment {} could not be closed; the next start does it", segment.file(), e);
    }
  }

  // --- reading

  /** An object in a segment. The channel is open until it is closed. */
  record Found(FileChannel channel, long offset, long length) {}

  /**
   * @return null if no segment holds it
   */
  Location find(String kind, byte[] digest) throws IOException {
    return table.find(
        digest,
        location -> {
          Segment segment = segments.get(location.segment());
          try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
            return is(segment.read(file, location.offset()), kind, digest);
          }
        });
  }

  private static boolean is(LogRecord record, String kind, byte[] digest) {
    return record != null
        && record.hasBody()
        && record.kind().equals(kind)
        && Arrays.equals(record.digest(), digest);
  }

  /**
   * @return null if no segment holds it
   */
  Found open(String kind, byte[] digest) throws IOException {
    Location location = find(kind, digest);
    if (location == null) {
      return null;
    }
    Segment segment = segments.get(location.segment());
    FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.READ);
    try {
      LogRecord record = segment.read(file, location.offset());
      return new Found(file, location.offset() + record.bodyOffset(), record.bodyLength());
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Told of each object. */
  @FunctionalInterface
  interface Objects {
    void object(byte[] digest);
  }

  void forEach(String kind, Instant writtenBefore, Objects objects) throws IOException {
    long before =
        writtenBefore.isAfter(Instant.ofEpochMilli(Long.MAX_VALUE))
            ? Long.MAX_VALUE
            : writtenBefore.toEpochMilli();
    for (Segment segment : segments.values()) {
      for (SegmentIndex.Entry entry : entries(segment)) {
        if (entry.kind().equals(kind) && entry.time() < before) {
          objects.object(entry.digest());
        }
      }
    }
  }

  private List<SegmentIndex.Entry> entries(Segment segment) throws IOException {
    List<SegmentIndex.Entry> open = unindexed.get(segment.number());
    if (open != null) {
      synchronized (open) {
        return List.copyOf(open);
      }
    }
    List<SegmentIndex.Entry> closed = SegmentIndex.read(segment);
    if (closed == null) {
      throw new IOException(
          "ISO-STORE-015: the index of %s is damaged; delete it, the next start makes it again"
              .formatted(segment.file()));
    }
    return closed;
  }

  // --- notes

  /**
   * Notes after a position.
   *
   * @param end where to go on
   */
  record Notes(List<byte[]> notes, Position end) {}

  /** The next durable notes, at most so many; none when all have been read. */
  Notes notes(Position from, int most) throws IOException {
    Position until = durableEnd;
    Notes remembered = recent.between(from, until, most);
    return remembered != null ? remembered : read(from, until, most);
  }

  private Notes read(Position from, Position until, int most) throws IOException {
    List<byte[]> notes = new ArrayList<>();
    Position at = from;
    for (Segment segment : segments.tailMap(from.segment()).values()) {
      if (segment.number() > until.segment() || notes.size() == most) {
        break;
      }
      long start = segment.number() == from.segment() ? from.offset() : LogRecord.BLOCK;
      long to = segment.number() == until.segment() ? until.offset() : Long.MAX_VALUE;
      long end =
          segment.scan(
              start,
              to,
              false,
              (file, offset, record) -> {
                if (record.noteLength() > 0) {
                  notes.add(Segment.note(file, offset, record));
                }
                return notes.size() < most;
              });
      at = new Position(segment.number(), end);
    }
    return new Notes(notes, at);
  }

  /** Waits until something is durable after a position, or for some time. */
  void awaitAfter(Position position, long millis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    synchronized (progress) {
      while (durableEnd.equals(position)) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
          return;
        }
        progress.wait(left);
      }
    }
  }

  @Override
  public void close() {
    synchronized (appending) {
      if (failure == null) {
        failure = new IOException("closed");
      }
    }
    background.execute(this::closeActive);
    background.shutdown();
    try {
      if (!background.awaitTermination(30, TimeUnit.SECONDS)) {
        LOG.warn("The last segment could not be closed in time; the next start does it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeActive() {
    seal(active, writer, tail);
    try {
      Files.deleteIfExists(spare.get().file());
    } catch (IOException | ExecutionException e) {
      LOG.debug("The spare segment is deleted at the next start", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
