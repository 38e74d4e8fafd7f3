package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Writes PDUs (PS3.8 §9.3). A P-DATA-TF's fragment is passed on as it is, behind a header of its
 * own.
 */
public final class PduEncoder extends ChannelOutboundHandlerAdapter {
  private static final int HEADER = 6;
  private static final int PDV_HEADER = 6;

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof Pdu pdu)) {
      context.write(message, promise);
      return;
    }
    if (pdu instanceof Pdu.PDataTf data) {
      ByteBuf header = context.alloc().buffer(HEADER + PDV_HEADER);
      int length = data.fragment().readableBytes();
      header.writeByte(Pdu.TYPE_P_DATA_TF).writeByte(0).writeInt(length + PDV_HEADER);
      header
          .writeInt(length + 2)
          .writeByte(data.contextId())
          .writeByte((data.command() ? 1 : 0) | (data.last() ? 2 : 0));
      context.write(header);
      context.write(data.fragment(), promise);
      return;
    }
    ByteBuf out = context.alloc().buffer();
    try {
      encode(pdu, out);
    } catch (RuntimeException e) {
      out.release();
      promise.tryFailure(e);
      return;
    }
    context.write(out, promise);
  }

  /** Writes a whole PDU that is not P-DATA-TF. */
  static void encode(Pdu pdu, ByteBuf out) {
    int start = out.writerIndex();
    out.writeZero(HEADER);
    int type;
    if (pdu instanceof Pdu.AssociateRq rq) {
      type = Pdu.TYPE_ASSOCIATE_RQ;
      AssociateFormat.encode(rq, out);
    } else if (pdu instanceof Pdu.AssociateAc ac) {
      type = Pdu.TYPE_ASSOCIATE_AC;
      AssociateFormat.encode(ac, out);
    } else if (pdu instanceof Pdu.AssociateRj rj) {
      type = Pdu.TYPE_ASSOCIATE_RJ;
      out.writeByte(0).writeByte(rj.result()).writeByte(rj.source()).writeByte(rj.reason());
    } else if (pdu instanceof Pdu.ReleaseRq) {
      type = Pdu.TYPE_RELEASE_RQ;
      out.writeInt(0);
    } else if (pdu instanceof Pdu.ReleaseRp) {
      type = Pdu.TYPE_RELEASE_RP;
      out.writeInt(0);
    } else if (pdu instanceof Pdu.Abort abort) {
      type = Pdu.TYPE_ABORT;
      out.writeShort(0).writeByte(abort.source()).writeByte(abort.reason());
    } else {
      throw new IllegalArgumentException(
          "ISO-DICOM-401: not a PDU to send: " + pdu.getClass().getSimpleName());
    }
    out.setByte(start, type);
    out.setInt(start + 2, out.writerIndex() - start - HEADER);
  }
}
