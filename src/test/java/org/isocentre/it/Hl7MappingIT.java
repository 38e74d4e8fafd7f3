package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages of each kind, from the MLLP port to FHIR. */
class Hl7MappingIT {
  private static final String BORN = "19740213";
  @TempDir static Path data;
  private static Pacs rth;
  private static TestHub hub;
  private static Ris ris;

  @BeforeAll
  static void start() throws Exception {
    rth = new Pacs();
    hub =
        new TestHub(
                data,
                0,
                "--isocentre.study.report-awaited-after=1ms",
                "--isocentre.trusts[0].hl7-senders[0].application=RIS",
                "--isocentre.trusts[0].hl7-senders[0].facility=RTH",
                "--isocentre.trusts[0].hl7-senders[0].accession[0]=OBR-19",
                "--isocentre.trusts[0].hl7-senders[0].accession[1]=IPC-1")
            .start();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    hub.close();
    rth.close();
  }

  private static void send(String type, String nhs, String... segments) throws Exception {
    String message = Ris.head(type) + Ris.pid(nhs, BORN) + String.join("\r", segments) + "\r";
    assertThat(Ris.code(ris.send(message))).isEqualTo("AA");
  }

  private static List<JsonNode> search(String query) {
    return hub.search(query, hub.system());
  }

  private static void eventually(org.awaitility.core.ThrowingRunnable holds) {
    await().atMost(Duration.ofSeconds(60)).untilAsserted(holds);
  }

  private static String occurrence(String placer) {
    return search("ServiceRequest?identifier=" + placer).get(0).path("occurrenceDateTime").asText();
  }

  @Test
  void anOrderItsAppointmentAndItsStatus() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    send(
        "OMI^O23",
        nhs,
        "ORC|NW|PM1|FM1",
        "TQ1|1||||||20261104081500||S",
        "OBR|1|PM1|FM1|MRHEAD^MR head",
        "IPC|AM1|RP1|1.2.826.0.1.77|SPS1|MR||||MRSCAN1");
    eventually(
        () -> {
          JsonNode order = search("ServiceRequest?identifier=PM1").get(0);
          assertThat(order.path("status").asText()).isEqualTo("active");
          assertThat(order.path("priority").asText()).isEqualTo("stat");
          assertThat(order.path("identifier").toString()).contains("AM1", "1.2.826.0.1.77");
        });
    send("SIU^S13", nhs, "SCH|AP1|AF1|||||||30|MIN|^^^20261105093000||||||||||||||Booked|PM1|FM1");
    eventually(() -> assertThat(occurrence("PM1")).startsWith("2026-11-05T09:30"));
    send("ORM^O01", nhs, "ORC|CA|PM1|FM1");
    eventually(
        () ->
            assertThat(search("ServiceRequest?identifier=PM1").get(0).path("status").asText())
                .isEqualTo("revoked"));
  }

  @Test
  void aReportHasVersionsAndItsStudyAwaitsItNoMore() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String study = Uid.random();
    rth.send(hub.dicom, Pacs.image(study, Uid.random(), new About(nhs, BORN, "AR1")));
    eventually(
        () ->
            assertThat(hub.study(study).get(0).path("meta").path("tag").toString())
                .contains("awaited"));
    String obr = "OBR|1|PR1|FR1|CTHEAD^CT head|||||||||||||||AR1||||||";
    send("ORU^R01", nhs, "ORC|RE", obr + "P", "OBX|1|FT|R||Size <5 mm \\T\\ stable\\.br\\Draft");
    eventually(() -> assertThat(search("DiagnosticReport?identifier=FR1")).hasSize(1));
    send(
        "MDM^T02",
        nhs,
        "TXA|1|RAD|TX|||||||||DR1|||FR1||LA",
        "OBX|1|TX|R||Size <5 mm \\T\\ stable. Done.");
    eventually(
        () ->
            assertThat(search("DiagnosticReport?identifier=FR1").get(0).path("status").asText())
                .isEqualTo("final"));
    eventually(
        () ->
            assertThat(search("DiagnosticReport?identifier=FR1").get(0).path("imagingStudy"))
                .hasSize(1));
    JsonNode report = search("DiagnosticReport?identifier=FR1").get(0);
    assertThat(report.path("conclusion").asText()).isEqualTo("Size <5 mm & stable. Done.");
    String path = "/fhir/DiagnosticReport/" + report.path("id").asText();
    List<JsonNode> versions = new ArrayList<>();
    hub.json(path + "/_history", hub.system())
        .path("entry")
        .forEach(e -> versions.add(e.path("resource")));
    assertThat(versions)
        .extracting(v -> v.path("status").asText())
        .containsExactly("final", "preliminary");
    JsonNode first =
        hub.json(
            path + "/_history/" + versions.get(1).path("meta").path("versionId").asText(),
            hub.system());
    assertThat(first.path("conclusion").asText()).isEqualTo("Size <5 mm & stable\nDraft");
    eventually(
        () ->
            assertThat(hub.study(study).get(0).path("meta").path("tag").toString())
                .doesNotContain("awaited"));
    assertThat(hub.get(path + "/_history", hub.patient(MainJobIT.nhsNumber())).statusCode())
        .isEqualTo(404);
  }
}
