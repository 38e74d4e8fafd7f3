package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trusts and their nodes that are added by FHIR while the hub runs. */
class DirectoryIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ODS = "https://fhir.nhs.uk/Id/ods-organization-code";
  private static final String BORN = "19850717";
  @TempDir static Path data;
  private static TestHub hub;

  @BeforeAll
  static void start() {
    hub = new TestHub(data, TestHub.freePort(), "--isocentre.directory.check-period=100").start();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static String staff() {
    return hub.token(Map.of("scope", "system/*.cruds"));
  }

  private static String organization(String ods, String more) {
    return """
        {"resourceType":"Organization","identifier":[{"system":"%s","value":"%s"}],"name":"Trust %s"%s}"""
        .formatted(ODS, ods, ods, more);
  }

  private static String node(String ods, String title, int port, String more) {
    return """
        {"resourceType":"Endpoint","status":"active","identifier":[{"system":"urn:isocentre:ae-title","value":"%s"}],
         "connectionType":{"system":"urn:isocentre:endpoint","code":"dicom-dimse"},
         "managingOrganization":{"reference":"Organization/%s"},"payloadType":[{"text":"DICOM"}],
         "address":"dicom://127.0.0.1:%d"%s}"""
        .formatted(title, ods, port, more);
  }

  private static JsonNode ok(HttpResponse<byte[]> answer, int status) throws Exception {
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static HttpResponse<byte[]> patched(String path, String patch) throws Exception {
    return hub.callAs(
        "application/json-patch+json", "PATCH", path, staff(), patch.replace('\'', '"'));
  }

  /** The whole way: a trust that nobody knew sends a study, and is sent one. */
  @Test
  void aTrustThatWasAddedSendsAndIsSentStudiesUntilItIsTurnedOff() throws Exception {
    try (Pacs pacs = new Pacs()) {
      int port = pacs.listen(0);
      String nhs = MainJobIT.nhsNumber();
      About about = new About(nhs, BORN, "N" + nhs);
      assertThatThrownBy(
              () ->
                  pacs.sendAs("NEWPACS", hub.dicom, Pacs.image(Uid.random(), Uid.random(), about)))
          .isInstanceOf(Exception.class);
      JsonNode made =
          ok(hub.call("POST", "/fhir/Organization", staff(), organization("RNW", "")), 201);
      assertThat(made.path("id").asText()).isEqualTo("RNW");
      assertThat(made.path("active").asBoolean()).isTrue();
      JsonNode endpoint =
          ok(hub.call("POST", "/fhir/Endpoint", staff(), node("RNW", "NEWPACS", port, "")), 201);
      assertThat(endpoint.path("id").asText()).isEqualTo("ae-NEWPACS");
      assertThat(
              hub.json("/fhir/Organization/RNW", hub.system()).at("/endpoint/0/reference").asText())
          .isEqualTo("Endpoint/ae-NEWPACS");
      String own = Uid.random();
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(
              () -> {
                pacs.sendAs("NEWPACS", hub.dicom, Pacs.image(own, Uid.random(), about));
                return true;
              });
      await().atMost(Duration.ofSeconds(30)).until(() -> hub.study(own).size() == 1);

      String other = Uid.random();
      pacs.sendAs("RTHPACS", hub.dicom, Pacs.image(other, Uid.random(), about));
      await().atMost(Duration.ofSeconds(30)).until(() -> hub.study(other).size() == 1);
      String study = hub.study(other).get(0).path("id").asText();
      String task =
          """
          {"resourceType":"Task","status":"requested","intent":"order","focus":{"reference":"ImagingStudy/%s"},
           "owner":{"identifier":{"system":"%s","value":"RNW"}}}"""
              .formatted(study, ODS);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> hub.call("POST", "/fhir/Task", staff(), task).statusCode() == 201);
      await().atMost(Duration.ofSeconds(40)).until(() -> pacs.received.size() == 1);

      // It listens elsewhere from now on.
      try (Pacs moved = new Pacs()) {
        int elsewhere = moved.listen(0);
        ok(
            patched(
                "/fhir/Endpoint/ae-NEWPACS",
                "[{'op':'replace','path':'/address','value':'dicom://127.0.0.1:%d'}]"
                    .formatted(elsewhere)),
            200);
        String third = Uid.random();
        pacs.sendAs("RTHPACS", hub.dicom, Pacs.image(third, Uid.random(), about));
        await().atMost(Duration.ofSeconds(30)).until(() -> hub.study(third).size() == 1);
        String again = task.replace(study, hub.study(third).get(0).path("id").asText());
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.call("POST", "/fhir/Task", staff(), again).statusCode() == 201);
        await().atMost(Duration.ofSeconds(40)).until(() -> moved.received.size() == 1);
        assertThat(pacs.received).hasSize(1);
      }

      ok(
          patched(
              "/fhir/Organization?identifier=RNW",
              "[{'op':'replace','path':'/active','value':false}]"),
          200);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                try {
                  pacs.sendAs("NEWPACS", hub.dicom, Pacs.image(Uid.random(), Uid.random(), about));
                  return false;
                } catch (Exception refused) {
                  return true;
                }
              });
      assertThat(
              hub.call(
                      "POST",
                      "/fhir/Task",
                      staff(),
                      task.replace(study, hub.study(own).get(0).path("id").asText()))
                  .statusCode())
          .isEqualTo(422);
      // What came from it is still the trust's.
      assertThat(hub.study(own)).hasSize(1);
      assertThat(hub.json("/fhir/Organization/RNW/_history", hub.system()).path("entry"))
          .hasSize(2);
      assertThat(
              hub.json("/fhir/Organization/RNW/_history/1", hub.system())
                  .path("active")
                  .asBoolean())
          .isTrue();
      assertThat(
              hub.json("/fhir/Endpoint/ae-NEWPACS/_history/1", hub.system())
                  .path("address")
                  .asText())
          .isEqualTo("dicom://127.0.0.1:" + port);
    }
  }

  /** A referrer that is added gets what it asked for, without a setting. */
  @Test
  void versionsConditionsAndTransactionsHold() throws Exception {
    String forward =
        ",\"extension\":[{\"url\":\"https://isocentre.org/fhir/StructureDefinition/Isocentre-ForwardTo\",\"valueCode\":\"referrer\"}]";
    String bundle =
        """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"fullUrl":"urn:uuid:0c6a9f0e-9d52-4d5e-8f0e-000000000001","resource":%s,"request":{"method":"POST","url":"Organization"}},
          {"resource":%s,"request":{"method":"POST","url":"Endpoint"}}]}"""
            .formatted(
                organization("RTX", forward),
                node("RTX", "TXPACS", 11999, "")
                    .replace("Organization/RTX", "urn:uuid:0c6a9f0e-9d52-4d5e-8f0e-000000000001"));
    ok(hub.call("POST", "/fhir", staff(), bundle), 200);
    JsonNode endpoint = hub.json("/fhir/Endpoint?identifier=TXPACS", hub.system());
    assertThat(endpoint.at("/entry/0/resource/managingOrganization/reference").asText())
        .isEqualTo("Organization/RTX");
    // The same once more: nothing of it is done.
    HttpResponse<byte[]> again = hub.call("POST", "/fhir", staff(), bundle);
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(text(again)).contains("ISO-FHIR-099");
    HttpResponse<byte[]> halfNew =
        hub.call(
            "POST",
            "/fhir",
            staff(),
            bundle.replace("\"RTX\"", "\"RTY\"").replace("Trust RTX", "Trust RTY"));
    assertThat(halfNew.statusCode()).isEqualTo(409);
    assertThat(hub.get("/fhir/Organization/RTY", hub.system()).statusCode()).isEqualTo(404);

    HttpResponse<byte[]> there =
        hub.callWith(
            "POST",
            "/fhir/Organization",
            staff(),
            organization("RTX", ""),
            "If-None-Exist",
            "identifier=" + ODS + "%7CRTX");
    assertThat(ok(there, 200).path("extension")).hasSize(1);
    String put = organization("RTX", ",\"alias\":[\"Old name\"]");
    HttpResponse<byte[]> stale =
        hub.callWith("PUT", "/fhir/Organization/RTX", staff(), put, "If-Match", "W/\"7\"");
    assertThat(stale.statusCode()).isEqualTo(409);
    HttpResponse<byte[]> nothing =
        hub.callWith(
            "PUT",
            "/fhir/Organization/RNO",
            staff(),
            organization("RNO", ""),
            "If-Match",
            "W/\"1\"");
    assertThat(nothing.statusCode()).isEqualTo(404);
    HttpResponse<byte[]> second =
        hub.callWith("PUT", "/fhir/Organization/RTX", staff(), put, "If-Match", "W/\"1\"");
    assertThat(ok(second, 200).at("/meta/versionId").asText()).isEqualTo("2");
    assertThat(second.headers().firstValue("ETag")).contains("W/\"2\"");
    JsonNode read = hub.json("/fhir/Organization/RTX", hub.system());
    assertThat(read.at("/alias/0").asText()).isEqualTo("Old name");
    assertThat(read.at("/endpoint/0/reference").asText()).isEqualTo("Endpoint/ae-TXPACS");
    // What was read is written back, with what follows from it.
    ok(hub.call("PUT", "/fhir/Organization/RTX", staff(), read.toString()), 200);
    assertThat(
            ok(
                    hub.call(
                        "PUT",
                        "/fhir/Organization?identifier=RPU",
                        staff(),
                        organization("RPU", "")),
                    201)
                .path("id")
                .asText())
        .isEqualTo("RPU");
    assertThat(
            hub.call("PUT", "/fhir/Organization/RPV", staff(), organization("RPU", ""))
                .statusCode())
        .isEqualTo(422);
    assertThat(
            hub.call("PUT", "/fhir/Organization/RPW", staff(), organization("RPW", ""))
                .statusCode())
        .isEqualTo(201);
    assertThat(
            hub.search(
                "AuditEvent?entity-type=Organization&subtype=create&_count=100", hub.system()))
        .anySatisfy(e -> assertThat(e.toString()).contains("Organization/RPW"));
    assertThat(hub.search("Organization?active=true&name=trust+rp", hub.system())).hasSize(2);
    assertThat(hub.search("Endpoint?organization=RTX&status=active", hub.system())).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Organization; {'resourceType':'Organization','name':'x'}; identifier",
        "Organization; {'resourceType':'Organization','name':'x','identifier':[{'system':'%s','value':'rth'}]}; identifier",
        "Organization; {'resourceType':'Organization','identifier':[{'system':'%s','value':'RQQ'}]}; name",
        "Organization; {'resourceType':'Organization','name':'x','partOf':{'reference':'Organization/RTH'},'identifier':[{'system':'%s','value':'RQQ'}]}; partOf",
        "Organization; {'resourceType':'Organization','name':'x','extension':[{'url':'http://x.example','valueCode':'all'}],'identifier':[{'system':'%s','value':'RQQ'}]}; ForwardTo",
        "Organization; {'resourceType':'Organization','name':'x','unheardOf':1,'identifier':[{'system':'%s','value':'RQQ'}]}; ISO-FHIR-097",
        "Organization; {'resourceType':'Organization','name':'x','identifier':[{'system':'%s','value':'RTH'}]}; ISO-FHIR-098",
        "Endpoint; NODE; 'value':'X1'; 'value':'RTHPACS'; ISO-FHIR-098",
        "Endpoint; NODE; 'value':'X1'; 'value':'MUCHTOOLONGATITLE'; identifier",
        "Endpoint; NODE; 'value':'X1'; 'value':'    '; identifier",
        "Endpoint; NODE; Organization/RTH; Organization/RZZ; managingOrganization",
        "Endpoint; NODE; Organization/RTH; Patient/RTH; managingOrganization",
        "Endpoint; NODE; dicom://127.0.0.1:104; dicom://127.0.0.1; address",
        "Endpoint; NODE; dicom://127.0.0.1:104; http://127.0.0.1:104; address",
        "Endpoint; NODE; dicom://127.0.0.1:104; dicom://u@127.0.0.1:104/x; address",
        "Endpoint; NODE; dicom://127.0.0.1:104; dicom://127.0.0.1:99999; address",
        "Endpoint; NODE; dicom-dimse; dicom-wado-rs; connectionType",
        "Endpoint; NODE; 'status':'active',; 'id':'x',; status",
        "Endpoint; NODE; 'payloadType'; 'header':['Authorization: x'],'payloadType'; header",
        "Endpoint; {'resourceType':'Endpoint','status':'active','connectionType':{'system':'http://terminology.hl7.org/CodeSystem/endpoint-connection-type','code':'dicom-stow-rs'},'managingOrganization':{'reference':'Organization/RTH'},'payloadType':[{'text':'DICOM'}],'address':'http://pacs.example/dicomweb'}; https"
      })
  void whatCannotBeOfTheDirectoryIsRefused(String line) throws Exception {
    String[] parts = line.split("; *");
    String type = parts[0];
    String body =
        parts[1].equals("NODE")
            ? node("RTH", "X1", 104, "")
                .replace(parts[2].replace('\'', '"'), parts[3].replace('\'', '"'))
            : parts[1].replace('\'', '"').formatted(ODS);
    HttpResponse<byte[]> answer = hub.call("POST", "/fhir/" + type, staff(), body);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(422);
    assertThat(text(answer)).contains(parts[parts.length - 1]);
  }

  @ParameterizedTest
  @CsvSource({
    "RTH, system/*.cruds",
    "RJ1, user/*.cruds",
    ", system/*.rs",
    ", system/Patient.cruds"
  })
  void whoDoesNotRunTheHubWritesNothing(String ods, String scope) throws Exception {
    String token =
        ods == null
            ? hub.token(Map.of("scope", scope))
            : hub.token(Map.of("scope", scope, "ods_code", ods));
    for (String method : List.of("POST", "PUT")) {
      String id = method.equals("PUT") ? "/RQX" : "";
      assertThat(
              hub.call(method, "/fhir/Organization" + id, token, organization("RQX", ""))
                  .statusCode())
          .isEqualTo(403);
    }
    assertThat(hub.call("POST", "/fhir/Endpoint", token, node("RTH", "X2", 104, "")).statusCode())
        .isEqualTo(403);
    assertThat(hub.get("/fhir/Organization/RQX", hub.system()).statusCode()).isEqualTo(404);
  }

  /** What was written is there after a restart. */
  @Test
  void whatWasWrittenStays(@TempDir Path own) throws Exception {
    try (TestHub one = new TestHub(own, TestHub.freePort()).start()) {
      String token = one.token(Map.of("scope", "system/*.cruds"));
      assertThat(
              one.call("POST", "/fhir/Organization", token, organization("RST", "")).statusCode())
          .isEqualTo(201);
      assertThat(
              one.call("POST", "/fhir/Endpoint", token, node("RST", "STPACS", 104, ""))
                  .statusCode())
          .isEqualTo(201);
      one.stop();
      one.start();
      assertThat(
              one.json("/fhir/Organization/RST", one.system()).at("/endpoint/0/reference").asText())
          .isEqualTo("Endpoint/ae-STPACS");
      try (Pacs pacs = new Pacs()) {
        String uid = Uid.random();
        String nhs = MainJobIT.nhsNumber();
        // From the first association on.
        pacs.sendAs(
            "STPACS", one.dicom, Pacs.image(uid, Uid.random(), new About(nhs, BORN, "S" + nhs)));
        await().atMost(Duration.ofSeconds(30)).until(() -> one.study(uid).size() == 1);
      }
    }
  }
}
