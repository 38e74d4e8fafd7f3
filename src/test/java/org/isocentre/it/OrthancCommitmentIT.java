package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orthanc as a destination that commits to what it was sent, on an association of its own. */
class OrthancCommitmentIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  @TempDir Path data;

  private Process start(Path program, int dicom, int http, int hub) throws Exception {
    Path configuration = data.resolve("orthanc.json");
    new ObjectMapper()
        .writeValue(
            configuration.toFile(),
            Map.of(
                "DicomAet",
                "RJ1PACS",
                "DicomPort",
                dicom,
                "HttpPort",
                http,
                "AuthenticationEnabled",
                false,
                "StorageDirectory",
                data.resolve("orthanc").toString(),
                "IndexDirectory",
                data.resolve("orthanc").toString(),
                "DicomAlwaysAllowStore",
                true,
                "DicomModalities",
                Map.of(
                    "hub",
                    Map.of(
                        "AET",
                        "ISOCENTRE",
                        "Host",
                        "127.0.0.1",
                        "Port",
                        hub,
                        "AllowStorageCommitment",
                        true))));
    Process orthanc =
        new ProcessBuilder(program.toString(), configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("orthanc.log").toFile())
            .start();
    HttpRequest system =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/system")).build();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                HttpClient.newHttpClient()
                        .send(system, HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                    == 200);
    return orthanc;
  }

  @Test
  void itCommitsToWhatItWasSent() throws Exception {
    Path program = Peer.require("Orthanc", "orthanc");
    int dicom = TestHub.freePort();
    Process orthanc = null;
    try (Pacs rth = new Pacs();
        TestHub hub =
            new TestHub(
                Files.createDirectories(data.resolve("hub")),
                dicom,
                "--isocentre.transfer.commitment-check-period=200",
                "--isocentre.trusts[1].application-entities[0].commitment=true")) {
      orthanc = start(program, dicom, TestHub.freePort(), hub.dicom);
      hub.start();
      Pacs.About about = new Pacs.About("9990000018", "19700101", "ORSC");
      assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order("9990000018", "19700101", "ORSC"))))
          .isEqualTo("AA");
      String study = Uid.random();
      String series = Uid.random();
      assertThat(
              rth.send(
                  hub.dicom, Pacs.image(study, series, about), Pacs.image(study, series, about)))
          .containsExactly(0, 0);
      JsonNode done =
          await()
              .atMost(PATIENCE)
              .until(
                  () -> hub.json("/api/transfers", hub.system()).path(0),
                  t -> t.path("state").asText().equals("COMPLETED"));
      assertThat(done.path("committed").asInt()).isEqualTo(2);
    } finally {
      if (orthanc != null) {
        orthanc.destroyForcibly();
      }
    }
  }
}
