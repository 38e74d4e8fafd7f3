package org.isocentre.dicom.pdu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sub-items of PS3.7 §D.3.3: known bytes, round trips, wrong lengths, noise; nothing is shown. */
class UserInformationTest {
  private static final String SECRET = "swordfish";

  static Arbitrary<String> uids() {
    return Arbitraries.integers()
        .between(1, 99_999)
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(l -> "1.2." + String.join(".", l.stream().map(String::valueOf).toList()));
  }

  private static Arbitrary<byte[]> bytes() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
  }

  static Arbitrary<Pdu.UserInformation> userInformation() {
    Arbitrary<Pdu.AsyncWindow> windows =
        Arbitraries.integers()
            .between(0, 0xffff)
            .tuple2()
            .map(t -> new Pdu.AsyncWindow(t.get1(), t.get2()))
            .injectNull(0.3);
    Arbitrary<List<Pdu.RoleSelection>> roles =
        Combinators.combine(uids(), Arbitraries.of(true, false), Arbitraries.of(true, false))
            .as(Pdu.RoleSelection::new)
            .list()
            .ofMaxSize(3);
    Arbitrary<List<Pdu.ExtendedNegotiation>> extended =
        Combinators.combine(uids(), bytes()).as(Pdu.ExtendedNegotiation::new).list().ofMaxSize(3);
    Arbitrary<List<Pdu.CommonExtendedNegotiation>> common =
        Combinators.combine(uids(), uids(), uids().list().ofMaxSize(3))
            .as(Pdu.CommonExtendedNegotiation::new)
            .list()
            .ofMaxSize(3);
    Arbitrary<Pdu.UserIdentity> identity =
        Combinators.combine(
                Arbitraries.integers().between(1, 5), Arbitraries.of(true, false), bytes(), bytes())
            .as(Pdu.UserIdentity::new)
            .injectNull(0.3);
    Arbitrary<Pdu.UserIdentityResponse> response =
        bytes().map(Pdu.UserIdentityResponse::new).injectNull(0.5);
    return Combinators.combine(
            Arbitraries.longs().between(0, 0xffffffffL),
            uids(),
            windows,
            roles,
            extended,
            common,
            identity,
            response)
        .as(
            (max, implementation, w, r, e, c, i, answer) ->
                new Pdu.UserInformation(max, implementation, "VERSION", w, r, e, c, i, answer, 0));
  }

  @Provide
  Arbitrary<Pdu.UserInformation> all() {
    return userInformation();
  }

  private static Pdu.UserInformation decode(byte[] subItems) throws PduFormatException {
    return UserInformationFormat.decode(Unpooled.wrappedBuffer(subItems));
  }

  private static byte[] encode(Pdu.UserInformation user) {
    ByteBuf out = Unpooled.buffer();
    UserInformationFormat.encode(user, out);
    assertThat(out.readUnsignedByte()).isEqualTo((short) 0x50);
    out.skipBytes(1);
    assertThat(out.readUnsignedShort()).isEqualTo(out.readableBytes());
    return ByteBufUtil.getBytes(out);
  }

  @Property(tries = 300)
  void whatIsWrittenIsRead(@ForAll("all") Pdu.UserInformation user) throws Exception {
    assertThat(decode(encode(user))).isEqualTo(user);
  }

  /** Each as PS3.7 Tables D.3-1 to D.3-15 lay it out. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "maximum length, 51 00 0004 00004000, 16384",
    "class, 52 00 0005 312E322E33, 1.2.3",
    "window, 53 00 0004 0005 0000, 'AsyncWindow[invoked=5, performed=0]'",
    "role, 54 00 0009 0005 312E322E33 00 01, 'RoleSelection[sopClassUid=1.2.3, scu=false, scp=true]'",
    "version, 55 00 0002 5631, V1",
    "extended, 56 00 000A 0005 312E322E33 010001, 'ExtendedNegotiation[1.2.3, 3 bytes]'",
    "common, 57 00 0015 0005 312E322E33 0003 312E32 0007 0005 312E322E34, 'CommonExtendedNegotiation[sopClassUid=1.2.3, serviceClassUid=1.2, relatedGeneralSopClassUids=[1.2.4]]'",
    "common with reserved bytes, 57 00 0010 0005 312E322E33 0003 312E32 0000 FFFF, 'CommonExtendedNegotiation[sopClassUid=1.2.3, serviceClassUid=1.2, relatedGeneralSopClassUids=[]]'",
    "identity, 58 00 000A 02 01 0002 6162 0002 6364, 'UserIdentity[type=2]'",
    "identity answer, 59 00 0004 0002 6162, 'UserIdentityResponse[2 bytes]'"
  })
  void knownBytes(String what, String hex, String shown) throws Exception {
    Pdu.UserInformation user = decode(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
    assertThat(user.toString()).contains(shown);
    assertThat(user.unknownSubItems()).isZero();
    assertThat(user.equals(Pdu.UserInformation.NONE)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "51 00 0002 0000",
        "51 00 0004 0000",
        "53 00 0002 0001",
        "54 00 0005 0005 312E32",
        "54 00 0006 0003 312E32 00",
        "56 00 0003 0005 31",
        "56 00 0001 00",
        "57 00 0007 0005 312E322E33",
        "57 00 0009 0003 312E32 0009 3132",
        "57 00 000E 0001 31 0001 31 0006 0009 31323334",
        "58 00 0001 02",
        "58 00 0008 02 01 FFFF 61620000",
        "58 00 0006 01 00 0002 6162",
        "59 00 0002 0001",
        "52 00 0041 31313131313131313131313131313131313131313131313131313131313131313131313131313131"
            + "3131313131313131313131313131313131313131313131313131"
      })
  void lengthsThatDoNotFitAreRefused(String hex) {
    assertThatThrownBy(() -> decode(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))))
        .isInstanceOf(PduFormatException.class);
  }

  @Test
  void subItemsWithoutEndAreRefused() {
    ByteBuf many = Unpooled.buffer();
    for (int i = 0; i < 257; i++) {
      many.writeBytes(ByteBufUtil.decodeHexDump("5400000500013100" + "01"));
    }
    assertThatThrownBy(() -> UserInformationFormat.decode(many))
        .isInstanceOf(PduFormatException.class)
        .hasMessageContaining("more than 256 sub-items 54H");
  }

  @Property(tries = 1000)
  void noiseIsReadOrRefused(
      @ForAll @Size(max = 200) byte[] noise, @ForAll("all") Pdu.UserInformation user) {
    byte[] bytes = encode(user);
    // Right bytes with a wrong part: deeper than noise alone gets.
    for (int i = 0; i + 1 < noise.length; i += 2) {
      bytes[(noise[i] & 0xff) % bytes.length] = noise[i + 1];
    }
    for (byte[] input : List.of(noise, bytes)) {
      try {
        assertThat(decode(input)).isNotNull();
      } catch (PduFormatException e) {
        assertThat(e.abortReason()).isEqualTo(Pdu.Abort.INVALID_PARAMETER);
      }
    }
  }

  @Test
  void credentialsAreNeverShown() throws Exception {
    byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
    for (Pdu.UserIdentity identity :
        List.of(
            Pdu.UserIdentity.username(SECRET, true),
            Pdu.UserIdentity.usernameAndPasscode(SECRET, SECRET, true),
            Pdu.UserIdentity.kerberos(secret, false),
            Pdu.UserIdentity.saml(SECRET, true),
            Pdu.UserIdentity.jwt(SECRET, true))) {
      Pdu.UserInformation user =
          new Pdu.UserInformation(
              1,
              "1.2",
              "",
              null,
              List.of(),
              List.of(),
              List.of(),
              identity,
              new Pdu.UserIdentityResponse(secret),
              0);
      assertThat(decode(encode(user)).userIdentity()).isEqualTo(identity);
      assertThat(user.toString())
          .doesNotContain(SECRET)
          .doesNotContain(java.util.Arrays.toString(secret))
          .contains("type=" + identity.type());
    }
  }

  @Test
  void aTokenThatDoesNotFitIsAFailureOfTheWrite() {
    Pdu.UserInformation user =
        new Pdu.UserInformation(
            1, "1.2", "", null, List.of(), Pdu.UserIdentity.jwt("x".repeat(70_000), true), 0);
    EmbeddedChannel channel = new EmbeddedChannel(new PduEncoder());
    assertThatThrownBy(
            () ->
                channel.writeOutbound(
                    new Pdu.AssociateRq(1, "CALLED", "CALLING", "1.2", List.of(), user)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ISO-DICOM-407")
        .hasMessageNotContaining("xxx");
    assertThat(channel.<Object>readOutbound()).isNull();
    channel.finishAndReleaseAll();
  }
}
