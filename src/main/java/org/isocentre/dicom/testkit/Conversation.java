package org.isocentre.dicom.testkit;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.pdu.Pdu;

/**
 * One association of a scripted peer, without any rule: whatever is asked for is sent, in whatever
 * state. Methods may be called from any thread and never wait. What is sent is held in memory until
 * the other end takes it.
 */
public abstract sealed class Conversation extends SimpleChannelInboundHandler<Pdu>
    permits ScpConversation, ScuConversation {
  private static final int MAX_MESSAGE = 64 << 20;
  private final Map<Integer, PresentationContext> contexts = new TreeMap<>();
  private final CompletableFuture<End> end = new CompletableFuture<>();
  private volatile Channel channel;
  private volatile int maxFragment = 16 * 1024;
  private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private Command command;

  /** How an association ended, as seen from here. */
  public enum End {
    /** A-RELEASE-RP came or went. */
    RELEASED,
    /** The other end sent A-ABORT. */
    ABORTED,
    /** The other end answered A-ASSOCIATE-RJ. */
    REJECTED,
    /** The connection was closed, by whichever end, without any of these. */
    CLOSED
  }

  Conversation() {
    super(Pdu.class);
  }

  // --- what comes

  abstract void associate(Pdu pdu);

  abstract void message(Message message);

  /** Bytes of a data set that is not yet whole. */
  void progress(Command of, int soFar) {
    // Most wait for the whole.
  }

  final void agreed(Pdu.AssociateRq request, Pdu.AssociateAc answer, long peerMaxPdu) {
    for (Pdu.ContextResult result : answer.contexts()) {
      request.contexts().stream()
          .filter(c -> c.id() == result.id() && result.result() == Pdu.ContextResult.ACCEPTANCE)
          .forEach(
              c ->
                  contexts.put(
                      c.id(),
                      new PresentationContext(
                          c.id(), c.abstractSyntax(), result.transferSyntax())));
    }
    maxFragment = peerMaxPdu == 0 ? maxFragment : (int) Math.min(peerMaxPdu - 6, 256 * 1024);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    channel = context.channel();
    super.channelActive(context);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Pdu pdu) {
    if (pdu instanceof Pdu.PdvChunk chunk) {
      try {
        chunk(chunk);
      } finally {
        chunk.bytes().release();
      }
    } else if (pdu instanceof Pdu.ReleaseRq) {
      end.complete(End.RELEASED);
      channel.writeAndFlush(new Pdu.ReleaseRp()).addListener(ChannelFutureListener.CLOSE);
    } else if (pdu instanceof Pdu.ReleaseRp) {
      end.complete(End.RELEASED);
      channel.close();
    } else if (pdu instanceof Pdu.Abort) {
      end.complete(End.ABORTED);
      channel.close();
    } else if (pdu instanceof Pdu.AssociateRj) {
      end.complete(End.REJECTED);
      channel.close();
    } else if (pdu instanceof Pdu.Invalid invalid) {
      throw new IllegalStateException("ISO-DICOM-520: the other end sent " + invalid.what());
    } else {
      associate(pdu);
    }
  }

  private void chunk(Pdu.PdvChunk chunk) {
    byte[] more = new byte[chunk.bytes().readableBytes()];
    chunk.bytes().readBytes(more);
    if (bytes.size() > MAX_MESSAGE - more.length) {
      throw new IllegalStateException(
          "ISO-DICOM-521: a message of more than " + MAX_MESSAGE + " bytes");
    }
    bytes.writeBytes(more);
    if (!chunk.command()) {
      progress(command, bytes.size());
    }
    if (!chunk.last()) {
      return;
    }
    byte[] whole = bytes.toByteArray();
    bytes = new ByteArrayOutputStream();
    PresentationContext on = contexts.get(chunk.contextId());
    if (!chunk.command()) {
      message(new Message(on, command, whole));
      return;
    }
    try {
      command = Command.decode(whole);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!command.hasDataSet()) {
      message(new Message(on, command, null));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    end.complete(End.CLOSED);
    super.channelInactive(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
    context.close();
  }

  // --- what is sent

  /** The first accepted context of a SOP class. */
  public PresentationContext context(String sopClassUid) {
    return contexts.values().stream()
        .filter(c -> c.abstractSyntax().equals(sopClassUid))
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    "ISO-DICOM-522: no presentation context was accepted for " + sopClassUid));
  }

  /** A whole message. @param dataSet null for none */
  public void send(PresentationContext context, Command message, DataSet dataSet) {
    sendBytes(context, message, dataSet == null ? null : encode(dataSet, context));
  }

  /** A whole message. @param dataSet its bytes, or null for none */
  public void sendBytes(PresentationContext context, Command message, byte[] dataSet) {
    fragments(context, true, message.encode());
    if (dataSet != null) {
      fragments(context, false, dataSet);
    }
  }

  private void fragments(PresentationContext context, boolean isCommand, byte[] all) {
    int at = 0;
    do {
      int count = Math.min(maxFragment, all.length - at);
      boolean last = at + count == all.length;
      pdv(context.id(), isCommand, last, Arrays.copyOfRange(all, at, at + count));
      at += count;
    } while (at < all.length);
  }

  static byte[] encode(DataSet dataSet, PresentationContext context) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new DataSetWriter(
              out, TransferSyntax.of(context.transferSyntax()), DataSetWriter.BulkSource.NONE)
          .write(dataSet);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One fragment, in a P-DATA-TF of its own, as part of whatever message (PS3.8 Annex E.2). */
  public void pdv(int contextId, boolean isCommand, boolean last, byte[] fragment) {
    send(new Pdu.PDataTf(contextId, isCommand, last, Unpooled.wrappedBuffer(fragment)));
  }

  final void send(Pdu pdu) {
    channel.writeAndFlush(pdu);
  }

  /** Bytes as they are. */
  public void raw(byte[] any) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(any));
  }

  /** A-RELEASE-RQ. */
  public void release() {
    send(new Pdu.ReleaseRq());
  }

  /** A-ABORT of the service user, then closes. */
  public void abort() {
    channel
        .writeAndFlush(new Pdu.Abort(Pdu.Abort.SERVICE_USER, 0))
        .addListener(ChannelFutureListener.CLOSE);
  }

  /** Closes the connection without a word. */
  public void close() {
    channel.close();
  }

  /** Stops or resumes reading. */
  public void reading(boolean on) {
    channel.config().setAutoRead(on);
  }

  /** Does something later, unless the connection is closed by then. */
  public void after(Duration delay, Runnable task) {
    channel
        .eventLoop()
        .schedule(
            () -> {
              if (channel.isOpen()) {
                task.run();
              }
            },
            delay.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** How it ended, once it did. */
  public CompletableFuture<End> end() {
    return end.copy();
  }
}
