package org.isocentre.camel.hl7;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.apache.camel.component.netty.ChannelHandlerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the MLLP decoder (HL7 v2 Implementation Guide, Appendix C) and keeps what a sender
 * may hold of the hub within limits: bytes of one message, bytes of all unfinished messages, time
 * for one message, connections. Whoever goes beyond gets an answer where one can be given, and the
 * connection is closed. Nothing of it had been acknowledged.
 */
public final class MllpGuard extends ChannelInboundHandlerAdapter implements ChannelHandlerFactory {
  private static final Logger LOG = LoggerFactory.getLogger(MllpGuard.class);
  private static final byte START_BLOCK = 0x0b;
  private static final byte END_BLOCK = 0x1c;
  private static final byte CARRIAGE_RETURN = 0x0d;
  private static final int HEAD_BYTES = 4096;

  private final Limits limits;
  private final BiFunction<byte[], String, byte[]> refusal;
  private final AtomicInteger connections;
  private final AtomicLong unfinished;

  // Of one connection's event loop only:
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private long frameBytes;
  private boolean endBlock;
  private boolean closing;
  private ScheduledFuture<?> timer;

  /**
   * @param messageBytes of one message with its framing
   * @param unfinishedBytes of messages that have begun and not ended, over all connections
   * @param connections at once
   * @param messageTimeout from the first byte of a message to its last
   */
  public record Limits(
      long messageBytes, long unfinishedBytes, int connections, Duration messageTimeout) {}

  /**
   * @param refusal the answer to a message of which only the head is known, and why
   */
  public MllpGuard(Limits limits, BiFunction<byte[], String, byte[]> refusal) {
    this(limits, refusal, new AtomicInteger(), new AtomicLong());
  }

  private MllpGuard(
      Limits limits,
      BiFunction<byte[], String, byte[]> refusal,
      AtomicInteger connections,
      AtomicLong unfinished) {
    this.limits = limits;
    this.refusal = refusal;
    this.connections = connections;
    this.unfinished = unfinished;
  }

  /** One for each connection; all share the counts. */
  @Override
  public ChannelHandler newChannelHandler() {
    return new MllpGuard(limits, refusal, connections, unfinished);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    if (connections.incrementAndGet() > limits.connections()) {
      LOG.warn(
          "ISO-HL7-101: connection from {} closed: {} are open already; see isocentre.mllp.max-connections",
          context.channel().remoteAddress(),
          limits.connections());
      closing = true;
      context.close();
    }
    super.channelActive(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    connections.decrementAndGet();
    if (timer != null && !closing) {
      LOG.warn(
          "ISO-HL7-102: {} closed the connection within a message; it was not acknowledged",
          context.channel().remoteAddress());
    }
    ended();
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (closing) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof ByteBuf bytes) {
      String excess = count(context, bytes);
      if (excess != null) {
        bytes.release();
        refuse(context, excess);
        return;
      }
    }
    super.channelRead(context, message);
  }

  /**
   * @return why it is too much, or null
   */
  private String count(ChannelHandlerContext context, ByteBuf bytes) {
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      int end = end(bytes, at);
      int until = end < 0 ? bytes.writerIndex() : end;
      begun(context, bytes, at, until);
      if (frameBytes > limits.messageBytes()) {
        return "the message is longer than "
            + limits.messageBytes()
            + " bytes; see isocentre.mllp.max-message-size";
      }
      if (end >= 0) {
        ended();
      } else if (unfinished.get() > limits.unfinishedBytes()) {
        return "too many unfinished messages are held; send it again later";
      }
      at = until;
    }
    return null;
  }

  /** Index after the end block, or -1; remembers an end block's first half. */
  private int end(ByteBuf bytes, int from) {
    int at = from;
    while (at < bytes.writerIndex()) {
      if (endBlock) {
        endBlock = false;
        if (bytes.getByte(at) == CARRIAGE_RETURN) {
          return at + 1;
        }
      }
      int found = bytes.indexOf(at, bytes.writerIndex(), END_BLOCK);
      if (found < 0) {
        return -1;
      }
      endBlock = true;
      at = found + 1;
    }
    return -1;
  }

  private void begun(ChannelHandlerContext context, ByteBuf bytes, int from, int until) {
    if (timer == null && hasContent(bytes, from, until)) {
      timer =
          context
              .executor()
              .schedule(
                  () -> refuse(context, "not complete within " + limits.messageTimeout()),
                  limits.messageTimeout().toMillis(),
                  TimeUnit.MILLISECONDS);
    }
    int count = until - from;
    int kept = Math.min(count, HEAD_BYTES - head.size());
    if (kept > 0) {
      byte[] part = new byte[kept];
      bytes.getBytes(from, part);
      head.writeBytes(part);
    }
    frameBytes += count;
    unfinished.addAndGet(count);
  }

  /** Line ends between messages, which some send, begin none. */
  private static boolean hasContent(ByteBuf bytes, int from, int until) {
    for (int i = from; i < until; i++) {
      byte b = bytes.getByte(i);
      if (b != '\r' && b != '\n' && b != ' ') {
        return true;
      }
    }
    return false;
  }

  private void ended() {
    unfinished.addAndGet(-frameBytes);
    frameBytes = 0;
    endBlock = false;
    head.reset();
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void refuse(ChannelHandlerContext context, String why) {
    LOG.warn(
        "ISO-HL7-103: a message from {} was refused and the connection closed: {}",
        context.channel().remoteAddress(),
        why);
    byte[] known = head.toByteArray();
    int skip = known.length > 0 && known[0] == START_BLOCK ? 1 : 0;
    byte[] answer = refusal.apply(java.util.Arrays.copyOfRange(known, skip, known.length), why);
    ended();
    closing = true;
    ByteBuf framed = Unpooled.buffer(answer.length + 3);
    framed
        .writeByte(START_BLOCK)
        .writeBytes(answer)
        .writeByte(END_BLOCK)
        .writeByte(CARRIAGE_RETURN);
    context.writeAndFlush(framed).addListener(ChannelFutureListener.CLOSE);
  }
}
