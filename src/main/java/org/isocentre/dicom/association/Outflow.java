package org.isocentre.dicom.association;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * How senders' bytes go out: gathered a little, and not at all while the peer takes none, by the
 * write watermarks of the channel.
 */
final class Outflow {
  /** Written before the transport is asked to send: it sends while the next bytes are fetched. */
  private static final int FLUSH_BYTES = 128 * 1024;

  private final Object writable = new Object();
  private final AtomicInteger unflushed = new AtomicInteger();

  /** Whether the transport is to be asked to send, now that so many more bytes are written. */
  boolean isFlushDue(int bytes) {
    return unflushed.addAndGet(bytes) >= FLUSH_BYTES;
  }

  /** It has been asked, for whatever reason. */
  void flushed() {
    unflushed.set(0);
  }

  /**
   * Waits until the channel is writable or {@code open} no longer holds.
   *
   * @return false if neither came in time
   */
  boolean await(Channel channel, Duration patience, BooleanSupplier open)
      throws InterruptedException {
    if (channel.isWritable()) {
      return true;
    }
    channel.flush();
    flushed();
    long until = System.nanoTime() + patience.toNanos();
    synchronized (writable) {
      while (!channel.isWritable() && open.getAsBoolean()) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        writable.wait(left);
      }
    }
    return true;
  }

  /** To be called when either may have changed. */
  void changed() {
    synchronized (writable) {
      writable.notifyAll();
    }
  }
}
