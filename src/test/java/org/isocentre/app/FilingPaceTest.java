package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilingPaceTest {
  private static final Instant NOW = Instant.parse("2026-11-01T09:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  /** At 1 % a batch of 20 ms is followed by a rest of 2 s. */
  private static FilingPace pace(FilingPace.Load load) {
    return new FilingPace(load, 1, Duration.ofSeconds(30), CLOCK);
  }

  private static long nanosOf(FilingPace pace, Instant receivedAt) throws Exception {
    long begun = System.nanoTime();
    pace.file(receivedAt, FilingPaceTest::work);
    return System.nanoTime() - begun;
  }

  private static String work() {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    return "done";
  }

  @ParameterizedTest
  @CsvSource({"true,0,true", "false,0,false", "true,31,false", "true,29,true"})
  void restsWhileSendersWaitAndFilingIsNotTooLate(boolean high, long secondsAgo, boolean rests)
      throws Exception {
    long took = nanosOf(pace(() -> high), NOW.minusSeconds(secondsAgo));
    assertThat(took > TimeUnit.MILLISECONDS.toNanos(1900)).isEqualTo(rests);
  }

  @Test
  void theRestEndsWithTheLoad() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    long took = nanosOf(pace(() -> looks.incrementAndGet() < 3), NOW);
    assertThat(took).isLessThan(TimeUnit.MILLISECONDS.toNanos(1900));
  }
}
