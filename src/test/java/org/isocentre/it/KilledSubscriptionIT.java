package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub that is killed while it tells: whoever subscribed is told of all, and in order. */
class KilledSubscriptionIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KILLS = 2;
  private static final int STUDIES = 8;

  /** Numbers of events that an endpoint took, as often as it took them. */
  private final Queue<Integer> told = new ConcurrentLinkedQueue<>();

  private final Queue<String> studies = new ConcurrentLinkedQueue<>();

  private HttpServer endpoint() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          JsonNode bundle = JSON.readTree(exchange.getRequestBody().readAllBytes());
          boolean event = bundle.toString().contains("event-notification");
          // Now and then it is not there for a moment.
          int status = event && ThreadLocalRandom.current().nextInt(3) == 0 ? 503 : 200;
          if (event && status == 200) {
            for (JsonNode part : bundle.at("/entry/0/resource/parameter")) {
              if (part.path("name").asText().equals("notification-event")) {
                for (JsonNode one : part.path("part")) {
                  if (one.path("name").asText().equals("event-number")) {
                    told.add(Integer.parseInt(one.path("valueString").asText()));
                  }
                }
              }
            }
            studies.add(bundle.at("/entry/1/resource/identifier/0/value").asText());
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void everyEventIsToldThoughTheHubIsKilled(@TempDir Path data) throws Exception {
    HttpServer endpoint = endpoint();
    String url = "http://127.0.0.1:" + endpoint.getAddress().getPort() + "/notify";
    String nhs = MainJobIT.nhsNumber();
    List<String> sent = new ArrayList<>();
    try (Pacs rth = new Pacs();
        TestHub hub =
            new TestHub(
                data,
                TestHub.freePort(),
                "--isocentre.subscriptions.endpoints[0]=http://127.0.0.1",
                "--isocentre.subscriptions.retry-delay=100ms",
                "--isocentre.subscriptions.max-retry-delay=200ms",
                "--isocentre.subscriptions.max-attempts=100",
                "--isocentre.subscriptions.poll-period=50")) {
      hub.startProcess();
      String token = hub.token(Map.of("scope", "patient/*.cruds", "nhs_number", nhs));
      String body =
          """
          {"resourceType":"Subscription","status":"requested","reason":"to be told",
           "criteria":"https://isocentre.org/fhir/SubscriptionTopic/imaging-study-available",
           "channel":{"type":"rest-hook","endpoint":"%s","payload":"application/fhir+json",
            "_payload":{"extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content","valueCode":"full-resource"}]}}}"""
              .formatted(url);
      HttpResponse<byte[]> made = hub.call("POST", "/fhir/Subscription", token, body);
      assertThat(made.statusCode()).as(new String(made.body())).isEqualTo(201);
      String id = JSON.readTree(made.body()).path("id").asText();
      await()
          .atMost(Duration.ofSeconds(40))
          .until(
              () ->
                  hub.json("/fhir/Subscription/" + id, token)
                      .path("status")
                      .asText()
                      .equals("active"));
      for (int kill = 0; kill < KILLS; kill++) {
        for (int i = 0; i < STUDIES; i++) {
          String uid = Uid.random();
          About about = new About(nhs, "19850717", MainJobIT.nhsNumber());
          assertThat(rth.send(hub.dicom, Pacs.image(uid, Uid.random(), about))).containsExactly(0);
          sent.add("urn:oid:" + uid);
        }
        // Somewhere between the first and the last of them.
        int some = told.size() + 1;
        await().atMost(Duration.ofSeconds(40)).until(() -> told.size() >= some);
        hub.kill();
        hub.startProcess();
      }
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(studies).containsAll(sent));
    } finally {
      endpoint.stop(0);
    }
    List<Integer> first = new ArrayList<>(told.stream().distinct().toList());
    assertThat(first).isSorted();
    assertThat(first).hasSizeGreaterThanOrEqualTo(sent.size());
  }
}
