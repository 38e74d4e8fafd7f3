package org.isocentre.dicom.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.isocentre.dicom.web.WebServer.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientCredentialsTest {
  private WebServer server;
  private final Ticking clock = new Ticking();

  private static final class Ticking extends Clock {
    private Instant now = Instant.parse("2026-11-26T10:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void open() throws Exception {
    server = new WebServer();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private ClientCredentials credentials(String secret, String key) {
    return new ClientCredentials(
        new ClientCredentials.Client(
            server.uri("/token"), "hub client", secret, key, "system/ImagingStudy.c dicom"),
        Duration.ofSeconds(5),
        null,
        clock);
  }

  private void give(String token, String more) {
    answer(200, "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\"" + more + "}");
  }

  private void answer(int status, String json) {
    server.answer(Answer.of(status, "application/json", json.getBytes(StandardCharsets.UTF_8)));
  }

  private static Map<String, String> form(WebServer.Asked asked) {
    Map<String, String> form = new HashMap<>();
    for (String pair : new String(asked.body(), StandardCharsets.US_ASCII).split("&")) {
      String[] parts = pair.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return form;
  }

  @Test
  void showsItselfByItsSecret() throws Exception {
    give("a", ",\"expires_in\":600");
    assertThat(credentials("p:ss w\u00f6rd", null).token()).isEqualTo("a");
    WebServer.Asked asked = server.asked.get(0);
    assertThat(form(asked))
        .containsEntry("grant_type", "client_credentials")
        .containsEntry("scope", "system/ImagingStudy.c dicom")
        .doesNotContainKey("client_secret");
    // Both are form-encoded first (RFC 6749 §2.3.1).
    assertThat(
            new String(
                Base64.getDecoder().decode(asked.authorization().substring("Basic ".length())),
                StandardCharsets.US_ASCII))
        .isEqualTo("hub+client:p%3Ass+w%C3%B6rd");
  }

  @Test
  void showsItselfByItsKey() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).keyID("k1").algorithm(JWSAlgorithm.RS512).generate();
    ECKey ec = new ECKeyGenerator(Curve.P_384).keyID("k2").generate();
    give("a", "");
    give("b", "");
    credentials(null, rsa.toJSONString()).token();
    credentials(null, ec.toJSONString()).token();

    SignedJWT first = SignedJWT.parse(form(server.asked.get(0)).get("client_assertion"));
    assertThat(first.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS512);
    assertThat(first.getHeader().getKeyID()).isEqualTo("k1");
    assertThat(first.verify(new RSASSAVerifier(rsa.toPublicJWK()))).isTrue();
    assertThat(first.getJWTClaimsSet().getAudience())
        .containsExactly(server.uri("/token").toString());
    assertThat(first.getJWTClaimsSet().getIssuer()).isEqualTo("hub client");
    assertThat(first.getJWTClaimsSet().getSubject()).isEqualTo("hub client");
    SignedJWT second = SignedJWT.parse(form(server.asked.get(1)).get("client_assertion"));
    assertThat(second.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES384);
    assertThat(second.verify(new ECDSAVerifier(ec.toPublicJWK()))).isTrue();
    assertThat(form(server.asked.get(1)).get("client_assertion_type"))
        .isEqualTo("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  }

  @ParameterizedTest
  @CsvSource({
    // expires_in, seconds later, whether the same is given
    "600,569,true",
    "600,570,false",
    "40,19,true",
    "40,20,false",
    "'',29,true",
    "'',31,false"
  })
  void oneIsKeptUntilShortlyBeforeItEnds(String lives, int later, boolean same) throws Exception {
    give("a", lives.isEmpty() ? "" : ",\"expires_in\":" + lives);
    give("b", "");
    ClientCredentials credentials = credentials("s", null);
    assertThat(credentials.token()).isEqualTo("a");
    clock.now = clock.now.plusSeconds(later);
    assertThat(credentials.token()).isEqualTo(same ? "a" : "b");
  }

  @Test
  void oneThatWasRefusedIsNotGivenAgain() throws Exception {
    give("a", ",\"expires_in\":600");
    give("b", ",\"expires_in\":600");
    ClientCredentials credentials = credentials("s", null);
    credentials.token();
    credentials.refused("another");
    assertThat(credentials.token()).isEqualTo("a");
    credentials.refused("a");
    assertThat(credentials.token()).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | {\"error\":\"invalid_client\",\"error_description\":\"x\"} | NOT_ADMITTED | invalid_client",
        "400 | {\"error\":\"invalid_scope\"} | NOT_ADMITTED | invalid_scope",
        "503 | {} | BUSY | 503",
        "200 | {\"token_type\":\"Bearer\"} | NOT_ADMITTED | gave no token",
        "200 | <html> | NOT_ADMITTED | gave no token"
      })
  void whyThereIsNone(int status, String body, DicomWebException.Kind kind, String says) {
    answer(status, body);
    assertThatThrownBy(() -> credentials("geheim", null).token())
        .isInstanceOfSatisfying(
            DicomWebException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(kind);
              assertThat(e.isRetryable()).isTrue();
            })
        .hasMessageContaining(says)
        .hasMessageNotContaining("geheim");
  }

  @Test
  void whatCannotWorkIsToldAtOnce() throws Exception {
    URI endpoint = server.uri("/token");
    assertThatThrownBy(() -> credentials(null, null)).hasMessageStartingWith("ISO-DICOMWEB-009");
    assertThatThrownBy(() -> credentials("s", "k")).hasMessageStartingWith("ISO-DICOMWEB-009");
    assertThatThrownBy(() -> credentials(null, "{}")).hasMessageStartingWith("ISO-DICOMWEB-009");
    String publicKey = new RSAKeyGenerator(2048).generate().toPublicJWK().toJSONString();
    assertThatThrownBy(() -> credentials(null, publicKey))
        .hasMessageStartingWith("ISO-DICOMWEB-009");
    assertThatThrownBy(
            () ->
                new ClientCredentials.Client(
                    URI.create("http://auth.example/token"), "id", "s", null, null))
        .hasMessageStartingWith("ISO-DICOMWEB-009");
    assertThat(new ClientCredentials.Client(endpoint, "id", "geheim", null, null).toString())
        .doesNotContain("geheim");
  }
}
