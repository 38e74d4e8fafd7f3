package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Reads PDUs (PS3.8 §9.3). Lengths are checked against the limits before a byte is gathered. The
 * data of a P-DATA-TF is passed on as it arrives, in slices of the receive buffer: nothing is
 * copied, and no PDU is held whole. After the first fault nothing more is read.
 */
public final class PduDecoder extends ByteToMessageDecoder {
  private static final int HEADER = 6;
  private static final int PDV_HEADER = 6;
  private static final int TLS_ALERT = 0x15;
  private static final int TLS_HANDSHAKE = 0x16;

  private final int maxAssociateLength;
  private final long maxDataLength;
  private long pduLeft;
  private long pdvLeft;
  private int contextId;
  private int control;
  private boolean failed;

  /**
   * @param maxAssociateLength bytes of an A-ASSOCIATE PDU at most
   * @param maxDataLength the maximum length that was announced to the peer; 0 for none
   */
  public PduDecoder(int maxAssociateLength, long maxDataLength) {
    this.maxAssociateLength = maxAssociateLength;
    this.maxDataLength = maxDataLength;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (failed) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      if (pdvLeft > 0) {
        chunk(in, out);
      } else if (pduLeft > 0) {
        pdvHeader(in, out);
      } else if (in.readableBytes() >= HEADER) {
        pdu(in, out);
      }
    } catch (PduFormatException e) {
      failed = true;
      in.skipBytes(in.readableBytes());
      out.add(new Pdu.Invalid(e.abortReason(), e.getMessage()));
    }
  }

  private void pdu(ByteBuf in, List<Object> out) throws PduFormatException {
    int type = in.getUnsignedByte(in.readerIndex());
    long length = in.getUnsignedInt(in.readerIndex() + 2);
    checkLength(type, length);
    if (type == Pdu.TYPE_P_DATA_TF) {
      in.skipBytes(HEADER);
      pduLeft = length;
      return;
    }
    if (in.readableBytes() < HEADER + length) {
      return;
    }
    in.skipBytes(HEADER);
    out.add(control(type, in.readSlice((int) length)));
  }

  private void checkLength(int type, long length) throws PduFormatException {
    long most =
        switch (type) {
          case Pdu.TYPE_ASSOCIATE_RQ, Pdu.TYPE_ASSOCIATE_AC -> maxAssociateLength;
          case Pdu.TYPE_P_DATA_TF -> maxDataLength == 0 ? 0xffffffffL : maxDataLength;
          case Pdu.TYPE_ASSOCIATE_RJ, Pdu.TYPE_RELEASE_RQ, Pdu.TYPE_RELEASE_RP, Pdu.TYPE_ABORT -> 4;
          default -> throw unrecognized(type);
        };
    long least = type == Pdu.TYPE_P_DATA_TF ? PDV_HEADER : 4;
    if (length > most || length < least) {
      throw new PduFormatException(
          Pdu.Abort.INVALID_PARAMETER,
          "a PDU of type %02XH and %d bytes, expected %d to %d"
              .formatted(type, length, least, most));
    }
  }

  /** TLS alerts and handshakes are 15H and 16H, then version 3.x (RFC 8446 §5.1). */
  private static PduFormatException unrecognized(int type) {
    boolean tls = type == TLS_ALERT || type == TLS_HANDSHAKE;
    return new PduFormatException(
        Pdu.Abort.UNRECOGNIZED_PDU,
        tls
            ? "a TLS record where a PDU was expected; use TLS at both ends or neither"
            : "a PDU of type %02XH".formatted(type));
  }

  private static Pdu control(int type, ByteBuf body) throws PduFormatException {
    return switch (type) {
      case Pdu.TYPE_ASSOCIATE_RQ -> AssociateFormat.decodeRq(body);
      case Pdu.TYPE_ASSOCIATE_AC -> AssociateFormat.decodeAc(body);
      case Pdu.TYPE_ASSOCIATE_RJ ->
          new Pdu.AssociateRj(
              body.getUnsignedByte(1), body.getUnsignedByte(2), body.getUnsignedByte(3));
      case Pdu.TYPE_RELEASE_RQ -> new Pdu.ReleaseRq();
      case Pdu.TYPE_RELEASE_RP -> new Pdu.ReleaseRp();
      default -> new Pdu.Abort(body.getUnsignedByte(2), body.getUnsignedByte(3));
    };
  }

  private void pdvHeader(ByteBuf in, List<Object> out) throws PduFormatException {
    if (in.readableBytes() < PDV_HEADER) {
      return;
    }
    long length = in.readUnsignedInt();
    contextId = in.readUnsignedByte();
    control = in.readUnsignedByte();
    if (length < 2
        || length + 4 > pduLeft
        || pduLeft - length - 4 > 0 && pduLeft - length - 4 < PDV_HEADER) {
      throw new PduFormatException(
          Pdu.Abort.INVALID_PARAMETER,
          "a PDV of %d bytes in a P-DATA-TF with %d bytes left".formatted(length, pduLeft));
    }
    pduLeft -= length + 4;
    pdvLeft = length - 2;
    if (pdvLeft == 0) {
      emit(in.readRetainedSlice(0), out);
    }
  }

  private void chunk(ByteBuf in, List<Object> out) {
    int count = (int) Math.min(pdvLeft, in.readableBytes());
    if (count > 0) {
      pdvLeft -= count;
      emit(in.readRetainedSlice(count), out);
    }
  }

  private void emit(ByteBuf bytes, List<Object> out) {
    boolean whole = pdvLeft == 0;
    out.add(
        new Pdu.PdvChunk(
            contextId,
            (control & 1) != 0,
            whole && (control & 2) != 0,
            whole && pduLeft == 0,
            bytes));
  }
}
