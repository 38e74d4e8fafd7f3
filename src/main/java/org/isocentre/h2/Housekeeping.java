package org.isocentre.h2;

import java.util.concurrent.locks.LockSupport;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the room of what was overwritten in a database file: a page that is written anew
 * leaves a hole in its chunk, which is free only when nothing in it is in use any more.
 */
final class Housekeeping {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  private static final long PERIOD_NANOS = 1_000_000_000L;

  /** In percent of what was written: below it, what is still in use is written anew. */
  private static final int LEAST_IN_USE = 50;

  /** At a time: commits wait for as long as it takes to write it. */
  private static final int MOST_BYTES = 1024 * 1024;

  /** Passes in which nothing could be done, after which there is nothing to do. */
  private static final int IDLE_PASSES = 3;

  private final MVStore store;
  private int idle;
  private long tidy;

  private Housekeeping(MVStore store) {
    this.store = store;
    this.tidy = store.getCurrentVersion();
  }

  /** Runs until the store is closed. */
  static void start(Checkpoints checkpoints, MVStore store) {
    Housekeeping housekeeping = new Housekeeping(store);
    Thread thread = new Thread(() -> housekeeping.run(checkpoints), "index-housekeeping");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Checkpoints checkpoints) {
    while (!store.isClosed()) {
      LockSupport.parkNanos(PERIOD_NANOS);
      if (!store.isClosed() && store.getCurrentVersion() != tidy) {
        try {
          checkpoints.quietly(this::pass);
        } catch (MVStoreException e) {
          LOG.debug("The store is being closed, or whoever writes next is told", e);
        }
      }
    }
  }

  /** What was written a moment ago is left alone by the store. */
  private void pass() {
    idle = store.compact(LEAST_IN_USE, MOST_BYTES) ? 0 : idle + 1;
    if (idle >= IDLE_PASSES) {
      tidy = store.getCurrentVersion();
      idle = 0;
    }
  }
}
