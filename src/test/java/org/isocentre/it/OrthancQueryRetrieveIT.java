package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.Loopback;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Query, retrieve and storage commitment with Orthanc, in both roles. */
class OrthancQueryRetrieveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  @TempDir Path data;
  private final QueryableArchive archive = new QueryableArchive();
  private final Loopback ours = new Loopback(archive);
  private final int dicom = TestHub.freePort();
  private final int http = TestHub.freePort();
  private final String study = Uid.random();
  private final List<SampleObject> objects =
      List.of(
          SampleObject.in(Loopback.EXPLICIT, study),
          SampleObject.in(Loopback.EXPLICIT, study),
          SampleObject.in(Loopback.EXPLICIT, study));
  private ScriptedScp committing;
  private Process orthanc;

  @BeforeEach
  void start() throws Exception {
    Path program = Peer.require("Orthanc", "orthanc");
    committing =
        new ScriptedScp()
            .on(
                Command.N_ACTION_RQ,
                Reaction.commitment(Duration.ofMillis(200), "127.0.0.1", dicom, "ORTHANC"))
            .listen();
    archive.loopback = ours;
    archive.destinationPort = dicom;
    Path configuration = data.resolve("orthanc.json");
    new ObjectMapper()
        .writeValue(
            configuration.toFile(),
            Map.ofEntries(
                Map.entry("DicomAet", "ORTHANC"),
                Map.entry("DicomPort", dicom),
                Map.entry("HttpPort", http),
                Map.entry("AuthenticationEnabled", false),
                Map.entry("StorageDirectory", data.resolve("orthanc").toString()),
                Map.entry("IndexDirectory", data.resolve("orthanc").toString()),
                Map.entry("DicomAlwaysAllowStore", true),
                Map.entry("DicomAlwaysAllowFind", true),
                Map.entry("DicomAlwaysAllowGet", true),
                Map.entry("DicomAlwaysAllowMove", true),
                Map.entry(
                    "DicomModalities",
                    Map.of(
                        "ours", List.of("SCU", "127.0.0.1", ours.port()),
                        "committing", List.of("SCRIPTED", "127.0.0.1", committing.port())))));
    orthanc =
        new ProcessBuilder(program.toString(), configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("orthanc.log").toFile())
            .start();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> get("/system").has("Version"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (orthanc != null) {
      orthanc.destroyForcibly().waitFor();
    }
    committing.close();
    ours.close();
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return call(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path)).build());
  }

  private JsonNode post(String path, Object body) throws IOException, InterruptedException {
    return call(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .POST(HttpRequest.BodyPublishers.ofString(new ObjectMapper().writeValueAsString(body)))
            .build());
  }

  private static JsonNode call(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isLessThan(300);
    return new ObjectMapper().readTree(response.body());
  }

  private ServiceUser connect() {
    AssociationRequest request =
        new AssociationRequest(
                "127.0.0.1", dicom, "SCU", "ORTHANC", Loopback.request(dicom).proposals())
            .withRoles(List.of(new Pdu.RoleSelection(Loopback.CT, true, true)));
    return ours.connect(request, archive, Loopback.SETTINGS);
  }

  private void storeAll(ServiceUser user) throws Exception {
    for (SampleObject object : objects) {
      assertThat(
              user.store(
                      object.sopClassUid(),
                      object.sopInstanceUid(),
                      object.transferSyntaxUid(),
                      new ByteArrayInputStream(object.bytes()))
                  .status())
          .isZero();
    }
  }

  private DataSet identifier() {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, study);
  }

  private void assertReceivedAll() {
    for (SampleObject object : objects) {
      assertThat(archive.received.get(object.sopInstanceUid())).isEqualTo(object.bytes());
    }
  }

  @Test
  void itFindsMovesAndGivesWhatItTook() throws Exception {
    try (ServiceUser user = connect()) {
      storeAll(user);
      List<String> found = new ArrayList<>();
      try (Matches matches = user.find(ServiceSopClass.STUDY_ROOT_FIND, identifier())) {
        matches.forEachRemaining(m -> found.add(m.string(Tag.StudyInstanceUID)));
      }
      assertThat(found).containsExactly(study);
      ServiceUser.Retrieved got =
          user.get(ServiceSopClass.STUDY_ROOT_GET, identifier(), ServiceUser.Watch.PATIENT);
      assertThat(got.status()).isZero();
      assertThat(got.progress().completed()).isEqualTo(3);
      assertReceivedAll();
      archive.received.clear();
      ServiceUser.Retrieved moved =
          user.move(
              ServiceSopClass.STUDY_ROOT_MOVE, identifier(), "SCU", ServiceUser.Watch.PATIENT);
      assertThat(moved.status()).isZero();
      assertThat(moved.progress()).isEqualTo(new Progress(0, 3, 0, 0));
      assertReceivedAll();
    }
  }

  @Test
  void itFindsAtOursAndHasItMoved() throws Exception {
    archive.objects = objects;
    JsonNode query =
        post(
            "/modalities/ours/query",
            Map.of("Level", "Study", "Query", Map.of("StudyInstanceUID", study)));
    String path = "/queries/" + query.path("ID").asText();
    assertThat(get(path + "/answers").size()).isEqualTo(1);
    post(path + "/retrieve", Map.of("TargetAet", "ORTHANC", "Synchronous", true));
    assertThat(get("/statistics").path("CountInstances").asInt()).isEqualTo(3);
    for (JsonNode id : get("/instances")) {
      byte[] file = file("/instances/" + id.asText() + "/file");
      String uid =
          get("/instances/" + id.asText() + "/simplified-tags").path("SOPInstanceUID").asText();
      SampleObject object =
          objects.stream().filter(o -> o.sopInstanceUid().equals(uid)).findFirst().orElseThrow();
      assertThat(file).endsWith(object.bytes());
    }
  }

  private byte[] file(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path)).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  @Test
  void itCommitsToWhatOursSent() throws Exception {
    DataSet action = new DataSet().set(Tag.TransactionUID, Uid.random());
    try (ServiceUser user = connect()) {
      storeAll(user);
      for (SampleObject object : objects) {
        action
            .addItem(Tag.ReferencedSOPSequence)
            .set(Tag.ReferencedSOPClassUID, object.sopClassUid())
            .set(Tag.ReferencedSOPInstanceUID, object.sopInstanceUid());
      }
      assertThat(
              user.request(
                      new NormalizedRequest(
                          Operation.N_ACTION,
                          ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                          ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
                          1,
                          List.of(),
                          action,
                          null))
                  .status())
          .isZero();
    }
    await().atMost(PATIENCE).until(() -> archive.normalized.size() == 1);
    NormalizedRequest report = archive.normalized.get(0);
    assertThat(report.operation()).isEqualTo(Operation.N_EVENT_REPORT);
    assertThat(report.typeId()).as("complete without failures").isEqualTo(1);
    assertThat(report.dataSet().string(Tag.TransactionUID))
        .isEqualTo(action.string(Tag.TransactionUID));
    assertThat(report.dataSet().items(Tag.ReferencedSOPSequence)).hasSize(3);
  }

  @Test
  void itIsToldLateThatWhatItSentIsCommitted() throws Exception {
    try (ServiceUser user = connect()) {
      storeAll(user);
    }
    List<List<String>> references =
        objects.stream().map(o -> List.of(o.sopClassUid(), o.sopInstanceUid())).toList();
    JsonNode transaction =
        post("/modalities/committing/storage-commitment", Map.of("DicomInstances", references));
    String path = "/storage-commitment/" + transaction.path("ID").asText();
    await().atMost(PATIENCE).until(() -> get(path).path("Status").asText().equals("Success"));
    assertThat(get(path).path("Success").size()).isEqualTo(3);
  }
}
