package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Consents through the API and what they do at the doors. */
class ConsentIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BORN = "19700101";
  private static final String LABEL =
      "http://terminology.hl7.org/CodeSystem/v3-Confidentiality%7CV";
  @TempDir static Path directory;
  private static TestHub hub;
  private static Pacs rth;
  private static Ris ris;

  @BeforeAll
  static void start() {
    hub = new TestHub(directory, TestHub.freePort()).start();
    rth = new Pacs();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    rth.close();
    hub.close();
  }

  /** A patient with a study of RTH. */
  private record Person(String nhs, String id, String study, String studyId) {}

  /** Whose study RJ1 asked for. */
  private static Person person() throws Exception {
    About about = about();
    ris.send(Ris.order(about.patientId(), BORN, about.accession()));
    return withStudy(about);
  }

  /** Whom RTH alone knows of. */
  private static Person stranger() throws Exception {
    return withStudy(about());
  }

  private static About about() {
    return new About(MainJobIT.nhsNumber(), BORN, "CO" + MainJobIT.nhsNumber());
  }

  private static Person withStudy(About about) throws Exception {
    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    rth.send(hub.dicom, image);
    JsonNode study =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(image.study()), l -> l.size() == 1)
            .get(0);
    return new Person(
        about.patientId(),
        study.at("/subject/reference").asText().substring("Patient/".length()),
        image.study(),
        study.path("id").asText());
  }

  private static String consent(Person person, String provision) {
    return """
        {"resourceType":"Consent","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"Patient/%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]},
         "provision":%s}"""
        .formatted(person.id(), provision);
  }

  private static final String RJ1 =
      """
      "actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},
        "reference":{"reference":"Organization/RJ1"}}]""";

  private static String patientToken(Person person) {
    return hub.token(Map.of("scope", "patient/*.*", "nhs_number", person.nhs()));
  }

  private static JsonNode created(Person person, String provision) throws Exception {
    var answer =
        hub.call("POST", "/fhir/Consent", patientToken(person), consent(person, provision));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(201);
    return JSON.readTree(answer.body());
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static int seen(Person person, String type, String token) {
    return hub.json("/fhir/" + type + "?patient=" + person.id() + "&_summary=count", token)
        .path("total")
        .asInt(0);
  }

  @Test
  void aPatientHidesOneStudyAndItsOrderFromATrustAndTakesItBack() throws Exception {
    Person person = person();
    String rj1 = hub.organisation("RJ1");
    assertThat(seen(person, "ImagingStudy", rj1)).isEqualTo(1);
    JsonNode consent =
        created(
            person,
            """
            {"type":"deny",%s,"data":[{"meaning":"related","reference":{"reference":"ImagingStudy/%s"}}]}"""
                .formatted(RJ1, person.studyId()));
    String path = "/fhir/Consent/" + consent.path("id").asText();
    assertThat(seen(person, "ImagingStudy", rj1)).isZero();
    assertThat(seen(person, "ServiceRequest", rj1)).isZero();
    assertThat(hub.search("Patient?_id=" + person.id(), rj1)).hasSize(1);
    assertThat(hub.get("/fhir/ImagingStudy/" + person.studyId(), rj1).statusCode()).isEqualTo(404);
    assertThat(hub.get("/dicomweb/studies/" + person.study(), rj1).statusCode()).isEqualTo(404);
    assertThat(hub.json("/dicomweb/studies?StudyInstanceUID=" + person.study(), rj1)).isEmpty();
    assertThat(seen(person, "ImagingStudy", hub.organisation("RTH"))).isEqualTo(1);
    assertThat(hub.call("DELETE", path, patientToken(person), null).statusCode()).isLessThan(300);
    assertThat(seen(person, "ImagingStudy", rj1)).isEqualTo(1);
    assertThat(hub.get(path, patientToken(person)).statusCode()).isEqualTo(410);
    JsonNode history = hub.json(path + "/_history", patientToken(person));
    assertThat(history.path("entry")).hasSize(2);
    assertThat(hub.json(path + "/_history/1", patientToken(person)).path("status").asText())
        .isEqualTo("active");
  }

  @Test
  void anOrganisationDecidesNothingForAPatient() throws Exception {
    Person person = person();
    String provision =
        """
        {"type":"deny",%s,"data":[{"meaning":"instance","reference":{"reference":"ImagingStudy/%s"}}]}"""
            .formatted(RJ1, person.studyId());
    String path = "/fhir/Consent/" + created(person, provision).path("id").asText();
    String rj1 = hub.token(Map.of("scope", "system/*.read system/*.write", "ods_code", "RJ1"));
    String permit = consent(person, provision.replace("deny", "permit"));
    for (HttpResponse<byte[]> answer :
        List.of(
            hub.call("POST", "/fhir/Consent", rj1, permit),
            hub.call(
                "PUT",
                path,
                rj1,
                permit.replace(
                    "{\"resourceType\":\"Consent\"",
                    "{\"resourceType\":\"Consent\",\"id\":\"" + path.substring(14) + "\"")),
            hub.call("DELETE", path, rj1, null))) {
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(403);
      assertThat(text(answer)).contains("ISO-FHIR-017");
    }
    assertThat(seen(person, "ImagingStudy", rj1)).isZero();
    String records =
        hub.token(
            Map.of(
                "scope",
                "system/*.read system/*.write",
                "ods_code",
                "RTH",
                "roles",
                List.of("records")));
    assertThat(hub.call("POST", "/fhir/Consent", records, consent(person, provision)).statusCode())
        .isEqualTo(201);
  }

  @Test
  void anExceptionLeavesOneStudyOpenOfWhatIsDenied() throws Exception {
    Person person = person();
    created(
        person,
        """
        {"type":"deny",%s,"provision":[{"type":"permit","data":[{"meaning":"instance","reference":{"reference":"ImagingStudy/%s"}}]}]}"""
            .formatted(RJ1, person.studyId()));
    String rj1 = hub.organisation("RJ1");
    assertThat(seen(person, "ImagingStudy", rj1)).isEqualTo(1);
    assertThat(seen(person, "ServiceRequest", rj1)).isZero();
    assertThat(hub.search("Patient?_id=" + person.id(), rj1)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?accept=application/zip",
        "/series/@S/instances/@I/frames/1?accept=application/octet-stream",
        "/series/@S/instances/@I/bulkdata/7FE00010?accept=application/octet-stream"
      })
  void aWithdrawalCutsOffADownloadWithinASecond(String what) throws Exception {
    String nhs = MainJobIT.nhsNumber();
    About about = new About(nhs, BORN, "CO" + MainJobIT.nhsNumber());
    ris.send(Ris.order(nhs, BORN, about.accession()));
    Image image = Pacs.image(Uid.random(), Uid.random(), Uid.random(), about, 4096, 1);
    rth.send(hub.dicom, image);
    JsonNode study =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(image.study()), l -> l.size() == 1)
            .get(0);
    Person person =
        new Person(
            nhs,
            study.at("/subject/reference").asText().substring("Patient/".length()),
            image.study(),
            study.path("id").asText());
    var request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + hub.http
                        + "/dicomweb/studies/"
                        + image.study()
                        + what.replace("@S", image.series()).replace("@I", image.uid())))
            .header("Authorization", "Bearer " + hub.organisation("RJ1"))
            .build();
    var answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    try (InputStream in = answer.body()) {
      assertThat(in.readNBytes(1000)).hasSize(1000);
      created(person, "{\"type\":\"deny\"," + RJ1 + "}");
      long denied = System.nanoTime();
      Awaitility.await().until(() -> System.nanoTime() - denied > 1_000_000_000L);
      assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(
                        hub.search("AuditEvent?_count=200&entity-type=ImagingStudy", hub.system())
                            .toString())
                    .contains("study " + image.study() + ", cut off"));
  }

  @Test
  void anOldVersionCannotBeReplaced() throws Exception {
    Person person = person();
    JsonNode first = created(person, "{\"type\":\"deny\"," + RJ1 + "}");
    String path = "/fhir/Consent/" + first.path("id").asText();
    String second =
        consent(person, "{\"type\":\"permit\"," + RJ1 + "}")
            .replaceFirst("\\{", "{\"id\":\"" + first.path("id").asText() + "\",");
    var answer = hub.call("PUT", path, patientToken(person), second);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(seen(person, "ImagingStudy", hub.organisation("RJ1"))).isEqualTo(1);
    assertThat(hub.json(path, patientToken(person)).at("/meta/versionId").asText()).isEqualTo("2");
    Person other = person();
    assertThat(hub.call("PUT", path, patientToken(other), second).statusCode()).isEqualTo(404);
    assertThat(hub.call("DELETE", path, patientToken(other), null).statusCode()).isEqualTo(404);
    assertThat(hub.get(path + "/_history", patientToken(other)).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; provision.type",
        "{\"type\":\"permit\",\"actor\":[{\"role\":{\"coding\":[{\"system\":\"urn:x\",\"code\":\"y\"}]},\"reference\":{\"identifier\":{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"9990000018\"}}}]}; provision.period.end",
        "{\"type\":\"permit\",\"period\":{\"end\":\"2999-01-01\"},\"actor\":[{\"role\":{\"coding\":[{\"system\":\"urn:x\",\"code\":\"y\"}]},\"reference\":{\"identifier\":{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"9990000011\"}}}]}; actor[0].reference.identifier",
        "{\"type\":\"deny\",\"code\":[{\"text\":\"x\"}]}; provision.code",
        "{\"type\":\"deny\",\"actor\":[{\"reference\":{\"reference\":\"Organization/RJ1\"}}]}; actor[0].role",
        "{\"type\":\"deny\",\"purpose\":[{\"system\":\"urn:x\",\"code\":\"y\"}]}; purpose[0]",
        "{\"type\":\"deny\",\"class\":[{\"system\":\"http://hl7.org/fhir/resource-types\",\"code\":\"Appointment\"}]}; class[0]",
        "{\"type\":\"deny\",\"period\":{\"start\":\"2026-02-01\",\"end\":\"2026-01-01\"}}; period",
        "{\"type\":\"deny\",\"provision\":[{}]}; provision[0].type",
        "{\"type\":\"deny\",\"unheardOf\":1}; ISO-FHIR-012",
        "{\"type\":\"deny\",\"data\":[{\"meaning\":\"instance\",\"reference\":{\"reference\":\"ImagingStudy/00000000-0000-0000-0000-000000000001\"}}]}; ISO-FHIR-013"
      })
  void whatCannotBeDecidedByIsRefusedAndNamed(String provision, String named) throws Exception {
    Person person = known();
    var answer = hub.call("POST", "/fhir/Consent", hub.system(), consent(person, provision));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(422);
    assertThat(text(answer)).contains(named);
  }

  private static Person someone;

  private static synchronized Person known() throws Exception {
    if (someone == null) {
      someone = person();
    }
    return someone;
  }

  @Test
  void staffAndThePatientMayAskWhatWouldBeDecidedAndOthersMayNot() throws Exception {
    Person person = person();
    created(person, "{\"type\":\"deny\"," + RJ1 + "}");
    String ask = "/fhir/Consent/$decide?patient=" + person.id() + "&organization=";
    for (String token : List.of(hub.system(), patientToken(person))) {
      JsonNode answer = hub.json(ask + "RJ1", token);
      assertThat(answer.toString()).contains("\"deny\"").contains("Consent/");
      assertThat(hub.json(ask + "RTH", token).toString()).contains("\"permit\"");
      assertThat(hub.json(ask + "RTH&purpose=HRESCH", token).toString()).contains("\"deny\"");
    }
    assertThat(hub.get(ask + "RJ1", hub.organisation("RJ1")).statusCode()).isEqualTo(403);
    assertThat(hub.get(ask + "RJ1", patientToken(known())).statusCode()).isEqualTo(422);
  }

  /** Of somebody who acts for a patient. */
  private static String proxyToken(Person person, String proxy) {
    return hub.token(
        Map.of(
            "scope",
            "patient/*.*",
            "nhs_number",
            person.nhs(),
            "act",
            Map.of("sub", "someone", "nhs_number", proxy)));
  }

  private static String actsFor(String proxy, String more) {
    return """
        {"type":"permit","period":{"end":"2099-12-31"},
         "actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleClass","code":"GUARD"}]},
          "reference":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}}}]%s}"""
        .formatted(proxy, more);
  }

  @Test
  void whoActsForAPatientSeesWhatIsGrantedUntilItIsTakenBack() throws Exception {
    Person child = person();
    Person parent = person();
    String token = proxyToken(child, parent.nhs());
    String images = "/dicomweb/studies/" + child.study();
    assertThat(seen(child, "ImagingStudy", token)).isZero();
    assertThat(hub.get(images, token).statusCode()).isEqualTo(404);
    // Who permits everybody does not permit somebody to act for them.
    String everybody = created(child, "{\"type\":\"permit\"}").path("id").asText();
    assertThat(seen(child, "ImagingStudy", token)).isZero();
    assertThat(hub.get("/fhir/Patient/" + child.id(), token).statusCode()).isEqualTo(404);

    String grant = created(child, actsFor(parent.nhs(), "")).path("id").asText();

    assertThat(seen(child, "ImagingStudy", token)).isEqualTo(1);
    assertThat(seen(child, "ServiceRequest", token)).isEqualTo(1);
    assertThat(hub.search("Patient", token)).hasSize(1);
    assertThat(hub.get(images, token).statusCode()).isEqualTo(200);
    assertThat(hub.get("/dicomweb/studies/" + parent.study(), token).statusCode()).isEqualTo(404);
    assertThat(seen(parent, "ImagingStudy", token)).isZero();
    for (Person another : List.of(known(), child)) {
      assertThat(seen(child, "ImagingStudy", proxyToken(child, another.nhs()))).isZero();
    }
    assertThat(seen(parent, "ImagingStudy", proxyToken(parent, child.nhs()))).isZero();
    assertThat(patientToken(parent))
        .satisfies(own -> assertThat(seen(child, "ImagingStudy", own)).isZero());
    String ask = "/fhir/Consent/$decide?patient=%s&person=".formatted(child.id());
    assertThat(hub.json(ask + parent.nhs(), hub.system()).toString())
        .contains("\"permit\"", "Consent/" + grant);
    assertThat(hub.json(ask + known().nhs(), hub.system()).toString()).contains("\"deny\"");

    assertThat(hub.call("DELETE", "/fhir/Consent/" + grant, patientToken(child), null).statusCode())
        .isIn(200, 204);
    assertThat(seen(child, "ImagingStudy", token)).isZero();
    assertThat(hub.get(images, token).statusCode()).isEqualTo(404);
    hub.call("DELETE", "/fhir/Consent/" + everybody, patientToken(child), null);
    List<JsonNode> trail =
        hub.search("AuditEvent?_count=1000&patient=" + child.id(), patientToken(child));
    assertThat(trail)
        .anySatisfy(
            row ->
                assertThat(row.path("agent").findValuesAsText("value"))
                    .contains("proxy by Consent/" + grant));
    assertThat(trail).noneSatisfy(row -> assertThat(row.toString()).contains(parent.nhs()));
  }

  @Test
  void whoActsForAPatientLooksAndChangesNothing() throws Exception {
    Person child = person();
    String parent = MainJobIT.nhsNumber();
    created(child, actsFor(parent, ""));
    String token = proxyToken(child, parent);
    assertThat(hub.search("ImagingStudy", token)).hasSize(1);
    for (String type : List.of("Consent", "AuditEvent", "Task", "Subscription")) {
      assertThat(hub.get("/fhir/" + type, token).statusCode()).as(type).isEqualTo(403);
    }
    var written =
        hub.call(
            "POST", "/fhir/Consent", token, consent(child, actsFor(MainJobIT.nhsNumber(), "")));
    assertThat(written.statusCode()).isEqualTo(403);
    assertThat(hub.get("/fhir/ImagingStudy?_revinclude=Task:focus", token).body())
        .asString(StandardCharsets.UTF_8)
        .doesNotContain("\"Task\"");
  }

  @Test
  void aGrantMayBeOfSomeDataAndReleaseRulesHoldForProxiesToo() throws Exception {
    Person child = person();
    String parent = MainJobIT.nhsNumber();
    String token = proxyToken(child, parent);
    created(
        child,
        actsFor(
            parent,
            ",\"data\":[{\"meaning\":\"instance\",\"reference\":{\"reference\":\"ImagingStudy/%s\"}}]"
                .formatted(child.studyId())));
    assertThat(hub.search("ImagingStudy", token)).hasSize(1);
    assertThat(hub.search("ServiceRequest", token)).isEmpty();
    assertThat(hub.search("Patient", token)).isEmpty();
    created(child, actsFor(parent, ""));
    assertThat(hub.search("ServiceRequest", token)).hasSize(1);

    String flag = "/api/consent/patients/" + child.id() + "/flags/safeguarding";
    assertThat(hub.call("PUT", flag, hub.system(), null).statusCode()).isBetween(200, 204);
    for (String type : List.of("ImagingStudy", "ServiceRequest", "Patient")) {
      assertThat(hub.search(type, token)).as(type).isEmpty();
    }
    hub.call("DELETE", flag, hub.system(), null);
    assertThat(hub.search("ImagingStudy", token)).hasSize(1);
    String label = "/api/consent/data/" + child.studyId() + "/labels?label=" + LABEL;
    assertThat(hub.call("PUT", label, hub.system(), null).statusCode()).isBetween(200, 204);
    assertThat(hub.search("ImagingStudy", token)).isEmpty();
  }

  @Test
  void aClinicianBreaksTheGlassForATimeAndOthersSeeNothing() throws Exception {
    Person person = person();
    created(person, "{\"type\":\"deny\"," + RJ1 + "}");
    String doctor = clinician("dr-1");
    assertThat(seen(person, "ImagingStudy", doctor)).isZero();
    String body =
        """
        {"resourceType":"Parameters","parameter":[{"name":"nhsNumber","valueString":"%s"},
          {"name":"reason","valueString":"unconscious in the emergency department"}]}""";
    var refused =
        hub.call(
            "POST",
            "/fhir/Consent/$break-glass",
            hub.organisation("RJ1"),
            body.formatted(person.nhs()));
    assertThat(refused.statusCode()).isEqualTo(403);
    var opened =
        hub.call("POST", "/fhir/Consent/$break-glass", doctor, body.formatted(person.nhs()));
    assertThat(opened.statusCode()).as(text(opened)).isEqualTo(200);
    assertThat(seen(person, "ImagingStudy", doctor)).isEqualTo(1);
    assertThat(seen(person, "ImagingStudy", clinician("dr-2"))).isZero();
    assertThat(text(hub.get("/api/reviews", hub.system()))).contains("GLASS_BROKEN");
    var unknown =
        hub.call(
            "POST", "/fhir/Consent/$break-glass", doctor, body.formatted(MainJobIT.nhsNumber()));
    assertThat(text(unknown).replaceAll("valueInstant.*", ""))
        .isEqualTo(text(opened).replaceAll("valueInstant.*", ""));
  }

  /** RJ1 neither asked for nor made anything of this person. */
  @Test
  void aClinicianSeesWhomTheirOrganisationCaresForOrWhoPermitsIt() throws Exception {
    Person person = stranger();
    String doctor = clinician("dr-3");
    assertThat(seen(person, "ImagingStudy", hub.organisation("RJ1"))).isEqualTo(1);
    assertThat(seen(person, "ImagingStudy", doctor)).isZero();
    assertThat(hub.get("/fhir/Patient/" + person.id(), doctor).statusCode()).isEqualTo(404);
    assertThat(hub.get("/fhir/ImagingStudy/" + person.studyId(), doctor).statusCode())
        .isEqualTo(404);
    assertThat(hub.get("/dicomweb/studies/" + person.study(), doctor).statusCode()).isEqualTo(404);
    created(person, "{\"type\":\"permit\"," + RJ1 + "}");
    assertThat(seen(person, "ImagingStudy", doctor)).isEqualTo(1);
    assertThat(hub.get("/dicomweb/studies/" + person.study(), doctor).statusCode()).isEqualTo(200);

    Person asked = person();
    assertThat(seen(asked, "ImagingStudy", doctor)).isEqualTo(1);
    created(asked, "{\"type\":\"deny\"," + RJ1 + "}");
    assertThat(seen(asked, "ImagingStudy", doctor)).isZero();
  }

  @Test
  void aBrokenGlassOpensAPersonWhomTheOrganisationDoesNotCareFor() throws Exception {
    Person person = stranger();
    String doctor = clinician("dr-4");
    assertThat(seen(person, "ImagingStudy", doctor)).isZero();
    String body =
        """
        {"resourceType":"Parameters","parameter":[{"name":"nhsNumber","valueString":"%s"},
          {"name":"reason","valueString":"unconscious in the emergency department"}]}"""
            .formatted(person.nhs());
    assertThat(hub.call("POST", "/fhir/Consent/$break-glass", doctor, body).statusCode())
        .isEqualTo(200);
    assertThat(seen(person, "ImagingStudy", doctor)).isEqualTo(1);
    assertThat(seen(person, "ImagingStudy", clinician("dr-5"))).isZero();
  }

  private static String clinician(String subject) {
    return hub.token(
        Map.of(
            "scope",
            "system/*.read user/*.read",
            "ods_code",
            "RJ1",
            "sub",
            subject,
            "roles",
            List.of("clinician")));
  }

  @Test
  void aSensitiveStudyAndASafeguardedPersonAreKeptFromThePatientAlone() throws Exception {
    Person person = person();
    String token = patientToken(person);
    assertThat(seen(person, "ImagingStudy", token)).isEqualTo(1);
    String label = "/api/consent/data/" + person.studyId() + "/labels?label=" + LABEL;
    assertThat(hub.call("PUT", label, hub.system(), null).statusCode()).isEqualTo(204);
    assertThat(seen(person, "ImagingStudy", token)).isZero();
    assertThat(hub.get("/dicomweb/studies/" + person.study(), token).statusCode()).isEqualTo(404);
    assertThat(seen(person, "ServiceRequest", token)).isEqualTo(1);
    assertThat(seen(person, "ImagingStudy", hub.organisation("RJ1"))).isEqualTo(1);
    assertThat(hub.call("DELETE", label, hub.system(), null).statusCode()).isEqualTo(204);
    assertThat(seen(person, "ImagingStudy", token)).isEqualTo(1);
    String flag = "/api/consent/patients/" + person.id() + "/flags/safeguarding";
    assertThat(hub.call("PUT", flag, token, null).statusCode()).isEqualTo(403);
    assertThat(hub.call("PUT", flag, hub.system(), null).statusCode()).isEqualTo(204);
    assertThat(seen(person, "ImagingStudy", token)).isZero();
    assertThat(hub.search("Patient", token)).isEmpty();
  }

  @Test
  void researchNeedsAConsentAndNoOptOut() throws Exception {
    Person person = person();
    String research =
        hub.token(
            Map.of("scope", "system/*.read", "ods_code", "RJ1", "roles", List.of("research")));
    assertThat(seen(person, "ImagingStudy", research)).isZero();
    created(
        person,
        """
        {"type":"permit",%s,"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH"}]}"""
            .formatted(RJ1));
    assertThat(seen(person, "ImagingStudy", research)).isEqualTo(1);
    String flag = "/api/consent/patients/" + person.id() + "/flags/research-opt-out";
    assertThat(hub.call("PUT", flag, hub.system(), null).statusCode()).isEqualTo(204);
    assertThat(seen(person, "ImagingStudy", research)).isZero();
  }
}
