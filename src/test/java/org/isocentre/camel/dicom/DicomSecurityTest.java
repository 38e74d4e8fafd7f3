package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.association.UserIdentityVerifier;
import org.isocentre.dicom.association.VerifiedIdentity;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.NoPresentationContextException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS, certificate names, identities and transcoding of the component. */
class DicomSecurityTest {
  private static final TestCertificates HUB = TestCertificates.of("hub");
  private static final TestCertificates PACS = TestCertificates.of("pacs");
  private static final TestCertificates OTHER = TestCertificates.of("other");
  private final Loopback loopback = new Loopback();
  private final AtomicReference<SSLContext> server =
      new AtomicReference<>(HUB.trusting(PACS, OTHER));

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void bind(String name, Supplier<SSLContext> context) {
    loopback
        .context
        .getRegistry()
        .bind(
            name,
            new SSLContextParameters() {
              @Override
              public SSLContext createSSLContext(CamelContext camel) {
                return context.get();
              }
            });
  }

  /** A hub with a plain port and one for TLS. @return the TLS port */
  private int listen(String options) throws Exception {
    bind("server", server::get);
    bind("pacs", () -> PACS.trusting(HUB));
    bind("other", () -> OTHER.trusting(HUB));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    loopback.from("in", "sslContextParameters=#server&tlsPort=" + port + options, exchange -> {});
    return port;
  }

  private static String tls(int port, String client) {
    return "dicom:HUB@127.0.0.1:%d?operation=echo&callingAet=PACS&maxPooled=0&sslContextParameters=#%s"
        .formatted(port, client);
  }

  private String plain() {
    return loopback.to("in", "operation=echo&maxPooled=0");
  }

  @Test
  void plainAndTlsStandSideBySide() throws Exception {
    int port = listen("");
    assertThat(loopback.send(plain(), null).getException()).isNull();
    assertThat(loopback.send(tls(port, "pacs"), null).getException()).isNull();
  }

  @Test
  void aBoundAeTitleNeedsItsCertificate() throws Exception {
    int port = listen("&certificateNames=PACS=pacs.example");
    assertThat(loopback.send(tls(port, "pacs"), null).getException()).isNull();
    assertThat(kind(tls(port, "other"))).isEqualTo(AssociationException.Kind.REJECTED_PERMANENT);
    assertThat(kind(plain())).isEqualTo(AssociationException.Kind.REJECTED_PERMANENT);
  }

  private AssociationException.Kind kind(String uri) {
    return ((AssociationException) loopback.failure(uri, null)).kind();
  }

  @Test
  void aNewCertificateIsUsedWithoutARestart() throws Exception {
    int port = listen("&tlsReloadInterval=50");
    assertThat(loopback.send(tls(port, "pacs"), null).getException()).isNull();
    server.set(OTHER.trusting(PACS));
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(loopback.send(tls(port, "pacs"), null).getException()).isNotNull());
    server.set(HUB.trusting(PACS));
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(loopback.send(tls(port, "pacs"), null).getException()).isNull());
  }

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "username=anne&password=right, false",
    "username=anne&password=wrong, true"
  })
  void identitiesAreVerified(String identity, boolean refused) throws Exception {
    UserIdentityVerifier verifier =
        (shown, candidate) ->
            new String(shown.secondary(), StandardCharsets.UTF_8).equals("right")
                ? Optional.of(new VerifiedIdentity("anne", new byte[0]))
                : Optional.empty();
    loopback.context.getRegistry().bind("verifier", verifier);
    loopback.from("in", "userIdentityVerifier=#verifier&userIdentityRequired=true", exchange -> {});
    Exchange sent = loopback.send(plain() + (identity.isEmpty() ? "" : "&" + identity), null);
    assertThat(sent.getException() != null).isEqualTo(refused);
  }

  @ParameterizedTest
  @CsvSource({"never, false", "lossless, true", "negotiated, true"})
  void whatThePeerDoesNotTakeIsTranscodedWhereAllowed(String transcode, boolean taken)
      throws Exception {
    try (ScriptedScp scp =
        new ScriptedScp()
            .refuseSyntax(Uid.EXPLICIT_VR_LITTLE_ENDIAN)
            .on(Command.C_STORE_RQ, Reaction.status(Status.SUCCESS))
            .listen()) {
      String uri =
          "dicom:SCP@127.0.0.1:%d?transcode=%s&maxPooled=0".formatted(scp.port(), transcode);
      Exchange sent = loopback.send(uri, Loopback.file("1.2.3.4", 512));
      if (taken) {
        assertThat(sent.getException()).isNull();
        assertThat(sent.getMessage().getHeader(DicomConstants.TRANSFER_SYNTAX_UID))
            .isEqualTo(Uid.IMPLICIT_VR_LITTLE_ENDIAN);
      } else {
        assertThat(sent.getException()).isInstanceOf(NoPresentationContextException.class);
      }
    }
  }
}
