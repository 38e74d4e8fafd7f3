package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.isocentre.outbound.ScriptedReceiver.answer;
import static org.isocentre.outbound.ScriptedReceiver.silence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.model.PatientKey;
import org.isocentre.outbound.ScriptedReceiver;
import org.isocentre.outbound.ScriptedReceiver.Received;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a message in to a message out, over real ports; also when the hub is killed in between. */
class HubOutboundIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String BORN = "19740213";
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  @TempDir Path data;
  private final ScriptedReceiver rj1 = new ScriptedReceiver(m -> answer("AA"));
  private final ScriptedReceiver rth = new ScriptedReceiver(m -> answer("AA"));
  private TestHub hub;

  @AfterEach
  void stop() {
    if (hub != null) {
      hub.close();
    }
    rj1.close();
    rth.close();
  }

  private TestHub hub(String... more) throws Exception {
    Path rules = data.resolve("rj1.yaml");
    Files.writeString(
        rules,
        """
        rules:
          - map: { field: PID-8, values: { F: "2", M: "1" } }
          - zsegment: { name: ZHB, after: PID, fields: { 1: isocentre, 2: { from: OBR-18 } } }
        """);
    hub =
        new TestHub(
            data.resolve("hub"),
            TestHub.freePort(),
            "--isocentre.trusts[0].hl7[0].name=rth-ris",
            "--isocentre.trusts[0].hl7[0].host=localhost",
            "--isocentre.trusts[0].hl7[0].port=" + rth.port(),
            "--isocentre.trusts[0].hl7[0].application=RIS",
            "--isocentre.trusts[0].hl7[0].facility=RTH",
            "--isocentre.trusts[0].hl7[0].messages=ORM,ORU,MDM,ADT",
            "--isocentre.trusts[1].hl7[0].name=rj1-epr",
            "--isocentre.trusts[1].hl7[0].host=localhost",
            "--isocentre.trusts[1].hl7[0].port=" + rj1.port(),
            "--isocentre.trusts[1].hl7[0].application=EPR",
            "--isocentre.trusts[1].hl7[0].facility=RJ1",
            "--isocentre.trusts[1].hl7[0].messages=ORM,ORU,ADT",
            "--isocentre.trusts[1].hl7[0].rules=" + rules,
            "--isocentre.trusts[1].hl7[0].ack-timeout=2s",
            "--isocentre.trusts[1].hl7[0].retry-delay=200ms",
            "--isocentre.trusts[1].hl7[0].max-retry-delay=1s");
    hub.with(List.of(more));
    return hub;
  }

  private static String accession() {
    return "OUT" + NUMBERS.incrementAndGet();
  }

  private void in(String message) throws Exception {
    assertThat(Ris.code(new Ris(hub.mllp).send(message))).isEqualTo("AA");
  }

  private static List<Received> of(ScriptedReceiver receiver, String type, String text) {
    return receiver.received.stream()
        .filter(m -> m.text().contains("|" + type + "^") && m.text().contains(text))
        .toList();
  }

  private static String segment(Received message, String name) {
    for (String line : message.text().split("\r")) {
      if (line.startsWith(name + "|")) {
        return line;
      }
    }
    return "";
  }

  @Test
  void whoAskedIsToldAndNobodyElse() throws Exception {
    hub().start();
    String nhs = MainJobIT.nhsNumber();
    String accession = accession();
    in(Ris.report(nhs, BORN, accession, "Heart < 50 \\T\\ lungs"));
    in(Ris.order(nhs, BORN, accession));
    await().atMost(PATIENCE).until(() -> of(rj1, "ORU", accession).size() == 1);
    await().atMost(PATIENCE).until(() -> of(rj1, "ORM", accession).size() == 1);
    Received oru = of(rj1, "ORU", accession).get(0);
    assertThat(segment(oru, "MSH")).startsWith("MSH|^~\\&|ISOCENTRE|ISOCENTRE|EPR|RJ1|");
    assertThat(segment(oru, "PID")).contains(nhs + "^^^NHS^NH").endsWith("|2");
    assertThat(segment(oru, "OBX")).contains("Heart < 50 \\T\\ lungs");
    assertThat(segment(oru, "ZHB")).isEqualTo("ZHB|isocentre|" + accession);
    assertThat(segment(of(rj1, "ORM", accession).get(0), "ORC")).startsWith("ORC|SC|P" + accession);
    await()
        .atMost(PATIENCE)
        .until(() -> journey(oru.controlId()), "QUEUED SENT ACKNOWLEDGED"::equals);

    in(Ris.head("ADT^A31") + Ris.pid(nhs, BORN).replace("TEST^CASE", "TEST^OTHER"));
    await().atMost(PATIENCE).until(() -> of(rj1, "ADT", "TEST^OTHER").size() == 1);
    await().atMost(PATIENCE).until(() -> waiting() == 0);
    // It is RTH that said all of this.
    assertThat(rth.received).isEmpty();
  }

  /** The trust's RIS gets what its EPR writes by FHIR as its placer would send it. */
  @Test
  void anOrderWrittenByFhirIsPlacedWithTheTrustsOwnSystems() throws Exception {
    hub().start();
    String nhs = MainJobIT.nhsNumber();
    String accession = accession();
    String epr = hub.token(Map.of("scope", "system/*.cruds", "ods_code", "RTH"));
    String order =
        """
        {"resourceType":"ServiceRequest","status":"active","intent":"order",
         "identifier":[{"system":"urn:isocentre:placer:RTH","value":"P%s"}],
         "subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}},
         "requester":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RJ1"}}}"""
            .formatted(accession, nhs);
    var made = hub.call("POST", "/fhir/ServiceRequest", epr, order);
    assertThat(made.statusCode()).as(new String(made.body())).isEqualTo(201);
    JsonNode shown = new ObjectMapper().readTree(made.body());
    String path = "/fhir/ServiceRequest/" + shown.path("id").asText();
    assertTold(accession, "NW");
    for (List<String> next :
        List.of(List.of("on-hold", "HD"), List.of("active", "RL"), List.of("revoked", "CA"))) {
      String changed =
          hub.json(path, epr)
              .toString()
              .replaceFirst("\"status\":\"[a-z-]+\"", "\"status\":\"" + next.get(0) + "\"");
      var answer = hub.call("PUT", path, epr, changed);
      assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(200);
      assertTold(accession, next.get(1));
    }
    // Whoever asked is told how it stands.
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                of(rj1, "ORM", accession).stream()
                    .anyMatch(m -> segment(m, "ORC").startsWith("ORC|OC|")));
  }

  private void assertTold(String accession, String control) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                of(rth, "ORM", accession).stream()
                    .anyMatch(m -> segment(m, "ORC").startsWith("ORC|" + control + "|P")));
  }

  @Test
  void aMergeIsToldToWhoHasACopyOnceAPersonHasConfirmedIt() throws Exception {
    hub().start();
    String nhs = MainJobIT.nhsNumber();
    String other = MainJobIT.nhsNumber();
    in(Ris.order(nhs, BORN, accession()));
    in(Ris.order(other, BORN, accession()));
    PatientIndex patients = hub.bean(PatientIndex.class);
    await().atMost(PATIENCE).until(() -> id(patients, nhs) != null && id(patients, other) != null);
    in(Ris.head("ADT^A40") + Ris.pid(nhs, BORN) + "MRG|" + other + "^^^NHS^NH\r");
    String merge = "/fhir/Patient/" + id(patients, other) + "/$confirm-merge";
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                !hub.json("/fhir/Patient/" + id(patients, other), hub.system())
                    .path("link")
                    .isMissingNode());
    assertThat(of(rj1, "ADT", "ADT^A40")).isEmpty();
    assertThat(
            hub.call("POST", merge, hub.system(), "{\"resourceType\":\"Parameters\"}").statusCode())
        .isEqualTo(200);
    await().atMost(PATIENCE).until(() -> of(rj1, "ADT", "ADT^A40").size() == 1);
    assertThat(segment(of(rj1, "ADT", "ADT^A40").get(0), "PID")).contains(nhs);
    assertThat(segment(of(rj1, "ADT", "ADT^A40").get(0), "MRG")).contains(other);
    await().atMost(PATIENCE).until(() -> waiting() == 0);
    // It is RTH that said so.
    assertThat(of(rth, "ADT", "ADT^A40")).isEmpty();
    assertThat(of(rj1, "ADT", "ADT^A37")).isEmpty();

    String undo = "/fhir/Patient/" + id(patients, nhs) + "/$undo-merge";
    String why =
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"why\",\"valueString\":\"wrong person\"}]}";
    assertThat(hub.call("POST", undo, hub.system(), why).statusCode()).isEqualTo(200);
    await().atMost(PATIENCE).until(() -> of(rj1, "ADT", "ADT^A37").size() == 1);
    List<String> parted =
        List.of(of(rj1, "ADT", "ADT^A37").get(0).text().split("\r")).stream()
            .filter(line -> line.startsWith("PID|"))
            .toList();
    assertThat(parted).hasSize(2);
    assertThat(parted.get(0)).contains(nhs).doesNotContain(other);
    assertThat(parted.get(1)).contains(other).doesNotContain(nhs);
    await().atMost(PATIENCE).until(() -> waiting() == 0);
    assertThat(
            hub.json("/fhir/Patient/" + id(patients, other), hub.system())
                .path("active")
                .asBoolean())
        .isTrue();
    // The merge was told and taken back once, after it and not before.
    List<String> merges =
        rj1.received.stream()
            .map(m -> segment(m, "MSH").split("\\|")[8])
            .filter(type -> type.startsWith("ADT^A40") || type.startsWith("ADT^A37"))
            .map(type -> type.substring(0, 7))
            .toList();
    assertThat(merges).containsExactly("ADT^A40", "ADT^A37");
    assertThat(of(rth, "ADT", "ADT^A37")).isEmpty();
  }

  private static java.util.UUID id(PatientIndex patients, String nhs) {
    var found = patients.findByKey(new PatientKey(PatientKey.NHS, nhs));
    return found.isEmpty() ? null : found.get(0).id();
  }

  /** Steps of a message out, as integration staff see them. */
  private String journey(String controlId) {
    JsonNode found =
        hub.json(
            "/api/messages?direction=OUT&controlId=" + controlId,
            hub.token(Map.of("roles", "integration")));
    if (found.path("messages").isEmpty()) {
      return "none";
    }
    String id = found.at("/messages/0/id").asText();
    List<String> steps = new ArrayList<>();
    hub.json("/api/messages/" + id, hub.token(Map.of("roles", "integration")))
        .path("steps")
        .forEach(s -> steps.add(s.path("step").asText()));
    return String.join(" ", steps);
  }

  private int waiting() {
    int waiting = 0;
    for (JsonNode d : hub.json("/api/outbound/destinations", hub.system())) {
      waiting += d.path("waiting").asInt() + d.path("parked").asInt();
    }
    return waiting;
  }

  @Test
  void peoplePauseResumeAndMend() throws Exception {
    hub().start();
    assertThat(hub.get("/api/outbound/destinations", hub.organisation("RJ1")).statusCode())
        .isEqualTo(403);
    assertThat(post("/api/outbound/destinations/nobody/pause")).isEqualTo(404);
    assertThat(post("/api/outbound/destinations/rj1-epr/pause")).isEqualTo(200);
    rj1.script(m -> answer("AR"));
    String accession = accession();
    in(Ris.order(MainJobIT.nhsNumber(), BORN, accession));
    await().atMost(PATIENCE).until(() -> waiting() == 1);
    assertThat(rj1.received).isEmpty();
    assertThat(post("/api/outbound/destinations/rj1-epr/resume")).isEqualTo(200);
    await().atMost(PATIENCE).until(() -> messages("PARKED").size() == 1);
    JsonNode parked = messages("PARKED").get(0);
    assertThat(parked.path("answer").asText()).isEqualTo("AR");
    String id = parked.path("id").asText();
    assertThat(post("/api/outbound/messages/" + id + "/retry")).isEqualTo(200);
    await()
        .atMost(PATIENCE)
        .until(() -> rj1.received.size() == 2 && messages("PARKED").size() == 1);
    assertThat(rj1.controlIds()).containsOnly(parked.path("controlId").asText());
    rj1.script(m -> answer("AA"));
    assertThat(post("/api/outbound/messages/" + id + "/rebuild")).isEqualTo(200);
    await().atMost(PATIENCE).until(() -> messages("ACKED").size() == 1);
    String anew = messages("ACKED").get(0).path("controlId").asText();
    assertThat(anew).isNotEqualTo(parked.path("controlId").asText());
    assertThat(rj1.controlIds().get(2)).isEqualTo(anew);
    assertThat(rj1.received.get(2).text()).contains(accession);
    await()
        .atMost(PATIENCE)
        .until(
            () -> journey(anew),
            "QUEUED SENT PARKED QUEUED SENT PARKED CORRECTED QUEUED SENT ACKNOWLEDGED"::equals);
    assertThat(post("/api/outbound/messages/" + id + "/rebuild")).isEqualTo(409);
    assertThat(post("/api/outbound/messages/" + id + "/give-up")).isEqualTo(409);
    assertThat(hub.get("/api/outbound/messages?state=NO", hub.system()).statusCode())
        .isEqualTo(400);
  }

  @Test
  void anApplicationsAnswerThatComesByTheHubsOwnPortFindsItsMessage() throws Exception {
    hub(
            "--isocentre.trusts[1].hl7[0].accept-acknowledgement=AL",
            "--isocentre.trusts[1].hl7[0].application-acknowledgement=AL",
            "--isocentre.trusts[1].hl7[0].application-acknowledgement-by=own-connection",
            "--isocentre.trusts[1].hl7[0].application-timeout=10m")
        .start();
    rj1.script(m -> answer("CA"));
    String nhs = MainJobIT.nhsNumber();
    in(Ris.order(nhs, BORN, accession()));
    await().atMost(PATIENCE).until(() -> messages("ACCEPTED").size() == 1);
    in(Ris.order(nhs, BORN, accession()));
    await().atMost(PATIENCE).until(() -> messages("PENDING").size() == 1);
    Received first = rj1.received.get(0);
    assertThat(segment(first, "MSH")).contains("|P|2.4|||AL|AL|");
    try (MllpClient epr = new MllpClient(hub.mllp)) {
      assertThat(epr.ask(acknowledgement("RTH", "AA", first.controlId()))).contains("\rMSA|CR|E1");
      assertThat(epr.ask(acknowledgement("RJ1", "AA", first.controlId()))).contains("\rMSA|CA|E1");
    }
    await().atMost(PATIENCE).until(() -> messages("ACKED").size() == 1);
    assertThat(messages("ACKED").get(0).path("answer").asText()).isEqualTo("AA");
    await().atMost(PATIENCE).until(() -> messages("ACCEPTED").size() == 1);
    assertThat(journey(first.controlId())).isEqualTo("QUEUED SENT ACKNOWLEDGED ACKNOWLEDGED");
  }

  private static String acknowledgement(String facility, String code, String controlId) {
    return "MSH|^~\\&|EPR|%s|ISOCENTRE|ISOCENTRE|20261101||ACK^O01|E1|P|2.4|||AL|NE\rMSA|%s|%s\r"
        .formatted(facility, code, controlId);
  }

  @Test
  void whatAConsentHeldBackIsToldWhenItChanges() throws Exception {
    hub().start();
    String nhs = MainJobIT.nhsNumber();
    in(Ris.order(nhs, BORN, accession()));
    await().atMost(PATIENCE).until(() -> rj1.received.size() == 1);
    consent(nhs, "deny");
    String held = accession();
    in(Ris.order(nhs, BORN, held));
    String other = accession();
    in(Ris.order(MainJobIT.nhsNumber(), BORN, other));
    await().atMost(PATIENCE).until(() -> of(rj1, "ORM", other).size() == 1);
    OutboundIndex queue = hub.bean(OutboundIndex.class);
    await().atMost(PATIENCE).until(() -> queue.held().count("rj1-epr") == 1);
    consent(nhs, "permit");
    await().atMost(PATIENCE).until(() -> of(rj1, "ORM", held).size() == 1);
    await().atMost(PATIENCE).until(() -> queue.held().count("rj1-epr") == 0);
    assertThat(rj1.received).hasSize(3);
  }

  private void consent(String nhs, String type) throws Exception {
    String consent =
        """
        {"resourceType":"Consent","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"Patient/%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]},
         "provision":{"type":"%s","actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleClass","code":"PROV"}]},
           "reference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RJ1"}}}]}}
        """
            .formatted(id(hub.bean(PatientIndex.class), nhs), type);
    assertThat(hub.call("POST", "/fhir/Consent", hub.system(), consent).statusCode())
        .isEqualTo(201);
  }

  private JsonNode messages(String state) {
    return hub.json("/api/outbound/messages?state=" + state, hub.system());
  }

  private int post(String path) throws Exception {
    return hub.call("POST", path, hub.system(), "").statusCode();
  }

  /** The destination has the message but its answer is lost with the process. */
  @Test
  void afterSigkillExactlyWhatWasNotAcknowledgedIsSentAgain() throws Exception {
    hub().startProcess();
    String first = accession();
    in(Ris.order(MainJobIT.nhsNumber(), BORN, first));
    await().atMost(PATIENCE).until(() -> messages("ACKED").size() == 1);
    rj1.script(m -> silence());
    String second = accession();
    String third = accession();
    in(Ris.order(MainJobIT.nhsNumber(), BORN, second));
    await().atMost(PATIENCE).until(() -> !of(rj1, "ORM", second).isEmpty());
    in(Ris.order(MainJobIT.nhsNumber(), BORN, third));
    hub.kill();
    rj1.script(m -> answer("AA"));
    hub.startProcess();
    await().atMost(PATIENCE).until(() -> messages("ACKED").size() == 3);
    assertThat(of(rj1, "ORM", first)).hasSize(1);
    List<Received> again = of(rj1, "ORM", second);
    assertThat(again).hasSizeGreaterThanOrEqualTo(2);
    assertThat(again).extracting(Received::text).containsOnly(again.get(0).text());
    assertThat(of(rj1, "ORM", third)).isNotEmpty();
    assertThat(of(rj1, "ORM", third))
        .extracting(Received::controlId)
        .containsOnly(of(rj1, "ORM", third).get(0).controlId());
  }
}
