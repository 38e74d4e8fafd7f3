package org.isocentre.camel.hl7;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One MLLP connection: turns bytes into messages and answers into bytes. Messages are worked on one
 * after the other, in order, however many are on their way; meanwhile little is read. Whoever goes
 * beyond the limits gets an answer where one can be given, and the connection is closed: nothing of
 * that message had been acknowledged.
 */
final class MllpConnection extends ChannelDuplexHandler {
  private static final Logger LOG = LoggerFactory.getLogger(MllpConnection.class);
  private static final int HEAD_BYTES = 4096;
  private static final int READ_AHEAD = 256 * 1024;

  private final MllpConnections all;
  private final MllpFrameReader reader = new MllpFrameReader();
  private final Deque<ByteBuf> unread = new ArrayDeque<>();
  private String name;
  private long held;
  private int unreadBytes;
  private int busyBytes;
  private boolean busy;
  private boolean draining;
  private boolean inputEnded;
  private boolean closing;
  private ScheduledFuture<?> timer;

  MllpConnection(MllpConnections all) {
    this.all = all;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    name = all.opened(context.channel());
    // Who says that it sends no more may still wait for its answers.
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    if (all.open.incrementAndGet() > all.limits.connections()) {
      LOG.warn(
          "ISO-HL7-101: connection from {} closed: {} are open already; see isocentre.mllp.max-connections",
          context.channel().remoteAddress(),
          all.limits.connections());
      closing = true;
      context.close();
    }
    super.channelActive(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    all.open.decrementAndGet();
    all.closed(name);
    warnOfUnfinished(context);
    closing = true;
    // An answer that is still made finds no channel to be written to, and would free nothing.
    busy = false;
    busyBytes = 0;
    release();
    super.channelInactive(context);
  }

  private void warnOfUnfinished(ChannelHandlerContext context) {
    if (reader.isInside() && !closing) {
      LOG.warn(
          "ISO-HL7-102: {} closed the connection within a message; it was not acknowledged",
          context.channel().remoteAddress());
    }
  }

  private void release() {
    unread.forEach(ByteBuf::release);
    unread.clear();
    unreadBytes = 0;
    reader.begin();
    hold();
    stopTimer();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf bytes = (ByteBuf) message;
    if (closing) {
      bytes.release();
      return;
    }
    unread.add(bytes);
    unreadBytes += bytes.readableBytes();
    drain(context);
  }

  /** Reads until a message is whole; goes on once that is answered. */
  private void drain(ChannelHandlerContext context) {
    if (draining) {
      return;
    }
    draining = true;
    try {
      while (!busy && !closing && !unread.isEmpty()) {
        step(context);
      }
    } finally {
      draining = false;
    }
    if (!closing) {
      boolean read = unreadBytes < READ_AHEAD;
      if (context.channel().config().isAutoRead() != read) {
        context.channel().config().setAutoRead(read);
      }
      endOfInput(context);
    }
  }

  private void step(ChannelHandlerContext context) {
    ByteBuf bytes = unread.peek();
    int before = bytes.readableBytes();
    MllpFrameReader.Frame frame = reader.read(bytes);
    unreadBytes -= before - bytes.readableBytes();
    if (!bytes.isReadable()) {
      unread.remove().release();
    }
    long size = Math.max(reader.length(), frame == null ? 0 : frame.bytes().length);
    if (size > all.limits.messageBytes()) {
      refuse(
          context,
          frame == null ? reader.head(HEAD_BYTES) : frame.bytes(),
          "the message is longer than "
              + all.limits.messageBytes()
              + " bytes; see isocentre.mllp.max-message-size");
      return;
    }
    if (frame == null) {
      unfinished(context);
    } else if (frame.whole()) {
      whole(context, frame.bytes());
    } else {
      torn(context, frame.bytes());
    }
  }

  private void unfinished(ChannelHandlerContext context) {
    hold();
    if (reader.isInside() && all.held.get() > all.limits.heldBytes()) {
      refuse(
          context,
          reader.head(HEAD_BYTES),
          "too many unfinished messages are held; send it again later");
    } else if (reader.isInside() && timer == null) {
      timer =
          context
              .executor()
              .schedule(
                  () ->
                      refuse(
                          context,
                          reader.head(HEAD_BYTES),
                          "not complete within " + all.limits.messageTimeout()),
                  all.limits.messageTimeout().toMillis(),
                  TimeUnit.MILLISECONDS);
    }
  }

  private void whole(ChannelHandlerContext context, byte[] bytes) {
    stopTimer();
    busy = true;
    busyBytes = bytes.length;
    hold();
    context.fireChannelRead(
        new MllpMessage(bytes, context.channel().remoteAddress(), certificate(context), name));
  }

  private void torn(ChannelHandlerContext context, byte[] bytes) {
    stopTimer();
    LOG.warn(
        "ISO-HL7-104: a message from {} has no end block: another began; it was refused",
        context.channel().remoteAddress());
    write(
        context,
        all.refusal.apply(bytes, "the end block is missing: another message began; send it again"));
  }

  private static X509Certificate certificate(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    try {
      return tls == null
          ? null
          : (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  /** What this connection holds, counted for all. */
  private void hold() {
    long now = reader.length() + (long) busyBytes;
    all.held.addAndGet(now - held);
    held = now;
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void refuse(ChannelHandlerContext context, byte[] head, String why) {
    if (closing) {
      return;
    }
    LOG.warn(
        "ISO-HL7-103: a message from {} was refused and the connection closed: {}",
        context.channel().remoteAddress(),
        why);
    byte[] answer =
        all.refusal.apply(java.util.Arrays.copyOf(head, Math.min(head.length, HEAD_BYTES)), why);
    closing = true;
    release();
    context.writeAndFlush(frame(answer)).addListener(ChannelFutureListener.CLOSE);
  }

  private static void write(ChannelHandlerContext context, byte[] answer) {
    if (answer.length > 0) {
      context.writeAndFlush(frame(answer));
    }
  }

  static ByteBuf frame(byte[] message) {
    if (message.length == 0) {
      return Unpooled.EMPTY_BUFFER;
    }
    return Unpooled.buffer(message.length + 3)
        .writeByte(MllpFrameReader.START_BLOCK)
        .writeBytes(message)
        .writeByte(MllpFrameReader.END_BLOCK)
        .writeByte(MllpFrameReader.CARRIAGE_RETURN);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf) {
      context.write(message, promise);
      return;
    }
    busy = false;
    busyBytes = 0;
    hold();
    if (!(message instanceof byte[] answer)) {
      // The route failed where it must not. Without an answer the sender sends again.
      LOG.error(
          "ISO-HL7-106: a message from {} was not answered, and the connection closed: {}",
          context.channel().remoteAddress(),
          message.getClass().getName());
      promise.setSuccess();
      context.close();
      return;
    }
    context.writeAndFlush(frame(answer), promise);
    drain(context);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded = true;
      endOfInput(context);
    }
    super.userEventTriggered(context, event);
  }

  private void endOfInput(ChannelHandlerContext context) {
    if (inputEnded && !busy && unread.isEmpty()) {
      warnOfUnfinished(context);
      closing = true;
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Such as a handshake that failed, or a peer that reset the connection. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.warn(
        "ISO-HL7-105: connection from {} closed: {}",
        context.channel().remoteAddress(),
        reason(cause));
    context.close();
  }

  private static String reason(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName()
        + (root instanceof javax.net.ssl.SSLException || root instanceof java.io.IOException
            ? ": " + root.getMessage()
            : "");
  }
}
