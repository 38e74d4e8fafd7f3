package org.isocentre.dicom.association;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.pdu.PduEncoder;

/** PDUs as bytes, for peers that write to a socket themselves. */
final class RawPdus {
  private RawPdus() {}

  static byte[] encode(Pdu pdu) {
    EmbeddedChannel channel = new EmbeddedChannel(new PduEncoder());
    channel.writeOutbound(pdu);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      byte[] part = new byte[out.readableBytes()];
      out.readBytes(part);
      all.writeBytes(part);
      out.release();
    }
    return all.toByteArray();
  }

  /** A request for Verification. */
  static byte[] associateRq(String calling, String called) {
    return encode(
        new Pdu.AssociateRq(
            1,
            called,
            calling,
            Uid.APPLICATION_CONTEXT,
            List.of(
                new Pdu.ProposedContext(
                    1, Uid.VERIFICATION, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN))),
            new Pdu.UserInformation(0, "1.2.3", "TEST", null, List.of(), null, 0)));
  }
}
