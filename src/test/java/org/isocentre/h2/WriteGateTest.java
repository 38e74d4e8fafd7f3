package org.isocentre.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WriteGateTest {
  private final WriteGate gate = new WriteGate(Duration.ofMinutes(1));
  private final AtomicBoolean waits = new AtomicBoolean();
  private final AtomicBoolean passed = new AtomicBoolean();

  private Thread start(Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              work.run();
              passed.set(true);
            });
    thread.start();
    return thread;
  }

  private static void stands(Thread thread) {
    await()
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
  }

  @Test
  void closesWhenTheLastWriterHasLeft() throws InterruptedException {
    gate.enter(waits::get);
    WriteGate.Writer other = () -> false;
    gate.enter(other);
    waits.set(true);
    Thread closing = start(gate::close);
    stands(closing);
    assertThat(passed).isFalse();
    gate.leave(other);
    closing.join();
    assertThat(passed).isTrue();
  }

  @Test
  void closesWhenTheWriterInsideBeginsToWait() throws InterruptedException {
    gate.enter(waits::get);
    Thread closing = start(() -> assertThat(gate.close()).hasSize(1));
    stands(closing);
    assertThat(passed).isFalse();
    waits.set(true);
    closing.join();
    assertThat(passed).isTrue();
  }

  @Test
  void nobodyEntersAClosedGate() throws InterruptedException {
    assertThat(gate.close()).isEmpty();
    Thread entering = start(() -> gate.enter(waits::get));
    stands(entering);
    assertThat(passed).isFalse();
    gate.open();
    entering.join();
    assertThat(passed).isTrue();
  }

  @Test
  void closesInTheEndWhoeverIsInside() throws InterruptedException {
    WriteGate impatient = new WriteGate(Duration.ofMillis(20));
    impatient.enter(() -> false);
    assertThat(impatient.close()).isEmpty();
    Thread entering = start(() -> impatient.enter(waits::get));
    stands(entering);
    impatient.open();
    entering.join();
  }

  @Test
  void whoStandsOutsideIsLetInIfSomebodyInsideWaitsForThem() throws InterruptedException {
    // It tries again and again until the other is done.
    WriteGate.Writer spinning = () -> false;
    gate.enter(spinning);
    Thread closing = start(gate::close);
    stands(closing);
    for (int statement = 0; statement < 5; statement++) {
      WriteGate.Writer other = () -> false;
      gate.enter(other);
      gate.leave(other);
    }
    gate.leave(spinning);
    closing.join();
    assertThat(passed).isTrue();
  }

  @Test
  void anInterruptEndsNoWait() throws InterruptedException {
    gate.close();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread entering =
        start(
            () -> {
              gate.enter(() -> false);
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    stands(entering);
    entering.interrupt();
    stands(entering);
    gate.open();
    entering.join();
    assertThat(interrupted).isTrue();
  }
}
