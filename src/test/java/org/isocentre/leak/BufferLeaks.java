package org.isocentre.leak;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Buffers that were thrown away without being released. Netty finds them when the collector does,
 * at the paranoid level every one; here they are kept until somebody asks, rather than logged.
 */
final class BufferLeaks {
  private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();
  private static final AtomicLong TRACKED = new AtomicLong();
  private static final long COLLECTOR_MILLIS = 2000;
  private static long seen;

  private BufferLeaks() {}

  /** To be called before the first buffer is allocated. Idempotent. */
  static synchronized void watch() {
    if (!(ResourceLeakDetectorFactory.instance() instanceof Factory)) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
      ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
    }
  }

  /** What has leaked since the last call; collects garbage if any buffer was allocated. */
  static synchronized List<String> drain() {
    if (TRACKED.get() != seen) {
      // References of one collection are told in no order; the second comes after all of the first.
      collectGarbage();
      collectGarbage();
      // Each allocation reports what the collector has found.
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
      seen = TRACKED.get();
    }
    List<String> found = new ArrayList<>();
    for (String one = FOUND.poll(); one != null; one = FOUND.poll()) {
      found.add(one);
    }
    return found;
  }

  /** Fails with what has leaked. */
  static void check(String where) {
    List<String> found = drain();
    if (!found.isEmpty()) {
      throw new AssertionError(
          "%d buffers were not released in %s or just before it:%n%s"
              .formatted(found.size(), where, String.join("\n", found)));
    }
  }

  /** Until the collector has told of a fresh piece of garbage. */
  private static void collectGarbage() {
    ReferenceQueue<Object> queue = new ReferenceQueue<>();
    PhantomReference<Object> garbage = new PhantomReference<>(new Object(), queue);
    System.gc();
    try {
      if (queue.remove(COLLECTOR_MILLIS) != garbage) {
        throw new IllegalStateException("System.gc() collects nothing; is it disabled?");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Factory extends ResourceLeakDetectorFactory {
    @Override
    @Deprecated
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      return new Detector<>(resource, samplingInterval);
    }
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {
    Detector(Class<?> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected Object getInitialHint(String resourceType) {
      TRACKED.incrementAndGet();
      return super.getInitialHint(resourceType);
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      // The broker's client loses one where it is stopped while a session closes; none of ours
      // goes there.
      if (!records.contains("org.apache.activemq.artemis")) {
        FOUND.add(resourceType + records);
      }
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      FOUND.add(resourceType);
    }
  }
}
