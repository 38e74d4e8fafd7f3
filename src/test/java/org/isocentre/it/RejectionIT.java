package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.data.Uid;
import org.isocentre.index.RejectionIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a custodian takes back by a note is shown and sent no more, whoever asks by which way. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RejectionIT {
  private static final String BORN = "19740213";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String WRONG_PERSON = "113038";
  @TempDir static Path data;
  private static Pacs rth;
  private static Pacs rj1;
  private static TestHub hub;
  private final String nhs = MainJobIT.nhsNumber();
  private final About about = new About(nhs, BORN, "");
  private final String study = Uid.random();
  private final String series = Uid.random();
  private final String note = Uid.random();

  @BeforeAll
  static void start() throws Exception {
    rth = new Pacs();
    rj1 = new Pacs();
    hub = new TestHub(data, rj1.listen(0)).start();
  }

  @AfterAll
  static void stop() {
    hub.close();
    rth.close();
    rj1.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"113001", "113037", WRONG_PERSON, "113039"})
  void whatIsRejectedIsShownNoMore(String reason) throws Exception {
    Image right = image();
    Image wrong = Pacs.image(study, Uid.random(), about);
    send(right, wrong);
    awaitInstances(2);
    hub.awaitKept(study);

    send(Pacs.rejection(note, reason, about, wrong));
    awaitInstances(1);
    shows(List.of(right), List.of(wrong));
    JsonNode shown = hub.study(study).get(0);
    // The version that lists it is not to be had, either.
    assertThat(history(shown).path("entry")).hasSize(1);
    assertThat(shown.path("status").asText()).isEqualTo("available");
    assertThat(shown.path("numberOfSeries").asInt()).isEqualTo(1);
    assertThat(shown.at("/modality")).hasSize(1);
    assertThat(shown.at("/modality/0/code").asText()).isEqualTo("CT");
    assertThat(hub.search("AuditEvent?subtype=reject", hub.patient(nhs)))
        .hasSize(1)
        .allMatch(e -> e.path("agent").findValuesAsText("value").contains("RTH"));
  }

  @Test
  void aStudyOfWhichAllIsRejectedIsCancelled() throws Exception {
    Image one = image();
    Image two = image();
    send(one, two);
    awaitInstances(2);
    send(Pacs.rejection(note, WRONG_PERSON, about, one, two));
    awaitInstances(0);
    JsonNode shown = hub.study(study).get(0);
    assertThat(shown.path("status").asText()).isEqualTo("cancelled");
    assertThat(shown.path("series")).isEmpty();
    shows(List.of(), List.of(one, two));
    assertThat(hub.search("ImagingStudy?status=available", hub.patient(nhs))).isEmpty();
    assertThat(hub.search("ImagingStudy?status=cancelled", hub.patient(nhs))).hasSize(1);
    assertThat(hub.get("/dicomweb/studies/" + study, hub.patient(nhs)).statusCode()).isEqualTo(404);
    assertThat(hub.json("/dicomweb/studies?StudyInstanceUID=" + study, hub.patient(nhs))).isEmpty();
    assertThat(hub.search("ImagingStudy?instance=urn:oid:" + one.uid(), hub.patient(nhs)))
        .isEmpty();
  }

  /** The order in which note and objects come does not matter. */
  @Test
  void whatComesAfterItsNoteIsRejectedToo() throws Exception {
    Image right = image();
    Image wrong = image();
    send(right);
    awaitInstances(1);
    send(Pacs.rejection(note, WRONG_PERSON, about, wrong));
    await().atMost(SOON).until(() -> rejections().size() == 1);
    send(wrong, image());
    awaitInstances(2);
    shows(List.of(right), List.of(wrong));
  }

  @Test
  void aNoteOfAnotherTrustRejectsNothing() throws Exception {
    Image image = image();
    send(image);
    awaitInstances(1);
    rth.sendAs("RJ1PACS", hub.dicom, Pacs.rejection(note, WRONG_PERSON, about, image));
    await().atMost(SOON).until(() -> rejections().size() == 1);
    shows(List.of(image), List.of());
    assertThat(rejections().get(0).custodian()).isEqualTo("RJ1");
  }

  @Test
  void aNoteAboutAnotherPatientRejectsNothing() throws Exception {
    Image image = image();
    send(image);
    awaitInstances(1);
    About other = new About(MainJobIT.nhsNumber(), "19800101", "");
    send(Pacs.rejection(note, WRONG_PERSON, other, image));
    String id = hub.study(study).get(0).path("id").asText();
    await()
        .atMost(SOON)
        .until(
            () ->
                hub.json("/api/reviews?limit=1000", hub.system())
                    .findValuesAsText("studyId")
                    .contains(id));
    assertThat(rejections()).isEmpty();
    shows(List.of(image), List.of());
  }

  @Test
  void aSelectionForAnotherReasonIsAnObjectLikeOthers() throws Exception {
    Image image = image();
    send(image);
    awaitInstances(1);
    send(Pacs.rejection(note, "113000", about, image));
    awaitInstances(2);
    assertThat(rejections()).isEmpty();
    shows(List.of(image), List.of());
  }

  @Test
  void aNoteCanBeUndoneAndStaysSo() throws Exception {
    Image one = image();
    Image two = image();
    send(one, two);
    awaitInstances(2);
    Image both = Pacs.rejection(note, WRONG_PERSON, about, one, two);
    Image second = Pacs.rejection(Uid.random(), "113037", about, two);
    send(both, second);
    await().atMost(SOON).until(() -> rejections().size() == 2);
    awaitInstances(0);
    String id =
        rejections().stream()
            .filter(r -> r.sopInstanceUid().equals(note))
            .findFirst()
            .orElseThrow()
            .id()
            .toString();
    String undo = "/api/rejections/" + id + "/undo";
    assertThat(hub.call("POST", undo, hub.organisation("RTH"), null).statusCode()).isEqualTo(403);
    assertThat(hub.call("POST", undo, hub.patient(nhs), null).statusCode()).isEqualTo(403);
    assertThat(hub.call("POST", undo, hub.system(), null).statusCode()).isEqualTo(200);
    awaitInstances(1);
    shows(List.of(one), List.of(two));
    // Once more does not reject again what a person took back; a retry of a sender is no new note.
    send(both, image());
    awaitInstances(2);
    shows(List.of(one), List.of(two));
    assertThat(hub.call("POST", undo, hub.system(), null).statusCode()).isEqualTo(404);
    assertThat(hub.json("/api/rejections", hub.system()).toString()).contains(id);
  }

  /** A trust that has a copy gets the note, and no copy of what was rejected before it was sent. */
  @Test
  void whoHasACopyGetsTheNote() throws Exception {
    Image sent = image();
    send(sent);
    awaitInstances(1);
    TransferIndex transfers = hub.bean(TransferIndex.class);
    java.util.UUID id = java.util.UUID.fromString(hub.study(study).get(0).path("id").asText());
    await().atMost(SOON).until(() -> request() == 200);
    await().atMost(SOON).until(() -> rj1.received.containsKey(sent.uid()));
    Image late = image();
    send(Pacs.rejection(note, WRONG_PERSON, about, sent, late));
    await().atMost(SOON).until(() -> rejections().size() == 1);
    send(late);
    Image good = image();
    send(good);
    awaitInstances(1);
    await().atMost(SOON).until(() -> request() == 200);
    await()
        .atMost(SOON)
        .until(() -> rj1.received.containsKey(note) && rj1.received.containsKey(good.uid()));
    assertThat(rj1.received).doesNotContainKey(late.uid());
    await()
        .atMost(SOON)
        .until(
            () ->
                transfers.ofStudies(java.util.Set.of(id)).stream()
                    .allMatch(t -> t.state().name().equals("COMPLETED")));
  }

  private int request() throws Exception {
    String id = hub.study(study).get(0).path("id").asText();
    return hub.call(
            "POST",
            "/fhir/ImagingStudy/" + id + "/$request-transfer",
            hub.system(),
            """
            {"resourceType":"Parameters","parameter":[{"name":"destination",
             "valueReference":{"reference":"Organization/RJ1"}}]}""")
        .statusCode();
  }

  private Image image() {
    return Pacs.image(study, series, about);
  }

  private static void send(Image... images) throws Exception {
    assertThat(rth.send(hub.dicom, images)).containsOnly(0);
  }

  private List<RejectionIndex.Rejection> rejections() {
    return hub
        .bean(RejectionIndex.class)
        .list(new org.isocentre.index.PageRequest(0, 1000))
        .stream()
        .filter(r -> r.sopInstanceUid().equals(note) || studyOf(r))
        .toList();
  }

  private boolean studyOf(RejectionIndex.Rejection r) {
    return hub.study(study).stream()
        .anyMatch(s -> s.path("id").asText().equals(r.studyId().toString()));
  }

  private void awaitInstances(int count) {
    await()
        .atMost(SOON)
        .until(
            () ->
                hub.study(study).stream()
                        .mapToInt(s -> s.path("numberOfInstances").asInt())
                        .max()
                        .orElse(-1)
                    == count);
  }

  /** By FHIR, QIDO-RS, WADO-RS and C-FIND. */
  private void shows(List<Image> shown, List<Image> hidden) throws Exception {
    String own = hub.patient(nhs);
    List<String> found = new ArrayList<>();
    for (JsonNode study : hub.study(study)) {
      JsonNode whole = hub.json("/fhir/ImagingStudy/" + study.path("id").asText(), hub.system());
      whole.findValuesAsText("uid").forEach(found::add);
      history(study).findValuesAsText("uid").forEach(found::add);
    }
    for (Image image : shown) {
      assertThat(found).as("FHIR").contains(image.uid());
      assertThat(rth.instances(hub.dicom, study, image.series()))
          .as("C-FIND")
          .contains(image.uid());
      assertThat(retrieve(image, own)).as("WADO-RS").isEqualTo(200);
    }
    for (Image image : hidden) {
      assertThat(found).as("FHIR").doesNotContain(image.uid());
      assertThat(rth.instances(hub.dicom, study, image.series()))
          .as("C-FIND")
          .doesNotContain(image.uid());
      assertThat(retrieve(image, own)).as("WADO-RS").isEqualTo(404);
      assertThat(retrieve(image, hub.system())).as("WADO-RS").isEqualTo(404);
      assertThat(hub.search("ImagingStudy?instance=urn:oid:" + image.uid(), hub.system()))
          .isEmpty();
    }
  }

  private static JsonNode history(JsonNode study) {
    return hub.json("/fhir/ImagingStudy/" + study.path("id").asText() + "/_history", hub.system());
  }

  private static int retrieve(Image image, String token) throws Exception {
    return hub.get(
            "/dicomweb/studies/%s/series/%s/instances/%s"
                .formatted(image.study(), image.series(), image.uid()),
            token)
        .statusCode();
  }
}
