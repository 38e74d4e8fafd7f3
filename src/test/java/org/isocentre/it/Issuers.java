package org.isocentre.it;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Issuers of tokens, each with a key of its own; the last can be asked about opaque ones. */
final class Issuers implements AutoCloseable {
  /** Speaks for patients. */
  static final String LOGIN = "https://login.example";

  /** Speaks for staff of any organisation. */
  static final String STAFF = "https://staff.example";

  /** Speaks for RJ1 alone, and can be asked about opaque tokens. */
  static final String TRUST = "https://trust.example";

  private static final List<String> ALL = List.of(LOGIN, STAFF, TRUST);
  private final Map<String, RSAKey> keys = new ConcurrentHashMap<>();
  private final Map<String, String> opaque = new ConcurrentHashMap<>();
  private final HttpServer server;

  Issuers() throws IOException, JOSEException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    for (String issuer : ALL) {
      // All keys have one name: who it is of is for the issuer to say, not for the name.
      keys.put(issuer, new RSAKeyGenerator(2048).keyID("key").generate());
      String jwks = new JWKSet(keys.get(issuer).toPublicJWK()).toString();
      server.createContext("/" + ALL.indexOf(issuer), exchange -> answer(exchange, 200, jwks));
    }
    server.createContext("/introspect", this::introspect);
    server.start();
  }

  private void introspect(HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String wanted =
        "Basic "
            + Base64.getEncoder()
                .encodeToString("hub:secret".getBytes(StandardCharsets.ISO_8859_1));
    if (!wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer(exchange, 401, "{}");
    } else if (form.contains("token=broken")) {
      answer(exchange, 500, "{}");
    } else {
      String token = form.replaceAll(".*token=([^&]*).*", "$1");
      answer(exchange, 200, opaque.getOrDefault(token, "{\"active\":false}"));
    }
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Settings of a hub that takes their tokens. */
  List<String> settings() {
    String at = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    List<String> settings = new ArrayList<>();
    for (int i = 0; i < ALL.size(); i++) {
      String one = "--isocentre.auth.issuers[" + i + "].";
      settings.add(one + "issuer=" + ALL.get(i));
      settings.add(one + "jwk-set-uri=" + at + i);
    }
    settings.add("--isocentre.auth.issuers[0].holder=PATIENT");
    settings.add("--isocentre.auth.issuers[0].audience=isocentre");
    settings.add("--isocentre.auth.issuers[1].holder=ORGANISATION");
    settings.add("--isocentre.auth.issuers[2].holder=ORGANISATION");
    settings.add("--isocentre.auth.issuers[2].organisation=RJ1");
    settings.add("--isocentre.auth.issuers[2].introspection-uri=" + at + "introspect");
    settings.add("--isocentre.auth.issuers[2].client-id=hub");
    settings.add("--isocentre.auth.issuers[2].client-secret=secret");
    settings.add("--isocentre.auth.smart.authorization-endpoint=" + LOGIN + "/authorize");
    settings.add("--isocentre.auth.smart.token-endpoint=" + LOGIN + "/token");
    return settings;
  }

  /** That is active, with these claims. */
  String opaque(String token, String json) {
    opaque.put(token, json);
    return token;
  }

  /** As this issuer signs it; a claim of {@code null} is left out. */
  String token(String issuer, Map<String, Object> claims) {
    return signed(issuer, issuer, "JWT", claims);
  }

  /**
   * @param key whose key signs it
   * @param type of the header, or null
   */
  String signed(String key, String issuer, String type, Map<String, Object> claims) {
    try {
      JWSHeader.Builder header = new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("key");
      SignedJWT jwt =
          new SignedJWT(
              type == null ? header.build() : header.type(new JOSEObjectType(type)).build(),
              set(issuer, claims));
      jwt.sign(new RSASSASigner(keys.get(key)));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With the public key as a secret, as one who knows nothing else would sign. */
  String withPublicKeyAsSecret(String issuer, Map<String, Object> claims) {
    try {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("key").build(), set(issuer, claims));
      jwt.sign(new MACSigner(keys.get(issuer).toRSAPublicKey().getEncoded()));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static String unsigned(String issuer, Map<String, Object> claims) {
    return new PlainJWT(set(issuer, claims)).serialize();
  }

  private static JWTClaimsSet set(String issuer, Map<String, Object> claims) {
    JWTClaimsSet.Builder set =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .subject("test")
            .issueTime(Date.from(Instant.now()))
            .expirationTime(Date.from(Instant.now().plusSeconds(3600)));
    claims.forEach(set::claim);
    return set.build();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
