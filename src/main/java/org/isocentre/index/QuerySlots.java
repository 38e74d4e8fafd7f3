package org.isocentre.index;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many queries are open, in all and of each caller: one that reads slowly leaves half of them
 * to others.
 */
final class QuerySlots {
  private static final long MAX_WAIT_SECONDS = 5;
  private final int max;
  private final int maxOfCaller;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition left = lock.newCondition();
  private final Map<String, Integer> ofCaller = new HashMap<>();
  private int all;

  QuerySlots(int max) {
    this.max = max;
    this.maxOfCaller = Math.max(1, max / 2);
  }

  /**
   * @param caller AE title
   * @throws RejectedExecutionException if there is no room for 5 seconds
   */
  void enter(String caller) {
    lock.lock();
    try {
      long nanos = TimeUnit.SECONDS.toNanos(MAX_WAIT_SECONDS);
      while (all >= max || ofCaller.getOrDefault(caller, 0) >= maxOfCaller) {
        if (nanos <= 0) {
          throw new RejectedExecutionException(
              "ISO-INDEX-011: too many queries are open; ask again later");
        }
        nanos = left.awaitNanos(nanos);
      }
      all++;
      ofCaller.merge(caller, 1, Integer::sum);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RejectedExecutionException("ISO-INDEX-012: interrupted before the query began", e);
    } finally {
      lock.unlock();
    }
  }

  void leave(String caller) {
    lock.lock();
    try {
      all--;
      ofCaller.computeIfPresent(caller, (c, open) -> open == 1 ? null : open - 1);
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
