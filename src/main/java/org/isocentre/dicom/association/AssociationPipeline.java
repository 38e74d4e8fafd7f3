package org.isocentre.dicom.association;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Supplier;
import org.isocentre.dicom.pdu.PduDecoder;
import org.isocentre.dicom.pdu.PduEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What bytes go through on their way to an association: TLS or not, then PDUs. */
final class AssociationPipeline extends ChannelInitializer<SocketChannel> {
  private static final Logger LOG = LoggerFactory.getLogger(AssociationPipeline.class);
  private final AssociationSettings settings;
  private final Supplier<SslHandler> tls;
  private final Supplier<AssociationMachine> machine;

  /**
   * @param tls null on a plain connection
   */
  AssociationPipeline(
      AssociationSettings settings,
      Supplier<SslHandler> tls,
      Supplier<AssociationMachine> machine) {
    this.settings = settings;
    this.tls = tls;
    this.machine = machine;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    if (tls != null) {
      pipeline.addLast(tls.get());
    }
    pipeline.addLast(
        new PduDecoder(settings.maxAssociatePduLength(), settings.maxPduLength()),
        new PduEncoder(),
        machine.get());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
    LOG.error(
        "A connection from {} is closed: {}", context.channel().remoteAddress(), error.toString());
    LOG.debug("The failure was", error);
    context.close();
  }
}
