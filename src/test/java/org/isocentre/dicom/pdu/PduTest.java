package org.isocentre.dicom.pdu;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PDUs of PS3.8 §9.3: known bytes, round trips in any split, bad lengths, noise. */
class PduTest {
  private static final int LIMIT = 64 * 1024;

  private static List<Object> decode(ByteBuf bytes, Random split) {
    EmbeddedChannel channel = new EmbeddedChannel(new PduDecoder(LIMIT, LIMIT));
    while (bytes.isReadable()) {
      int count =
          split == null
              ? bytes.readableBytes()
              : 1 + split.nextInt(Math.min(7, bytes.readableBytes()));
      channel.writeInbound(bytes.readRetainedSlice(count));
    }
    bytes.release();
    List<Object> decoded = new ArrayList<>();
    for (Object o = channel.readInbound(); o != null; o = channel.readInbound()) {
      decoded.add(o);
    }
    channel.finishAndReleaseAll();
    return decoded;
  }

  private static ByteBuf encode(Pdu pdu) {
    ByteBuf out = Unpooled.buffer();
    PduEncoder.encode(pdu, out);
    return out;
  }

  @ParameterizedTest
  @CsvSource({
    "0300000000040001 0103, rejected: calling AE title",
    "0300000000040002 0301, rejected: congestion",
    "0500000000040000 0000, release request",
    "0600000000040000 0000, release response",
    "0700000000040000 0202, abort by provider"
  })
  void goldenBytes(String hex, String what) {
    byte[] bytes = ByteBufUtil.decodeHexDump(hex.replace(" ", ""));
    List<Object> decoded = decode(Unpooled.wrappedBuffer(bytes), null);
    assertThat(decoded).as(what).hasSize(1);
    assertThat(ByteBufUtil.hexDump(encode((Pdu) decoded.get(0))))
        .isEqualTo(ByteBufUtil.hexDump(bytes));
  }

  @Property(tries = 200)
  void associateRequestsSurviveAnySplit(
      @ForAll("requests") Pdu.AssociateRq request, @ForAll long seed) {
    assertThat(decode(encode(request), new Random(seed))).containsExactly(request);
  }

  @Property(tries = 100)
  void associateAcceptsSurviveAnySplit(
      @ForAll("requests") Pdu.AssociateRq request, @ForAll long seed) {
    Pdu.AssociateAc accept =
        new Pdu.AssociateAc(
            1,
            request.calledAeTitle(),
            request.callingAeTitle(),
            request.applicationContext(),
            request.contexts().stream()
                .map(
                    c ->
                        new Pdu.ContextResult(
                            c.id(), c.id() % 4 == 1 ? 0 : 3, c.transferSyntaxes().get(0)))
                .toList(),
            request.userInformation());
    Pdu.AssociateAc decoded = (Pdu.AssociateAc) decode(encode(accept), new Random(seed)).get(0);
    assertThat(decoded.contexts()).hasSameSizeAs(accept.contexts());
    for (int i = 0; i < accept.contexts().size(); i++) {
      assertThat(decoded.contexts().get(i).id()).isEqualTo(accept.contexts().get(i).id());
      assertThat(decoded.contexts().get(i).result()).isEqualTo(accept.contexts().get(i).result());
    }
    assertThat(decoded.userInformation()).isEqualTo(accept.userInformation());
  }

  @Provide
  Arbitrary<Pdu.AssociateRq> requests() {
    Arbitrary<String> aet =
        Arbitraries.strings().withCharRange('A', 'Z').ofMinLength(1).ofMaxLength(16);
    Arbitrary<String> uid = UserInformationTest.uids();
    Arbitrary<List<Pdu.ProposedContext>> contexts =
        Combinators.combine(uid, uid.list().ofMinSize(1).ofMaxSize(4))
            .as((a, t) -> new Pdu.ProposedContext(1, a, t))
            .list()
            .ofMinSize(1)
            .ofMaxSize(128)
            .map(PduTest::numbered);
    return Combinators.combine(aet, aet, contexts, UserInformationTest.userInformation())
        .as(
            (called, calling, c, u) ->
                new Pdu.AssociateRq(1, called, calling, "1.2.840.10008.3.1.1.1", c, u));
  }

  private static List<Pdu.ProposedContext> numbered(List<Pdu.ProposedContext> contexts) {
    List<Pdu.ProposedContext> numbered = new ArrayList<>();
    for (Pdu.ProposedContext c : contexts) {
      numbered.add(
          new Pdu.ProposedContext(
              2 * numbered.size() + 1, c.abstractSyntax(), c.transferSyntaxes()));
    }
    return numbered;
  }

  @Property(tries = 100)
  void dataComesWholeInAnySplit(
      @ForAll @net.jqwik.api.constraints.Size(max = 3000) byte[] data, @ForAll long seed) {
    EmbeddedChannel encoder = new EmbeddedChannel(new PduEncoder());
    encoder.writeOutbound(new Pdu.PDataTf(5, false, true, Unpooled.wrappedBuffer(data)));
    ByteBuf bytes = Unpooled.buffer();
    for (ByteBuf part = encoder.readOutbound(); part != null; part = encoder.readOutbound()) {
      bytes.writeBytes(part);
      part.release();
    }
    ByteBuf joined = Unpooled.buffer();
    boolean last = false;
    for (Object o : decode(bytes, new Random(seed))) {
      Pdu.PdvChunk chunk = (Pdu.PdvChunk) o;
      assertThat(chunk.contextId()).isEqualTo(5);
      assertThat(last).isFalse();
      joined.writeBytes(chunk.bytes());
      last = chunk.last();
      chunk.bytes().release();
    }
    assertThat(last).isTrue();
    assertThat(ByteBufUtil.getBytes(joined)).isEqualTo(data);
    joined.release();
  }

  @ParameterizedTest
  @CsvSource({
    "0100FFFFFFFF, 4 GiB request",
    "0400FFFFFFFF, 4 GiB of data",
    "050000000005, release of 5 bytes",
    "070000000000, empty abort",
    "0900000000040000, no such type",
    "0400000000060000FFFF0103, a PDV longer than its PDU"
  })
  void badLengthsAreRefusedFromTheHeader(String hex, String what) {
    List<Object> decoded = decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)), null);
    assertThat(decoded).as(what).hasSize(1).first().isInstanceOf(Pdu.Invalid.class);
  }

  @ParameterizedTest
  @CsvSource({"160301020001", "150303000202"})
  void tlsIsRecognized(String hex) {
    List<Object> decoded = decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)), null);
    assertThat(decoded)
        .singleElement()
        .isEqualTo(
            new Pdu.Invalid(
                Pdu.Abort.UNRECOGNIZED_PDU,
                "a TLS record where a PDU was expected; use TLS at both ends or neither"));
  }

  @Property(tries = 500)
  void noiseIsNeverMoreThanInvalid(
      @ForAll @net.jqwik.api.constraints.Size(max = 400) byte[] noise, @ForAll long seed) {
    if (noise.length > 5 && noise[0] % 2 == 0) {
      // Make it look like a request, so that its items are read.
      noise[0] = 1;
      noise[2] = 0;
      noise[3] = 0;
      noise[4] = (byte) ((noise.length - 6) >> 8);
      noise[5] = (byte) (noise.length - 6);
    }
    decode(Unpooled.wrappedBuffer(noise), new Random(seed)).forEach(ReferenceCountUtil::release);
  }

  /** Right bytes with wrong ones among them get deeper than noise. */
  @Property(tries = 300)
  void aDamagedRequestIsReadOrInvalid(
      @ForAll("requests") Pdu.AssociateRq request,
      @ForAll @net.jqwik.api.constraints.Size(min = 1, max = 20) byte[] damage,
      @ForAll long seed) {
    Random random = new Random(seed);
    ByteBuf bytes = encode(request);
    for (byte wrong : damage) {
      bytes.setByte(6 + random.nextInt(bytes.readableBytes() - 6), wrong);
    }
    assertThat(decode(bytes, random))
        .singleElement()
        .isInstanceOfAny(Pdu.AssociateRq.class, Pdu.Invalid.class);
  }

  @Test
  void unknownSubItemsArePassedOver() {
    Pdu.AssociateRq request =
        new Pdu.AssociateRq(
            1,
            "CALLED",
            "CALLING",
            "1.2.840.10008.3.1.1.1",
            List.of(new Pdu.ProposedContext(1, "1.2.3", List.of("1.2.840.10008.1.2"))),
            new Pdu.UserInformation(16384, "1.2.3", "", null, List.of(), null, 0));
    ByteBuf bytes = encode(request);
    // The user information item is the last: lengthen it and the PDU by a sub-item of type 7FH.
    int user = bytes.writerIndex() - 4 - bytes.getUnsignedShort(userItem(bytes) + 2);
    bytes.setShort(user + 2, bytes.getUnsignedShort(user + 2) + 7);
    bytes.writeBytes(new byte[] {0x7f, 0, 0, 3, 1, 2, 3});
    bytes.setInt(2, bytes.writerIndex() - 6);
    Pdu.AssociateRq decoded = (Pdu.AssociateRq) decode(bytes, null).get(0);
    assertThat(decoded.contexts()).isEqualTo(request.contexts());
    assertThat(decoded.userInformation().unknownSubItems()).isEqualTo(1);
  }

  private static int userItem(ByteBuf pdu) {
    int at = 74;
    while (pdu.getUnsignedByte(at) != 0x50) {
      at += 4 + pdu.getUnsignedShort(at + 2);
    }
    return at;
  }

  @Test
  void aFragmentIsReleasedWithAPduThatCannotBeWritten() {
    io.netty.channel.DefaultEventLoop loop = new io.netty.channel.DefaultEventLoop();
    io.netty.channel.local.LocalChannel channel = new io.netty.channel.local.LocalChannel();
    loop.register(channel).syncUninterruptibly();
    channel.pipeline().addLast(new PduEncoder());
    loop.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    ByteBuf fragment = Unpooled.buffer().writeLong(1);
    channel.write(new Pdu.PDataTf(1, false, true, fragment));
    assertThat(fragment.refCnt()).isZero();
  }
}
