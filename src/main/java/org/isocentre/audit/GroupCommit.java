package org.isocentre.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes what several threads have at the same moment by one of them, in one commit: a disk syncs
 * once for all of them. Each returns when its own is durable, or fails with what its own failed by.
 * As many wait as there are callers.
 */
final class GroupCommit<T> {
  private final Consumer<List<T>> sink;
  private final Object lock = new Object();
  private List<Batch<T>> waiting = new ArrayList<>();
  private boolean writing;

  /**
   * @param sink writes all or nothing of what it is given
   */
  GroupCommit(Consumer<List<T>> sink) {
    this.sink = sink;
  }

  private static final class Batch<T> {
    final List<T> items;
    boolean done;
    boolean written;
    RuntimeException failure;

    Batch(List<T> items) {
      this.items = items;
    }
  }

  /**
   * @throws RuntimeException what the sink threw for these; others are not concerned
   */
  void write(List<T> items) {
    Batch<T> mine = new Batch<>(items);
    List<Batch<T>> all = join(mine);
    if (all != null) {
      try {
        together(all);
      } finally {
        leave(all);
      }
    }
    if (!mine.written) {
      // Without a failure of its own: who wrote it was ended by an error.
      throw mine.failure == null
          ? new IllegalStateException("ISO-AUDIT-012: it is not known whether it was written")
          : mine.failure;
    }
  }

  /**
   * @return what is to be written by this thread; null if another has written it
   */
  private List<Batch<T>> join(Batch<T> mine) {
    boolean interrupted = false;
    synchronized (lock) {
      waiting.add(mine);
      while (writing && !mine.done) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          // It is being written: only then is it known whether it is there.
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (mine.done) {
        return null;
      }
      writing = true;
      List<Batch<T>> all = waiting;
      waiting = new ArrayList<>();
      return all;
    }
  }

  private void together(List<Batch<T>> all) {
    if (all.size() == 1) {
      alone(all.get(0));
      return;
    }
    try {
      sink.accept(all.stream().flatMap(b -> b.items.stream()).toList());
      all.forEach(b -> b.written = true);
    } catch (RuntimeException e) {
      all.forEach(this::alone);
    }
  }

  /** One that cannot be written must not take others with it. */
  private void alone(Batch<T> one) {
    try {
      sink.accept(one.items);
      one.written = true;
    } catch (RuntimeException e) {
      one.failure = e;
    }
  }

  private void leave(List<Batch<T>> all) {
    synchronized (lock) {
      all.forEach(b -> b.done = true);
      writing = false;
      lock.notifyAll();
    }
  }
}
