package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.it.Pacs.About;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageStep;
import org.isocentre.model.MessageStored;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jms.core.JmsTemplate;

/** A message goes wrong, is found, corrected and done again. */
class MessagesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BORN = "19740213";
  private static final String API = "/api/messages";
  @TempDir static Path data;
  private static TestHub hub;
  private static Ris ris;

  @BeforeAll
  static void start() {
    hub =
        new TestHub(
                data,
                TestHub.freePort(),
                "--isocentre.queues.max-deliveries=2",
                "--isocentre.trusts[0].hl7-senders[0].application=BOUND",
                "--isocentre.trusts[0].hl7-senders[0].facility=RTH",
                "--isocentre.trusts[0].hl7-senders[0].sources[0]=192.0.2.1")
            .start();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static String integration() {
    return hub.token(Map.of("scope", "system/*.read", "roles", List.of("integration")));
  }

  private static String integrationOf(String ods) {
    return hub.token(Map.of("roles", "integration", "ods_code", ods));
  }

  private static JsonNode get(String path) {
    return hub.json(API + path, integration());
  }

  private static JsonNode post(int status, String path, String body) throws Exception {
    HttpResponse<byte[]> answer = hub.call("POST", API + path, integration(), body);
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(answer.statusCode()).as(text).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private static JsonNode find(String criteria, String state) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> get("?" + criteria + "&state=" + state).path("messages"),
            found -> found.size() == 1)
        .get(0);
  }

  private static List<String> steps(String id) {
    List<String> steps = new ArrayList<>();
    get("/" + id).path("steps").forEach(s -> steps.add(s.path("step").asText()));
    return steps;
  }

  private static List<JsonNode> orders(String placer) {
    return hub.search("ServiceRequest?identifier=" + placer, hub.system());
  }

  private static String raw(String path) throws Exception {
    HttpResponse<byte[]> answer = hub.get(API + path, integration());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/hl7-v2");
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @Test
  void aRefusedMessageIsFoundCorrectedAndFiled() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String right = Ris.order(nhs, BORN, "C1");
    String wrong = right.replace(nhs, "9990000019");
    assertThat(Ris.code(ris.send(wrong))).isEqualTo("AE");

    JsonNode message = find("accession=RTH%7CC1", "REFUSED");
    String id = message.path("id").asText();
    assertThat(message.path("error").asText()).isEqualTo("HL70357-101:PID-3");
    assertThat(message.path("custodian").asText()).isEqualTo("RTH");
    assertThat(raw("/" + id + "/raw")).isEqualTo(wrong);
    assertThat(steps(id)).containsExactly("RECEIVED", "REFUSED");
    JsonNode stillWrong = post(422, "/" + id + "/replay?reason=again", "");
    assertThat(stillWrong.path("code").asText()).isEqualTo("ISO-MESSAGE-020");
    assertThat(stillWrong.at("/problems/0/code").asText()).isEqualTo("HL70357-101:PID-3");

    JsonNode refused = post(422, "/" + id + "/corrections?reason=number", wrong);
    assertThat(refused.path("code").asText()).isEqualTo("ISO-MESSAGE-017");
    // As an editor writes it.
    JsonNode correction =
        post(201, "/" + id + "/corrections?reason=wrong%20number", right.replace("\r", "\r\n"));
    assertThat(correction.path("number").asInt()).isEqualTo(1);
    assertThat(correction.path("by").asText()).isEqualTo("test");
    assertThat(raw("/" + id + "/raw")).isEqualTo(wrong);
    assertThat(raw("/" + id + "/corrections/1/raw")).isEqualTo(right);

    JsonNode dry = post(200, "/" + id + "/replay?dryRun=true", "");
    assertThat(dry.path("outcome").asText()).isEqualTo("WOULD_CHANGE");
    assertThat(dry.path("changes").toString())
        .contains("\"accessionValue\",\"after\":\"C1\"")
        .contains("\"familyName\",\"hidden\":true".replace("familyName", "family"))
        .doesNotContain(nhs)
        .doesNotContain("TEST")
        .doesNotContain("1974");
    assertThat(orders("PC1")).isEmpty();

    JsonNode replay = post(202, "/" + id + "/replay?reason=number%20corrected", "");
    assertThat(replay.path("outcome").asText()).isEqualTo("QUEUED");
    assertThat(replay.path("correction").asInt()).isEqualTo(1);
    await().atMost(PATIENCE).until(() -> orders("PC1").size() == 1);
    find("accession=C1", "FILED");
    assertThat(steps(id))
        .containsExactly("RECEIVED", "REFUSED", "CORRECTED", "REPLAYED", "MAPPED", "FILED");
    assertThat(get("/" + id).path("resources").toString())
        .contains("ServiceRequest/" + orders("PC1").get(0).path("id").asText());

    // Once more changes nothing.
    assertThat(post(200, "/" + id + "/replay?dryRun=true", "").path("outcome").asText())
        .isEqualTo("WOULD_CHANGE_NOTHING");
    post(202, "/" + id + "/replay?reason=again", "");
    await().atMost(PATIENCE).until(() -> steps(id).size() == 9);
    assertThat(orders("PC1")).hasSize(1);
  }

  @Test
  void aMessageInTheNameOfABoundSenderIsFiledOnlyIfAPersonSaysSo() throws Exception {
    String order = Ris.order(MainJobIT.nhsNumber(), BORN, "B1").replace("|RIS|RTH|", "|BOUND|RTH|");
    assertThat(order).contains("|BOUND|RTH|");
    assertThat(Ris.code(ris.send(order))).isEqualTo("AR");
    JsonNode message = find("accession=B1", "REFUSED");
    String id = message.path("id").asText();
    assertThat(message.path("custodian").asText()).isEmpty();
    JsonNode replay = post(422, "/" + id + "/replay?reason=again", "");
    assertThat(replay.path("code").asText()).isEqualTo("ISO-MESSAGE-020");
    assertThat(replay.at("/problems/0/code").asText()).startsWith("HL70357-204:MSH");
    assertThat(replay.at("/problems/0/text").asText()).contains("bound");
    post(201, "/" + id + "/corrections?reason=asked%20the%20sender", order);
    post(202, "/" + id + "/replay?reason=asked%20the%20sender", "");
    await().atMost(PATIENCE).until(() -> orders("PB1").size() == 1);
  }

  @Test
  void theBeginOfAStrangersLongMessageIsNotTakenForTheWhole() throws Exception {
    String order =
        Ris.order(MainJobIT.nhsNumber(), BORN, "S1").replace("|RIS|RTH|", "|RIS|STRANGER|")
            + "NTE|1||long\r".repeat(6000);
    assertThat(Ris.code(ris.send(order))).isEqualTo("AR");
    String id = find("facility=STRANGER", "REFUSED").path("id").asText();
    String kept = raw("/" + id + "/raw");
    assertThat(kept).hasSize(64 * 1024);
    assertThat(order).startsWith(kept);
    JsonNode replay = post(422, "/" + id + "/replay?reason=again", "");
    assertThat(replay.at("/problems/0/text").asText()).contains("64 KiB");
    JsonNode cut = post(422, "/" + id + "/corrections?reason=as%20it%20was", kept);
    assertThat(cut.path("code").asText()).isEqualTo("ISO-MESSAGE-017");
    String whole = order.replace("|RIS|STRANGER|", "|RIS|RTH|");
    post(201, "/" + id + "/corrections?reason=all%20of%20it", whole);
  }

  @Test
  void whatAStepGaveUpOnIsGroupedAndDoneAgainInBulk() throws Exception {
    JdbcClient index = hub.bean(JdbcClient.class);
    String nhs = MainJobIT.nhsNumber();
    index.sql("alter table imaging_order rename to away").update();
    try {
      assertThat(Ris.code(ris.send(Ris.order(nhs, BORN, "D1")))).isEqualTo("AA");
      assertThat(Ris.code(ris.send(Ris.order(nhs, BORN, "D2")))).isEqualTo("AA");
      find("accession=D1", "FAILED");
      find("accession=D2", "FAILED");
    } finally {
      index.sql("alter table away rename to imaging_order").update();
    }
    JsonNode cause = get("/failures?step=order-index").get(0);
    assertThat(cause.path("count").asInt()).isEqualTo(2);
    assertThat(cause.path("code").asText()).contains("BadSqlGrammarException");
    assertThat(dead()).isEqualTo(2);

    String filter =
        "{\"filter\":{\"step\":\"order-index\"},\"max\":%d,\"dryRun\":%s,\"reason\":\"x\"}";
    JsonNode dry = post(200, "/replay", filter.formatted(10, "true"));
    assertThat(dry.path("replays").toString())
        .contains("\"after\":\"D1\"")
        .contains("\"after\":\"D2\"");
    // Both are for one new patient, which only the first would make.
    assertThat(dry.at("/replays/0/changes").toString()).contains("\"Patient\"");
    assertThat(dry.at("/replays/1/changes").toString()).doesNotContain("\"resource\":\"Patient\"");
    assertThat(hub.search("Patient?identifier=" + nhs, hub.system())).isEmpty();
    assertThat(dead()).isEqualTo(2);

    JsonNode first = post(202, "/replay", filter.formatted(1, "false"));
    assertThat(first.path("more").asBoolean()).isTrue();
    assertThat(first.path("replays")).hasSize(1);
    await().atMost(PATIENCE).until(() -> orders("PD1").size() == 1);
    assertThat(dead()).isEqualTo(1);
    post(202, "/replay", filter.formatted(10, "false"));
    await().atMost(PATIENCE).until(() -> orders("PD2").size() == 1);
    assertThat(dead()).isZero();
    assertThat(get("/failures?step=order-index")).isEmpty();
    String id = find("accession=D1", "FILED").path("id").asText();
    assertThat(steps(id))
        .containsExactly("RECEIVED", "ACKNOWLEDGED", "FAILED", "REPLAYED", "MAPPED", "FILED");
    assertThat(get("/" + id).at("/steps/3/by").asText()).isEqualTo("test");
  }

  @Test
  void aReplayTakesEveryDeadLetterOfItsMessage() throws Exception {
    JdbcClient index = hub.bean(JdbcClient.class);
    ris.send(Ris.order(MainJobIT.nhsNumber(), BORN, "L1"));
    String id = find("accession=L1", "FILED").path("id").asText();
    String key =
        index
            .sql("select object_key from hl7_message where id = ?")
            .param(java.util.UUID.fromString(id))
            .query(String.class)
            .single();
    String control = get("/" + id).at("/message/controlId").asText();
    int before = dead();
    index.sql("alter table imaging_order rename to away").update();
    try {
      for (int i = 0; i < 2; i++) {
        hub.bean(JmsTemplate.class)
            .convertAndSend(
                "order.received",
                """
                {"eventId":"%s","custodian":"RTH","messageType":"ORM^O01","controlId":"%s","objectKey":"%s",
                 "charset":"UTF-8","receivedAt":"2026-11-01T12:00:0%dZ"}"""
                    .formatted(java.util.UUID.randomUUID(), control, key, i));
      }
      await().atMost(PATIENCE).until(() -> dead() == before + 2);
    } finally {
      index.sql("alter table away rename to imaging_order").update();
    }
    assertThat(steps(id)).contains("REPEATED");
    post(202, "/" + id + "/replay?reason=x", "");
    find("accession=L1", "FILED");
    assertThat(dead()).isEqualTo(before);
  }

  private static int dead() {
    return dead(hub);
  }

  private static int dead(TestHub of) {
    return of.bean(JmsTemplate.class)
        .browse(
            "dead.order-index",
            (session, browser) -> {
              int n = 0;
              for (var e = browser.getEnumeration(); e.hasMoreElements(); e.nextElement()) {
                n++;
              }
              return n;
            });
  }

  @Test
  void anOldMessageThatIsDoneAgainDoesNotUndoANewer() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String order = Ris.order(nhs, BORN, "E1");
    ris.send(order);
    String id = find("accession=E1", "FILED").path("id").asText();
    String cancelled =
        Ris.order(nhs, BORN, "E1")
            .replace("|20261101090000||ORM", "|20261101100000||ORM")
            .replace("ORC|NW", "ORC|CA")
            .replace("|SC|", "||");
    ris.send(cancelled);
    await()
        .atMost(PATIENCE)
        .until(() -> orders("PE1").get(0).path("status").asText().equals("revoked"));
    JsonNode dry = post(200, "/" + id + "/replay?dryRun=true", "");
    assertThat(dry.path("outcome").asText()).isEqualTo("WOULD_CHANGE_NOTHING");
    assertThat(dry.path("note").asText()).contains("newer");
    assertThat(post(202, "/" + id + "/replay?reason=x", "").path("note").asText())
        .contains("newer");
    await().atMost(PATIENCE).until(() -> steps(id).size() == 7);
    assertThat(orders("PE1").get(0).path("status").asText()).isEqualTo("revoked");
    assertThat(get("/" + id).at("/steps/6/detail").asText()).contains("newer");
  }

  @Test
  void aStudyThatComesLaterShowsInTheJourney() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    ris.send(Ris.order(nhs, BORN, "F1"));
    String id = find("accession=F1", "FILED").path("id").asText();
    try (Pacs rth = new Pacs()) {
      rth.send(hub.dicom, Pacs.image(Uid.random(), Uid.random(), new About(nhs, BORN, "F1")));
    }
    await()
        .atMost(PATIENCE)
        .until(
            () -> steps(id),
            s -> s.equals(List.of("RECEIVED", "ACKNOWLEDGED", "MAPPED", "FILED", "LINKED")));
  }

  @Test
  void whoOpensAMessageIsInThePatientsAuditTrail() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    ris.send(Ris.order(nhs, BORN, "G1"));
    String id = find("accession=G1", "FILED").path("id").asText();
    raw("/" + id + "/raw");
    String patient =
        hub.search("Patient?identifier=" + nhs, hub.system()).get(0).path("id").asText();
    assertThat(hub.search("AuditEvent?patient=" + patient, hub.system()).toString())
        .contains("message-raw")
        .contains(id);
    // Found by the patient's number, with and without it in the URL, and by their FHIR id.
    assertThat(get("?patient=NHS%7C" + nhs).path("messages")).hasSize(1);
    assertThat(get("?patient=" + patient).path("messages")).hasSize(1);
    JsonNode found = post(200, "/search", "{\"patient\":\"" + nhs + "\"}");
    assertThat(found.path("messages")).hasSize(1);
    assertThat(found.toString()).doesNotContain(nhs).doesNotContain("TEST");
  }

  @Test
  void nobodyGetsInWithoutTheRole() throws Exception {
    HttpResponse<byte[]> none = hub.get(API, null);
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Bearer");
    assertThat(JSON.readTree(none.body()).path("code").asText()).isEqualTo("ISO-AUTH-003");
    String patient =
        hub.token(
            Map.of("scope", "patient/*.read", "nhs_number", "9990000018", "roles", "integration"));
    for (String token : List.of(hub.system(), hub.organisation("RTH"), patient)) {
      HttpResponse<byte[]> answer = hub.get(API, token);
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(JSON.readTree(answer.body()).path("code").asText()).isEqualTo("ISO-MESSAGE-010");
      assertThat(hub.call("POST", API + "/replay", token, "{}").statusCode()).isEqualTo(403);
    }
  }

  @Test
  void aTrustsTeamSeesItsOwnMessagesAlone() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    ris.send(Ris.order(nhs, BORN, "H1"));
    String id = find("accession=H1", "FILED").path("id").asText();
    String path = API + "?accession=H1";
    assertThat(hub.json(path, integrationOf("RTH")).path("messages")).hasSize(1);
    assertThat(hub.json(path, integrationOf("RJ1")).path("messages")).isEmpty();
    for (String blank : List.of("", " ")) {
      HttpResponse<byte[]> answer = hub.get(API, integrationOf(blank));
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("ISO-MESSAGE-030");
    }
    for (String what : List.of("", "/raw")) {
      HttpResponse<byte[]> answer = hub.get(API + "/" + id + what, integrationOf("RJ1"));
      assertThat(answer.statusCode()).isEqualTo(404);
    }
    assertThat(
            hub.call("POST", API + "/" + id + "/replay?reason=x", integrationOf("RJ1"), "")
                .statusCode())
        .isEqualTo(404);
    JsonNode other =
        post(
            422,
            "/" + id + "/corrections?reason=x",
            Ris.order(nhs, BORN, "H1").replace("|RIS|RTH|", "|RIS|RJ1|"));
    assertThat(other.path("code").asText()).isEqualTo("ISO-MESSAGE-018");
  }

  @Test
  void anOutgoingMessageIsSeenAndOnlyItsDestinationsQueueSendsItAgain() throws Exception {
    var id = java.util.UUID.randomUUID();
    MessageJournal journal = hub.bean(MessageJournal.class);
    journal.outgoing(
        new MessageStored(id.toString(), "RJ1", "ORU^R01", "OUT1", "hl7/x", "UTF-8", Instant.now()),
        MessageLabels.NONE,
        "RJ1-EPR");
    journal.step(id, MessageStep.Kind.SENT, "RJ1-EPR", null, Instant.now());
    journal.step(id, MessageStep.Kind.PARKED, "RJ1-EPR", "AR", Instant.now());
    hub.bean(MessageIndex.class)
        .became(
            id,
            MessageIndex.State.PARKED,
            new MessageIndex.Failure("HL70357-207:MSH", "RJ1-EPR", "answered AR", null));
    JsonNode found = find("direction=OUT&destination=RJ1-EPR", "PARKED");
    assertThat(found.path("id").asText()).isEqualTo(id.toString());
    assertThat(steps(id.toString())).containsExactly("QUEUED", "SENT", "PARKED");
    assertThat(get("/failures?direction=OUT").at("/0/step").asText()).isEqualTo("RJ1-EPR");
    assertThat(post(200, "/" + id + "/replay?dryRun=true", "").path("outcome").asText())
        .isEqualTo("WOULD_CHANGE_NOTHING");
    assertThat(post(409, "/" + id + "/replay?reason=x", "").path("code").asText())
        .isEqualTo("ISO-MESSAGE-019");
    assertThat(post(409, "/" + id + "/corrections?reason=x", "MSH").path("code").asText())
        .isEqualTo("ISO-MESSAGE-028");
  }

  @ParameterizedTest
  @CsvSource({
    "?nonsense=1, ISO-MESSAGE-012",
    "?state=LOST, ISO-MESSAGE-012",
    "?direction=UP, ISO-MESSAGE-012",
    "?from=yesterday, ISO-MESSAGE-012",
    "?controlId=, ISO-MESSAGE-012",
    "?controlId=1&controlId=2, ISO-MESSAGE-012",
    "?cursor=xx, ISO-MESSAGE-013",
    "?limit=0, ISO-MESSAGE-014",
    "?limit=201, ISO-MESSAGE-014",
    "?limit=many, ISO-WEB-006",
    "/failures?nonsense=1, ISO-MESSAGE-012",
    "/nonsense, ISO-WEB-006"
  })
  void aWrongCallIsTold(String path, String code) throws Exception {
    HttpResponse<byte[]> answer = hub.get(API + path, integration());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(answer.body()).path("code").asText()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"dryRun\":true,\"max\":1}; ISO-MESSAGE-021",
        "{\"dryRun\":true,\"max\":1,\"filter\":{}}; ISO-MESSAGE-021",
        "{\"dryRun\":true,\"max\":1,\"filter\":{\"stat\":\"FAILED\"}}; ISO-MESSAGE-012",
        "{\"dryRun\":true,\"filter\":{\"step\":\"x\"}}; ISO-MESSAGE-022",
        "{\"dryRun\":true,\"max\":101,\"filter\":{\"step\":\"x\"}}; ISO-MESSAGE-022",
        "{\"dryRun\":false,\"max\":501,\"filter\":{\"step\":\"x\"}}; ISO-MESSAGE-022",
        "{\"dryrun\":true,\"max\":1,\"filter\":{\"step\":\"x\"},\"reason\":\"x\"}; ISO-MESSAGE-025",
        "{\"dryRun\":false,\"max\":1,\"filter\":{\"step\":\"x\"}}; ISO-MESSAGE-016",
        "this is no JSON; ISO-WEB-006"
      })
  void aWrongBulkReplayIsTold(String body, String code) throws Exception {
    assertThat(post(400, "/replay", body).path("code").asText()).isEqualTo(code);
  }

  @Test
  void whatIsNotThereIsTold() throws Exception {
    String nobody = "/00000000-0000-0000-0000-000000000000";
    for (String path : List.of("", "/raw", "/corrections/1/raw")) {
      HttpResponse<byte[]> answer = hub.get(API + nobody + path, integration());
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(JSON.readTree(answer.body()).path("code").asText()).isEqualTo("ISO-MESSAGE-011");
    }
    post(404, nobody + "/replay?reason=x", "");
    post(404, nobody + "/corrections?reason=x", "MSH");
  }

  @Test
  void pagesFollowEachOther() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      messages.add(Ris.order(nhs, BORN, "I" + i));
    }
    ris.sendAll(messages);
    await()
        .atMost(PATIENCE)
        .until(() -> get("?patient=" + nhs + "&state=FILED").path("messages").size() == 5);
    List<String> seen = new ArrayList<>();
    String cursor = "";
    int pages = 0;
    while (cursor != null) {
      JsonNode page = get("?patient=" + nhs + "&limit=2" + cursor);
      page.path("messages").forEach(m -> seen.add(m.path("id").asText()));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asText() : null;
      pages++;
    }
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(5).doesNotHaveDuplicates();
  }

  @Test
  void deadLettersThatTheIndexDoesNotKnowAreShownAfterAStart(@TempDir Path other) throws Exception {
    String nhs = MainJobIT.nhsNumber();
    try (TestHub first = new TestHub(other, TestHub.freePort()).start()) {
      new Ris(first.mllp).send(Ris.order(nhs, BORN, "K1"));
      String key =
          await()
              .atMost(PATIENCE)
              .until(
                  () ->
                      first
                          .bean(JdbcClient.class)
                          .sql("select object_key from hl7_message where state = 'FILED'")
                          .query(String.class)
                          .list(),
                  keys -> keys.size() == 1)
              .get(0);
      // As an earlier version left it: without the event's id in a header.
      String event =
          """
          {"eventId":"%s","custodian":"RTH","messageType":"ORM^O01","controlId":"LOST","objectKey":"%s",
           "charset":"UTF-8","receivedAt":"2026-11-01T12:00:00Z"}"""
              .formatted(java.util.UUID.randomUUID(), key);
      first
          .bean(JmsTemplate.class)
          .convertAndSend(
              "dead.order-index",
              event,
              message -> {
                message.setStringProperty("IsocentreReason", "ISO-X-001: no such place");
                return message;
              });
    }
    try (TestHub second = new TestHub(other, TestHub.freePort()).start()) {
      String token = second.token(Map.of("roles", "integration"));
      JsonNode found =
          await()
              .atMost(PATIENCE)
              .until(
                  () -> second.json(API + "?controlId=LOST&state=FAILED", token).path("messages"),
                  messages -> messages.size() == 1)
              .get(0);
      assertThat(found.path("error").asText()).isEqualTo("ISO-X-001");
      assertThat(found.path("step").asText()).isEqualTo("order-index");
      String replay = API + "/" + found.path("id").asText() + "/replay?reason=x";
      assertThat(second.call("POST", replay, token, "").statusCode()).isEqualTo(202);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  second.json(API + "?controlId=LOST&state=FILED", token).path("messages").size()
                      == 1);
      assertThat(dead(second)).isZero();
    }
  }
}
