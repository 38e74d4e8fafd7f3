package org.isocentre.dicom.web;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import java.io.IOException;
import java.net.URI;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;

/**
 * Tokens of a client of its own (RFC 6749 §4.4), which shows itself by a secret ({@code
 * client_secret_basic}) or by a key ({@code private_key_jwt}, RFC 7523). One is kept until shortly
 * before it ends; callers that need one at the same time wait for the same.
 */
public final class ClientCredentials implements AccessTokens {
  /** Before its end a token is not used any more: clocks differ, and calls take time. */
  private static final Duration EARLY = Duration.ofSeconds(30);

  /** Where the server does not say (RFC 6749 §5.1 recommends that it does). */
  private static final Duration UNSAID = Duration.ofMinutes(1);

  private final Client client;
  private final Duration timeout;
  private final SSLContext tls;
  private final Clock clock;
  private String token;
  private Instant until = Instant.MIN;

  /**
   * @param endpoint of the token server: https, or on this machine
   * @param secret null where there is a key
   * @param key JSON Web Key (RFC 7517) with its private part, RSA or EC; null where there is a
   *     secret
   * @param scope words with spaces between, or null
   */
  public record Client(URI endpoint, String id, String secret, String key, String scope) {
    /**
     * @throws IllegalArgumentException if it has no way to show itself, or another could see it
     */
    public Client {
      if (id == null || id.isBlank() || (secret == null) == (key == null)) {
        throw new IllegalArgumentException(
            "ISO-DICOMWEB-009: an OAuth client has an id, and either a secret or a key");
      }
      if (new DicomWebSettings(endpoint).isExposed()) {
        throw new IllegalArgumentException(
            "ISO-DICOMWEB-009: secrets are sent by https, or to this machine, alone");
      }
    }

    /** Without what is secret. */
    @Override
    public String toString() {
      return "Client[" + id + " at " + endpoint + "]";
    }
  }

  /**
   * @param timeout to connect, and for the answer
   * @param tls null for the trust of the Java runtime
   */
  public ClientCredentials(Client client, Duration timeout, SSLContext tls) {
    this(client, timeout, tls, Clock.systemUTC());
  }

  ClientCredentials(Client client, Duration timeout, SSLContext tls, Clock clock) {
    this.client = client;
    this.timeout = timeout;
    this.tls = tls;
    this.clock = clock;
    if (client.key() != null) {
      // A key that cannot sign is told now, not at the first call.
      authentication();
    }
  }

  @Override
  public synchronized String token() throws IOException {
    if (token == null || !clock.instant().isBefore(until)) {
      AccessToken fresh = ask();
      Duration lives = fresh.getLifetime() > 0 ? Duration.ofSeconds(fresh.getLifetime()) : UNSAID;
      token = fresh.getValue();
      // Of one that lives for a shorter time, half of that.
      until =
          clock
              .instant()
              .plus(
                  lives.compareTo(EARLY.multipliedBy(2)) > 0
                      ? lives.minus(EARLY)
                      : lives.dividedBy(2));
    }
    return token;
  }

  @Override
  public synchronized void refused(String refused) {
    if (refused != null && refused.equals(token)) {
      token = null;
    }
  }

  private AccessToken ask() throws IOException {
    TokenRequest request =
        new TokenRequest(
            client.endpoint(),
            authentication(),
            new ClientCredentialsGrant(),
            client.scope() == null ? null : Scope.parse(client.scope()));
    HTTPRequest http = request.toHTTPRequest();
    http.setConnectTimeout((int) timeout.toMillis());
    http.setReadTimeout((int) timeout.toMillis());
    http.setFollowRedirects(false);
    if (tls != null) {
      http.setSSLSocketFactory(tls.getSocketFactory());
    }
    HTTPResponse answer;
    try {
      answer = http.send();
    } catch (IOException e) {
      throw DicomWebClient.broken(client.endpoint().getHost(), e);
    }
    try {
      TokenResponse says = TokenResponse.parse(answer);
      if (!says.indicatesSuccess()) {
        throw refused(answer, says.toErrorResponse().getErrorObject().getCode());
      }
      AccessTokenResponse success = says.toSuccessResponse();
      return success.getTokens().getAccessToken();
    } catch (ParseException e) {
      throw refused(answer, null);
    }
  }

  private DicomWebException refused(HTTPResponse answer, String code) {
    int status = answer.getStatusCode();
    return new DicomWebException(
        status >= 500 ? DicomWebException.Kind.BUSY : DicomWebException.Kind.NOT_ADMITTED,
        status,
        "ISO-DICOMWEB-010: the token server %s gave no token: %d%s"
            .formatted(client.endpoint().getHost(), status, code == null ? "" : " " + code),
        null);
  }

  private ClientAuthentication authentication() {
    ClientID id = new ClientID(client.id());
    if (client.secret() != null) {
      return new ClientSecretBasic(id, new Secret(client.secret()));
    }
    try {
      JWK jwk = JWK.parse(client.key());
      boolean ec = jwk.getKeyType().equals(KeyType.EC);
      PrivateKey key = ec ? jwk.toECKey().toPrivateKey() : jwk.toRSAKey().toPrivateKey();
      return new PrivateKeyJWT(
          id, client.endpoint(), algorithm(jwk, ec), key, jwk.getKeyID(), null);
    } catch (java.text.ParseException | JOSEException | RuntimeException e) {
      throw new IllegalArgumentException(
          "ISO-DICOMWEB-009: the key of OAuth client %s is no private JSON Web Key (RSA or EC)"
              .formatted(client.id()));
    }
  }

  private static JWSAlgorithm algorithm(JWK jwk, boolean ec) {
    if (jwk.getAlgorithm() != null) {
      return JWSAlgorithm.parse(jwk.getAlgorithm().getName());
    }
    if (!ec) {
      return JWSAlgorithm.RS384;
    }
    return switch (jwk.toECKey().getCurve().getName()) {
      case "P-384" -> JWSAlgorithm.ES384;
      case "P-521" -> JWSAlgorithm.ES512;
      default -> JWSAlgorithm.ES256;
    };
  }
}
