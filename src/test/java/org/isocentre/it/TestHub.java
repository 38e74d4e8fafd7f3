package org.isocentre.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.isocentre.app.IsocentreApplication;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A hub on free ports with trusts RTH and RJ1 (which gets what it asked for), and an issuer whose
 * tokens it takes. Runs in this process, or as one of its own that can be killed.
 */
final class TestHub implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Ports of this process's tests: none is given twice. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  /** Processes of tests at the same moment; each has every second port. */
  private static final int FORKS = 2;

  private static final int FORK = Integer.getInteger("isocentre.test.fork", 0) % FORKS;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  final int http = freePort();
  final int dicom = freePort();
  final int mllp = freePort();
  final Path dataDir;
  private final List<String> arguments = new ArrayList<>();
  private final RSAKey key;
  private final HttpServer issuer;
  private final ValidResources valid = new ValidResources();
  private ConfigurableApplicationContext context;
  private Process process;

  /**
   * @param rj1Port where RJ1's PACS listens; its AE title is {@code RJ1PACS}
   */
  TestHub(Path dataDir, int rj1Port, String... more) {
    this.dataDir = dataDir;
    try {
      key = new RSAKeyGenerator(2048).keyID("test").generate();
      issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
      issuer.createContext(
          "/jwks",
          exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
          });
      issuer.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    arguments.addAll(
        List.of(
            "--server.port=" + http,
            "--isocentre.dicom.port=" + dicom,
            "--isocentre.mllp.port=" + mllp,
            "--isocentre.data-dir=" + dataDir,
            "--isocentre.auth.issuer=https://issuer.example",
            "--isocentre.auth.jwk-set-uri=http://127.0.0.1:"
                + issuer.getAddress().getPort()
                + "/jwks",
            "--isocentre.study.quiet-period=1s",
            "--isocentre.study.check-period=200",
            "--isocentre.store.reserve=1MB",
            "--isocentre.queues.redelivery-delay=500ms",
            "--isocentre.queues.max-redelivery-delay=1s",
            "--isocentre.trusts[0].ods-code=RTH",
            "--isocentre.trusts[0].name=First trust",
            "--isocentre.trusts[0].facilities[0]=RTH",
            "--isocentre.trusts[0].patient-id-is-nhs-number=true",
            "--isocentre.trusts[0].application-entities[0].ae-title=RTHPACS",
            "--isocentre.trusts[0].application-entities[0].host=127.0.0.1",
            "--isocentre.trusts[1].ods-code=RJ1",
            "--isocentre.trusts[1].name=Second trust",
            "--isocentre.trusts[1].facilities[0]=RJ1",
            "--isocentre.trusts[1].forward-to[0]=REFERRER",
            "--isocentre.trusts[1].application-entities[0].ae-title=RJ1PACS",
            "--isocentre.trusts[1].application-entities[0].host=127.0.0.1",
            "--isocentre.trusts[1].application-entities[0].port=" + rj1Port));
    arguments.addAll(List.of(more));
  }

  /** Below those that systems give to outgoing connections, which might take it meanwhile. */
  static int freePort() {
    for (int tries = 0; tries < 1000; tries++) {
      int port = 12_000 + FORKS * ThreadLocalRandom.current().nextInt(20_000 / FORKS) + FORK;
      if (GIVEN.add(port)) {
        try (ServerSocket socket = new ServerSocket(port)) {
          return socket.getLocalPort();
        } catch (IOException e) {
          // Somebody else's.
          continue;
        }
      }
    }
    throw new IllegalStateException("no port is free");
  }

  /** More arguments. */
  TestHub with(List<String> more) {
    arguments.addAll(more);
    return this;
  }

  TestHub start() {
    context = SpringApplication.run(IsocentreApplication.class, arguments.toArray(String[]::new));
    return this;
  }

  /** Stops a hub that runs in this process; it can be started again. */
  void stop() {
    context.close();
  }

  /** Of a hub that runs in this process. */
  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** Until what a study is now is kept as a version; of a hub that runs in this process. */
  void awaitKept(String study) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                bean(JdbcClient.class)
                        .sql(
                            """
                            select count(*) from study_version v join study s on s.id = v.study_id
                              where s.study_instance_uid = ? and v.last_updated = s.last_updated""")
                        .param(study)
                        .query(Integer.class)
                        .single()
                    == 1);
  }

  /** Of a hub that runs in this process. */
  ConfigurableApplicationContext context() {
    return context;
  }

  /** As a process of its own, from the classes of this build. */
  TestHub startProcess() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx320m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                IsocentreApplication.class.getName()));
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(() -> !process.isAlive() || get("/actuator/health", system()).statusCode() == 200);
    if (!process.isAlive()) {
      throw new IllegalStateException("the hub did not start; see " + log());
    }
    return this;
  }

  /** Each entry once: routes are found by scanning it. */
  static String classPath() {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
    return String.join(File.pathSeparator, new LinkedHashSet<>(List.of(entries)));
  }

  private Path log() {
    return Path.of("target", "hub-" + dicom + ".log");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the hub could not be killed");
    }
  }

  String token(Map<String, Object> claims) {
    try {
      JWTClaimsSet.Builder set =
          new JWTClaimsSet.Builder()
              .issuer("https://issuer.example")
              .subject("test")
              .issueTime(Date.from(Instant.now()))
              .expirationTime(Date.from(Instant.now().plusSeconds(3600)));
      claims.forEach(set::claim);
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), set.build());
      jwt.sign(new RSASSASigner(key));
      return jwt.serialize();
    } catch (com.nimbusds.jose.JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  String system() {
    return token(Map.of("scope", "system/*.read system/*.write"));
  }

  String patient(String nhsNumber) {
    return token(Map.of("scope", "patient/*.read", "nhs_number", nhsNumber));
  }

  String organisation(String odsCode) {
    return token(Map.of("scope", "system/*.read", "ods_code", odsCode));
  }

  HttpResponse<byte[]> get(String path, String token) throws IOException, InterruptedException {
    return call("GET", path, token, null);
  }

  /**
   * @param headers names and values by turns
   */
  HttpResponse<byte[]> getWith(String path, String token, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .timeout(Duration.ofSeconds(60))
            .headers(headers)
            .header("Authorization", "Bearer " + token);
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> post(String path, String token, String contentType, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", contentType)
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> call(String method, String path, String token, String body)
      throws IOException, InterruptedException {
    return callAs("application/fhir+json", method, path, token, body);
  }

  /**
   * @param type of the body
   */
  HttpResponse<byte[]> callAs(String type, String method, String path, String token, String body)
      throws IOException, InterruptedException {
    return call(type, method, path, token, body);
  }

  /**
   * @param headers names and values by turns
   */
  HttpResponse<byte[]> callWith(
      String method, String path, String token, String body, String... headers)
      throws IOException, InterruptedException {
    return call("application/fhir+json", method, path, token, body, headers);
  }

  private HttpResponse<byte[]> call(
      String type, String method, String path, String token, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<byte[]> answer =
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (path.startsWith("/fhir/")) {
      valid.sent(answer.body());
    }
    return answer;
  }

  /** What the hub sent elsewhere has to be valid, too. */
  void emitted(byte[] body) {
    valid.sent(body);
  }

  JsonNode json(String path, String token) {
    try {
      HttpResponse<byte[]> answer = get(path, token);
      if (answer.statusCode() == 204) {
        return JSON.createArrayNode();
      }
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(
            path
                + " answered "
                + answer.statusCode()
                + " "
                + new String(answer.body(), StandardCharsets.UTF_8));
      }
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The resources of a search's first page. */
  List<JsonNode> search(String path, String token) {
    List<JsonNode> found = new ArrayList<>();
    json("/fhir/" + path, token).path("entry").forEach(e -> found.add(e.path("resource")));
    return found;
  }

  /** The study's ImagingStudy as the hub's own system sees it, or an empty list. */
  List<JsonNode> study(String uid) {
    return search("ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:" + uid, system());
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
    if (process != null) {
      process.destroyForcibly();
    }
    issuer.stop(0);
    List<String> problems = valid.problems();
    if (!problems.isEmpty()) {
      throw new AssertionError(
          "FHIR resources that are not valid R4:\n" + String.join("\n", problems));
    }
  }
}
