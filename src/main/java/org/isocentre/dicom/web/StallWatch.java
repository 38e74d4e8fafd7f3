package org.isocentre.dicom.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends what a peer sends when it stands still: a thread that reads would wait for ever. */
final class StallWatch implements AutoCloseable {
  private final Duration limit;
  private final Set<Watched> all = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "dicomweb-stall-watch");
            thread.setDaemon(true);
            return thread;
          });

  StallWatch(Duration limit) {
    this.limit = limit;
    long period = Math.max(10, Math.min(1000, limit.toMillis() / 4));
    clock.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
  }

  InputStream over(InputStream in, String where) {
    Watched watched = new Watched(in, where);
    all.add(watched);
    return watched;
  }

  private void look() {
    long now = System.nanoTime();
    for (Watched one : all) {
      if (one.reading && now - one.since > limit.toNanos()) {
        one.stall();
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private final class Watched extends FilterInputStream {
    private final String where;
    private volatile long since;
    private volatile boolean reading;
    private volatile boolean stalled;

    Watched(InputStream in, String where) {
      super(in);
      this.where = where;
    }

    private void stall() {
      stalled = true;
      try {
        in.close();
      } catch (IOException e) {
        // The reader is told that it stood still.
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      since = System.nanoTime();
      reading = true;
      try {
        int count = in.read(into, offset, length);
        if (!stalled) {
          return count;
        }
      } catch (IOException e) {
        throw stalled ? stood(e) : DicomWebClient.broken(where, e);
      } finally {
        reading = false;
      }
      throw stood(null);
    }

    private IOException stood(IOException cause) {
      return new DicomWebException(
          DicomWebException.Kind.UNREACHABLE,
          0,
          "ISO-DICOMWEB-006: %s sent nothing for %s".formatted(where, limit),
          cause);
    }

    @Override
    public void close() throws IOException {
      all.remove(this);
      super.close();
    }
  }
}
