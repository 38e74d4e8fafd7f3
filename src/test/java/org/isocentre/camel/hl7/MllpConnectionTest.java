package org.isocentre.camel.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MllpConnectionTest {
  private final MllpConnections connections =
      new MllpConnections(
          new MllpConnections.Limits(97, 150, 2, Duration.ofSeconds(10)),
          (head, why) ->
              (new String(head, StandardCharsets.US_ASCII) + "|" + why)
                  .getBytes(StandardCharsets.US_ASCII));

  private EmbeddedChannel connect() {
    return new EmbeddedChannel(connections.newChannelHandler());
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static String frame(int length) {
    return frame("M".repeat(length));
  }

  private static String frame(String text) {
    return "\u000b" + text + "\u001c\r";
  }

  private static String next(EmbeddedChannel channel) {
    MllpMessage message = channel.readInbound();
    return message == null ? null : new String(message.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static void answer(EmbeddedChannel channel, String text) {
    channel.writeOutbound((Object) text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String answer(EmbeddedChannel channel) {
    ByteBuf out = channel.readOutbound();
    return out == null ? null : out.toString(StandardCharsets.ISO_8859_1);
  }

  @Property(tries = 200)
  void messagesComeOneAfterTheOtherHoweverTheyAreCut(@ForAll @IntRange(min = 1, max = 40) int cut) {
    String text = frame(90) + frame(1) + "\n" + frame(0) + frame(95);
    EmbeddedChannel channel = connect();
    for (int at = 0; at < text.length(); at += cut) {
      channel.writeInbound(bytes(text.substring(at, Math.min(text.length(), at + cut))));
    }
    for (int length : new int[] {90, 1, 0, 95}) {
      assertThat(next(channel)).isEqualTo("M".repeat(length));
      assertThat(next(channel)).as("before the answer").isNull();
      answer(channel, "A" + length);
      assertThat(answer(channel)).isEqualTo(frame("A" + length));
    }
    assertThat(channel.isOpen()).isTrue();
    channel.close();
    assertThat(connections.held.get()).isZero();
  }

  @Test
  void whoWantsNoAnswerGetsNone() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame("a") + frame("b")));
    assertThat(next(channel)).isEqualTo("a");
    answer(channel, "");
    ByteBuf written = channel.readOutbound();
    assertThat(written == null || !written.isReadable()).isTrue();
    assertThat(next(channel)).isEqualTo("b");
    channel.close();
  }

  @Test
  void aMessageThatIsTooLongIsAnsweredAndTheConnectionClosed() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes("\u000bMSH|" + "x".repeat(60)));
    channel.writeInbound(bytes("y".repeat(60)));
    assertThat(answer(channel))
        .startsWith("\u000bMSH|xxx")
        .contains("longer than 97 bytes")
        .endsWith("\u001c\r");
    assertThat(channel.isOpen()).isFalse();
    EmbeddedChannel whole = connect();
    whole.writeInbound(bytes(frame(98)));
    assertThat(answer(whole)).contains("longer than 97 bytes");
    assertThat(connections.held.get()).isZero();
  }

  @Test
  void messagesOfAllConnectionsThatAreNotAnsweredAreCounted() {
    EmbeddedChannel first = connect();
    EmbeddedChannel second = connect();
    first.writeInbound(bytes(frame("a".repeat(90))));
    second.writeInbound(bytes("\u000b" + "b".repeat(70)));
    assertThat(answer(second)).contains("unfinished");
    assertThat(second.isOpen()).isFalse();
    answer(first, "A");
    EmbeddedChannel third = connect();
    third.writeInbound(bytes("\u000b" + "c".repeat(90)));
    assertThat(third.isOpen()).isTrue();
    third.writeInbound(bytes("\u001c\r"));
    assertThat(next(third)).isEqualTo("c".repeat(90));
    first.close();
    third.close();
  }

  @Test
  void aConnectionThatEndsBeforeItsAnswerHoldsNothing() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame("a".repeat(90)) + "\u000b" + "b".repeat(5)));
    assertThat(connections.held.get()).isEqualTo(90);
    channel.close();
    assertThat(connections.held.get()).isZero();
    EmbeddedChannel next = connect();
    next.writeInbound(bytes("\u000b" + "c".repeat(90)));
    assertThat(next.isOpen()).as("there is room again").isTrue();
    next.close();
  }

  @Test
  void littleIsReadAheadOfAMessageThatIsWorkedOn() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame("a")));
    for (int i = 0; i < 3000; i++) {
      channel.writeInbound(bytes(frame(90)));
    }
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(next(channel)).isEqualTo("a");
    for (int i = 0; i < 3000; i++) {
      answer(channel, "A");
      assertThat(next(channel)).isEqualTo("M".repeat(90));
    }
    answer(channel, "A");
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.close();
  }

  @Test
  void aStalledMessageIsAnsweredAndTheConnectionClosed() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes("\u000bMSH|"));
    channel.advanceTimeBy(9, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.writeInbound(bytes("|"));
    channel.advanceTimeBy(2, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(answer(channel)).contains("not complete within PT10S");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aMessageWithoutEndBlockIsRefusedAndTheNextIsTaken() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes("\u000bMSH|a\rPID|1\r" + frame("MSH|b\r")));
    assertThat(answer(channel)).startsWith("\u000bMSH|a").contains("end block is missing");
    assertThat(next(channel)).isEqualTo("MSH|b\r");
    channel.close();
  }

  @Test
  void aConnectionMayRestBetweenMessages() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame(5) + "\r\n"));
    answer(channel, "A");
    channel.advanceTimeBy(1, TimeUnit.HOURS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.close();
  }

  @Test
  void whoSendsNoMoreStillGetsItsAnswers() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame("a") + frame("b")));
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(channel.isOpen()).isTrue();
    answer(channel, "A");
    assertThat(next(channel)).isEqualTo("a");
    assertThat(next(channel)).isEqualTo("b");
    answer(channel, "B");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aRouteThatFailsClosesTheConnectionWithoutAnAnswer() {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame("a")));
    channel.writeOutbound(new IllegalStateException("synthetic"));
    assertThat(answer(channel)).isNull();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void oneConnectionTooManyIsClosed() {
    EmbeddedChannel first = connect();
    connect();
    assertThat(connect().isOpen()).isFalse();
    first.close();
    assertThat(connect().isOpen()).isTrue();
  }

  @Test
  void aLaterAcknowledgementGoesByTheConnectionOfItsMessage() throws Exception {
    EmbeddedChannel channel = connect();
    channel.writeInbound(bytes(frame("a")));
    MllpMessage message = channel.readInbound();
    answer(channel, "CA");
    answer(channel);
    assertThat(connections.send(message.connection(), new byte[] {'A', 'A'})).isTrue();
    assertThat(answer(channel)).isEqualTo(frame("AA"));
    channel.close();
    assertThat(connections.send(message.connection(), new byte[] {'A', 'A'})).isFalse();
    assertThat(connections.send(null, new byte[] {'A', 'A'})).isFalse();
  }
}
