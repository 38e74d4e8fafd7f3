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

  private final Set<Writer> inside = Collections.newSetFromMap(new IdentityHashMap<>());
  private final long most;
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
    while (closed) {
      interrupted |= waitFor(0);
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
   * Closes the gate and waits until nobody writes. Only one thread may call this at a time.
   *
   * @return who is inside, waiting for a lock
   */
  synchronized List<Writer> close() {
    closed = true;
    boolean interrupted = false;
    long start = System.nanoTime();
    while (!inside.stream().allMatch(Writer::waits)) {
      if (System.nanoTime() - start > most) {
        LOG.warn(
            "ISO-H2-001: {} statements write for more than {} s; what is committed meanwhile is"
                + " saved with what they have done so far",
            inside.size(),
            most / 1_000_000_000);
        break;
      }
      interrupted |= waitFor(LOOK_MILLIS);
    }
    restore(interrupted);
    return new ArrayList<>(inside);
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
