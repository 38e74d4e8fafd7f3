package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.isocentre.audit.AuditTrail;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.web.WebServer;
import org.isocentre.dicom.web.WebServer.Answer;
import org.isocentre.dicom.web.WebServer.Asked;
import org.isocentre.model.AuditOrigin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openehealth.ipf.commons.audit.model.AuditMessage;
import org.openehealth.ipf.commons.audit.unmarshal.dicom.DICOMAuditParser;

/** The trail in the audit repositories of others: by syslog, of rsyslog, and by FHIR. */
class AuditFeedIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PASSWORD = "changeit";

  private static String[] syslog(Path data, int port) {
    TestCertificates certificate = TestCertificates.of("localhost");
    Path keys = data.resolve("audit.p12");
    Path trust = data.resolve("audit-trust.p12");
    certificate.save(keys, PASSWORD);
    certificate.saveTrusted(trust, PASSWORD);
    String feed = "--isocentre.audit.feeds[0].";
    return new String[] {
      feed + "name=repository",
      feed + "to=syslog+tls://localhost:" + port,
      feed + "period=100",
      feed + "timeout=5s",
      feed + "tls.key-store=" + keys,
      feed + "tls.key-store-password=" + PASSWORD,
      feed + "tls.trust-store=" + trust,
      feed + "tls.trust-store-password=" + PASSWORD,
      "--isocentre.audit.seal-period=100",
      "--isocentre.audit.source=hub-1",
      "--isocentre.audit.host=hub.example"
    };
  }

  private static List<String> objects(AuditMessage message) {
    return message.getParticipantObjectIdentifications().stream()
        .map(o -> o.getParticipantObjectID())
        .toList();
  }

  private static List<AuditMessage> messages(Rsyslog repository) {
    return repository.received().stream()
        .map(line -> line.substring(line.indexOf("<AuditMessage")))
        .map(xml -> new DICOMAuditParser().parse(xml, false))
        .toList();
  }

  @Test
  void aRepositoryThatWasDownGetsAllOfItBySyslog(@TempDir Path data) throws Exception {
    int port = TestHub.freePort();
    TestCertificates certificate = TestCertificates.of("localhost");
    try (TestHub hub = new TestHub(data, TestHub.freePort(), syslog(data, port)).start()) {
      for (int i = 0; i < 3; i++) {
        hub.get("/fhir/Organization/RTH", hub.system());
      }
      AuditTrail trail = hub.bean(AuditTrail.class);
      for (int i = 0; i < 250; i++) {
        trail
            .from(AuditOrigin.at("192.0.2." + i))
            .note("PACS" + i, "RTH", "R", "retrieve", "ImagingStudy", "s" + i, null, true, null);
      }
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> behind(hub) > 0);
      try (Rsyslog repository =
          new Rsyslog(data.resolve("rsyslog"), port, certificate, certificate)) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertThat(
                            messages(repository).stream()
                                .map(AuditFeedIT::objects)
                                .flatMap(List::stream)
                                .filter(o -> o.startsWith("ImagingStudy/s"))
                                .distinct())
                        .hasSize(250));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> behind(hub) == 0);
        assertThat(repository.received())
            .allSatisfy(line -> assertThat(line).startsWith("<85>1 ").contains(" IHE+RFC-3881 "));
        assertThat(messages(repository))
            .filteredOn(m -> objects(m).contains("Organization/RTH"))
            .hasSize(3)
            .allSatisfy(
                m -> {
                  assertThat(m.getAuditSourceIdentification().getAuditSourceID())
                      .isEqualTo("hub-1");
                  assertThat(m.getActiveParticipants())
                      .extracting("networkAccessPointID")
                      .contains("127.0.0.1", "hub.example");
                });
        // Each row once, as nothing failed while it was sent.
        assertThat(
                messages(repository).stream()
                    .map(AuditFeedIT::objects)
                    .flatMap(List::stream)
                    .filter(o -> o.startsWith("AuditEvent/")))
            .doesNotHaveDuplicates();
      }
    }
  }

  /** Whoever is in the repository's place, and is not it, gets nothing. */
  @Test
  void aStrangerInTheRepositorysPlaceGetsNothing(@TempDir Path data) throws Exception {
    int port = TestHub.freePort();
    try (Rsyslog stranger =
            new Rsyslog(
                data.resolve("rsyslog"),
                port,
                TestCertificates.of("stranger"),
                TestCertificates.of("localhost"));
        TestHub hub = new TestHub(data, TestHub.freePort(), syslog(data, port)).start()) {
      hub.get("/fhir/Organization/RTH", hub.system());
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> behind(hub) > 0);
      hub.get("/fhir/Organization/RTH", hub.system());
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> behind(hub) > 1);
      assertThat(stranger.received()).isEmpty();
    }
  }

  /** Takes rows, but for those of the first answer that it is told to refuse. */
  private static Answer took(WebServer server, int most) {
    return exchange -> {
      Asked asked = server.asked.get(server.asked.size() - 1);
      ObjectNode answer = JSON.createObjectNode();
      answer.put("resourceType", "Bundle").put("type", "batch-response");
      var entries = answer.putArray("entry");
      int rows = JSON.readTree(asked.body()).path("entry").size();
      for (int i = 0; i < rows; i++) {
        entries
            .addObject()
            .putObject("response")
            .put("status", i < most ? "201 Created" : "500 Internal Server Error");
      }
      Answer.of(200, "application/fhir+json", JSON.writeValueAsBytes(answer)).to(exchange);
    };
  }

  @Test
  void aFhirRepositoryGetsAuditEventsInTheShapeOfBalp(@TempDir Path data) throws Exception {
    try (WebServer server = new WebServer();
        WebServer tokens = new WebServer()) {
      for (int i = 0; i < 3; i++) {
        tokens.answer(
            Answer.of(
                200,
                "application/json",
                ("{\"access_token\":\"t" + i + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}")
                    .getBytes(StandardCharsets.UTF_8)));
      }
      server.answer(Answer.of(401, null, new byte[0]));
      server.answer(Answer.of(503, null, new byte[0]));
      // One that begins to answer and does not go on holds nothing up for longer than it may.
      CountDownLatch end = new CountDownLatch(1);
      server.answer(
          exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
              end.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      server.answer(took(server, 1));
      for (int i = 0; i < 200; i++) {
        server.answer(took(server, 1000));
      }
      String feed = "--isocentre.audit.feeds[0].";
      try (TestHub hub =
          new TestHub(
                  data,
                  TestHub.freePort(),
                  feed + "name=fhir",
                  feed + "to=" + server.uri("/fhir"),
                  feed + "base=https://hub.example/fhir/",
                  feed + "period=100",
                  feed + "batch=2",
                  feed + "timeout=2s",
                  feed + "token-endpoint=" + tokens.uri("/token"),
                  feed + "client-id=hub",
                  feed + "client-secret=s",
                  "--isocentre.audit.seal-period=100")
              .start()) {
        hub.getWith(
            "/fhir/Organization/RTH",
            hub.token(Map.of("scope", "system/*.read", "client_id", "back-end")),
            "X-Request-Id",
            "r-1");
        hub.get("/fhir/Patient?identifier=9990000018&_count=7", hub.system());
        hub.get("/fhir/Organization/RJ1", hub.organisation("RJ1"));
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertThat(events(server))
                        .filteredOn(e -> about(e).endsWith("RJ1"))
                        .isNotEmpty());
        end.countDown();
      }
      assertThat(server.asked.get(0).authorization()).isEqualTo("Bearer t0");
      assertThat(server.asked.get(1).authorization()).isEqualTo("Bearer t1");
      List<JsonNode> events = events(server);
      JsonNode read =
          events.stream().filter(e -> about(e).endsWith("/RTH")).findFirst().orElseThrow();
      assertThat(about(read)).isEqualTo("https://hub.example/fhir/Organization/RTH");
      assertThat(read.at("/type/code").asText()).isEqualTo("rest");
      assertThat(read.at("/agent/0/who/identifier/value").asText()).isEqualTo("back-end");
      assertThat(read.at("/agent/0/network/address").asText()).isEqualTo("127.0.0.1");
      assertThat(read.path("entity").findValuesAsText("value")).contains("r-1");
      JsonNode search =
          events.stream()
              .filter(e -> e.at("/subtype/0/code").asText().equals("search-type"))
              .findFirst()
              .orElseThrow();
      assertThat(
              new String(
                  Base64.getDecoder().decode(search.at("/entity/0/query").asText()),
                  StandardCharsets.UTF_8))
          .isEqualTo("Patient?identifier&_count=7");
      assertThat(server.asked)
          .noneSatisfy(
              asked ->
                  assertThat(new String(asked.body(), StandardCharsets.UTF_8))
                      .contains("9990000018"));
      for (JsonNode event : events) {
        assertThat(ValidResources.validate(event.toString()))
            .noneMatch(m -> m.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal());
      }
    }
  }

  /** A search by POST asks in its body. */
  @Test
  void aSearchByPostIsNotedByItsNamesToo(@TempDir Path data) throws Exception {
    try (TestHub hub = new TestHub(data, TestHub.freePort()).start()) {
      hub.callAs(
          "application/x-www-form-urlencoded",
          "POST",
          "/fhir/Patient/_search",
          hub.system(),
          "identifier=9990000018&_count=3");
      JsonNode row = hub.search("AuditEvent?subtype=search&_count=5", hub.system()).get(0);
      assertThat(
              new String(
                  Base64.getDecoder().decode(row.at("/entity/0/query").asText()),
                  StandardCharsets.UTF_8))
          .isEqualTo("Patient?identifier&_count=3");
      assertThat(hub.search("AuditEvent?type=rest", hub.system())).isNotEmpty();
      assertThat(hub.search("AuditEvent?type=110112", hub.system())).isEmpty();
    }
  }

  private static List<JsonNode> events(WebServer server) throws java.io.IOException {
    List<JsonNode> events = new ArrayList<>();
    for (Asked asked : server.asked) {
      JSON.readTree(asked.body()).path("entry").forEach(e -> events.add(e.path("resource")));
    }
    return events;
  }

  private static String about(JsonNode event) {
    return event.at("/entity/0/what/reference").asText();
  }

  private static double behind(TestHub hub) {
    return hub.bean(MeterRegistry.class).get("isocentre.audit.feed.behind").gauge().value();
  }
}
