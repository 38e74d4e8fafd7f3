package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class in which a buffer was lost: every one is tracked, and looked for at the end.
 */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
  private final List<String> leaks = new CopyOnWriteArrayList<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    ResourceLeakDetector.setLevel(Level.PARANOID);
    ByteBufUtil.setLeakListener((type, records) -> leaks.add(records));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    for (int i = 0; i < 3; i++) {
      System.gc();
      // Lost buffers are reported when the next ones are made.
      PooledByteBufAllocator.DEFAULT.heapBuffer(1).release();
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    }
    ByteBufUtil.setLeakListener(null);
    assertThat(leaks).as("buffers that were not released").isEmpty();
  }
}
