package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.web.WebServer;
import org.isocentre.dicom.web.WebServer.Answer;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A trust that speaks DICOMweb is sent studies by STOW-RS; here it is a second hub. */
class DicomWebTransferIT {
  private static final About ABOUT = new About("9990000018", "19700101", "DT1");

  private static List<String> service(TestHub other, WebServer tokens) {
    String trust = "--isocentre.trusts[1].";
    return List.of(
        trust + "forward-to[1]=ALL",
        trust + "dicomweb.url=http://127.0.0.1:" + other.http + "/dicomweb",
        trust + "dicomweb.token-endpoint=" + tokens.uri("/token"),
        trust + "dicomweb.client-id=hub",
        trust + "dicomweb.client-secret=secret",
        trust + "dicomweb.scope=system/ImagingStudy.c");
  }

  private static Answer token(String token) {
    return Answer.of(
        200,
        "application/json",
        "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3600}"
            .formatted(token)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String state(TestHub hub) {
    List<JsonNode> tasks = hub.search("Task", hub.system());
    return tasks.isEmpty() ? "" : tasks.get(0).path("status").asText();
  }

  @Test
  void aStudyComesWholeThroughRefusedTokensAndAnOutage(@TempDir Path data) throws Exception {
    try (WebServer tokens = new WebServer();
        Pacs pacs = new Pacs();
        TestHub other = new TestHub(data.resolve("other"), TestHub.freePort());
        TestHub hub = new TestHub(data.resolve("hub"), TestHub.freePort())) {
      hub.with(service(other, tokens)).start();
      // First the token server gives none; then the service is not there; then its token is no
      // good.
      tokens.answer(Answer.of(503, null, new byte[0]));
      tokens.answer(token("none-of-its-own"));
      String study = Uid.random();
      List<Image> images =
          List.of(
              Pacs.image(study, Uid.random(), ABOUT),
              Pacs.image(study, Uid.random(), ABOUT),
              Pacs.image(study, Uid.random(), ABOUT));
      assertThat(pacs.send(hub.dicom, images.toArray(Image[]::new))).containsOnly(0);
      await().atMost(Duration.ofSeconds(60)).until(() -> tokens.asked.size() == 2);

      String good = "system/ImagingStudy.c";
      other.start();
      tokens.answer(token(other.token(Map.of("scope", good, "ods_code", "RTH"))));
      await()
          .atMost(Duration.ofSeconds(90))
          .until(
              () ->
                  other.json("/dicomweb/studies/" + study + "/instances", other.system()).size()
                      == 3);
      await().atMost(Duration.ofSeconds(30)).until(() -> state(hub).equals("completed"));
      Set<String> sent = new TreeSet<>();
      images.forEach(i -> sent.add(i.uid()));
      Set<String> came = new TreeSet<>();
      other
          .json("/dicomweb/studies/" + study + "/instances", other.system())
          .forEach(o -> came.add(o.at("/00080018/Value/0").asText()));
      assertThat(came).isEqualTo(sent);
      // Bit for bit: the other hub's hash of the data set is that of this hub.
      byte[] here = frame(hub, study, images.get(0));
      assertThat(frame(other, study, images.get(0))).isEqualTo(here);
      assertThat(tokens.asked).hasSize(3);
      assertThat(new String(tokens.asked.get(2).body(), StandardCharsets.US_ASCII))
          .contains("grant_type=client_credentials");
      // Its place is in the directory.
      JsonNode endpoint = hub.json("/fhir/Endpoint/web-RJ1", hub.system());
      assertThat(endpoint.at("/connectionType/code").asText()).isEqualTo("dicom-stow-rs");
    }
  }

  private static byte[] frame(TestHub hub, String study, Image image) throws Exception {
    return hub.getWith(
            "/dicomweb/studies/%s/series/%s/instances/%s/frames/1"
                .formatted(study, image.series(), image.uid()),
            hub.system(),
            "Accept",
            "application/octet-stream")
        .body();
  }

  @Test
  void whatTheServiceWillNotTakeIsNotSentForEver(@TempDir Path data) throws Exception {
    try (WebServer service = new WebServer();
        Pacs pacs = new Pacs();
        TestHub hub = new TestHub(data, TestHub.freePort())) {
      hub.with(
              List.of(
                  "--isocentre.trusts[1].forward-to[1]=ALL",
                  "--isocentre.trusts[1].dicomweb.url=" + service.uri("/dw")))
          .start();
      String failed =
          "{\"00081198\":{\"vr\":\"SQ\",\"Value\":[{\"00081197\":{\"vr\":\"US\",\"Value\":[%d]}}]}}";
      // Out of resources is tried again; cannot understand is not.
      for (int reason : new int[] {0xa700, 0xc000}) {
        service.answer(
            Answer.of(
                409,
                "application/dicom+json",
                failed.formatted(reason).getBytes(StandardCharsets.US_ASCII)));
      }
      assertThat(pacs.send(hub.dicom, Pacs.image(Uid.random(), Uid.random(), ABOUT)))
          .containsOnly(0);
      await().atMost(Duration.ofSeconds(60)).until(() -> state(hub).equals("failed"));
      assertThat(service.asked).hasSize(2);
      String task = hub.search("Task", hub.system()).get(0).toString();
      assertThat(task).contains("C000");
    }
  }

  @Test
  void aServiceIsReachedByHttpsWithTheHubsOwnTrust(@TempDir Path data) throws Exception {
    TestCertificates certificate = TestCertificates.of("localhost");
    Path keys = data.resolve("https.p12");
    Path trust = data.resolve("trust.p12");
    certificate.save(keys, "changeit");
    certificate.saveTrusted(trust, "changeit");
    try (WebServer tokens = new WebServer();
        Pacs pacs = new Pacs();
        TestHub other =
            new TestHub(
                data.resolve("other"),
                TestHub.freePort(),
                "--server.ssl.key-store=" + keys,
                "--server.ssl.key-store-password=changeit");
        TestHub hub =
            new TestHub(
                data.resolve("hub"),
                TestHub.freePort(),
                "--isocentre.dicom.tls.trust-store=" + trust,
                "--isocentre.dicom.tls.trust-store-password=changeit",
                "--isocentre.trusts[1].dicomweb.hub-tls=true")) {
      other.start();
      List<String> service = new ArrayList<>(service(other, tokens));
      service.replaceAll(s -> s.replace("url=http://127.0.0.1", "url=https://localhost"));
      hub.with(service).start();
      tokens.answer(
          token(other.token(Map.of("scope", "system/ImagingStudy.c", "ods_code", "RTH"))));
      Image image = Pacs.image(Uid.random(), Uid.random(), ABOUT);
      assertThat(pacs.send(hub.dicom, image)).containsOnly(0);
      await().atMost(Duration.ofSeconds(60)).until(() -> state(hub).equals("completed"));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  other
                          .bean(JdbcClient.class)
                          .sql("select count(*) from instance where sop_instance_uid = ?")
                          .param(image.uid())
                          .query(Long.class)
                          .single()
                      == 1);
    }
  }
}
