package org.isocentre.dicom.association;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Where senders wait while the peer takes no bytes: the write watermarks of the channel. */
final class Outflow {
  /** Written before the transport is asked to send: it sends while the next bytes are fetched. */
  private static final int FLUSH_BYTES = 128 * 1024;

  private final Object writable = new Object();
  private int unflushed;

  /**
   * Whether enough is written to be flushed. Only a hint: fragments come from one thread at a time.
   */
  boolean isMuch(int more) {
    unflushed += more;
    if (unflushed < FLUSH_BYTES) {
      return false;
    }
    unflushed = 0;
    return true;
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
