package org.isocentre.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/** What an app on a patient's phone does: logs in with PKCE (RFC 7636), then reads over HTTP. */
final class PatientApp {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String REDIRECT = "http://127.0.0.1:49152/callback";
  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http;
  private final String hub;
  private String token;

  PatientApp(String hub) {
    this.hub = hub;
    this.http =
        HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /** Authorization code with PKCE, as the patient types their number into the form. */
  void logIn(String nhsNumber) throws IOException, InterruptedException {
    String verifier = random();
    String authorize =
        hub
            + "/oauth2/authorize?"
            + form(
                Map.of(
                    "response_type", "code",
                    "client_id", "demo-patient-app",
                    "redirect_uri", REDIRECT,
                    "scope", "openid patient/*.read",
                    "state", random(),
                    "code_challenge", challenge(verifier),
                    "code_challenge_method", "S256"));
    HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(authorize)).GET());
    answer = post("/login", Map.of("nhs_number", nhsNumber));
    for (int i = 0; i < 3 && !location(answer).startsWith(REDIRECT); i++) {
      answer = send(HttpRequest.newBuilder(URI.create(hub).resolve(location(answer))).GET());
    }
    String code = parameter(location(answer), "code");
    JsonNode tokens =
        json.readTree(
            post(
                    "/oauth2/token",
                    Map.of(
                        "grant_type", "authorization_code",
                        "client_id", "demo-patient-app",
                        "redirect_uri", REDIRECT,
                        "code", code,
                        "code_verifier", verifier))
                .body());
    token = tokens.path("access_token").asText();
  }

  /** Client credentials. */
  void logInAsSystem(String client, String secret) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(hub + "/oauth2/token"))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString((client + ":" + secret).getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    form(
                        Map.of(
                            "grant_type",
                            "client_credentials",
                            "scope",
                            "system/*.read system/*.write"))));
    token = json.readTree(send(request).body()).path("access_token").asText();
  }

  private HttpResponse<String> post(String path, Map<String, String> fields)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(hub + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form(fields))));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofString());
    if (answer.statusCode() >= 400) {
      throw new IOException(answer.request().uri().getPath() + " answered " + answer.statusCode());
    }
    return answer;
  }

  /** Without a token: @return the status that came back. */
  int statusWithoutToken(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(hub + path)).timeout(TIMEOUT).build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return json.readTree(
        send(HttpRequest.newBuilder(URI.create(hub + path))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/json, application/fhir+json"))
            .body());
  }

  /** One object by WADO-RS. */
  byte[] object(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(hub + path))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/dicom; transfer-syntax=*")
                .timeout(TIMEOUT)
                .build(),
            BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode());
    }
    return answer.body();
  }

  private static String location(HttpResponse<?> answer) {
    return answer.headers().firstValue("Location").orElse("");
  }

  private static String parameter(String uri, String name) throws IOException {
    String query = uri.isEmpty() ? "" : URI.create(uri).getRawQuery();
    for (String pair : (query == null ? "" : query).split("&")) {
      if (pair.startsWith(name + "=")) {
        return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    throw new IOException("the authorization server sent no " + name);
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
