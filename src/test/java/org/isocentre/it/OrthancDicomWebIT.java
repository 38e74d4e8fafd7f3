package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.isocentre.camel.dicomweb.DicomWebConstants;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.web.DicomWebException;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orthanc's DICOMweb plugin as a client of the hub, and as a server: STOW, QIDO, WADO. */
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

  @Test
  void orthancIsAskedByTheComponent(@TempDir Path data) throws Exception {
    Peer.requireFile(PLUGIN, "orthanc-dicomweb");
    About about = new About("9990000018", "19740213", "OW2");
    String study = Uid.random();
    Image image = Pacs.image(study, Uid.random(), about);
    try (Orthanc orthanc = new Orthanc(data);
        DefaultCamelContext context = new DefaultCamelContext()) {
      orthanc.start(
          Map.of("Plugins", List.of(PLUGIN.toString()), "DicomWeb", Map.of("Enable", true)));
      String service = "dicomweb:http://127.0.0.1:" + orthanc.http + "/dicom-web?operation=";
      List<Object> got = new ArrayList<>();
      context.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("direct:search")
                  .to(service + "search")
                  .split(body())
                  .process(
                      e ->
                          got.add(
                              e.getMessage().getBody(DataSet.class).string(Tag.StudyInstanceUID)));
              from("direct:metadata")
                  .to(service + "metadata")
                  .split(body())
                  .process(
                      e ->
                          got.add(
                              e.getMessage().getBody(DataSet.class).string(Tag.SOPInstanceUID)));
              from("direct:retrieve")
                  .to(service + "retrieve")
                  .split(body())
                  .process(e -> got.add(dataSet(e.getMessage().getBody(byte[].class))));
              from("direct:rendered").to(service + "rendered").convertBodyTo(byte[].class);
            }
          });
      context.start();
      ProducerTemplate template = context.createProducerTemplate();
      Exchange stored =
          template.request(service + "store", e -> e.getMessage().setBody(file(image)));
      assertThat(stored.getException()).isNull();
      assertThat(stored.getMessage().getHeader(DicomWebConstants.INSTANCE)).isEqualTo(image.uid());
      template.sendBody("direct:search", Map.of("AccessionNumber", "OW2"));
      Map<String, Object> one =
          Map.of(
              DicomWebConstants.STUDY,
              study,
              DicomWebConstants.SERIES,
              image.series(),
              DicomWebConstants.INSTANCE,
              image.uid());
      template.sendBodyAndHeaders("direct:metadata", null, one);
      template.sendBodyAndHeaders("direct:retrieve", null, one);
      assertThat(got.subList(0, 2)).containsExactly(study, image.uid());
      assertThat((byte[]) got.get(2)).isEqualTo(image.dataSet());
      byte[] picture = template.requestBodyAndHeaders("direct:rendered", null, one, byte[].class);
      assertThat(ImageIO.read(new ByteArrayInputStream(picture)).getWidth()).isEqualTo(32);
      // What is no object is refused, and told as such.
      Exchange refused =
          template.request(service + "store", e -> e.getMessage().setBody(new byte[200]));
      assertThat(refused.getException()).isInstanceOf(DicomWebException.class);
    }
  }

  private static byte[] dataSet(byte[] part10) throws IOException {
    int start = (int) FileMetaInformation.read(new ByteArrayInputStream(part10)).dataSetOffset();
    return Arrays.copyOfRange(part10, start, part10.length);
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
