package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a patient brings is seen by nobody before a person has looked at it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UploadIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BORN = "19740213";

  /** The number that another hospital gave the patient: here it is somebody else's. */
  private static final String LOCAL = "X12345";

  private TestHub hub;
  private String staff;

  @BeforeAll
  void start(@TempDir Path data) {
    hub = new TestHub(data, TestHub.freePort(), "--isocentre.uploads.max-objects=3").start();
    staff = hub.system();
  }

  @AfterAll
  void stop() {
    hub.close();
  }

  /** One whom the index knows. */
  private String patient() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order(nhs, BORN, "UP" + nhs)))).isEqualTo("AA");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> hub.search("Patient?identifier=" + nhs, staff).size() == 1);
    return nhs;
  }

  private String token(String nhs) {
    return hub.token(Map.of("scope", "patient/*.read patient/*.write", "nhs_number", nhs));
  }

  private HttpResponse<byte[]> bring(String nhs, Image image) throws Exception {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(
        new FileMetaInformation(image.sopClass(), image.uid(), "1.2.840.10008.1.2.1", null)
            .encode());
    file.writeBytes(image.dataSet());
    return hub.post("/dicomweb/studies", token(nhs), "application/dicom", file.toByteArray());
  }

  private JsonNode waiting(String study) {
    for (JsonNode one : hub.json("/api/uploads", staff)) {
      if (one.path("studyInstanceUid").asText().equals(study)) {
        return one;
      }
    }
    return null;
  }

  private static byte[] pixels(Image image) {
    byte[] all = image.dataSet();
    return Arrays.copyOfRange(all, all.length - 2048, all.length);
  }

  @Test
  void whatIsAcceptedBecomesThePatientsOwn() throws Exception {
    String nhs = patient();
    About about = new About(LOCAL, BORN, "A77");
    String study = Uid.random();
    Image one = Pacs.image(study, Uid.random(), about);
    Image two = Pacs.image(study, Uid.random(), about);
    for (Image image : new Image[] {one, two, one}) {
      HttpResponse<byte[]> answer = bring(nhs, image);
      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(answer.headers().firstValue("Warning").orElse("")).startsWith("299");
      JsonNode said = JSON.readTree(answer.body());
      assertThat(said.at("/00081199/Value/0/00081155/Value/0").asText()).isEqualTo(image.uid());
      assertThat(said.at("/00081199/Value/0").has("00081190")).isFalse();
    }
    String query = "/dicomweb/instances?StudyInstanceUID=" + study;
    for (String nobody : new String[] {token(nhs), staff, hub.organisation("RTH")}) {
      assertThat(hub.json(query, nobody)).isEmpty();
    }

    JsonNode waits = waiting(study);
    assertThat(waits.path("objects").asInt()).isEqualTo(2);
    assertThat(waits.path("others").asInt()).isZero();
    assertThat(waits.path("unsaid").asInt()).isZero();
    assertThat(waits.path("patientId").asText())
        .isEqualTo(hub.search("Patient?identifier=" + nhs, staff).get(0).path("id").asText());
    assertThat(waits.toString()).doesNotContain(nhs).doesNotContain(LOCAL);
    String id = waits.path("id").asText();
    JsonNode objects = hub.json("/api/uploads/" + id, staff);
    assertThat(objects).hasSize(2);
    String object = "/api/uploads/objects/" + objects.get(0).path("id").asText();
    assertThat(ImageIO.read(new ByteArrayInputStream(hub.get(object + "/rendered", staff).body())))
        .isNotNull();
    assertThat(hub.get(object, staff).body()).endsWith(pixels(one));

    HttpResponse<byte[]> accepted =
        hub.call("POST", "/api/uploads/" + id + "/accept?custodian=RTH", staff, null);
    assertThat(accepted.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(accepted.body()).path("accepted").asInt()).isEqualTo(2);
    await().atMost(Duration.ofSeconds(30)).until(() -> hub.json(query, token(nhs)).size() == 2);
    assertThat(hub.json(query, hub.organisation("RTH"))).hasSize(2);
    JsonNode metadata =
        hub.json(
                "/dicomweb/studies/%s/series/%s/instances/%s/metadata"
                    .formatted(study, one.series(), one.uid()),
                staff)
            .get(0);
    assertThat(metadata.at("/00100020/Value/0").asText()).isEqualTo(nhs);
    assertThat(metadata.at("/00100021/Value/0").asText()).isEqualTo("NHS");
    assertThat(metadata.has("00080050")).isFalse();
    JsonNode original = metadata.at("/04000561/Value/0/04000550/Value/0");
    assertThat(original.at("/00100020/Value/0").asText()).isEqualTo(LOCAL);
    assertThat(original.at("/00080050/Value/0").asText()).isEqualTo("A77");
    assertThat(
            hub.getWith(
                    "/dicomweb/studies/%s/series/%s/instances/%s/frames/1"
                        .formatted(study, one.series(), one.uid()),
                    staff,
                    "Accept",
                    "application/octet-stream")
                .body())
        .isEqualTo(pixels(one));
    assertThat(waiting(study)).isNull();

    // A process that died between filing and its note files the same copy again: nothing changes.
    JdbcClient index = hub.bean(JdbcClient.class);
    int reviews = hub.json("/api/reviews", staff).size();
    index.sql("update upload set state = 'ACCEPTED' where state = 'FILED'").update();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                index
                        .sql("select count(*) from upload where state = 'ACCEPTED'")
                        .query(Long.class)
                        .single()
                    == 0);
    assertThat(hub.json(query, staff)).hasSize(2);
    assertThat(hub.json("/api/reviews", staff)).hasSize(reviews);
  }

  @Test
  void whatSaysToBeOfAnotherIsNotAcceptedInPassing() throws Exception {
    String nhs = patient();
    Image theirs = Pacs.image(Uid.random(), Uid.random(), new About(LOCAL, "19500101", "A78"));
    assertThat(bring(nhs, theirs).statusCode()).isEqualTo(202);
    JsonNode waits = waiting(theirs.study());
    assertThat(waits.path("others").asInt()).isEqualTo(1);
    String path = "/api/uploads/" + waits.path("id").asText();
    HttpResponse<byte[]> answer = hub.call("POST", path + "/accept?custodian=RTH", staff, null);
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("ISO-WEB-033");
    assertThat(hub.call("POST", path + "/accept?custodian=ZZZ", staff, null).statusCode())
        .isEqualTo(400);
    assertThat(hub.call("POST", path + "/refuse", staff, null).statusCode()).isEqualTo(200);
    assertThat(hub.call("POST", path + "/refuse", staff, null).statusCode()).isEqualTo(404);
    assertThat(hub.call("POST", path + "/accept?custodian=RTH", staff, null).statusCode())
        .isEqualTo(404);
    assertThat(hub.json("/dicomweb/studies?StudyInstanceUID=" + theirs.study(), staff)).isEmpty();
    assertThat(hub.json("/api/uploads?state=refused", staff).toString()).contains(theirs.study());
  }

  /** A note that takes images back would, once it was filed, be that of the trust. */
  @Test
  void aPatientTakesNothingBackOfATrust() throws Exception {
    String nhs = patient();
    About about = new About(nhs, BORN, "UP" + nhs);
    Image theirs = Pacs.image(Uid.random(), Uid.random(), about);
    HttpResponse<byte[]> answer = bring(nhs, Pacs.rejection(Uid.random(), "113001", about, theirs));
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(JSON.readTree(answer.body()).at("/00081198/Value/0/00081197/Value/0").asInt())
        .isEqualTo(0x0122);
    assertThat(waiting(theirs.study())).isNull();
  }

  @Test
  void onlyStaffDecides() throws Exception {
    String nhs = patient();
    Image image = Pacs.image(Uid.random(), Uid.random(), new About(LOCAL, BORN, "A79"));
    bring(nhs, image);
    String id = waiting(image.study()).path("id").asText();
    String rth = hub.token(Map.of("scope", "system/*.read system/*.write", "ods_code", "RTH"));
    for (String who : new String[] {token(nhs), rth}) {
      assertThat(hub.get("/api/uploads", who).statusCode()).isEqualTo(403);
      assertThat(hub.get("/api/uploads/" + id, who).statusCode()).isEqualTo(403);
      assertThat(
              hub.call("POST", "/api/uploads/" + id + "/accept?custodian=RTH", who, null)
                  .statusCode())
          .isEqualTo(403);
    }
    assertThat(hub.get("/api/uploads", null).statusCode()).isEqualTo(401);
    // Who may only read brings nothing.
    assertThat(
            hub.post("/dicomweb/studies", hub.patient(nhs), "application/dicom", new byte[1])
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void noMoreWaitsThanMay() throws Exception {
    String nhs = patient();
    About about = new About(LOCAL, BORN, "A80");
    for (int i = 0; i < 3; i++) {
      assertThat(bring(nhs, Pacs.image(Uid.random(), Uid.random(), about)).statusCode())
          .isEqualTo(202);
    }
    HttpResponse<byte[]> answer = bring(nhs, Pacs.image(Uid.random(), Uid.random(), about));
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(JSON.readTree(answer.body()).at("/00081198/Value/0/00081197/Value/0").asInt())
        .isEqualTo(0xa700);
    assertThat(
            hub.post("/dicomweb/studies", token(nhs), "application/dicom", new byte[200])
                .statusCode())
        .isEqualTo(409);
  }
}
