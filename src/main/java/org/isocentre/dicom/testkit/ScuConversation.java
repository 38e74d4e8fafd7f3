package org.isocentre.dicom.testkit;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.isocentre.dicom.pdu.Pdu;

/** The association of a {@link ScriptedScu}. */
final class ScuConversation extends Conversation {
  private final Pdu.AssociateRq request;
  final CompletableFuture<Pdu.AssociateAc> accepted = new CompletableFuture<>();
  final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

  ScuConversation(Pdu.AssociateRq request) {
    this.request = request;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    super.channelActive(context);
    if (request != null) {
      send(request);
    }
    end()
        .thenAccept(
            how ->
                accepted.completeExceptionally(
                    new IllegalStateException("ISO-DICOM-524: no association: " + how)));
  }

  @Override
  void associate(Pdu pdu) {
    if (pdu instanceof Pdu.AssociateAc answer) {
      agreed(request, answer, answer.userInformation().maxPduLength());
      accepted.complete(answer);
    }
  }

  @Override
  void message(Message message) {
    messages.add(message);
  }
}
