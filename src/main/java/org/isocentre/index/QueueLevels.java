package org.isocentre.index;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * About how many messages wait for each destination. Counting long queues for each message would
 * take longer the longer they are, so a count holds for a second or 100 messages, whichever is over
 * first. It does not see what is sent meanwhile, nor what other processes queue; before a queue is
 * called full it is counted anew.
 */
final class QueueLevels {
  private static final long NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MOST_ADDED = 100;
  private final Map<String, Level> levels = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  QueueLevels(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * @param added since it was counted
   */
  private record Level(int counted, long at, int added) {
    int now() {
      return counted + added;
    }

    Level plusOne() {
      return new Level(counted, at, added + 1);
    }
  }

  /**
   * Whether one more message has room.
   *
   * @param count counts what waits
   */
  boolean hasRoom(String destination, int most, IntSupplier count) {
    long now = nanoTime.getAsLong();
    Level level = levels.get(destination);
    if (level == null
        || now - level.at() >= NANOS
        || level.added() >= MOST_ADDED
        || level.now() >= most) {
      level = new Level(count.getAsInt(), now, 0);
      levels.put(destination, level);
    }
    return level.now() < most;
  }

  /** One more was queued. */
  void added(String destination) {
    levels.computeIfPresent(destination, (name, level) -> level.plusOne());
  }
}
