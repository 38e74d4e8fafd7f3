package org.isocentre.dicom.dimse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationHandler;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.Uid;

/**
 * The service class user's end of one association: C-ECHO and C-STORE (PS3.7 §9.1.5, §9.1.1), one
 * operation at a time. For use by one thread at a time.
 */
public final class ServiceUser implements AutoCloseable {
  private static final int MAX_MESSAGE_ID = 0xffff;
  private static final int MAX_COMMAND_BYTES = 64 * 1024;
  private final Duration responseTimeout;
  private final Inbox inbox = new Inbox();
  private Association association;
  private int messageId;

  private ServiceUser(Duration responseTimeout) {
    this.responseTimeout = responseTimeout;
  }

  /** Takes responses off the event loop's hands. */
  private static final class Inbox implements AssociationHandler {
    private final ByteBuf bytes = Unpooled.buffer(256, MAX_COMMAND_BYTES);
    private volatile CompletableFuture<Command> next = new CompletableFuture<>();

    @Override
    public void established(Association association) {
      // Nothing is sent before somebody asks.
    }

    @Override
    public void pdv(
        Association association, int contextId, boolean command, boolean last, ByteBuf fragment) {
      if (!command || fragment.readableBytes() > bytes.maxWritableBytes()) {
        association.abort();
        return;
      }
      bytes.writeBytes(fragment);
      if (!last) {
        return;
      }
      byte[] whole = new byte[bytes.readableBytes()];
      bytes.readBytes(whole);
      bytes.clear();
      try {
        next.complete(Command.decode(whole));
      } catch (IOException e) {
        next.completeExceptionally(
            new AssociationException(Kind.PROTOCOL, "the peer's answer is no command set", e));
        association.abort();
      }
    }

    @Override
    public void released(Association association) {
      // closed() follows.
    }

    @Override
    public void closed(Association association, AssociationException cause) {
      next.completeExceptionally(cause);
    }
  }

  /**
   * Associates.
   *
   * @throws AssociationException of the kind that tells why there is no association
   */
  public static ServiceUser connect(
      AssociationRequestor requestor,
      String host,
      int port,
      String callingAet,
      String calledAet,
      List<AssociationRequestor.Proposal> proposals,
      Duration responseTimeout) {
    ServiceUser user = new ServiceUser(responseTimeout);
    user.association = requestor.connect(host, port, callingAet, calledAet, proposals, user.inbox);
    return user;
  }

  public Association association() {
    return association;
  }

  /** The accepted context for this SOP class and this very transfer syntax. */
  public Optional<PresentationContext> context(String sopClassUid, String transferSyntaxUid) {
    return association.presentationContexts().stream()
        .filter(
            c ->
                c.abstractSyntax().equals(sopClassUid)
                    && c.transferSyntax().equals(transferSyntaxUid))
        .findFirst();
  }

  /** C-ECHO. @return the response's status */
  public int echo() throws NoPresentationContextException {
    PresentationContext context =
        association.presentationContexts().stream()
            .filter(c -> c.abstractSyntax().equals(Uid.VERIFICATION))
            .findFirst()
            .orElseThrow(
                () ->
                    new NoPresentationContextException(
                        association.calledAeTitle(), Uid.VERIFICATION, null));
    Command request = Command.echoRequest(nextMessageId(), Uid.VERIFICATION);
    sendCommand(context, request);
    return await(request).status();
  }

  /**
   * C-STORE of one data set, bit for bit in its own transfer syntax. The data set is never held
   * whole.
   *
   * @param dataSet first byte after the File Meta Information; read to its end
   * @return the response, whatever its status
   * @throws AssociationException if the association ended before the response; whether the peer has
   *     the object is then not known
   */
  public Command store(
      String sopClassUid, String sopInstanceUid, String transferSyntaxUid, InputStream dataSet)
      throws IOException, NoPresentationContextException {
    PresentationContext context =
        context(sopClassUid, transferSyntaxUid)
            .orElseThrow(
                () ->
                    new NoPresentationContextException(
                        association.calledAeTitle(), sopClassUid, transferSyntaxUid));
    Command request = Command.storeRequest(nextMessageId(), sopClassUid, sopInstanceUid);
    sendCommand(context, request);
    try {
      sendDataSet(context, dataSet);
    } catch (IOException e) {
      // Part of the data set is out: the peer must not take it for the whole.
      association.abort();
      throw e;
    }
    return await(request);
  }

  private int nextMessageId() {
    messageId = messageId == MAX_MESSAGE_ID ? 1 : messageId + 1;
    inbox.next = new CompletableFuture<>();
    return messageId;
  }

  private void sendCommand(PresentationContext context, Command command) {
    byte[] bytes = command.encode();
    int most = association.maxFragmentLength();
    for (int at = 0; at < bytes.length; at += most) {
      int count = Math.min(most, bytes.length - at);
      association.sendPdv(
          context.id(), true, at + count == bytes.length, Unpooled.wrappedBuffer(bytes, at, count));
    }
  }

  private void sendDataSet(PresentationContext context, InputStream in) throws IOException {
    int most = association.maxFragmentLength() & ~1;
    ByteBuf fragment = fill(in, Math.max(most, 1));
    while (true) {
      ByteBuf following;
      try {
        following = fill(in, Math.max(most, 1));
      } catch (IOException e) {
        fragment.release();
        throw e;
      }
      boolean last = !following.isReadable();
      if (last) {
        following.release();
      }
      try {
        association.sendPdv(context.id(), false, last, fragment);
      } catch (RuntimeException e) {
        if (!last) {
          following.release();
        }
        throw e;
      }
      if (last) {
        return;
      }
      fragment = following;
    }
  }

  private static ByteBuf fill(InputStream in, int most) throws IOException {
    ByteBuf buffer = io.netty.buffer.PooledByteBufAllocator.DEFAULT.heapBuffer(most, most);
    try {
      while (buffer.isWritable()) {
        if (buffer.writeBytes(in, buffer.writableBytes()) < 0) {
          break;
        }
      }
      return buffer;
    } catch (IOException | RuntimeException e) {
      buffer.release();
      throw e;
    }
  }

  private Command await(Command request) {
    try {
      Command response = inbox.next.get(responseTimeout.toMillis(), TimeUnit.MILLISECONDS);
      if (response.messageId() != request.messageId() || !response.isResponse()) {
        association.abort();
        throw new AssociationException(
            Kind.PROTOCOL,
            "the answer is to message %d, expected %d"
                .formatted(response.messageId(), request.messageId()));
      }
      return response;
    } catch (ExecutionException e) {
      AssociationException cause = (AssociationException) e.getCause();
      throw cause.again();
    } catch (TimeoutException e) {
      association.abort();
      throw new AssociationException(
          Kind.TIMEOUT,
          "no response from %s within %s; whether it has the object is not known"
              .formatted(association.calledAeTitle(), responseTimeout));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      association.abort();
      throw new AssociationException(Kind.ABORTED, "interrupted while waiting for a response", e);
    }
  }

  public boolean isOpen() {
    return association.isOpen();
  }

  /** Releases the association. */
  @Override
  public void close() {
    if (association.isOpen()) {
      association.release();
    }
  }
}
