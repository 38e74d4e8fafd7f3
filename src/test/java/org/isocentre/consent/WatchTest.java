package org.isocentre.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchTest {
  private final AtomicLong now = new AtomicLong();
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final AtomicInteger asked = new AtomicInteger();
  private final Watch watch =
      new Watch(
          () -> {
            asked.incrementAndGet();
            return open.get();
          },
          now::get);

  @Test
  void asksAtMostOnceInThatTimeAndNoticesAWithdrawalWithinASecond() throws Exception {
    InputStream in = watch.over(new ByteArrayInputStream(new byte[100]));
    assertThat(in.read()).isZero();
    assertThat(asked).hasValue(0);
    now.addAndGet(Watch.HOLDS);
    assertThat(in.read(new byte[10])).isEqualTo(10);
    assertThat(in.read()).isZero();
    assertThat(asked).hasValue(1);
    open.set(false);
    assertThat(in.read()).isZero();
    now.addAndGet(999_999_999L);
    assertThatThrownBy(() -> in.read(new byte[10])).isInstanceOf(Watch.WithdrawnException.class);
  }

  @Test
  void whatWasClosedStaysClosed() {
    open.set(false);
    now.addAndGet(Watch.HOLDS);
    assertThat(watch.isOpen()).isFalse();
    open.set(true);
    now.addAndGet(10 * Watch.HOLDS);
    assertThat(watch.isOpen()).isFalse();
    assertThat(asked).hasValue(1);
  }
}
