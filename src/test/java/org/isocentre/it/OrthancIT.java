package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orthanc as the trust that a study is forwarded to: there, away, refusing. */
class OrthancIT {
  private static final String BORN = "19740213";
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  @TempDir Path data;
  private final Pacs rth = new Pacs();
  private Orthanc orthanc;
  private TestHub hub;

  @BeforeEach
  void start() throws IOException {
    Peer.require("Orthanc", "orthanc");
    orthanc = new Orthanc(data);
    hub = new TestHub(Files.createDirectories(data.resolve("hub")), orthanc.dicom).start();
  }

  @AfterEach
  void stop() {
    if (hub != null) {
      hub.close();
    }
    rth.close();
    if (orthanc != null) {
      orthanc.close();
    }
  }

  private void startOrthanc(String aeTitle) throws IOException {
    orthanc.start(Map.of("DicomAet", aeTitle, "DicomCheckCalledAet", true));
  }

  private Image[] sendStudyWithOrder(int objects) throws Exception {
    About about = new About(MainJobIT.nhsNumber(), BORN, "ORTH" + objects);
    String study = Uid.random();
    String series = Uid.random();
    assertThat(
            Ris.code(new Ris(hub.mllp).send(Ris.order(about.patientId(), BORN, about.accession()))))
        .isEqualTo("AA");
    Image[] images = new Image[objects];
    for (int i = 0; i < objects; i++) {
      images[i] = Pacs.image(study, series, about);
    }
    assertThat(rth.send(hub.dicom, images)).hasSize(objects).containsOnly(0);
    return images;
  }

  private JsonNode awaitTransfer(String state) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> hub.json("/api/transfers", hub.system()),
            l -> l.size() == 1 && l.get(0).path("state").asText().equals(state))
        .get(0);
  }

  private void assertOrthancHas(int objects) throws Exception {
    JsonNode statistics = orthanc.get("/statistics");
    assertThat(statistics.path("CountStudies").asInt()).isEqualTo(1);
    assertThat(statistics.path("CountInstances").asInt()).isEqualTo(objects);
  }

  @Test
  void aStudyArrivesCompleteAndIsShownAsCompleted() throws Exception {
    startOrthanc("RJ1PACS");
    sendStudyWithOrder(12);
    JsonNode transfer = awaitTransfer("COMPLETED");
    assertThat(transfer.path("confirmed").asInt()).isEqualTo(12);
    assertOrthancHas(12);
    assertThat(hub.search("Task", hub.system()))
        .singleElement()
        .satisfies(t -> assertThat(t.at("/businessStatus/text").asText()).isEqualTo("Completed"));
  }

  @Test
  void whileItIsAwayTheTransferRetriesAndCompletesWhenItIsBack() throws Exception {
    sendStudyWithOrder(5);
    await()
        .atMost(PATIENCE)
        .until(
            () -> hub.json("/api/transfers", hub.system()),
            l -> l.size() == 1 && l.get(0).path("attempts").asInt() >= 2);
    assertThat(hub.json("/api/transfers", hub.system()).at("/0/state").asText())
        .isIn("REQUESTED", "IN_PROGRESS");
    startOrthanc("RJ1PACS");
    awaitTransfer("COMPLETED");
    assertOrthancHas(5);
  }

  @Test
  void whenItRefusesTheTransferFailsWithTheReasonAndOneCallRunsItAgain() throws Exception {
    startOrthanc("ANOTHER");
    sendStudyWithOrder(5);
    JsonNode failed = awaitTransfer("FAILED");
    assertThat(failed.path("lastError").asText()).containsIgnoringCase("called AE title");
    orthanc.stop();
    startOrthanc("RJ1PACS");
    assertThat(
            hub.call(
                    "POST",
                    "/api/transfers/" + failed.path("id").asText() + "/retry",
                    hub.system(),
                    "")
                .statusCode())
        .isEqualTo(202);
    awaitTransfer("COMPLETED");
    assertOrthancHas(5);
  }
}
