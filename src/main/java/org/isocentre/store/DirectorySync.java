package org.isocentre.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Group commit of directories. Callers that come while a round is running share the next one: each
 * distinct directory is fsynced once a round, and no caller returns before a round that began after
 * its call has ended.
 */
final class DirectorySync {
  private final ReentrantLock running = new ReentrantLock();
  private Round waiting = new Round();

  /**
   * Directories to make durable together. Filled under the lock of the outer object, run under
   * {@link #running}.
   */
  private static final class Round {
    final Set<Path> directories = new LinkedHashSet<>();
    boolean done;
    IOException failure;
  }

  /** Waits until the directory's entries are durable. */
  void sync(Path directory) throws IOException {
    Round mine;
    synchronized (this) {
      mine = waiting;
      mine.directories.add(directory);
    }
    running.lock();
    try {
      if (!mine.done) {
        synchronized (this) {
          waiting = new Round();
        }
        run(mine);
      }
      if (mine.failure != null) {
        throw new IOException("ISO-STORE-008: a directory could not be made durable", mine.failure);
      }
    } finally {
      running.unlock();
    }
  }

  private void run(Round round) {
    try {
      for (Path directory : round.directories) {
        syncNow(directory);
      }
    } catch (IOException e) {
      round.failure = e;
    } finally {
      round.done = true;
    }
  }

  /** Without sharing. */
  void syncNow(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
