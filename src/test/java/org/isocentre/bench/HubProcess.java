package org.isocentre.bench;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.isocentre.app.IsocentreApplication;

/**
 * The hub as a process of its own, with trusts RTH and RJ1, and an issuer whose tokens it takes.
 */
final class HubProcess implements AutoCloseable {
  private final int port;
  private final Process process;
  private final HttpServer issuer;
  private final RSAKey key;

  private HubProcess(int port, Process process, HttpServer issuer, RSAKey key) {
    this.port = port;
    this.process = process;
    this.issuer = issuer;
    this.key = key;
  }

  /**
   * @param jar the packaged hub, or {@code -} for the classes of this process
   */
  static HubProcess start(String jar, Path directory, String... more) throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("bench").generate();
    HttpServer issuer = issuer(new JWKSet(key.toPublicJWK()).toString());
    int port = freePort();
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(
        jar.equals("-")
            ? List.of(
                "-cp", System.getProperty("java.class.path"), IsocentreApplication.class.getName())
            : List.of("-jar", jar));
    command.addAll(
        List.of(
            "--server.port=" + port,
            "--isocentre.dicom.port=" + freePort(),
            "--isocentre.mllp.port=" + freePort(),
            "--isocentre.data-dir=" + directory.toAbsolutePath(),
            "--isocentre.store.reserve=1MB",
            "--isocentre.auth.issuer=https://issuer.example",
            "--isocentre.auth.jwk-set-uri=http://127.0.0.1:"
                + issuer.getAddress().getPort()
                + "/jwks"));
    for (String trust : List.of("0 RTH", "1 RJ1")) {
      String[] parts = trust.split(" ");
      command.add("--isocentre.trusts[" + parts[0] + "].ods-code=" + parts[1]);
      command.add("--isocentre.trusts[" + parts[0] + "].name=" + parts[1]);
    }
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("hub.log").toFile())
            .start();
    return new HubProcess(port, process, issuer, key);
  }

  private static HttpServer issuer(String keySet) throws Exception {
    byte[] keys = keySet.getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/jwks",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    server.start();
    return server;
  }

  static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Without a slash at the end. */
  String url() {
    return "http://127.0.0.1:" + port;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Good for ten hours. */
  String token(Map<String, Object> claims) throws JOSEException {
    JWTClaimsSet.Builder set =
        new JWTClaimsSet.Builder()
            .issuer("https://issuer.example")
            .subject("bench")
            .issueTime(new Date())
            .expirationTime(Date.from(Instant.now().plusSeconds(36_000)));
    claims.forEach(set::claim);
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("bench").build(), set.build());
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
    issuer.stop(0);
  }
}
