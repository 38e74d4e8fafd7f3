package org.isocentre.h2;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any number of writers, or one who needs that nobody writes. A writer who waits for a lock of
 * another transaction writes nothing, and is not waited for: the other may need the gate to come to
 * its end.
 */
final class WriteGate {
  private static final Logger LOG = LoggerFactory.getLogger(WriteGate.class);

  /** How often it is looked whether those inside are waiting for a lock. */
  private static final long LOOK_MILLIS = 1;

  /** How long the gate stays closed at first when somebody inside does not leave. */
  private static final long PATIENCE_NANOS = 5_000_000;

  private static final long MOST_PATIENCE_NANOS = 100_000_000;

  private final Set<Writer> inside = Collections.newSetFromMap(new IdentityHashMap<>());
  private final long most;
  private int outside;
  private boolean closed;

  /** One session of the database while it runs a statement. */
  interface Writer {
    /** Whether it waits for a lock now, and nobody has let it go on. */
    boolean waits();
  }

  /**
   * @param most after which the gate closes whoever is still inside
   */
  WriteGate(Duration most) {
    this.most = most.toNanos();
  }

  synchronized void enter(Writer writer) {
    boolean interrupted = false;
    if (closed) {
      outside++;
      while (closed) {
        interrupted |= waitFor(0);
      }
      outside--;
      notifyAll();
    }
    inside.add(writer);
    restore(interrupted);
  }

  synchronized void leave(Writer writer) {
    inside.remove(writer);
    if (closed) {
      notifyAll();
    }
  }

  /**
   * Closes the gate when nobody writes. If somebody does not come to an end, it may be for one who
   * stands outside: H2 does not always wait for a lock, it may try again and again. So the gate
   * opens in between, and closes again when all who stood there are in. Only one thread may call
   * this at a time.
   *
   * @return who is inside, waiting for a lock; nobody, if it closed whoever was inside
   */
  synchronized List<Writer> close() {
    boolean interrupted = false;
    long start = System.nanoTime();
    long patience = PATIENCE_NANOS;
    List<Writer> waiting = null;
    while (waiting == null) {
      while (outside > 0) {
        interrupted |= waitFor(0);
      }
      closed = true;
      long until = System.nanoTime() + patience;
      while (!isQuiet() && System.nanoTime() < until) {
        interrupted |= waitFor(LOOK_MILLIS);
      }
      if (isQuiet()) {
        waiting = new ArrayList<>(inside);
      } else if (System.nanoTime() - start > most) {
        LOG.warn(
            "ISO-H2-001: {} statements write for more than {} s; what is committed meanwhile is"
                + " saved with what they have done so far",
            inside.size(),
            most / 1_000_000_000);
        waiting = List.of();
      } else {
        patience = Math.min(2 * patience, MOST_PATIENCE_NANOS);
        open();
      }
    }
    restore(interrupted);
    return waiting;
  }

  private boolean isQuiet() {
    return inside.stream().allMatch(Writer::waits);
  }

  synchronized void open() {
    closed = false;
    notifyAll();
  }

  private boolean waitFor(long millis) {
    try {
      wait(millis);
      return false;
    } catch (InterruptedException e) {
      // A statement or a commit that has begun is brought to its end: both are short.
      return true;
    }
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
