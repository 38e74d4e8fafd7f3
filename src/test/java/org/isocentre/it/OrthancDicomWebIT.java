package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orthanc's DICOMweb plugin as a client of the hub: STOW, QIDO, WADO. */
class OrthancDicomWebIT {
  private static final Path PLUGIN = Path.of("/usr/share/orthanc/plugins/libOrthancDicomWeb.so");

  @Test
  void orthancStoresFindsAndTakesBack(@TempDir Path data) throws Exception {
    Peer.requireFile(PLUGIN, "orthanc-dicomweb");
    try (TestHub hub = new TestHub(data.resolve("hub"), TestHub.freePort());
        Orthanc orthanc = new Orthanc(data)) {
      hub.start();
      String token = hub.token(Map.of("scope", "system/*.read system/*.write", "ods_code", "RTH"));
      orthanc.start(
          Map.of(
              "Plugins",
              List.of(PLUGIN.toString()),
              "DicomWeb",
              Map.of(
                  "Enable",
                  true,
                  "Servers",
                  Map.of(
                      "hub",
                      Map.of(
                          "Url",
                          "http://127.0.0.1:" + hub.http + "/dicomweb/",
                          "HttpHeaders",
                          Map.of("Authorization", "Bearer " + token))))));
      About about = new About("9990000018", "19740213", "OW1");
      String study = Uid.random();
      List<Image> images =
          List.of(
              Pacs.image(study, Uid.random(), about),
              Pacs.image(study, Uid.random(), about),
              Pacs.image(study, Uid.random(), about));
      List<String> ids = new java.util.ArrayList<>();
      for (Image image : images) {
        ids.add(orthanc.upload(file(image)));
      }
      orthanc.post("/dicom-web/servers/hub/stow", Map.of("Resources", ids, "Synchronous", true));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> hub.json("/dicomweb/studies/" + study + "/instances", token).size() == 3);

      JsonNode found =
          orthanc.post(
              "/dicom-web/servers/hub/qido",
              Map.of("Uri", "/studies", "Arguments", Map.of("AccessionNumber", "OW1")));
      assertThat(found).hasSize(1);
      assertThat(found.toString()).contains(study);

      for (String id : ids) {
        orthanc.delete("/instances/" + id);
      }
      assertThat(orthanc.get("/instances")).isEmpty();
      orthanc.post(
          "/dicom-web/servers/hub/retrieve",
          Map.of("Resources", List.of(Map.of("Study", study)), "Synchronous", true));
      assertThat(orthanc.get("/instances")).hasSize(3);
    }
  }

  private static byte[] file(Image image) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(
        new FileMetaInformation(image.sopClass(), image.uid(), Uid.EXPLICIT_VR_LITTLE_ENDIAN, null)
            .encode());
    file.writeBytes(image.dataSet());
    return file.toByteArray();
  }
}
