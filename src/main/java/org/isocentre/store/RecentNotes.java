package org.isocentre.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.isocentre.store.SegmentLog.Notes;
import org.isocentre.store.SegmentLog.Position;

/**
 * The newest notes, in memory, so that they need not be read back while whoever takes them keeps
 * up. Of those that are too many the oldest go.
 */
final class RecentNotes {
  private static final long MAX_BYTES = 8L * 1024 * 1024;
  private static final int OVERHEAD = 200;

  /**
   * @param after where the record before ends
   * @param end where this one ends
   */
  private record Entry(Position after, Position end, byte[] note) {
    long size() {
      return OVERHEAD + note.length;
    }
  }

  private final ConcurrentNavigableMap<Position, Entry> entries = new ConcurrentSkipListMap<>();
  private final AtomicLong size = new AtomicLong();
  private Position last;

  /** In the order of the log; by one thread at a time. */
  void add(Position at, Position end, byte[] note) {
    Entry entry = new Entry(last == null ? at : last, end, note);
    last = end;
    entries.put(at, entry);
    size.addAndGet(entry.size());
    while (size.get() > MAX_BYTES && removeFirst()) {
      // The reader finds it in its segment.
    }
  }

  private boolean removeFirst() {
    var first = entries.pollFirstEntry();
    if (first != null) {
      size.addAndGet(-first.getValue().size());
    }
    return first != null;
  }

  /**
   * Notes from one position up to another, at most so many; forgets those before.
   *
   * @return null if one of them may be missing here
   */
  Notes between(Position from, Position until, int most) {
    var first = entries.firstEntry();
    while (first != null && first.getKey().compareTo(from) < 0) {
      removeFirst();
      first = entries.firstEntry();
    }
    var next = entries.ceilingEntry(from);
    if (next == null || next.getValue().after().compareTo(from) > 0) {
      return null;
    }
    List<byte[]> notes = new ArrayList<>();
    Position end = from;
    while (next != null && next.getKey().compareTo(until) < 0 && notes.size() < most) {
      Entry entry = next.getValue();
      if (entry.after().compareTo(end) > 0) {
        break;
      }
      if (entry.note().length > 0) {
        notes.add(entry.note());
      }
      end = entry.end();
      next = entries.higherEntry(next.getKey());
    }
    return new Notes(notes, end);
  }
}
