package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ThrowingRunnable;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who subscribes is told, of what they may see alone, in order, until they have taken it. */
class SubscriptionIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BORN = "19740213";
  private static final String TOPIC = "https://isocentre.org/fhir/SubscriptionTopic/";
  private static final String BACKPORT =
      "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
  @TempDir static Path directory;
  private static TestHub hub;
  private static Pacs rth;
  private static Pacs rj1;
  private static Ris ris;
  private Receiver receiver;
  private final List<String> made = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    rth = new Pacs();
    rj1 = new Pacs();
    hub =
        new TestHub(
                directory,
                rj1.listen(0),
                "--isocentre.subscriptions.endpoints[0]=http://127.0.0.1",
                "--isocentre.subscriptions.retry-delay=100ms",
                "--isocentre.subscriptions.max-retry-delay=200ms",
                "--isocentre.subscriptions.max-attempts=4",
                "--isocentre.subscriptions.max-of-owner=3",
                "--isocentre.subscriptions.purge-period=200",
                "--isocentre.subscriptions.poll-period=50")
            .start();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    rth.close();
    rj1.close();
    hub.close();
  }

  @BeforeEach
  void listen() throws IOException {
    receiver = new Receiver();
  }

  /** Nothing of a test is told to the next. */
  @AfterEach
  void end() throws Exception {
    for (String id : made) {
      hub.call("DELETE", "/fhir/Subscription/" + id, staff(), null);
    }
    receiver.close();
  }

  /** One call. */
  private record Call(String method, String path, Map<String, List<String>> headers, String body) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }

    String type() throws IOException {
      return part(json().at("/entry/0/resource"), "type").path("valueCode").asText();
    }
  }

  private static JsonNode part(JsonNode parameters, String name) {
    for (JsonNode parameter : parameters.path("parameter")) {
      if (parameter.path("name").asText().equals(name)) {
        return parameter;
      }
    }
    return JSON.createObjectNode();
  }

  /** Somebody's endpoint. */
  private static final class Receiver implements AutoCloseable {
    final List<Call> calls = new CopyOnWriteArrayList<>();
    volatile int answer = 200;
    private final HttpServer server;

    Receiver() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            hub.emitted(body.getBytes(StandardCharsets.UTF_8));
            calls.add(
                new Call(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    body));
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/notify";
    }

    List<Call> events() throws IOException {
      List<Call> events = new ArrayList<>();
      for (Call call : calls) {
        if (!call.body().isEmpty()
            && call.json().path("resourceType").asText().equals("Bundle")
            && call.type().equals("event-notification")) {
          events.add(call);
        }
      }
      return events;
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private static String staff() {
    return hub.token(Map.of("scope", "system/*.cruds"));
  }

  private static String patient(String nhs) {
    return hub.token(Map.of("scope", "patient/*.cruds", "nhs_number", nhs));
  }

  private String subscription(String criteria, String filter, String payload, String content) {
    return """
        {"resourceType":"Subscription","status":"requested","reason":"to be told",
         "criteria":"%s"%s,
         "channel":{"type":"rest-hook","endpoint":"%s","header":["X-Secret: hidden"]%s%s}}"""
        .formatted(
            criteria,
            filter == null
                ? ""
                : ",\"_criteria\":{\"extension\":[{\"url\":\"%sbackport-filter-criteria\",\"valueString\":\"%s\"}]}"
                    .formatted(BACKPORT, filter),
            receiver.url(),
            payload == null ? "" : ",\"payload\":\"" + payload + "\"",
            content == null
                ? ""
                : ",\"_payload\":{\"extension\":[{\"url\":\"%sbackport-payload-content\",\"valueCode\":\"%s\"}]}"
                    .formatted(BACKPORT, content));
  }

  private String topic(String topic, String filter, String content) {
    return subscription(TOPIC + topic, filter, "application/fhir+json", content);
  }

  private String created(String token, String body) throws Exception {
    HttpResponse<byte[]> answer = hub.call("POST", "/fhir/Subscription", token, body);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(201);
    String id = JSON.readTree(answer.body()).path("id").asText();
    made.add(id);
    return id;
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static void eventually(ThrowingRunnable holds) {
    await().atMost(Duration.ofSeconds(40)).untilAsserted(holds);
  }

  private void active(String id, String token) {
    eventually(
        () ->
            assertThat(hub.json("/fhir/Subscription/" + id, token).path("status").asText())
                .isEqualTo("active"));
  }

  /** A study of somebody. */
  private static String study(String nhs) throws Exception {
    String uid = Uid.random();
    rth.send(hub.dicom, Pacs.image(uid, Uid.random(), new About(nhs, BORN, MainJobIT.nhsNumber())));
    return uid;
  }

  @Test
  void aStudyIsToldInFullWithItsNumberAfterAHandshake() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String token = patient(nhs);
    String id = created(token, topic("imaging-study-available", null, "full-resource"));
    active(id, token);
    Call handshake = receiver.calls.get(0);
    assertThat(handshake.type()).isEqualTo("handshake");
    assertThat(handshake.headers().get("X-secret")).containsExactly("hidden");
    assertThat(handshake.headers().get("Content-type").get(0)).startsWith("application/fhir+json");
    String first = study(nhs);
    eventually(() -> assertThat(receiver.events()).hasSize(1));
    String second = study(nhs);
    eventually(() -> assertThat(receiver.events()).hasSize(2));
    List<String> told = List.of(first, second);
    for (int i = 0; i < 2; i++) {
      JsonNode bundle = receiver.events().get(i).json();
      assertThat(bundle.path("type").asText()).isEqualTo("history");
      JsonNode status = bundle.at("/entry/0/resource");
      assertThat(part(status, "topic").path("valueCanonical").asText())
          .isEqualTo(TOPIC + "imaging-study-available");
      assertThat(part(status, "events-since-subscription-start").path("valueString").asText())
          .isEqualTo("" + (i + 1));
      assertThat(part(status, "notification-event").toString())
          .contains("\"event-number\",\"valueString\":\"" + (i + 1) + "\"", "focus");
      assertThat(bundle.at("/entry/1/resource/identifier/0/value").asText())
          .isEqualTo("urn:oid:" + told.get(i));
      assertThat(bundle.at("/entry/1/fullUrl").asText())
          .isEqualTo(
              "http://127.0.0.1:"
                  + hub.http
                  + "/fhir/ImagingStudy/"
                  + bundle.at("/entry/1/resource/id").asText());
    }
    JsonNode status = hub.json("/fhir/Subscription/" + id + "/$status", token);
    assertThat(
            part(status.at("/entry/0/resource"), "events-since-subscription-start")
                .path("valueString")
                .asText())
        .isEqualTo("2");
    assertThat(hub.json("/fhir/Subscription/$status?id=" + id, token).path("entry")).hasSize(1);
    JsonNode events =
        hub.json(
            "/fhir/Subscription/" + id + "/$events?eventsSinceNumber=2&content=id-only", token);
    assertThat(events.path("entry")).hasSize(2);
    assertThat(events.at("/entry/1/resource").isMissingNode()).isTrue();
    assertThat(events.at("/entry/1/fullUrl").asText()).contains("/ImagingStudy/");
    // Each look is on record, with whose it was.
    assertThat(hub.json("/fhir/AuditEvent?subtype=subscription", token).path("entry")).hasSize(2);
    assertThat(hub.json("/fhir/Subscription/" + id, token).toString()).doesNotContain("hidden");
  }

  @Test
  void nobodyIsToldOfWhatTheyMayNotSee() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String own = patient(nhs);
    String id = created(own, topic("imaging-study-available", null, "id-only"));
    String all = created(staff(), topic("imaging-study-available", null, "empty"));
    String other =
        created(
            staff(), topic("imaging-study-available", "ImagingStudy?modality=MR", "full-resource"));
    for (String one : List.of(id, all, other)) {
      active(one, staff());
    }
    study(MainJobIT.nhsNumber());
    String mine = study(nhs);
    eventually(() -> assertThat(receiver.events()).hasSize(3));
    List<String> ofPatient = new ArrayList<>();
    for (Call call : receiver.events()) {
      if (call.body().contains("Subscription/" + id)) {
        ofPatient.add(call.body());
      } else {
        assertThat(call.body()).contains("Subscription/" + all).doesNotContain("focus");
      }
    }
    assertThat(ofPatient).hasSize(1);
    String study = hub.study(mine).get(0).path("id").asText();
    assertThat(ofPatient.get(0)).contains("ImagingStudy/" + study).doesNotContain("identifier");
    // How many others there were is not told either.
    assertThat(ofPatient.get(0)).contains("\"valueString\":\"1\"");
  }

  @Test
  void aReportIsToldWhenItIsIssuedAndATransferWhenItHasArrived() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String accession = MainJobIT.nhsNumber();
    String reports = created(staff(), topic("report-issued", null, "full-resource"));
    String transfers = created(staff(), topic("transfer-completed", null, "full-resource"));
    active(reports, staff());
    active(transfers, staff());
    ris.send(Ris.order(nhs, BORN, accession));
    ris.send(preliminary(Ris.report(nhs, BORN, accession, "Not read yet.")));
    rth.send(hub.dicom, Pacs.image(Uid.random(), Uid.random(), new About(nhs, BORN, accession)));
    eventually(
        () ->
            assertThat(receiver.events())
                .filteredOn(c -> c.body().contains("Subscription/" + transfers))
                .hasSize(1));
    ris.send(Ris.report(nhs, BORN, accession, "Nothing seen."));
    eventually(
        () ->
            assertThat(receiver.events())
                .filteredOn(c -> c.body().contains("Subscription/" + reports))
                .isNotEmpty());
    for (Call call : receiver.events()) {
      JsonNode focus = call.json().at("/entry/1/resource");
      assertThat(focus.path("status").asText()).isIn("final", "completed");
    }
  }

  private static String preliminary(String report) {
    return report.replace("||CT|F\r", "||CT|P\r").replace("||||||F\r", "||||||P\r");
  }

  @Test
  void whatAnEndpointDoesNotTakeComesAgainInOrder() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String token = patient(nhs);
    String id = created(token, topic("imaging-study-available", null, "full-resource"));
    active(id, token);
    receiver.answer = 503;
    String first = study(nhs);
    eventually(
        () -> {
          JsonNode now = hub.json("/fhir/Subscription/" + id, token);
          assertThat(now.path("status").asText()).isEqualTo("error");
          assertThat(now.path("error").asText()).contains("ISO-FHIR-068", "503");
        });
    assertThat(receiver.events()).hasSize(4);
    // While it is in error, what happens is kept.
    String second = study(nhs);
    eventually(
        () ->
            assertThat(hub.json("/fhir/Subscription/" + id + "/$events", token).path("entry"))
                .hasSize(3));
    receiver.answer = 204;
    receiver.calls.clear();
    HttpResponse<byte[]> again =
        hub.call(
            "PUT",
            "/fhir/Subscription/" + id,
            token,
            topic("imaging-study-available", null, "full-resource")
                .replace("{\"resourceType\"", "{\"id\":\"" + id + "\",\"resourceType\""));
    assertThat(again.statusCode()).as(text(again)).isEqualTo(200);
    eventually(() -> assertThat(receiver.events()).hasSize(2));
    assertThat(receiver.calls.get(0).type()).isEqualTo("handshake");
    assertThat(receiver.events().get(0).body()).contains(first);
    assertThat(receiver.events().get(1).body()).contains(second);
  }

  @Test
  void aRightThatIsLostBeforeTheDeliveryIsAskedThen() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String rj1Token =
        hub.token(Map.of("scope", "system/*.cruds", "ods_code", "RJ1", "sub", "rj1-app"));
    String id = created(rj1Token, topic("imaging-study-available", null, "full-resource"));
    active(id, rj1Token);
    receiver.answer = 500;
    String study = study(nhs);
    eventually(() -> assertThat(receiver.events()).isNotEmpty());
    String person = hub.study(study).get(0).at("/subject/reference").asText();
    HttpResponse<byte[]> refused =
        hub.call(
            "POST",
            "/fhir/Consent",
            patient(nhs),
            """
            {"resourceType":"Consent","status":"active",
             "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
             "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
             "patient":{"reference":"%s"},"dateTime":"2026-11-01",
             "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]},
             "provision":{"type":"deny","actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},
              "reference":{"reference":"Organization/RJ1"}}]}}"""
                .formatted(person));
    assertThat(refused.statusCode()).as(text(refused)).isEqualTo(201);
    receiver.calls.clear();
    receiver.answer = 200;
    String body = topic("imaging-study-available", null, "full-resource");
    hub.call(
        "PUT",
        "/fhir/Subscription/" + id,
        rj1Token,
        body.replace("{\"resourceType\"", "{\"id\":\"" + id + "\",\"resourceType\""));
    String later = study(MainJobIT.nhsNumber());
    eventually(() -> assertThat(receiver.events()).hasSize(1));
    assertThat(receiver.events().get(0).body()).contains(later).doesNotContain(study);
    assertThat(hub.json("/fhir/Subscription/" + id + "/$events", rj1Token).toString())
        .doesNotContain(study);
  }

  @Test
  void theR4FormIsServedAsR4SaysIt() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String token = patient(nhs);
    String full =
        created(
            token, subscription("ImagingStudy?modality=CT", null, "application/fhir+xml", null));
    String bare = created(token, subscription("ImagingStudy", null, null, null));
    active(full, token);
    active(bare, token);
    assertThat(receiver.calls).isEmpty();
    String uid = study(nhs);
    eventually(() -> assertThat(receiver.calls).hasSize(2));
    String id = hub.study(uid).get(0).path("id").asText();
    assertThat(receiver.calls)
        .anySatisfy(
            call -> {
              assertThat(call.method()).isEqualTo("PUT");
              assertThat(call.path()).isEqualTo("/notify/ImagingStudy/" + id);
              assertThat(call.body()).startsWith("<ImagingStudy").contains(uid);
            })
        .anySatisfy(
            call -> {
              assertThat(call.method()).isEqualTo("POST");
              assertThat(call.path()).isEqualTo("/notify");
              assertThat(call.body()).isEmpty();
            });
  }

  @Test
  void aSilentEndpointHasAHeartbeatAndOneThatIsGoneIsLeftAlone() throws Exception {
    String token = patient(MainJobIT.nhsNumber());
    String body =
        topic("imaging-study-available", null, "empty")
            .replace(
                "\"channel\":{",
                "\"channel\":{\"extension\":[{\"url\":\"%sbackport-heartbeat-period\",\"valueUnsignedInt\":1}],"
                    .formatted(BACKPORT));
    String id = created(token, body);
    active(id, token);
    eventually(() -> assertThat(receiver.calls.size()).isGreaterThanOrEqualTo(3));
    assertThat(receiver.calls.get(1).type()).isEqualTo("heartbeat");
    receiver.answer = 410;
    eventually(
        () ->
            assertThat(hub.json("/fhir/Subscription/" + id, token).path("status").asText())
                .isEqualTo("error"));
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1, https://127.0.0.1, 422",
    "http://127.0.0.1, https://localhost, 422",
    "http://127.0.0.1, https://10.1.2.3, 422",
    "http://127.0.0.1, https://[fd00::1], 422",
    "http://127.0.0.1, https://100.64.0.1, 422",
    "http://127.0.0.1, http://127.0.0.1.example.invalid, 422",
    "http://127.0.0.1, http://me@127.0.0.1, 422",
    "http://127.0.0.1, ftp://127.0.0.1, 422",
    "rest-hook, websocket, 422",
    "rest-hook, email, 422",
    "\"to be told\", \"\", 4xx",
    "imaging-study-available, imaging-study-vanished, 422",
    "criteria\":\"https, criteria\":\"Patient?https, 422",
    "requested, active, 422",
    "X-Secret: hidden, no header, 422",
    "X-Secret: hidden, Host: elsewhere, 422",
    "X-Secret: hidden, X: a\\r\\nY: b, 422",
    "application/fhir+json, text/plain, 422",
    "empty, everything, 422",
    "\"reason\", \"end\":\"2020-01-01T00:00:00Z\"^\"reason\", 422",
    "\"reason\", \"end\":\"2199-01-01T00:00:00Z\"^\"reason\", 422",
    "Subscription\", Consent\", 4xx",
  })
  void whatIsNotUnderstoodIsRefused(String what, String with, String status) throws Exception {
    String body =
        topic("imaging-study-available", null, "empty").replace(what, with.replace('^', ','));
    HttpResponse<byte[]> answer = hub.call("POST", "/fhir/Subscription", staff(), body);
    if (answer.statusCode() == 201) {
      made.add(JSON.readTree(answer.body()).path("id").asText());
    }
    if (status.equals("4xx")) {
      assertThat(answer.statusCode()).isBetween(400, 499);
    } else {
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(Integer.parseInt(status));
      assertThat(text(answer)).contains("ISO-FHIR-063");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "system/Subscription.c, 403",
    "system/Subscription.c system/Patient.rs, 403",
    "system/Subscription.rs system/ImagingStudy.rs, 403",
    "system/Subscription.c system/ImagingStudy.rs, 201",
    "system/Subscription.c system/ImagingStudy.rs?modality=MR, 201"
  })
  void whoMayReadMaySubscribe(String scopes, int status) throws Exception {
    HttpResponse<byte[]> answer =
        hub.call(
            "POST",
            "/fhir/Subscription",
            hub.token(Map.of("scope", scopes)),
            topic("imaging-study-available", null, "empty"));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
    if (status == 201) {
      made.add(JSON.readTree(answer.body()).path("id").asText());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ImagingStudy?colour=red",
    "DiagnosticReport?status=final",
    "ImagingStudy",
    "ImagingStudy?patient.family=test"
  })
  void aFilterIsOfTheTopicsOwnType(String filter) throws Exception {
    HttpResponse<byte[]> answer =
        hub.call(
            "POST",
            "/fhir/Subscription",
            staff(),
            topic("imaging-study-available", filter, "empty"));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(422);
  }

  @Test
  void oldEventsAreForgotten() {
    JdbcClient jdbc = hub.bean(JdbcClient.class);
    jdbc.sql(
            "insert into subscription_event (id, cause, topic, focus_type, focus_id, at) values (?, 'old', 'report-issued', 'DiagnosticReport', ?, ?)")
        .params(
            UUID.randomUUID(), UUID.randomUUID(), OffsetDateTime.now(ZoneOffset.UTC).minusDays(31))
        .update();
    eventually(
        () ->
            assertThat(
                    jdbc.sql("select count(*) from subscription_event where cause = 'old'")
                        .query(Integer.class)
                        .single())
                .isZero());
  }

  @Test
  void aConditionNamesTheOwnersOwn() throws Exception {
    String token = patient(MainJobIT.nhsNumber());
    String other = patient(MainJobIT.nhsNumber());
    String body = topic("imaging-study-available", null, "empty");
    String url = JSON.readTree(body).at("/channel/endpoint").asText();
    String same = "Subscription?criteria=http&url=" + url;
    String id = created(token, body);
    HttpResponse<byte[]> there =
        hub.callWith("POST", "/fhir/Subscription", token, body, "If-None-Exist", same);
    assertThat(there.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(there.body()).path("id").asText()).isEqualTo(id);
    // Another owner has none.
    HttpResponse<byte[]> theirs =
        hub.callWith("POST", "/fhir/Subscription", other, body, "If-None-Exist", same);
    assertThat(theirs.statusCode()).isEqualTo(201);
    made.add(JSON.readTree(theirs.body()).path("id").asText());
    assertThat(JSON.readTree(theirs.body()).path("id").asText()).isNotEqualTo(id);
    HttpResponse<byte[]> put = hub.call("PUT", "/fhir/" + same, token, body);
    assertThat(put.statusCode()).as(text(put)).isEqualTo(200);
    assertThat(JSON.readTree(put.body()).path("id").asText()).isEqualTo(id);
    HttpResponse<byte[]> patch =
        hub.callAs(
            "application/json-patch+json",
            "PATCH",
            "/fhir/" + same,
            token,
            "[{\"op\":\"replace\",\"path\":\"/reason\",\"value\":\"anew\"}]");
    assertThat(patch.statusCode()).as(text(patch)).isEqualTo(200);
    created(token, body);
    assertThat(hub.call("PUT", "/fhir/" + same, token, body).statusCode()).isEqualTo(412);
    assertThat(text(hub.call("PUT", "/fhir/Subscription?contact=x", token, body)))
        .contains("ISO-FHIR-094");
    assertThat(hub.call("PUT", "/fhir/Subscription?_id=", token, body).statusCode()).isIn(400, 412);
    assertThat(hub.search(same.replace("criteria=http&", ""), token)).hasSize(2);
    assertThat(hub.search("Subscription?url=https://other.example", token)).isEmpty();
    assertThat(hub.call("DELETE", "/fhir/Subscription?_id=" + id, token, null).statusCode())
        .isBetween(200, 204);
    assertThat(hub.get("/fhir/Subscription/" + id, token).statusCode()).isEqualTo(404);
    assertThat(hub.call("PUT", "/fhir/Subscription?_id=" + id, token, body).statusCode())
        .isEqualTo(201);
  }

  @Test
  void aSubscriptionIsItsOwners() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String token = patient(nhs);
    String id = created(token, topic("imaging-study-available", null, "empty"));
    String other = patient(MainJobIT.nhsNumber());
    String path = "/fhir/Subscription/" + id;
    assertThat(hub.get(path, other).statusCode()).isEqualTo(404);
    assertThat(hub.get(path + "/$status", other).statusCode()).isEqualTo(404);
    assertThat(hub.get(path + "/$events", other).statusCode()).isEqualTo(404);
    assertThat(hub.get(path + "/$events", staff()).statusCode()).isEqualTo(404);
    assertThat(hub.call("DELETE", path, other, null).statusCode()).isEqualTo(404);
    assertThat(hub.search("Subscription", other)).isEmpty();
    assertThat(hub.search("Subscription?_id=" + id, token)).hasSize(1);
    assertThat(hub.search("Subscription?status=off", token)).isEmpty();
    created(token, topic("report-issued", null, "empty"));
    created(token, topic("transfer-completed", null, "empty"));
    HttpResponse<byte[]> fourth =
        hub.call("POST", "/fhir/Subscription", token, topic("report-issued", null, "empty"));
    assertThat(text(fourth)).contains("ISO-FHIR-064");
    assertThat(hub.call("DELETE", path, token, null).statusCode()).isBetween(200, 204);
    assertThat(hub.get(path, token).statusCode()).isEqualTo(404);
    assertThat(hub.json("/fhir/metadata", token).toString())
        .contains(TOPIC + "imaging-study-available");
  }
}
