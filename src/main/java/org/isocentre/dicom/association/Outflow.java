package org.isocentre.dicom.association;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Where senders wait while the peer takes no bytes: the write watermarks of the channel. */
final class Outflow {
  private final Object writable = new Object();

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
