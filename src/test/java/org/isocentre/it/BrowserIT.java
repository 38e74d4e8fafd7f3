package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.isocentre.app.IsocentreApplication;
import org.isocentre.dicom.web.ClientCredentials;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The demo as a person sees it, in Chromium. What they saw is kept in target/screenshots. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserIT {
  private static final String NHS = "9990000018";
  private static final Path PICTURES = Path.of("target", "screenshots");

  private ConfigurableApplicationContext hub;
  private Path data;
  private Playwright playwright;
  private Browser browser;
  private String base;
  private int mllp;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    this.data = data;
    Path chromium = Peer.require("chromium", "chromium");
    int http = TestHub.freePort();
    base = "http://localhost:" + http;
    mllp = TestHub.freePort();
    Files.createDirectories(PICTURES);
    hub =
        new SpringApplication(IsocentreApplication.class)
            .run(
                "--spring.profiles.active=demo",
                "--server.port=" + http,
                "--isocentre.dicom.port=" + TestHub.freePort(),
                "--isocentre.mllp.port=" + mllp,
                "--isocentre.demo.rj1-pacs-port=" + TestHub.freePort(),
                "--isocentre.store.reserve=1MB",
                "--isocentre.data-dir=" + data);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--use-gl=angle",
                            "--use-angle=swiftshader",
                            "--enable-unsafe-swiftshader")));
  }

  @AfterAll
  void stop() {
    if (playwright != null) {
      playwright.close();
    }
    if (hub != null) {
      hub.close();
    }
  }

  private Page logIn(BrowserContext context) {
    return logIn(context, NHS);
  }

  private Page logIn(BrowserContext context, String nhs) {
    Page page = context.newPage();
    page.setDefaultTimeout(30_000);
    // The demo's story needs a moment until the hub knows its patient.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              page.navigate(base + "/");
              assertThat(page.url()).isEqualTo(base + "/login");
              page.fill("#nhs_number", nhs);
              page.click("button[type=submit]");
              page.waitForURL(url -> url.equals(base + "/") || url.endsWith("/login?error"));
              return page.url().equals(base + "/");
            });
    return page;
  }

  private static void keep(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")).setFullPage(false));
  }

  private BrowserContext window(int width, int height) {
    return browser.newContext(
        new Browser.NewContextOptions().setViewportSize(width, height).setLocale("en-GB"));
  }

  @ParameterizedTest
  @CsvSource({"desktop,1280,800", "phone,390,844"})
  void aPatientSeesTheirScansAndLooksAtOne(String device, int width, int height) throws Exception {
    try (BrowserContext context = window(width, height)) {
      Page page = logIn(context);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                page.navigate(base + "/");
                page.waitForFunction(
                    "() => !document.getElementById('state').textContent.startsWith('Looking')");
                return page.locator("#studies li").count() == 2
                    && page.locator("#studies").innerText().contains("Report ready");
              });
      Locator ct = page.locator("#studies li", new Page.LocatorOptions().setHasText("CT head"));
      assertThat(ct.innerText())
          .contains("CT scan")
          .contains("Simulated trust RTH")
          .contains("Report ready");
      page.waitForFunction(
          "() => [...document.images].every(i => i.complete && i.naturalWidth > 0)");
      keep(page, device + "-start");

      ct.locator("a.open").click();
      page.waitForSelector("canvas.cornerstone-canvas");
      byte[] first = awaitPicture(page);
      keep(page, device + "-viewer");
      Locator canvas = page.locator("canvas.cornerstone-canvas").first();
      BoundingBox box = canvas.boundingBox();
      assertThat(box.width).isGreaterThan(width * 0.6);
      page.mouse().move(box.x + box.width / 2, box.y + box.height / 2);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                page.mouse().wheel(0, 120);
                return !Arrays.equals(first, canvas.screenshot());
              });
      keep(page, device + "-scrolled");
    }
  }

  /** Of the canvas, once it has more than a few greys. */
  private static byte[] awaitPicture(Page page) {
    Locator canvas = page.locator("canvas.cornerstone-canvas").first();
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(canvas::screenshot, picture -> greys(picture) > 20);
  }

  private static long greys(byte[] png) {
    BufferedImage picture;
    try {
      picture = ImageIO.read(new ByteArrayInputStream(png));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return java.util.stream.IntStream.range(0, picture.getWidth() * picture.getHeight())
        .map(i -> picture.getRGB(i % picture.getWidth(), i / picture.getWidth()))
        .distinct()
        .count();
  }

  @Test
  void anothersStudyIsAPlainPage() {
    try (BrowserContext context = window(1280, 800)) {
      Page page = logIn(context);
      Response answer = page.navigate(base + "/viewer?StudyInstanceUIDs=1.2.3.4");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(page.locator("h1").innerText()).isEqualTo("This scan cannot be shown");
      keep(page, "refused");
      assertThat(page.navigate(base + "/viewer").status()).isEqualTo(400);
    }
  }

  @Test
  void theSessionIsACookieThatScriptsAndOtherSitesDoNotHave() {
    try (BrowserContext context = window(1280, 800)) {
      Page page = logIn(context);
      Cookie cookie =
          context.cookies(base).stream()
              .filter(c -> c.name.equals("isocentre"))
              .findFirst()
              .orElseThrow();
      assertThat(cookie.httpOnly).isTrue();
      assertThat(cookie.sameSite).isEqualTo(SameSiteAttribute.LAX);
      assertThat(page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"))
          .isEqualTo("{}{}");
      assertThat(status(page, "GET", "/dicomweb/studies")).isEqualTo(200);
      assertThat(status(page, "GET", "/fhir/ImagingStudy")).isEqualTo(200);
      // What changes something needs the token itself; forms need what the page was given.
      assertThat(status(page, "POST", "/fhir/Consent")).isEqualTo(401);
      assertThat(status(page, "POST", "/logout")).isNotEqualTo(200);
      assertThat(status(page, "GET", "/fhir/ImagingStudy")).isEqualTo(200);
      page.click("header button");
      assertThat(page.locator("h1").innerText()).isEqualTo("You are logged out");
      assertThat(status(page, "GET", "/fhir/ImagingStudy")).isEqualTo(401);
    }
  }

  /** SMART Backend Services: a client without a secret, which signs with the key of the demo. */
  @Test
  void aBackendServiceShowsItselfByItsKey() throws Exception {
    String key = Files.readString(data.resolve("demo-backend.jwk"));
    URI endpoint = URI.create(base + "/oauth2/token");
    String token =
        new ClientCredentials(
                new ClientCredentials.Client(endpoint, "demo-backend", null, key, "system/*.rs"),
                Duration.ofSeconds(20),
                null)
            .token();
    HttpRequest call =
        HttpRequest.newBuilder(URI.create(base + "/fhir/Organization/RTH"))
            .header("Authorization", "Bearer " + token)
            .build();
    HttpClient http = HttpClient.newHttpClient();
    assertThat(http.send(call, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    String another =
        new ECKeyGenerator(Curve.P_384)
            .algorithm(JWSAlgorithm.ES384)
            .keyID(ECKey.parse(key).getKeyID())
            .generate()
            .toJSONString();
    assertThatThrownBy(
            () ->
                new ClientCredentials(
                        new ClientCredentials.Client(
                            endpoint, "demo-backend", null, another, "system/*.rs"),
                        Duration.ofSeconds(20),
                        null)
                    .token())
        .hasMessageContaining("401");
    String keys =
        http.send(
                HttpRequest.newBuilder(URI.create(base + "/demo/backend-jwks")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    assertThat(JWKSet.parse(keys).getKeys()).noneMatch(JWK::isPrivate).hasSize(1);
    assertThat(
            http.send(
                    HttpRequest.newBuilder(
                            URI.create(base + "/fhir/.well-known/smart-configuration"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body())
        .contains("private_key_jwt", "client-confidential-asymmetric");
  }

  /** A call as a system, which staff use. */
  private String asSystem(String method, String path, String body) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest token =
        HttpRequest.newBuilder(URI.create(base + "/oauth2/token"))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString("demo-system:demo".getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "grant_type=client_credentials&scope=system/*.read+system/*.write"))
            .build();
    String given =
        new ObjectMapper()
            .readTree(http.send(token, HttpResponse.BodyHandlers.ofString()).body())
            .path("access_token")
            .asText();
    HttpRequest call =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Authorization", "Bearer " + given)
            .header("Content-Type", "application/fhir+json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(call, HttpResponse.BodyHandlers.ofString()).body();
  }

  private String idOf(String nhs) throws Exception {
    String found =
        asSystem("GET", "/fhir/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C" + nhs, "");
    return new ObjectMapper().readTree(found).at("/entry/0/resource/id").asText();
  }

  @Test
  void whoActsForAPatientChoosesWhoseScansTheySee() throws Exception {
    String parent = MainJobIT.nhsNumber();
    new Ris(mllp).send(Ris.order(parent, "19800101", "P1"));
    await().atMost(Duration.ofSeconds(60)).until(() -> !idOf(parent).isEmpty());
    await().atMost(Duration.ofSeconds(60)).until(() -> !idOf(NHS).isEmpty());
    try (BrowserContext context = window(390, 844)) {
      Page page = logIn(context, parent);
      page.waitForFunction(
          "() => document.getElementById('state').textContent.startsWith('There are no')");
      assertThat(page.locator("#people").isVisible()).isFalse();
      String child = idOf(NHS);
      String csrf = page.locator("header input[name=_csrf]").inputValue();
      Object refused =
          page.evaluate(
              "async ([c, p]) => (await fetch('/acting-for', {method: 'POST', body: new URLSearchParams({_csrf: c, patient: p})})).url",
              List.of(csrf, child));
      assertThat(String.valueOf(refused)).endsWith("/pages/refused");
      String grant =
          asSystem(
              "POST",
              "/fhir/Consent",
              """
              {"resourceType":"Consent","status":"active",
               "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
               "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
               "patient":{"reference":"Patient/%s"},"dateTime":"2026-11-01",
               "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},
               "provision":{"type":"permit","period":{"end":"2099-12-31"},
                "actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleClass","code":"GUARD"}]},
                 "reference":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}}}]}}"""
                  .formatted(child, parent));
      page.navigate(base + "/");
      page.waitForSelector("#people:not([hidden])");
      keep(page, "phone-people");
      page.selectOption("#patient", child);
      page.click("#people button");
      page.waitForFunction(
          "() => document.getElementById('whose').textContent.startsWith('Scans of')");
      page.waitForFunction("() => document.querySelectorAll('#studies li').length > 0");
      keep(page, "phone-acting-for");
      Locator open = page.locator("a.open").first();
      assertThat(page.navigate(base + open.getAttribute("href")).status()).isEqualTo(200);
      asSystem(
          "DELETE", "/fhir/Consent/" + new ObjectMapper().readTree(grant).path("id").asText(), "");
      page.navigate(base + "/");
      page.waitForFunction(
          "() => document.getElementById('state').textContent.startsWith('There are no')");
      assertThat(page.locator("#studies li").count()).isZero();
      assertThat(page.locator("h1").innerText()).isEqualTo("Your scans");
      // Their own again, and not nobody's: what they read is narrowed to themselves.
      assertThat(
              String.valueOf(
                  page.evaluate(
                      "async () => (await (await fetch('/fhir/Patient')).json()).entry[0].resource.id")))
          .isEqualTo(idOf(parent));
    }
  }

  private static int status(Page page, String method, String path) {
    return ((Number)
            page.evaluate(
                "async ([m, p]) => (await fetch(p, {method: m, redirect: 'manual'})).status",
                List.of(method, path)))
        .intValue();
  }

  /** A package as npm has it, unpacked below {@code work/package}. */
  private static void unpack(String name, String version, Path work) throws Exception {
    Path npm = Peer.require("npm", "npm");
    Process pack =
        new ProcessBuilder(npm.toString(), "pack", "--silent", name + "@" + version)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(pack.waitFor(2, TimeUnit.MINUTES)).isTrue();
    String file = work + "/" + name + "-" + version + ".tgz";
    assertThat(Peer.run(List.of("/bin/tar", "-xzf", file, "-C", work.toString())).exit()).isZero();
  }

  private static final String APP =
      """
      <!doctype html><title>app</title><script src="/fhir-client.js"></script><script>
      FHIR.oauth2.init({iss: '@BASE/fhir', clientId: 'demo-patient-app', scope: 'openid launch/patient patient/*.rs',
          redirectUri: location.origin + '/callback', pkceMode: 'required'})
        .then(async client => {
          const patient = await client.patient.read();
          const studies = await client.request('ImagingStudy?patient=' + client.patient.id, {flat: true, pageLimit: 0});
          const report = await client.request('DiagnosticReport?patient=' + client.patient.id, {flat: true});
          const others = await client.request('Patient?_summary=count');
          const pixels = await fetch('@BASE/dicomweb/studies', {headers: {Authorization: client.getAuthorizationHeader()}});
          document.title = [patient.resourceType, patient.id === client.patient.id, studies.length > 0,
            report.length > 0, others.total, pixels.status].join(' ');
        })
        .catch(e => { document.title = 'failed: ' + e; });
      </script>""";

  /** SMART's own library for apps in a browser, at an address that is not the hub's. */
  @Test
  void anAppOfABrowserLogsInAndReads(@TempDir Path work) throws Exception {
    unpack("fhirclient", "2.6.3", work);
    HttpServer app = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    app.createContext(
        "/",
        call -> {
          boolean script = call.getRequestURI().getPath().equals("/fhir-client.js");
          byte[] body =
              script
                  ? Files.readAllBytes(work.resolve("package/build/fhir-client.js"))
                  : APP.replace("@BASE", base).getBytes(StandardCharsets.UTF_8);
          call.getResponseHeaders().add("Content-Type", script ? "text/javascript" : "text/html");
          call.sendResponseHeaders(200, body.length);
          call.getResponseBody().write(body);
          call.close();
        });
    app.start();
    try (BrowserContext context = window(1280, 800)) {
      // The demo's story has to be told first.
      logIn(context).close();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                try (BrowserContext fresh = window(1280, 800)) {
                  Page page = fresh.newPage();
                  page.navigate("http://127.0.0.1:" + app.getAddress().getPort() + "/launch");
                  page.waitForURL(url -> url.equals(base + "/login"));
                  page.fill("#nhs_number", NHS);
                  page.click("button[type=submit]");
                  page.waitForURL(url -> url.contains("/callback"));
                  page.waitForFunction("document.title !== 'app'");
                  assertThat(page.title()).isEqualTo("Patient true true true 1 200");
                }
              });
    } finally {
      app.stop(0);
    }
  }

  private static final String KIT =
      """
      import { Client } from 'fhir-kit-client';
      (async () => {
        const base = process.argv[2];
        const anyone = new Client({ baseUrl: base + '/fhir' });
        const smart = await anyone.smartAuthMetadata();
        const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.read' });
        const asked = await fetch(smart.tokenUrl, { method: 'POST', body: form,
          headers: { Authorization: 'Basic ' + Buffer.from('demo-system:demo').toString('base64') } });
        const client = new Client({ baseUrl: base + '/fhir', bearerToken: (await asked.json()).access_token });
        const says = await client.capabilityStatement();
        let page = await client.search({ resourceType: 'ImagingStudy', searchParams: { _count: 1, _sort: '_lastUpdated' } });
        const first = page.entry[0].resource;
        let pages = 1;
        while (page = await client.nextPage({ bundle: page })) pages++;
        const read = await client.read({ resourceType: 'ImagingStudy', id: first.id });
        const refused = await anyone.read({ resourceType: 'ImagingStudy', id: first.id }).catch(e => e.response.status);
        console.log([says.fhirVersion, pages > 1, read.resourceType, read.id === first.id, refused].join(' '));
      })().catch(e => { console.log('failed: ' + e); process.exit(1); });
      """;

  /** The library of back ends in JavaScript. */
  @Test
  void fhirKitClientRunsUnmodified(@TempDir Path work) throws Exception {
    Path npm = Peer.require("npm", "npm");
    Path node = Peer.require("node", "npm");
    Process install =
        new ProcessBuilder(
                npm.toString(),
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "fhir-kit-client@2.0.3")
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(install.waitFor(2, TimeUnit.MINUTES)).isTrue();
    Path script = Files.writeString(work.resolve("kit.mjs"), KIT);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(
                        Peer.run(List.of(node.toString(), script.toString(), base))
                            .output()
                            .strip())
                    .endsWith("4.0.1 true ImagingStudy true 401"));
  }

  /** The library that OHIF and others are built on, as its package has it. */
  @Test
  void theDicomWebClientLibraryRunsUnmodified(@TempDir Path work) throws Exception {
    unpack("dicomweb-client", "0.11.3", work);
    try (BrowserContext context =
        browser.newContext(new Browser.NewContextOptions().setBypassCSP(true))) {
      Page page = logIn(context);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> page.evaluate("fetch('/dicomweb/studies').then(r => r.status)").equals(200));
      page.addScriptTag(
          new Page.AddScriptTagOptions().setPath(work.resolve("package/build/dicomweb-client.js")));
      Object said =
          page.evaluate(
              """
              async () => {
                const client = new DICOMwebClient.api.DICOMwebClient({ url: location.origin + '/dicomweb' });
                const uid = (o, tag) => o[tag].Value[0];
                const studies = await client.searchForStudies({ queryParams: { ModalitiesInStudy: 'CT' } });
                const study = uid(studies[0], '0020000D');
                const series = await client.searchForSeries({ studyInstanceUID: study });
                const one = { studyInstanceUID: study, seriesInstanceUID: uid(series[0], '0020000E') };
                const instances = await client.searchForInstances(one);
                one.sopInstanceUID = uid(instances[0], '00080018');
                const metadata = await client.retrieveSeriesMetadata(one);
                const object = await client.retrieveInstance(one);
                const all = await client.retrieveSeries(one);
                const frames = await client.retrieveInstanceFrames({ ...one, frameNumbers: [1] });
                const picture = await client.retrieveInstanceRendered({ ...one, mediaTypes: [{ mediaType: 'image/png' }] });
                const pixels = metadata[0]['00280010'].Value[0] * metadata[0]['00280011'].Value[0] * 2;
                return [
                  studies.length, series.length, instances.length, metadata.length, all.length,
                  new TextDecoder().decode(new Uint8Array(object, 128, 4)),
                  frames[0].byteLength === pixels, new Uint8Array(picture[0])[1],
                ].join(' ');
              }
              """);
      assertThat(said).isEqualTo("1 1 36 36 36 DICM true 80");
    }
  }

  @Test
  void pagesAreSentWithTheHeadersThatKeepThemSafe() {
    try (BrowserContext context = window(1280, 800)) {
      Page page = logIn(context);
      Map<String, String> headers = page.navigate(base + "/").headers();
      assertThat(headers.get("content-security-policy"))
          .contains("default-src 'self'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("'unsafe-eval'");
      assertThat(headers.get("x-content-type-options")).isEqualTo("nosniff");
      assertThat(headers.get("cache-control")).contains("no-store");
      assertThat(headers.get("referrer-policy")).isEqualTo("same-origin");
    }
  }
}
