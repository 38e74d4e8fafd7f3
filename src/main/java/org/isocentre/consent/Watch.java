package org.isocentre.consent;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Keeps asking whether what is being sent may still be sent. The question is put at most twice a
 * second, so that a withdrawal holds within one second on every node, and looking at the clock is
 * all that it costs in between. What was once closed stays closed. May be used by several threads.
 */
public final class Watch {
  /** Nanoseconds that an answer holds. */
  static final long HOLDS = 400_000_000L;

  private final BooleanSupplier stillOpen;
  private final LongSupplier nanoTime;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile long askedAt;

  public Watch(BooleanSupplier stillOpen) {
    this(stillOpen, System::nanoTime);
  }

  Watch(BooleanSupplier stillOpen, LongSupplier nanoTime) {
    this.stillOpen = stillOpen;
    this.nanoTime = nanoTime;
    this.askedAt = nanoTime.getAsLong();
  }

  /** What was being sent may not be sent any more. */
  public static final class WithdrawnException extends IOException {
    private static final long serialVersionUID = 1L;

    WithdrawnException() {
      super("ISO-CONSENT-001: consent was withdrawn or the data was withheld while it was sent");
    }
  }

  /** Whether the next byte may go. */
  public boolean isOpen() {
    if (closed.get()) {
      return false;
    }
    long now = nanoTime.getAsLong();
    if (now - askedAt >= HOLDS) {
      if (!stillOpen.getAsBoolean()) {
        closed.set(true);
        return false;
      }
      askedAt = now;
    }
    return true;
  }

  /**
   * @throws WithdrawnException if the next byte may not go
   */
  public void check() throws WithdrawnException {
    if (!isOpen()) {
      throw new WithdrawnException();
    }
  }

  /** The same bytes, which end with {@link WithdrawnException} when they may not be sent. */
  public InputStream over(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        check();
        return super.read();
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        check();
        return super.read(into, offset, length);
      }
    };
  }
}
