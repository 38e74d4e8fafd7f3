package org.isocentre.dicom.pdu;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import org.isocentre.dicom.Fuzz;
import org.isocentre.dicom.data.Uid;
import org.junit.jupiter.api.Test;

/** Whatever comes over the wire becomes PDUs or one {@link Pdu.Invalid}. */
class PduDecoderFuzzTest {
  private static final int MAX_ASSOCIATE = 64 * 1024;
  private static final int MAX_DATA = 16 * 1024;

  private static byte[] encode(Pdu... pdus) {
    EmbeddedChannel channel = new EmbeddedChannel(new PduEncoder());
    channel.writeOutbound((Object[]) pdus);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      byte[] part = new byte[out.readableBytes()];
      out.readBytes(part);
      out.release();
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  private static List<byte[]> valid() {
    Pdu.UserInformation user =
        new Pdu.UserInformation(
            16384,
            "1.2.3",
            "NAME",
            new Pdu.AsyncWindow(3, 4),
            List.of(new Pdu.RoleSelection(Uid.CT_IMAGE_STORAGE, true, true)),
            List.of(new Pdu.ExtendedNegotiation(Uid.CT_IMAGE_STORAGE, new byte[] {1, 0})),
            List.of(new Pdu.CommonExtendedNegotiation("1.2.3", "1.2.4", List.of("1.2.5"))),
            Pdu.UserIdentity.usernameAndPasscode("user", "code", true),
            null,
            0);
    Pdu rq =
        new Pdu.AssociateRq(
            1,
            "CALLED",
            "CALLING",
            Uid.APPLICATION_CONTEXT,
            List.of(
                new Pdu.ProposedContext(
                    1, Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
            user);
    Pdu ac =
        new Pdu.AssociateAc(
            1,
            "CALLED",
            "CALLING",
            Uid.APPLICATION_CONTEXT,
            List.of(new Pdu.ContextResult(1, 0, Uid.EXPLICIT_VR_LITTLE_ENDIAN)),
            user);
    return List.of(
        encode(rq),
        encode(ac),
        encode(new Pdu.AssociateRj(1, 1, 7)),
        encode(
            new Pdu.PDataTf(1, true, true, Unpooled.wrappedBuffer(new byte[100])),
            new Pdu.PDataTf(1, false, false, Unpooled.wrappedBuffer(new byte[3000])),
            new Pdu.PDataTf(1, false, true, Unpooled.wrappedBuffer(new byte[1]))),
        encode(new Pdu.ReleaseRq(), new Pdu.ReleaseRp(), new Pdu.Abort(2, 1)));
  }

  @Test
  void nothingButPdusOrOneInvalidComesOut() throws Exception {
    List<byte[]> valid = valid();
    Fuzz.run(
        8 << 20,
        random -> {
          byte[] bytes = Fuzz.mutated(valid.get(random.nextInt(valid.size())), random);
          EmbeddedChannel channel = new EmbeddedChannel(new PduDecoder(MAX_ASSOCIATE, MAX_DATA));
          feed(channel, bytes, random);
          boolean invalid = false;
          for (Object pdu = channel.readInbound(); pdu != null; pdu = channel.readInbound()) {
            assertThat(invalid).as("nothing follows a fault").isFalse();
            invalid = pdu instanceof Pdu.Invalid;
            if (pdu instanceof Pdu.PdvChunk chunk) {
              assertThat(chunk.bytes().release()).isIn(true, false);
            }
          }
          channel.finishAndReleaseAll();
        });
  }

  @Test
  void howeverTheBytesAreCutTheSameDataComesOut() throws Exception {
    byte[] content = new byte[20_000];
    new Random(1).nextBytes(content);
    Fuzz.run(
        8 << 20,
        random -> {
          ByteArrayOutputStream wire = new ByteArrayOutputStream();
          int at = 0;
          while (at < content.length) {
            int count = Math.min(1 + random.nextInt(MAX_DATA - 6), content.length - at);
            wire.writeBytes(
                encode(
                    new Pdu.PDataTf(
                        1,
                        false,
                        at + count == content.length,
                        Unpooled.copiedBuffer(content, at, count))));
            at += count;
          }
          EmbeddedChannel channel = new EmbeddedChannel(new PduDecoder(MAX_ASSOCIATE, MAX_DATA));
          feed(channel, wire.toByteArray(), random);
          ByteArrayOutputStream back = new ByteArrayOutputStream();
          int last = 0;
          for (Pdu.PdvChunk chunk = channel.readInbound();
              chunk != null;
              chunk = channel.readInbound()) {
            byte[] part = new byte[chunk.bytes().readableBytes()];
            chunk.bytes().readBytes(part);
            chunk.bytes().release();
            back.writeBytes(part);
            last += chunk.last() ? 1 : 0;
          }
          assertThat(back.toByteArray()).isEqualTo(content);
          assertThat(last).isEqualTo(1);
          channel.finishAndReleaseAll();
        });
  }

  private static void feed(EmbeddedChannel channel, byte[] bytes, Random random) {
    int at = 0;
    while (at < bytes.length) {
      int count = 1 + random.nextInt(Math.min(bytes.length - at, 5000));
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, count));
      at += count;
    }
  }
}
