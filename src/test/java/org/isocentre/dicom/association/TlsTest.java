package org.isocentre.dicom.association;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.TlsSettings.ClientAuthentication;
import org.isocentre.dicom.data.Uid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Associations over TLS, and what is told when it does not come about. */
class TlsTest {
  private static final TestCertificates HUB = TestCertificates.of("hub");
  private static final TestCertificates PACS = TestCertificates.of("pacs");
  private static final AssociationSettings SETTINGS =
      new AssociationSettings(
          16 * 1024,
          64 * 1024,
          20,
          20,
          Duration.ofMillis(1500),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofMillis(500),
          Duration.ofSeconds(5));

  private final EventLoops loops = new EventLoops(1);
  private final SilentHandler here = new SilentHandler();
  private final SilentHandler there = new SilentHandler();
  private AssociationAcceptor acceptor;

  @AfterEach
  void everythingEnds() {
    if (acceptor != null) {
      await().atMost(Duration.ofSeconds(10)).until(() -> acceptor.associations() == 0);
      acceptor.close();
    }
    loops.close();
  }

  private static TlsSettings hub(ClientAuthentication authentication) {
    return new TlsSettings(
        () -> HUB.trusting(PACS), authentication, TlsProfile.NON_DOWNGRADING_BCP_195);
  }

  private static TlsSettings client(SSLContext context) {
    return new TlsSettings(
        () -> context, ClientAuthentication.NONE, TlsProfile.NON_DOWNGRADING_BCP_195);
  }

  private void listen(TlsSettings tls) {
    listen(tls, there);
  }

  private void listen(TlsSettings tls, AssociationHandler handler) {
    listen(
        tls,
        (request, remote) ->
            new Decision.Accept(
                Negotiation.negotiate(request.contexts(), u -> true, s -> true, List.of()),
                handler));
  }

  private void listen(TlsSettings tls, AssociationPolicy policy) {
    acceptor = new AssociationAcceptor(loops, "127.0.0.1", 0, SETTINGS, tls, policy);
  }

  private Association connect(TlsSettings tls) {
    return connect(tls, acceptor.port());
  }

  private Association connect(TlsSettings tls, int port) {
    return new AssociationRequestor(loops, SETTINGS, tls)
        .connect(
            "127.0.0.1",
            port,
            "PACS",
            "HUB",
            List.of(new Proposal(Uid.VERIFICATION, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN))),
            here);
  }

  @ParameterizedTest
  @EnumSource(TlsProfile.class)
  void bothShowTheirCertificates(TlsProfile profile) {
    listen(new TlsSettings(() -> HUB.trusting(PACS), ClientAuthentication.NEED, profile));
    Association association = connect(client(PACS.trusting(HUB)));
    assertThat(association.peerCertificate()).isEqualTo(HUB.certificate());
    assertThat(there.established.remove().peerCertificate()).isEqualTo(PACS.certificate());
    association.release();
    assertThat(there.ends).extracting(AssociationException::kind).containsExactly(Kind.CLOSED);
  }

  @ParameterizedTest
  @EnumSource(value = ClientAuthentication.class, names = "NEED", mode = EnumSource.Mode.EXCLUDE)
  void whoShowsNoneIsAnonymous(ClientAuthentication authentication) {
    listen(hub(authentication));
    Association association = connect(client(TestCertificates.anonymousTrusting(HUB)));
    assertThat(there.established.remove().peerCertificate()).isNull();
    association.release();
  }

  /** What goes wrong, and what either end is told. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "acceptor is not trusted, TLS, certification path",
    "requestor shows none, TLS, certificate",
    "requestor is not trusted, TLS, certificate",
    "no common protocol, TLS, protocol",
    "no common cipher suite, TLS, handshake_failure",
    "certificate of another host, TLS, subject alternative names",
    "acceptor is plain, TLS, does not speak TLS",
    "requestor is plain, CONNECTION_LOST, is TLS used at one end only",
    "acceptor closes, TLS, closed the connection during the TLS handshake",
    "acceptor is silent, TIMEOUT, TLS handshake was not done in time"
  })
  void aFailureTellsItsReason(String what, Kind kind, String reason) throws Exception {
    TlsSettings right = client(PACS.trusting(HUB));
    TlsSettings wrong =
        switch (what) {
          case "acceptor is not trusted" -> client(PACS.trusting(PACS));
          case "requestor shows none" -> client(TestCertificates.anonymousTrusting(HUB));
          case "requestor is not trusted" -> client(HUB.trusting(HUB));
          case "certificate of another host" -> right.withEndpointIdentification(true);
          case "no common protocol" -> with(right, TlsProfile.TLS_1_2, right.cipherSuites());
          case "no common cipher suite" ->
              with(right, TlsProfile.TLS_1_3, List.of("TLS_AES_128_GCM_SHA256"));
          case "requestor is plain" -> null;
          default -> with(right, TlsProfile.TLS_1_3, right.cipherSuites());
        };
    TlsSettings served = hub(ClientAuthentication.NEED);
    listen(
        switch (what) {
          case "acceptor is plain" -> null;
          case "no common protocol" -> with(served, TlsProfile.TLS_1_3, served.cipherSuites());
          case "no common cipher suite" ->
              with(served, TlsProfile.TLS_1_3, List.of("TLS_AES_256_GCM_SHA384"));
          default -> served;
        });
    try (ServerSocket odd = new ServerSocket(0)) {
      if (what.equals("acceptor closes")) {
        Thread closer = new Thread(() -> acceptAndClose(odd));
        closer.start();
      }
      int port = what.matches("acceptor (is silent|closes)") ? odd.getLocalPort() : acceptor.port();
      long start = System.nanoTime();
      assertThatThrownBy(() -> connect(wrong, port))
          .isInstanceOfSatisfying(
              AssociationException.class,
              e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
          .hasMessageStartingWith(kind.code())
          .hasMessageContaining(reason);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> acceptor.associations() == 0);
    assertThat(there.established).isEmpty();
    if (!what.equals("acceptor is plain")) {
      connect(right).release();
    }
  }

  private static void acceptAndClose(ServerSocket server) {
    try (Socket socket = server.accept()) {
      socket.getInputStream().read();
    } catch (java.io.IOException e) {
      // The test sees what its end is told.
    }
  }

  private static TlsSettings with(TlsSettings settings, String protocol, List<String> suites) {
    return new TlsSettings(
        settings.context(),
        settings.clientAuthentication(),
        List.of(protocol),
        suites,
        Duration.ofMillis(1000),
        settings.endpointIdentification());
  }

  @Test
  void artimCoversTheHandshake() throws Exception {
    listen(
        new TlsSettings(
            () -> HUB.trusting(PACS),
            ClientAuthentication.NONE,
            TlsProfile.NON_DOWNGRADING_BCP_195.protocols(),
            TlsProfile.NON_DOWNGRADING_BCP_195.cipherSuites(),
            Duration.ofMinutes(5),
            false));
    try (Socket socket = new Socket("127.0.0.1", acceptor.port())) {
      socket.setSoTimeout(5000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aNewConnectionTakesTheCertificateOfTheDay() {
    AtomicReference<SSLContext> current = new AtomicReference<>(HUB.trusting());
    listen(serving(current));
    TlsSettings trustsBoth = client(TestCertificates.anonymousTrusting(HUB, PACS));
    Association before = connect(trustsBoth);
    current.set(PACS.trusting());
    Association after = connect(trustsBoth);
    assertThat(before.peerCertificate()).isEqualTo(HUB.certificate());
    assertThat(after.peerCertificate()).isEqualTo(PACS.certificate());
    assertThat(before.isOpen()).isTrue();
    before.release();
    after.release();
  }

  private static TlsSettings serving(AtomicReference<SSLContext> current) {
    return new TlsSettings(
        current::get, ClientAuthentication.NONE, TlsProfile.NON_DOWNGRADING_BCP_195);
  }

  @Test
  void aContextThatCannotBeHadIsTold() {
    listen(hub(ClientAuthentication.NONE));
    assertThatThrownBy(() -> connect(client(null)))
        .hasMessageContaining("ISO-DICOM-109: TLS cannot be set up: there is no SSLContext");
    AssociationAcceptor other = acceptor;
    other.close();
    listen(client(null));
    assertThatThrownBy(() -> connect(client(PACS.trusting(HUB))))
        .isInstanceOfSatisfying(
            AssociationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TLS));
  }

  /** Bytes wait in TLS, too; a sender must feel that nobody takes them. */
  @Test
  void aPeerThatDoesNotReadIsNotSentMoreThanTheWatermarks() {
    listen(hub(ClientAuthentication.NONE));
    Association sender = connect(client(TestCertificates.anonymousTrusting(HUB)));
    await().until(() -> !there.established.isEmpty());
    there.established.peek().reading(false);
    AtomicLong sent = new AtomicLong();
    assertThatThrownBy(
            () -> {
              while (sent.get() < 64 << 20) {
                byte[] fragment = new byte[sender.maxFragmentLength()];
                sender.sendPdv(1, false, false, Unpooled.wrappedBuffer(fragment));
                sent.addAndGet(fragment.length);
              }
            })
        .isInstanceOfSatisfying(
            AssociationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT));
    assertThat(sent.get()).isLessThan(32 << 20);
    there.established.peek().reading(true);
  }

  @Test
  void bytesComeAsTheyWereSent() {
    AtomicLong sum = new AtomicLong();
    AtomicLong count = new AtomicLong();
    listen(
        hub(ClientAuthentication.NONE),
        new SilentHandler() {
          @Override
          public void pdv(
              Association association, int id, boolean command, boolean last, ByteBuf bytes) {
            count.addAndGet(bytes.readableBytes());
            bytes.forEachByte(
                b -> {
                  sum.addAndGet(b);
                  return true;
                });
          }
        });
    Association sender = connect(client(TestCertificates.anonymousTrusting(HUB)));
    long expected = 0;
    int most = sender.maxFragmentLength();
    for (int i = 0; i < 100; i++) {
      byte[] fragment = new byte[most - i];
      java.util.Arrays.fill(fragment, (byte) i);
      expected += (long) i * fragment.length;
      sender.sendPdv(1, false, i == 99, Unpooled.wrappedBuffer(fragment));
    }
    long all = 100L * most - 99 * 50;
    await().atMost(Duration.ofSeconds(5)).until(() -> count.get() == all);
    assertThat(sum.get()).isEqualTo(expected);
    sender.release();
  }

  /** Calling AE title PACS with the certificate of "pacs", or with none. */
  @ParameterizedTest(name = "bound to {0}, others {1}, certificate {2}: {3}")
  @CsvSource({
    "PACS=pacs, rejected, true, accepted",
    "PACS=PACS.example, rejected, true, accepted",
    "PACS=urn:test:pacs, rejected, true, accepted",
    "PACS=other|pacs.example, rejected, true, accepted",
    "PACS=*.example, rejected, true, rejected",
    "PACS=pac, rejected, true, rejected",
    "PACS=hub, rejected, true, rejected",
    "PACS='', rejected, true, rejected",
    "PACS=pacs, rejected, false, rejected",
    "PACS=pacs, accepted, false, rejected",
    "OTHER=pacs, rejected, true, rejected",
    "OTHER=pacs, accepted, true, accepted",
    "OTHER=pacs, accepted, false, accepted"
  })
  void anAeTitleIsBoundToNames(
      String binding, String others, boolean certificate, String expected) {
    String[] parts = binding.split("=");
    Decision accepted = new Decision.Accept(List.of(), there);
    AssociationPolicy policy =
        new CertificateBinding(
            Map.of(parts[0], List.of(parts[1].split("\\|"))),
            others.equals("rejected"),
            (request, remote) -> accepted);
    Decision decision =
        policy.decide(
            new AssociationPolicy.Candidate(
                new org.isocentre.dicom.pdu.Pdu.AssociateRq(
                    1,
                    "HUB",
                    "PACS",
                    Uid.APPLICATION_CONTEXT,
                    List.of(),
                    org.isocentre.dicom.pdu.Pdu.UserInformation.NONE),
                null,
                certificate ? PACS.certificate() : null));
    assertThat(decision == accepted).isEqualTo(expected.equals("accepted"));
  }

  @Test
  void theBindingSeesTheCertificateOfTheConnection() {
    AssociationPolicy accept =
        (request, remote) ->
            new Decision.Accept(
                Negotiation.negotiate(request.contexts(), u -> true, s -> true, List.of()), there);
    listen(
        hub(ClientAuthentication.WANT),
        new CertificateBinding(Map.of("PACS", List.of("pacs.example")), true, accept));
    connect(client(PACS.trusting(HUB))).release();
    assertThatThrownBy(() -> connect(client(TestCertificates.anonymousTrusting(HUB))))
        .hasMessageContaining("calling AE title not recognized");
  }
}
