package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person says who it is whom a scan with a mistyped birth date is of. */
class IdentityDecisionIT {
  private static final String BORN = "19740213";
  private static final String MISTYPED = "19470213";
  @TempDir static Path directory;
  private static TestHub hub;
  private static Pacs rth;
  private static Ris ris;
  private final String nhs = MainJobIT.nhsNumber();
  private final String accession = "ID" + MainJobIT.nhsNumber();

  @BeforeAll
  static void start() {
    hub = new TestHub(directory, TestHub.freePort()).start();
    rth = new Pacs();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    rth.close();
    hub.close();
  }

  private static JsonNode study(Image image) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> hub.study(image.study()), l -> l.size() == 1)
        .get(0);
  }

  private static String subject(JsonNode resource) {
    return resource.at("/subject/reference").asText();
  }

  private int seen() {
    return hub.search("ImagingStudy", hub.patient(nhs)).size();
  }

  private static HttpResponse<byte[]> call(String path, String token, String parameters)
      throws Exception {
    return hub.call(
        "POST",
        "/fhir/" + path,
        token,
        "{\"resourceType\":\"Parameters\",\"parameter\":[" + parameters + "]}");
  }

  private static final String WHY = "{\"name\":\"why\",\"valueString\":\"birth date mistyped\"}";

  private static String same(String patient) {
    return "{\"name\":\"patient\",\"valueReference\":{\"reference\":\"" + patient + "\"}}," + WHY;
  }

  private void awaitReport(String study, boolean attached) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        hub
                            .search("DiagnosticReport?identifier=" + accession, hub.system())
                            .stream()
                            .anyMatch(r -> r.path("imagingStudy").toString().contains(study)))
                    .isEqualTo(attached));
  }

  /** The order's number was never given to the scanner. */
  @Test
  void aPersonLinksAStudyToTheOrderThatItAnswers() throws Exception {
    ris.send(Ris.order(nhs, BORN, accession));
    ris.send(Ris.report(nhs, BORN, accession, "Nothing seen."));
    Image scan = Pacs.image(Uid.random(), Uid.random(), new About(nhs, BORN, ""));
    rth.send(hub.dicom, scan);
    String path = "ImagingStudy/" + study(scan).path("id").asText();
    String order =
        "ServiceRequest/"
            + Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                    () -> hub.search("ServiceRequest?identifier=" + accession, hub.system()),
                    l -> l.size() == 1)
                .get(0)
                .path("id")
                .asText();
    String parameters =
        "{\"name\":\"order\",\"valueReference\":{\"reference\":\"" + order + "\"}}," + WHY;
    String trust = hub.token(Map.of("scope", "system/*.cruds", "ods_code", "RTH"));
    assertThat(call(path + "/$link-order", trust, parameters).statusCode()).isEqualTo(403);
    assertThat(call(path + "/$link-order", hub.system(), WHY).statusCode()).isEqualTo(400);
    HttpResponse<byte[]> linked = call(path + "/$link-order", hub.system(), parameters);
    assertThat(linked.statusCode())
        .as(new String(linked.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    assertThat(study(scan).path("basedOn").toString()).contains(order);
    awaitReport(path, true);
    assertThat(call(path + "/$link-order", hub.system(), parameters).statusCode()).isEqualTo(409);
    // Neither a later message nor a later object undoes it.
    ris.send(Ris.order(nhs, BORN, accession).replace("CTHEAD", "CTNECK"));
    rth.send(hub.dicom, Pacs.image(scan.study(), Uid.random(), new About(nhs, BORN, "")));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                study(scan).path("numberOfInstances").asInt() == 2
                    && hub.json("/fhir/" + order, hub.system()).toString().contains("CTNECK"));
    hub.awaitKept(scan.study());
    assertThat(study(scan).path("basedOn").toString()).contains(order);
    // Whoever asked gets it, as with any other link.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !hub.search("Task?focus=" + path, hub.system()).isEmpty());

    Image other =
        Pacs.image(Uid.random(), Uid.random(), new About(MainJobIT.nhsNumber(), BORN, ""));
    rth.send(hub.dicom, other);
    String elsewhere = "ImagingStudy/" + study(other).path("id").asText();
    assertThat(call(elsewhere + "/$link-order", hub.system(), parameters).statusCode())
        .isEqualTo(409);
    assertThat(call(path + "/$unlink-order", hub.system(), parameters).statusCode()).isEqualTo(200);
    assertThat(study(scan).path("basedOn").toString()).doesNotContain(order);
    awaitReport(path, false);
    assertThat(call(path + "/$unlink-order", hub.system(), parameters).statusCode()).isEqualTo(409);
  }

  /** No source says that the local number and the NHS number are one person's. */
  @Test
  void aScanOfALocalNumberIsMergedWithTheOrderOfAnNhsNumber() throws Exception {
    ris.send(Ris.order(nhs, BORN, accession));
    Image scan = Pacs.image(Uid.random(), Uid.random(), new About("L" + nhs, BORN, accession));
    rth.send(hub.dicom, scan);
    String local = subject(study(scan));
    String patient =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> hub.search("ServiceRequest?identifier=" + accession, hub.system()),
                l -> l.size() == 1)
            .get(0)
            .at("/subject/reference")
            .asText();
    assertThat(seen()).isZero();
    assertThat(call(local + "/$same-person-as", hub.system(), same(patient)).statusCode())
        .isEqualTo(200);
    assertThat(seen()).isEqualTo(1);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> study(scan).path("basedOn").toString().contains("ServiceRequest/"));
    assertThat(hub.json("/fhir/" + local, hub.system()).at("/link/0/type").asText())
        .isEqualTo("replaced-by");
    assertThat(call(local + "/$undo-merge", hub.system(), WHY).statusCode()).isEqualTo(200);
    assertThat(seen()).isZero();
  }

  @Test
  void aScanWithAMistypedBirthDateIsItsPatientsOnceAPersonSaysSo() throws Exception {
    ris.send(Ris.head("ADT^A28") + Ris.pid(nhs, BORN));
    ris.send(Ris.order(nhs, BORN, accession));
    String patient =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> hub.search("ServiceRequest?identifier=" + accession, hub.system()),
                l -> l.size() == 1)
            .get(0)
            .at("/subject/reference")
            .asText();
    Image scan = Pacs.image(Uid.random(), Uid.random(), new About(nhs, MISTYPED, accession));
    rth.send(hub.dicom, scan);
    String record = subject(study(scan));
    assertThat(record).isNotEqualTo(patient);
    assertThat(seen()).isZero();
    assertThat(hub.json("/api/reviews", hub.system()).toString())
        .contains(record.substring("Patient/".length()));

    for (String token :
        new String[] {
          hub.patient(nhs),
          hub.token(Map.of("scope", "system/*.cruds", "ods_code", "RTH")),
          hub.token(Map.of("scope", "system/*.rs"))
        }) {
      assertThat(call(record + "/$same-person-as", token, same(patient)).statusCode())
          .isEqualTo(403);
    }
    assertThat(call(record + "/$same-person-as", hub.system(), WHY).statusCode()).isEqualTo(400);
    assertThat(call(record + "/$same-person-as", hub.system(), same("Patient/1")).statusCode())
        .isEqualTo(409);
    HttpResponse<byte[]> decided = call(record + "/$same-person-as", hub.system(), same(patient));
    assertThat(decided.statusCode())
        .as(new String(decided.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    assertThat(subject(study(scan))).isEqualTo(patient);
    assertThat(seen()).isEqualTo(1);
    // What its number says is believed now, too.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> study(scan).path("basedOn").toString().contains("ServiceRequest/"));
    Image next = Pacs.image(Uid.random(), Uid.random(), new About(nhs, MISTYPED, ""));
    rth.send(hub.dicom, next);
    assertThat(subject(study(next))).isEqualTo(patient);

    assertThat(call(record + "/$undo-same-person-as", hub.system(), WHY).statusCode())
        .isEqualTo(200);
    assertThat(subject(study(scan))).isEqualTo(record);
    assertThat(hub.get("/dicomweb/studies/" + scan.study(), hub.patient(nhs)).statusCode())
        .isEqualTo(404);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !study(scan).path("basedOn").toString().contains("ServiceRequest/"));
    assertThat(call(record + "/$undo-same-person-as", hub.system(), WHY).statusCode())
        .isEqualTo(409);
    assertThat(hub.search("AuditEvent?_count=100&entity-type=Patient", hub.system()).toString())
        .contains("same-person-as")
        .contains("undo-same-person-as");
  }
}
