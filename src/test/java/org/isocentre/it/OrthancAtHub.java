package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.Uid;

/** Orthanc as the PACS of a trust: it asks everything of the hub that it can ask. */
final class OrthancAtHub {
  static final String AE_TITLE = "RTHORTHANC";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final Orthanc orthanc;
  private final TestHub hub;
  private final String study = Uid.random();
  private final List<SampleObject> objects =
      SampleObject.inEach(SampleObject.everySyntaxOfDcmtk(), study);
  private final List<String> ids = new ArrayList<>();

  private OrthancAtHub(Orthanc orthanc, TestHub hub) {
    this.orthanc = orthanc;
    this.hub = hub;
  }

  /** The node of the first trust, the n-th of its application entities. */
  static List<String> node(int n, int port, boolean tls) {
    String entity = "--isocentre.trusts[0].application-entities[%d].".formatted(n);
    return List.of(
        entity + "ae-title=" + AE_TITLE,
        entity + "host=127.0.0.1",
        entity + "port=" + port,
        entity + "tls=" + tls);
  }

  /** Settings of this Orthanc, which knows the hub on that port. */
  static Map<String, Object> settings(int hubPort, boolean tls) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("DicomAet", AE_TITLE);
    settings.put(
        "DicomModalities",
        Map.of(
            "hub",
            Map.of(
                "AET",
                "ISOCENTRE",
                "Host",
                "127.0.0.1",
                "Port",
                hubPort,
                "UseDicomTls",
                tls,
                "AllowTranscoding",
                false)));
    return settings;
  }

  /** Sends a study, is committed to it, loses it, and has it moved back as it was. */
  static void losesAStudyAndHasItBack(Orthanc orthanc, TestHub hub) throws Exception {
    OrthancAtHub test = new OrthancAtHub(orthanc, hub);
    orthanc.post("/modalities/hub/echo", Map.of());
    test.sends();
    test.isCommittedTo();
    test.loses();
    test.findsAndRetrieves();
  }

  private void sends() throws Exception {
    for (SampleObject object : objects) {
      ids.add(orthanc.upload(object.file()));
    }
    orthanc.post("/modalities/hub/store", Map.of("Resources", ids, "Synchronous", true));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                hub.study(study).stream()
                    .anyMatch(s -> s.path("numberOfInstances").asInt() == objects.size()));
  }

  private void isCommittedTo() throws Exception {
    String transaction =
        orthanc
            .post("/modalities/hub/storage-commitment", Map.of("Resources", ids))
            .path("ID")
            .asText();
    String path = "/storage-commitment/" + transaction;
    await()
        .atMost(PATIENCE)
        .until(() -> orthanc.get(path).path("Status").asText().equals("Success"));
    assertThat(orthanc.get(path).path("Success").size()).isEqualTo(objects.size());
  }

  private void loses() throws Exception {
    for (String id : ids) {
      orthanc.delete("/instances/" + id);
    }
    assertThat(orthanc.get("/statistics").path("CountInstances").asInt()).isZero();
  }

  private void findsAndRetrieves() throws Exception {
    JsonNode query =
        orthanc.post(
            "/modalities/hub/query",
            Map.of("Level", "Study", "Query", Map.of("StudyInstanceUID", study)));
    String path = "/queries/" + query.path("ID").asText();
    assertThat(orthanc.get(path + "/answers").size()).isEqualTo(1);
    orthanc.post(path + "/retrieve", Map.of("TargetAet", AE_TITLE, "Synchronous", true));
    for (int i = 0; i < ids.size(); i++) {
      byte[] file = orthanc.bytes("/instances/" + ids.get(i) + "/file");
      assertThat(objects.get(i).sameIn(SampleObject.dataSetOf(file)))
          .as(objects.get(i).transferSyntaxUid())
          .isTrue();
    }
  }
}
