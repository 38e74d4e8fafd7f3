package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of searches, while what is searched changes, and by whom they can be used. */
class FhirPagesIT {
  private static final String NHS_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number%7C";
  private static final String BORN = "19740213";
  @TempDir static Path data;
  private static Pacs rth;
  private static TestHub hub;

  @BeforeAll
  static void start() throws Exception {
    rth = new Pacs();
    hub = new TestHub(data, TestHub.freePort(), "--isocentre.fhir.max-included=2").start();
    for (int i = 0; i < 7; i++) {
      rth.send(
          hub.dicom,
          Pacs.image(Uid.random(), Uid.random(), new About(MainJobIT.nhsNumber(), BORN, "B" + i)));
    }
    await().atMost(Duration.ofSeconds(40)).until(() -> total("/fhir/ImagingStudy?_count=1") == 7);
  }

  @AfterAll
  static void stop() {
    hub.close();
    rth.close();
  }

  @Test
  void whatComesOrChangesMeanwhileMakesNoDoubleAndNoGap() throws Exception {
    String mine = MainJobIT.nhsNumber();
    List<String> first = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      first.add(Uid.random());
      rth.send(hub.dicom, Pacs.image(first.get(i), Uid.random(), new About(mine, BORN, "C" + i)));
    }
    String query = "/fhir/ImagingStudy?patient.identifier=" + NHS_SYSTEM + mine;
    await().atMost(Duration.ofSeconds(20)).until(() -> total(query) == 5);
    JsonNode page = hub.json(query + "&_count=2", hub.system());
    List<String> seen = new ArrayList<>(ids(page));
    // One more comes, and all that are there change.
    rth.send(hub.dicom, Pacs.image(Uid.random(), Uid.random(), new About(mine, BORN, "C9")));
    for (String study : first) {
      rth.send(hub.dicom, Pacs.image(study, Uid.random(), new About(mine, BORN, "")));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> total(query + "&_lastUpdated=gt2020") == 6);
    for (String next = next(page); next != null; next = next(page)) {
      page = hub.json(next, hub.system());
      seen.addAll(ids(page));
    }
    assertThat(seen).doesNotHaveDuplicates().hasSizeBetween(5, 6);
    assertThat(seen)
        .containsAll(first.stream().map(uid -> hub.study(uid).get(0).path("id").asText()).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"started", "-started", "_lastUpdated", "-_lastUpdated,started", "_id", "-_id"})
  void sortedPagesHoldEachOnceAndInOrder(String sort) {
    List<String> whole = ids(hub.json("/fhir/ImagingStudy?_count=100&_sort=" + sort, hub.system()));
    List<String> seen = new ArrayList<>();
    String path = "/fhir/ImagingStudy?_count=2&_sort=" + sort;
    while (path != null) {
      JsonNode page = hub.json(path, hub.system());
      seen.addAll(ids(page));
      path = next(page);
    }
    assertThat(seen).isEqualTo(whole).hasSizeGreaterThanOrEqualTo(7);
  }

  /** Three of a patient's four studies are kept from RJ1. */
  @Test
  void whatIsHiddenTakesNoRoomOfWhatIsIncluded() throws Exception {
    String mine = MainJobIT.nhsNumber();
    for (int i = 0; i < 4; i++) {
      rth.send(hub.dicom, Pacs.image(Uid.random(), Uid.random(), new About(mine, BORN, "D" + i)));
    }
    String query = "/fhir/ImagingStudy?patient.identifier=" + NHS_SYSTEM + mine;
    await().atMost(Duration.ofSeconds(20)).until(() -> total(query) == 4);
    JsonNode studies = hub.json(query + "&_sort=_id", hub.system());
    String patient = studies.at("/entry/0/resource/subject/reference").asText();
    for (int i = 0; i < 3; i++) {
      deny(patient, studies.at("/entry/" + i + "/resource/id").asText());
    }
    String included =
        "/fhir/Patient?_id=" + patient.substring(8) + "&_revinclude=ImagingStudy:patient";
    JsonNode seen = hub.json(included, hub.organisation("RJ1"));
    assertThat(ids(seen))
        .containsExactly(patient.substring(8), studies.at("/entry/3/resource/id").asText());
    assertThat(seen.toString()).doesNotContain("ISO-FHIR-044");
    assertThat(hub.json(included, hub.system()).toString()).contains("ISO-FHIR-044");
  }

  private static void deny(String patient, String study) throws Exception {
    String consent =
        """
        {"resourceType":"Consent","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]},
         "provision":{"type":"deny","actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},
          "reference":{"reference":"Organization/RJ1"}}],
          "data":[{"meaning":"instance","reference":{"reference":"ImagingStudy/%s"}}]}}"""
            .formatted(patient, study);
    assertThat(hub.call("POST", "/fhir/Consent", hub.system(), consent).statusCode())
        .isEqualTo(201);
  }

  @Test
  void pagesBelongToWhoSearched() throws Exception {
    String next = next(hub.json("/fhir/ImagingStudy?_count=2", hub.system()));
    var other = hub.get(next, hub.organisation("RTH"));
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(new String(other.body(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("ISO-FHIR-004");
    assertThat(next).doesNotContain("ImagingStudy?_count");
    assertThat(hub.get(next.replace("ImagingStudy", "Patient"), hub.system()).statusCode())
        .isEqualTo(400);
    char[] forged = next.toCharArray();
    forged[next.length() - 8] = forged[next.length() - 8] == 'A' ? 'B' : 'A';
    assertThat(hub.get(new String(forged), hub.system()).statusCode()).isEqualTo(400);
  }

  private static int total(String query) {
    return hub.json(query, hub.system()).path("total").asInt();
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.path("entry").forEach(e -> ids.add(e.at("/resource/id").asText()));
    return ids;
  }

  static String next(JsonNode page) {
    for (JsonNode link : page.path("link")) {
      if (link.path("relation").asText().equals("next")) {
        URI next = URI.create(link.path("url").asText().replace("|", "%7C"));
        return next.getRawPath() + "?" + next.getRawQuery();
      }
    }
    return null;
  }
}
