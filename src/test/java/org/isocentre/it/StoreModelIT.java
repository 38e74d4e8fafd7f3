package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** STOW-RS of metadata with bulk data (PS3.18 §10.5.1). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreModelIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STUDY = "1.2.826.0.1.3680043.10.999.1";
  private static final String SERIES = STUDY + ".1";
  private static final String INSTANCE =
      "/dicomweb/studies/" + STUDY + "/series/" + SERIES + "/instances/" + SERIES + ".1";

  private TestHub hub;
  private Path spool;
  private String token;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    hub = new TestHub(data, TestHub.freePort()).start();
    spool = data.resolve("spool");
    token = trust();
    try (Pacs pacs = new Pacs()) {
      pacs.send(
          hub.dicom,
          Pacs.image(
              STUDY, SERIES, SERIES + ".1", new About("9990000018", "19740213", "SM1"), 32, 1));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> hub.get(INSTANCE + "/metadata", token).statusCode() == 200);
  }

  @AfterAll
  void stop() throws Exception {
    // Whatever came of them, nothing is left of the bodies.
    try (var left = Files.list(spool)) {
      assertThat(left).isEmpty();
    }
    hub.close();
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static byte[] related(Object... typesLocationsAndBodies) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < typesLocationsAndBodies.length; i += 3) {
      Object location = typesLocationsAndBodies[i + 1];
      String head =
          "--b\r\nContent-Type: "
              + typesLocationsAndBodies[i]
              + (location == null ? "" : "\r\nContent-Location: " + location)
              + "\r\n\r\n";
      body.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
      Object part = typesLocationsAndBodies[i + 2];
      body.writeBytes(
          part instanceof byte[] bytes ? bytes : part.toString().getBytes(StandardCharsets.UTF_8));
      body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.writeBytes("--b--\r\n".getBytes(StandardCharsets.US_ASCII));
    return body.toByteArray();
  }

  private static String modelType(String type) {
    return "multipart/related; type=\"application/dicom+" + type + "\"; boundary=b";
  }

  private String trust() {
    return hub.token(Map.of("scope", "system/*.read system/*.write", "ods_code", "RTH"));
  }

  /** What the hub says of an object comes back to it as another: as JSON, and as XML. */
  @ParameterizedTest
  @ValueSource(strings = {"json", "xml"})
  void metadataWithBulkDataIsStoredAsAnObject(String type) throws Exception {
    String series = Uid.random();
    byte[] metadata =
        hub.getWith(
                INSTANCE + "/metadata",
                token,
                "Accept",
                type.equals("json")
                    ? "application/dicom+json"
                    : "multipart/related; type=\"application/dicom+xml\"")
            .body();
    String model = new String(metadata, StandardCharsets.UTF_8);
    if (type.equals("xml")) {
      model = model.substring(model.indexOf("<?xml"), model.lastIndexOf('>') + 1);
    }
    // Another object of another series; its pixels by a name of their own.
    model =
        model
            .replace("\"" + SERIES + ".1\"", "\"" + series + ".1\"")
            .replace(">" + SERIES + ".1<", ">" + series + ".1<")
            .replace("\"" + SERIES + "\"", "\"" + series + "\"")
            .replace(">" + SERIES + "<", ">" + series + "<")
            .replaceAll("http[^\"]*/bulkdata/7FE00010", "pixels/1");
    byte[] pixels =
        hub.getWith(INSTANCE + "/frames/1", token, "Accept", "application/octet-stream").body();
    String rth = trust();
    HttpResponse<byte[]> answer =
        hub.post(
            "/dicomweb/studies/" + STUDY,
            rth,
            modelType(type),
            related(
                "application/dicom+" + type,
                null,
                model,
                "application/octet-stream",
                "pixels/1",
                pixels));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    String path = "/dicomweb/studies/%s/series/%s/instances/%s.1".formatted(STUDY, series, series);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> hub.get(path + "/metadata", rth).statusCode() == 200);
    assertThat(hub.getWith(path + "/frames/1", rth, "Accept", "application/octet-stream").body())
        .isEqualTo(pixels);
    String expected =
        hub.json(INSTANCE + "/metadata", token)
            .toString()
            .replace(SERIES + ".1", series + ".1")
            .replace(SERIES, series);
    assertThat(hub.json(path + "/metadata", rth).toString()).isEqualTo(expected);
  }

  private static String model(String study, String uid, String more) {
    return """
        {"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.7"]},
         "00080018":{"vr":"UI","Value":["%s"]},
         "0020000D":{"vr":"UI","Value":["%s"]},
         "0020000E":{"vr":"UI","Value":["%s.1"]},
         "00100020":{"vr":"LO","Value":["9990000042"]},
         "00080060":{"vr":"CS","Value":["XC"]}%s}"""
        .formatted(uid, study, study, more.isEmpty() ? "" : "," + more);
  }

  private static byte[] jpeg(int size) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    image.setRGB(1, 1, 0xff8040);
    ImageIO.write(image, "jpeg", out);
    return out.toByteArray();
  }

  /** As a phone takes it: nothing is said of the pixels but by the JPEG itself. */
  @Test
  void aPhotographIsStoredAsItIs() throws Exception {
    String study = Uid.random();
    String rth = trust();
    byte[] photograph = jpeg(48);
    HttpResponse<byte[]> answer =
        hub.post(
            "/dicomweb/studies",
            rth,
            modelType("json"),
            related(
                "application/dicom+json; charset=utf-8",
                null,
                "["
                    + model(
                        study,
                        study + ".1.1",
                        "\"7FE00010\":{\"vr\":\"OB\",\"BulkDataURI\":\"photo\"}")
                    + "]",
                "image/jpeg",
                "photo",
                photograph));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    String path =
        "/dicomweb/studies/%s/series/%s.1/instances/%s.1.1".formatted(study, study, study);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> hub.get(path + "/metadata", rth).statusCode() == 200);
    JsonNode metadata = hub.json(path + "/metadata", rth).get(0);
    assertThat(metadata.at("/00280010/Value/0").asInt()).isEqualTo(48);
    assertThat(metadata.at("/00280002/Value/0").asInt()).isEqualTo(3);
    assertThat(metadata.at("/00280004/Value/0").asText()).isEqualTo("YBR_FULL_422");
    assertThat(metadata.at("/00282110/Value/0").asText()).isEqualTo("01");
    byte[] frame = hub.getWith(path + "/frames/1", rth, "Accept", "image/jpeg").body();
    assertThat(Arrays.copyOf(frame, photograph.length)).isEqualTo(photograph);
    assertThat(
            ImageIO.read(new ByteArrayInputStream(hub.get(path + "/rendered", rth).body()))
                .getWidth())
        .isEqualTo(48);
  }

  @Test
  void eachObjectOfABodyHasItsOwnFate() throws Exception {
    String study = Uid.random();
    String rth = trust();
    String image =
        "\"00280002\":{\"vr\":\"US\",\"Value\":[3]},\"00280004\":{\"vr\":\"CS\",\"Value\":[\"YBR_FULL_422\"]},"
            + "\"00280006\":{\"vr\":\"US\",\"Value\":[0]},"
            + "\"00280008\":{\"vr\":\"IS\",\"Value\":[2]},\"00280010\":{\"vr\":\"US\",\"Value\":[16]},"
            + "\"00280011\":{\"vr\":\"US\",\"Value\":[16]},\"00280100\":{\"vr\":\"US\",\"Value\":[8]},"
            + "\"00280101\":{\"vr\":\"US\",\"Value\":[8]},\"00280102\":{\"vr\":\"US\",\"Value\":[7]},"
            + "\"00280103\":{\"vr\":\"US\",\"Value\":[0]},";
    String pixels = "\"7FE00010\":{\"vr\":\"OB\",\"BulkDataURI\":\"%s\"}";
    String wrongUnit = "\"00660016\":{\"vr\":\"OF\",\"BulkDataURI\":\"floats\"}";
    HttpResponse<byte[]> answer =
        hub.post(
            "/dicomweb/studies",
            rth,
            modelType("json"),
            related(
                "application/dicom+json",
                null,
                "["
                    + String.join(
                        ",",
                        model(study, study + ".1.1", image + pixels.formatted("frames")),
                        model(study, study + ".1.2", ""),
                        model(study, study + ".1.3", pixels.formatted("missing")),
                        model(study, study + ".1.4", wrongUnit),
                        model(study, study + ".1.5", image + pixels.formatted("progressive")),
                        model(study, study + ".1.6", "").replace(".1.1.7", ".1.1.999"))
                    + "]",
                "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50",
                "frames",
                jpeg(16),
                "image/jpeg",
                "frames",
                jpeg(16),
                "application/octet-stream",
                "floats",
                new byte[7],
                "image/jls; transfer-syntax=1.2.840.10008.1.2.4.50",
                "progressive",
                jpeg(16),
                "image/jls; transfer-syntax=1.2.840.10008.1.2.4.50",
                "progressive",
                jpeg(16),
                "application/octet-stream",
                "nobody",
                new byte[2]));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(202);
    JsonNode said = JSON.readTree(answer.body());
    List<String> stored = new ArrayList<>();
    said.at("/00081199/Value").forEach(o -> stored.add(o.at("/00081155/Value/0").asText()));
    assertThat(stored).containsExactlyInAnyOrder(study + ".1.1", study + ".1.2");
    Map<String, Integer> failed = new TreeMap<>();
    said.at("/00081198/Value")
        .forEach(
            o -> failed.put(o.at("/00081155/Value/0").asText(), o.at("/00081197/Value/0").asInt()));
    assertThat(failed)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "",
                0xc000,
                study + ".1.3",
                0xc000,
                study + ".1.4",
                0xc000,
                study + ".1.5",
                0xc122,
                study + ".1.6",
                0x0122));
    String path =
        "/dicomweb/studies/%s/series/%s.1/instances/%s.1.1".formatted(study, study, study);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> hub.get(path + "/metadata", rth).statusCode() == 200);
    byte[] second = hub.getWith(path + "/frames/2", rth, "Accept", "image/jpeg").body();
    assertThat(Arrays.copyOf(second, jpeg(16).length)).isEqualTo(jpeg(16));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[{\"00080018\":", "<NativeDicomModel/>", "[{\"x\":1}]", "@large"})
  void metadataThatIsNoneIsRefusedWhole(String metadata) throws Exception {
    String model =
        metadata.equals("@large")
            ? "[" + model(Uid.random(), Uid.random(), "") + " ".repeat(9_000_000) + "]"
            : metadata;
    HttpResponse<byte[]> answer =
        hub.post(
            "/dicomweb/studies",
            trust(),
            modelType("json"),
            related("application/dicom+json", null, model));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(text(answer)).contains("ISO-STOW-001").contains("; 0 objects before were stored");
  }
}
