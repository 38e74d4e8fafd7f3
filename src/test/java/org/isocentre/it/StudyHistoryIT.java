package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an ImagingStudy was. */
class StudyHistoryIT {
  private static final String BORN = "19740213";
  @TempDir static Path directory;
  private static TestHub hub;
  private static Pacs rth;
  private static Ris ris;

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

  private static About about() {
    return new About(MainJobIT.nhsNumber(), BORN, "SH" + MainJobIT.nhsNumber());
  }

  private static List<JsonNode> history(String path, String token) {
    List<JsonNode> versions = new ArrayList<>();
    hub.json(path + "/_history", token)
        .path("entry")
        .forEach(e -> versions.add(e.path("resource")));
    return versions;
  }

  private static String version(JsonNode resource) {
    return resource.at("/meta/versionId").asText();
  }

  private static String path(Image image) {
    return "/fhir/ImagingStudy/"
        + Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(image.study()), l -> l.size() == 1)
            .get(0)
            .path("id")
            .asText();
  }

  /**
   * Its newest version is kept once the study is complete: until then it is not found when it is
   * old.
   */
  private static void awaitVersions(String path, int count) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(history(path, hub.system())).hasSize(count));
  }

  @Test
  void eachStateInWhichItWasCompleteCanBeRead() throws Exception {
    About about = about();
    String study = Uid.random();
    String series = Uid.random();
    Image first = Pacs.image(study, series, about);
    rth.send(hub.dicom, first);
    String path = path(first);
    hub.awaitKept(study);
    JsonNode one = hub.json(path, hub.system());
    assertThat(one.path("numberOfInstances").asInt()).isEqualTo(1);
    assertThat(history(path, hub.system())).hasSize(1);
    rth.send(hub.dicom, Pacs.image(study, series, about));
    awaitVersions(path, 2);
    hub.awaitKept(study);
    JsonNode two = hub.json(path, hub.system());
    // An order links it: it says so from then on.
    ris.send(Ris.order(about.patientId(), BORN, about.accession()));
    awaitVersions(path, 3);
    List<JsonNode> history = history(path, hub.system());
    assertThat(history.subList(1, 3))
        .extracting(StudyHistoryIT::version)
        .containsExactly(version(two), version(one));
    assertThat(history.get(0).path("basedOn").toString()).contains("ServiceRequest/");
    assertThat(history.get(1).path("basedOn").toString()).doesNotContain("ServiceRequest/");
    assertThat(history).allMatch(v -> !v.at("/series/0").has("instance"));
    JsonNode old = hub.json(path + "/_history/" + version(one), hub.patient(about.patientId()));
    assertThat(old).isEqualTo(one);
    assertThat(hub.get(path + "/_history/1", hub.system()).statusCode()).isEqualTo(404);
    String other = hub.patient(MainJobIT.nhsNumber());
    assertThat(hub.get(path + "/_history", other).statusCode()).isEqualTo(404);
    assertThat(hub.get(path + "/_history/" + version(one), other).statusCode()).isEqualTo(404);
  }

  @Test
  void aScopeForAPartShowsNoOlderVersion() throws Exception {
    About about = about();
    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    rth.send(hub.dicom, image);
    String path = path(image);
    hub.awaitKept(image.study());
    String old = version(hub.json(path, hub.system()));
    ris.send(Ris.order(about.patientId(), BORN, about.accession()));
    awaitVersions(path, 2);
    String part =
        hub.token(
            java.util.Map.of(
                "scope", "patient/ImagingStudy.rs?modality=CT", "nhs_number", about.patientId()));
    assertThat(history(path, part)).hasSize(1);
    assertThat(hub.get(path + "/_history/" + old, part).statusCode()).isEqualTo(404);
  }
}
