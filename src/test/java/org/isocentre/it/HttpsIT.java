package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub served by HTTPS: its own, and a proxy's. */
class HttpsIT {
  private static final List<String> BROWSER =
      List.of(
          "--isocentre.browser.client-id=pages",
          "--isocentre.browser.client-secret=secret",
          "--isocentre.auth.smart.authorization-endpoint=https://issuer.example/authorize",
          "--isocentre.auth.smart.token-endpoint=https://issuer.example/token");

  private static HttpResponse<String> get(HttpClient http, String uri, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void assertGuarded(HttpResponse<String> answer) {
    assertThat(answer.headers().firstValue("Strict-Transport-Security").orElse(""))
        .as(answer.uri() + " " + answer.statusCode())
        .contains("max-age=31536000");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  private static void assertSafeCookie(HttpResponse<String> page) {
    assertThat(page.statusCode()).isEqualTo(302);
    assertThat(page.headers().firstValue("Set-Cookie").orElse(""))
        .startsWith("isocentre=")
        .contains("; Secure")
        .contains("; HttpOnly")
        .contains("SameSite=Lax");
  }

  private static Image stored(TestHub hub) throws Exception {
    Image image =
        Pacs.image(Uid.random(), Uid.random(), new About("9990000018", "19740213", "HS1"));
    try (Pacs pacs = new Pacs()) {
      assertThat(pacs.send(hub.dicom, image)).containsOnly(0);
    }
    return image;
  }

  @Test
  void everyAnswerIsGuardedAndNamesHttps(@TempDir Path data) throws Exception {
    TestCertificates certificate = TestCertificates.of("localhost");
    Path keys = data.resolve("https.p12");
    certificate.save(keys, "changeit");
    try (TestHub hub =
        new TestHub(
                data.resolve("hub"),
                TestHub.freePort(),
                "--server.ssl.key-store=" + keys,
                "--server.ssl.key-store-password=changeit")
            .with(BROWSER)
            .start()) {
      HttpClient https =
          HttpClient.newBuilder().sslContext(certificate.trusting(certificate)).build();
      String base = "https://localhost:" + hub.http;
      Image image = stored(hub);
      String[] token = {"Authorization", "Bearer " + hub.system()};
      String query = base + "/dicomweb/studies?StudyInstanceUID=" + image.study();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> get(https, query, token).statusCode() == 200);
      HttpResponse<String> found = get(https, query, token);
      assertThat(new ObjectMapper().readTree(found.body()).get(0).at("/00081190/Value/0").asText())
          .isEqualTo(base + "/dicomweb/studies/" + image.study());
      assertGuarded(found);
      assertGuarded(get(https, base + "/dicomweb/studies"));
      assertGuarded(get(https, base + "/fhir/metadata"));
      assertGuarded(get(https, base + "/fhir/Patient"));
      assertGuarded(get(https, base + "/actuator/health"));
      HttpResponse<String> page = get(https, base + "/");
      assertGuarded(page);
      assertSafeCookie(page);
      assertThat(get(https, base + "/fhir/metadata", token).body()).contains(base + "/fhir");
      // Whoever forgets the s learns nothing.
      HttpResponse<String> plain =
          get(HttpClient.newHttpClient(), "http://localhost:" + hub.http + "/fhir/metadata");
      assertThat(plain.statusCode()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aProxyIsBelievedWhereThatIsSet(boolean believed, @TempDir Path data) throws Exception {
    try (TestHub hub =
        new TestHub(
                data,
                TestHub.freePort(),
                believed
                    ? "--server.forward-headers-strategy=native"
                    : "--server.forward-headers-strategy=none")
            .with(BROWSER)
            .start()) {
      HttpClient http = HttpClient.newHttpClient();
      String base = "http://127.0.0.1:" + hub.http;
      Image image = stored(hub);
      String[] headers = {
        "X-Forwarded-Proto", "https",
        "X-Forwarded-Host", "hub.example",
        "X-Forwarded-Port", "443",
        "Authorization", "Bearer " + hub.system()
      };
      String metadata = base + "/dicomweb/studies/" + image.study() + "/metadata";
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> get(http, metadata, headers).statusCode() == 200);
      HttpResponse<String> answer = get(http, metadata, headers);
      assertThat(answer.body())
          .contains((believed ? "https://hub.example" : base) + "/dicomweb/studies/");
      HttpResponse<String> page = get(http, base + "/", headers[0], headers[1]);
      if (believed) {
        assertGuarded(answer);
        assertSafeCookie(page);
      } else {
        assertThat(answer.headers().firstValue("Strict-Transport-Security")).isEmpty();
      }
    }
  }
}
