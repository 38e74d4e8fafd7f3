package org.isocentre.h2;

import java.sql.SQLException;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * Saves what was committed, for all threads that have committed something at the same moment by one
 * of them.
 */
final class Checkpoints {
  private final MVStore store;
  private final WriteGate gate;
  private final boolean sync;
  private Round next = new Round();
  private boolean running;

  private static final class Round {
    boolean done;
    boolean saved;
    RuntimeException failure;
  }

  /**
   * @param sync whether a checkpoint is forced to the disk; else it survives the end of this
   *     process, not that of the machine
   */
  Checkpoints(MVStore store, WriteGate gate, boolean sync) {
    this.store = store;
    this.gate = gate;
    this.sync = sync;
  }

  boolean isOf(MVStore other) {
    return store == other;
  }

  WriteGate gate() {
    return gate;
  }

  /** Whether the store is about to save by itself, which it does while others write. */
  boolean isDue() {
    return store.getUnsavedMemory() > store.getAutoCommitMemory() / 2;
  }

  /**
   * Returns when all that this thread has committed is in the file.
   *
   * @throws SQLException if it is not known to be there
   */
  void save() throws SQLException {
    Round mine = join();
    if (!mine.saved) {
      // Without a failure of its own: who was to do it was ended by an error.
      throw new SQLException(
          "ISO-H2-002: the index could not be saved, and what was committed may not survive",
          "58030",
          mine.failure);
    }
  }

  private Round join() {
    Round mine = turn();
    if (mine.done) {
      return mine;
    }
    try {
      checkpoint();
      mine.saved = true;
    } catch (RuntimeException e) {
      mine.failure = e;
    } finally {
      finished(mine);
    }
    return mine;
  }

  /**
   * The round that began after this call, when it is done; or one that is for this thread to do.
   */
  private synchronized Round turn() {
    Round mine = next;
    boolean interrupted = false;
    while (running && !mine.done) {
      try {
        wait();
      } catch (InterruptedException e) {
        // It is committed: only when it is saved can that be said.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!mine.done) {
      running = true;
      next = new Round();
    }
    return mine;
  }

  private synchronized void finished(Round round) {
    round.done = true;
    leave();
  }

  private void checkpoint() {
    while (!snapshot()) {
      // Who waited for a lock has given up meanwhile and undone its statement.
    }
    store.executeFilestoreOperation(this::written);
  }

  private boolean snapshot() {
    try {
      List<WriteGate.Writer> waiting = gate.close();
      if (store.tryCommit() < 0 && store.hasUnsavedChanges()) {
        store.commit();
      }
      return waiting.stream().allMatch(WriteGate.Writer::waits);
    } finally {
      gate.open();
    }
  }

  /** Called when all that was handed to the file was written. */
  private void written() {
    if (sync) {
      store.getFileStore().sync();
    }
  }

  /**
   * Does something while nobody writes and nothing is being saved: the file is as the last
   * checkpoint left it.
   */
  void quietly(Runnable work) {
    Round mine = turn();
    while (mine.done) {
      mine = turn();
    }
    try {
      gate.close();
      work.run();
    } finally {
      gate.open();
      // Those who share this round have not been served: one of them goes on with it.
      leave();
    }
  }

  private synchronized void leave() {
    running = false;
    notifyAll();
  }
}
