package org.isocentre.dicom.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.pdu.PduDecoder;
import org.isocentre.dicom.pdu.PduEncoder;

/**
 * A service class user that sends what the test tells it to, right or wrong.
 *
 * <pre>{@code
 * try (ScriptedScu scu = ScriptedScu.connect(request)) {
 *   PresentationContext ct = scu.conversation().context(Uid.CT_IMAGE_STORAGE);
 *   scu.conversation().pdv(ct.id(), true, true, Command.storeRequest(1, ...).encode());
 *   scu.conversation().pdv(ct.id(), false, false, new byte[100]);
 *   scu.conversation().abort(); // in the middle of the object
 * }
 * }</pre>
 */
public final class ScriptedScu implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_PDU = 16 * 1024;
  private final NioEventLoopGroup group = new NioEventLoopGroup(1);
  private final ScuConversation conversation;

  private ScriptedScu(String host, int port, Pdu.AssociateRq request) {
    conversation = new ScuConversation(request);
    new Bootstrap()
        .group(group)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(new PduDecoder(1 << 20, 0), new PduEncoder(), conversation);
              }
            })
        .connect(host, port)
        .syncUninterruptibly();
  }

  /**
   * Connects and associates, and waits for the answer.
   *
   * @throws IllegalStateException if there is no association within 10 s
   */
  public static ScriptedScu connect(AssociationRequest request) {
    ScriptedScu scu = new ScriptedScu(request.host(), request.port(), pdu(request));
    try {
      scu.conversation.accepted.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return scu;
    } catch (ExecutionException | TimeoutException e) {
      scu.close();
      throw new IllegalStateException("ISO-DICOM-524: no association", e);
    } catch (InterruptedException e) {
      scu.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("ISO-DICOM-524: interrupted", e);
    }
  }

  /** Connects, and sends nothing: all that follows is {@link Conversation#raw}. */
  public static ScriptedScu connectOnly(String host, int port) {
    return new ScriptedScu(host, port, null);
  }

  private static Pdu.AssociateRq pdu(AssociationRequest request) {
    List<Pdu.ProposedContext> contexts = new ArrayList<>();
    for (Proposal proposal : request.proposals()) {
      contexts.add(
          new Pdu.ProposedContext(
              2 * contexts.size() + 1, proposal.abstractSyntax(), proposal.transferSyntaxes()));
    }
    return new Pdu.AssociateRq(
        1,
        request.calledAeTitle(),
        request.callingAeTitle(),
        Uid.APPLICATION_CONTEXT,
        contexts,
        new Pdu.UserInformation(
            MAX_PDU,
            FileMetaInformation.IMPLEMENTATION_CLASS_UID,
            "SCRIPTED",
            request.asyncWindow(),
            request.roles(),
            request.extendedNegotiations(),
            request.commonExtendedNegotiations(),
            request.userIdentity(),
            null,
            0));
  }

  /** To send with. */
  public Conversation conversation() {
    return conversation;
  }

  /** Sends a request on the first context of its SOP class. */
  public void send(String sopClassUid, Command request, DataSet dataSet) {
    PresentationContext context = conversation.context(sopClassUid);
    conversation.send(context, request, dataSet);
  }

  /**
   * The next message, request or response; waits at most 10 s.
   *
   * @throws IllegalStateException if none comes
   */
  public Message await() {
    return await(PATIENCE);
  }

  public Message await(Duration patience) {
    try {
      Message next = conversation.messages.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new IllegalStateException("ISO-DICOM-525: no message came within " + patience);
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("ISO-DICOM-525: interrupted", e);
    }
  }

  /** How many messages came that were not yet awaited. */
  public int waiting() {
    return conversation.messages.size();
  }

  /** Closes the connection, without release. */
  @Override
  public void close() {
    conversation.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
