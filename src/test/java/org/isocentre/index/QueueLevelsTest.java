package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How often a queue is counted, and that it is never taken to be full without that. */
class QueueLevelsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger counts = new AtomicInteger();
  private final QueueLevels levels = new QueueLevels(nanos::get);

  private boolean add(String destination, int most) {
    boolean room =
        levels.hasRoom(
            destination,
            most,
            () -> {
              counts.incrementAndGet();
              return waiting.get();
            });
    if (room) {
      waiting.incrementAndGet();
      levels.added(destination);
    }
    return room;
  }

  @Test
  void aQueueIsCountedOnceForAHundredMessages() {
    for (int i = 0; i < 100; i++) {
      assertThat(add("ris", 1000)).isTrue();
    }
    assertThat(counts).hasValue(1);
    assertThat(add("ris", 1000)).isTrue();
    assertThat(counts).hasValue(2);
  }

  @Test
  void aQueueIsCountedAgainAfterASecond() {
    add("ris", 1000);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
    add("ris", 1000);
    assertThat(counts).hasValue(1);
    nanos.addAndGet(1);
    add("ris", 1000);
    assertThat(counts).hasValue(2);
  }

  @Test
  void aQueueIsFullOnlyIfItWasCounted() {
    assertThat(add("ris", 2)).isTrue();
    assertThat(add("ris", 2)).isTrue();
    assertThat(add("ris", 2)).isFalse();
    waiting.set(0);
    assertThat(add("ris", 2)).isTrue();
    assertThat(waiting).hasValue(1);
  }

  @Test
  void eachQueueHasItsOwnCount() {
    assertThat(add("ris", 1)).isTrue();
    waiting.set(0);
    assertThat(add("epr", 1)).isTrue();
    assertThat(counts).hasValue(2);
  }
}
