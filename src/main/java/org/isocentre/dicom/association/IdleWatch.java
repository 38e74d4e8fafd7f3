package org.isocentre.dicom.association;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Tells when a peer, whose turn it is, has completed no PDU for too long. On the event loop. */
final class IdleWatch {
  private static final long SHORTEST_NANOS = 1_000_000;
  private final EventExecutor loop;
  private final Duration patience;
  private final BooleanSupplier excused;
  private final Runnable expired;
  private ScheduledFuture<?> check;
  private long lastProgress = System.nanoTime();

  /**
   * @param excused whether the peer is not to be blamed at the moment
   * @param expired is called once
   */
  IdleWatch(EventExecutor loop, Duration patience, BooleanSupplier excused, Runnable expired) {
    this.loop = loop;
    this.patience = patience;
    this.excused = excused;
    this.expired = expired;
    schedule();
  }

  void progress() {
    lastProgress = System.nanoTime();
  }

  void stop() {
    check.cancel(false);
  }

  private void schedule() {
    long left = patience.toNanos() - (System.nanoTime() - lastProgress);
    check = loop.schedule(this::check, Math.max(left, SHORTEST_NANOS), TimeUnit.NANOSECONDS);
  }

  private void check() {
    if (excused.getAsBoolean()) {
      progress();
    } else if (System.nanoTime() - lastProgress >= patience.toNanos()) {
      expired.run();
      return;
    }
    schedule();
  }
}
