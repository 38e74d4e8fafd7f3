package org.isocentre.dicom;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs one thing with many random inputs, each from a seed of its own that a failure tells. Takes 2
 * seconds a target, or as long as the system property {@code isocentre.fuzz.seconds} says.
 */
public final class Fuzz {
  private static final int SECONDS = Integer.getInteger("isocentre.fuzz.seconds", 2);
  private static final Duration HANG = Duration.ofSeconds(20);
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Fuzz() {}

  /** One input. May throw nothing: what is documented is caught in it. */
  @FunctionalInterface
  public interface Target {
    void with(Random random) throws Exception;
  }

  /**
   * @param maxAllocated bytes that one input may cost at most, garbage included
   */
  public static void run(long maxAllocated, Target target) throws InterruptedException {
    AtomicLong seed = new AtomicLong(new Random().nextLong());
    AtomicLong rounds = new AtomicLong();
    AtomicReference<AssertionError> failure = new AtomicReference<>();
    long until = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    Thread thread =
        new Thread(
            () -> {
              while (System.nanoTime() < until && failure.get() == null) {
                once(
                    target,
                    seed.get(),
                    rounds.get() < 100 ? Long.MAX_VALUE : maxAllocated,
                    failure);
                rounds.incrementAndGet();
                seed.incrementAndGet();
              }
            },
            "fuzz");
    thread.setDaemon(true);
    thread.start();
    while (thread.isAlive()) {
      long before = rounds.get();
      thread.join(HANG.toMillis());
      if (thread.isAlive() && rounds.get() == before) {
        throw new AssertionError(
            "seed " + seed + " hangs at " + Arrays.toString(thread.getStackTrace()));
      }
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    if (rounds.get() < 10) {
      throw new AssertionError("only " + rounds + " inputs");
    }
  }

  private static void once(
      Target target, long seed, long maxAllocated, AtomicReference<AssertionError> failure) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      target.with(new Random(seed));
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      if (allocated > maxAllocated) {
        failure.set(new AssertionError("seed %d allocated %d bytes".formatted(seed, allocated)));
      }
    } catch (Throwable e) {
      failure.set(new AssertionError("seed " + seed + " of " + target.getClass(), e));
    }
  }

  /** A valid input made wrong in one to eight places; now and then random bytes alone. */
  public static byte[] mutated(byte[] valid, Random random) {
    if (random.nextInt(20) == 0) {
      byte[] noise = new byte[random.nextInt(512)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] bytes = valid.clone();
    for (int i = random.nextInt(8); i >= 0 && bytes.length > 8; i--) {
      bytes = once(bytes, random);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length - 4);
    switch (random.nextInt(6)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> {
        // A huge or negative length.
        int[] lengths = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x7ffffffe, 0xfffffffe, 0};
        int length = lengths[random.nextInt(lengths.length)];
        for (int i = 0; i < 4; i++) {
          bytes[at + i] = (byte) (length >> 8 * (random.nextBoolean() ? i : 3 - i));
        }
      }
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 -> {
        // A part twice.
        int count = random.nextInt(Math.min(bytes.length - at, 256));
        byte[] longer = new byte[bytes.length + count];
        System.arraycopy(bytes, 0, longer, 0, at + count);
        System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
        return longer;
      }
      default -> {
        // A part left out.
        int count = random.nextInt(Math.min(bytes.length - at, 64));
        byte[] shorter = new byte[bytes.length - count];
        System.arraycopy(bytes, 0, shorter, 0, at);
        System.arraycopy(bytes, at + count, shorter, at, shorter.length - at);
        return shorter;
      }
    }
    return bytes;
  }
}
