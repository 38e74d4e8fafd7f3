package org.isocentre.app;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets senders who wait for an answer go before the filing of what was acknowledged, for which
 * nobody waits. While they are many, messages are filed by one thread, which rests in between; no
 * longer than until filing is too late.
 */
final class FilingPace {
  private static final long LOOK_MILLIS = 1;
  private final Load load;
  private final double share;
  private final Duration mostDelay;
  private final Clock clock;
  private final Lock turn = new ReentrantLock(true);

  /** Whether processors are short. */
  @FunctionalInterface
  interface Load {
    boolean isHigh();
  }

  /** What is done at this pace. */
  @FunctionalInterface
  interface Filing<T> {
    T run() throws Exception;
  }

  /**
   * @param percent of one processor that filing takes while the load is high, 1 to 100
   * @param mostDelay since a message came, after which it is filed without a rest
   */
  FilingPace(Load load, int percent, Duration mostDelay, Clock clock) {
    this.load = load;
    this.share = percent / 100.0;
    this.mostDelay = mostDelay;
    this.clock = clock;
  }

  /**
   * @param receivedAt of the oldest message
   */
  <T> T file(Instant receivedAt, Filing<T> filing) throws Exception {
    if (!load.isHigh() || isLate(receivedAt)) {
      return filing.run();
    }
    turn.lockInterruptibly();
    try {
      long begun = System.nanoTime();
      T done = filing.run();
      rest((long) ((System.nanoTime() - begun) * (1 / share - 1)), receivedAt);
      return done;
    } finally {
      turn.unlock();
    }
  }

  private boolean isLate(Instant receivedAt) {
    return receivedAt.plus(mostDelay).isBefore(clock.instant());
  }

  private void rest(long nanos, Instant receivedAt) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    while (load.isHigh() && until - System.nanoTime() > 0 && !isLate(receivedAt)) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }
}
