package org.isocentre.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** A watch that finds nothing proves nothing. */
class BufferLeaksTest {
  private static void allocate(boolean release) {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    buffer.writeLong(1);
    if (release) {
      buffer.release();
    }
  }

  @Test
  void aBufferThatIsNotReleasedIsFound() {
    BufferLeaks.drain();
    allocate(true);
    assertThat(BufferLeaks.drain()).isEmpty();
    allocate(false);
    assertThatThrownBy(() -> BufferLeaks.check("this test"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not released in this test")
        .hasMessageContaining("BufferLeaksTest.allocate");
    assertThat(BufferLeaks.drain()).isEmpty();
  }
}
