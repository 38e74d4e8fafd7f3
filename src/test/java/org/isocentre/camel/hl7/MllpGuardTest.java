package org.isocentre.camel.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MllpGuardTest {
  private final MllpGuard guard =
      new MllpGuard(
          new MllpGuard.Limits(100, 150, 2, Duration.ofSeconds(10)),
          (head, why) ->
              (new String(head, StandardCharsets.US_ASCII) + "|" + why)
                  .getBytes(StandardCharsets.US_ASCII));

  private EmbeddedChannel connect() {
    return new EmbeddedChannel(guard.newChannelHandler());
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static String frame(int length) {
    return "\u000b" + "M".repeat(length) + "\u001c\r";
  }

  private static String passed(EmbeddedChannel channel) {
    StringBuilder all = new StringBuilder();
    for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
      all.append(in.toString(StandardCharsets.ISO_8859_1));
      in.release();
    }
    return all.toString();
  }

  private static String answer(EmbeddedChannel channel) {
    ByteBuf out = channel.readOutbound();
    return out == null ? null : out.toString(StandardCharsets.ISO_8859_1);
  }

  @Property(tries = 200)
  void whatIsWithinTheLimitsPassesHoweverItIsCut(@ForAll @IntRange(min = 1, max = 40) int cut) {
    String text = frame(90) + frame(1) + "\n" + frame(0) + frame(95);
    EmbeddedChannel channel = new EmbeddedChannel(guard.newChannelHandler());
    for (int at = 0; at < text.length(); at += cut) {
      channel.writeInbound(bytes(text.substring(at, Math.min(text.length(), at + cut))));
    }
    assertThat(passed(channel)).isEqualTo(text);
    assertThat(channel.isOpen()).isTrue();
    channel.close();
  }

  @Test
  void aMessageThatIsTooLongIsAnsweredAndTheConnectionClosed() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes("\u000bMSH|" + "x".repeat(60)));
    channel.writeInbound(bytes("y".repeat(60)));
    assertThat(answer(channel))
        .startsWith("\u000bMSH|xxx")
        .contains("longer than 100 bytes")
        .endsWith("\u001c\r");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void unfinishedMessagesOfAllConnectionsAreCounted() {
    EmbeddedChannel first = connect();
    EmbeddedChannel second = connect();
    first.writeInbound(bytes("\u000b" + "a".repeat(90)));
    second.writeInbound(bytes("\u000b" + "b".repeat(70)));
    assertThat(answer(second)).contains("unfinished");
    assertThat(second.isOpen()).isFalse();
    first.writeInbound(bytes("\u001c\r"));
    assertThat(first.isOpen()).isTrue();
    EmbeddedChannel third = connect();
    third.writeInbound(bytes(frame(90)));
    assertThat(passed(third)).isEqualTo(frame(90));
  }

  @Test
  void aStalledMessageIsAnsweredAndTheConnectionClosed() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes("\u000bMSH|"));
    channel.advanceTimeBy(9, java.util.concurrent.TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.writeInbound(bytes("|"));
    channel.advanceTimeBy(2, java.util.concurrent.TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(answer(channel)).contains("not complete within PT10S");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aConnectionMayRestBetweenMessages() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame(5) + "\r\n"));
    channel.advanceTimeBy(1, java.util.concurrent.TimeUnit.HOURS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void oneConnectionTooManyIsClosed() {
    EmbeddedChannel first = connect();
    connect();
    assertThat(connect().isOpen()).isFalse();
    first.close();
    assertThat(connect().isOpen()).isTrue();
  }
}
