package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An Orthanc of the tests, on free ports of this machine, told what to do over its REST API. */
final class Orthanc implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Path directory;
  final int dicom = TestHub.freePort();
  final int http = TestHub.freePort();
  private Process process;

  /**
   * @param directory for its objects, configuration and log
   */
  Orthanc(Path directory) {
    this.directory = directory;
  }

  /** Waits until it answers. @param more settings, which win */
  void start(Map<String, Object> more) throws IOException {
    Path program = Peer.require("Orthanc", "orthanc");
    Map<String, Object> settings = new HashMap<>();
    settings.put("DicomAet", "ORTHANC");
    settings.put("DicomPort", dicom);
    settings.put("HttpPort", http);
    settings.put("AuthenticationEnabled", false);
    // It ends idle connections without a word, which a client takes for a failure.
    settings.put("KeepAlive", false);
    settings.put("StorageDirectory", directory.resolve("orthanc").toString());
    settings.put("IndexDirectory", directory.resolve("orthanc").toString());
    settings.put("DicomAlwaysAllowStore", true);
    settings.putAll(more);
    Path configuration = directory.resolve("orthanc.json");
    JSON.writeValue(configuration.toFile(), settings);
    process =
        new ProcessBuilder(program.toString(), configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("orthanc.log").toFile())
            .start();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> get("/system").has("Version"));
  }

  /** As an administrator does. */
  void stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(bytes(path));
  }

  byte[] bytes(String path) throws IOException, InterruptedException {
    return call(request(path).build());
  }

  JsonNode post(String path, Object body) throws IOException, InterruptedException {
    return post(path, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
  }

  /** Puts a Part 10 file into it. @return Orthanc's own identifier of the instance */
  String upload(byte[] file) throws IOException, InterruptedException {
    return post("/instances", BodyPublishers.ofByteArray(file)).path("ID").asText();
  }

  private JsonNode post(String path, BodyPublisher body) throws IOException, InterruptedException {
    return JSON.readTree(call(request(path).POST(body).build()));
  }

  void delete(String path) throws IOException, InterruptedException {
    call(request(path).DELETE().build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path));
  }

  private static byte[] call(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).as(new String(response.body())).isLessThan(300);
    return response.body();
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
