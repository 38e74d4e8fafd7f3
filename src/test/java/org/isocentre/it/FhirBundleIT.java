package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.Constants;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.StringType;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Interactions by HAPI's own client; batches, transactions, patches, conditions. */
class FhirBundleIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BORN = "19740213";
  @TempDir static Path directory;
  private static TestHub hub;
  private static Pacs rth;
  private static Ris ris;
  private String nhs;
  private String person;
  private String study;

  @BeforeAll
  static void start() {
    hub =
        new TestHub(
                directory,
                TestHub.freePort(),
                "--isocentre.fhir.max-entries=5",
                "--isocentre.fhir.max-bundle=3KB")
            .start();
    rth = new Pacs();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    rth.close();
    hub.close();
  }

  @BeforeEach
  void somebody() throws Exception {
    nhs = MainJobIT.nhsNumber();
    String accession = MainJobIT.nhsNumber();
    ris.send(Ris.order(nhs, BORN, accession));
    ris.send(Ris.report(nhs, BORN, accession, "Nothing seen."));
    String uid = Uid.random();
    rth.send(hub.dicom, Pacs.image(uid, Uid.random(), new About(nhs, BORN, accession)));
    JsonNode found =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> hub.study(uid),
                l ->
                    l.size() == 1
                        && !hub.search("DiagnosticReport?identifier=" + accession, hub.system())
                            .isEmpty())
            .get(0);
    person = found.at("/subject/reference").asText();
    study = found.path("id").asText();
  }

  private String token() {
    return hub.token(Map.of("scope", "patient/*.cruds", "nhs_number", nhs));
  }

  private IGenericClient client() {
    FhirContext fhir = FhirContext.forR4Cached();
    fhir.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.NEVER);
    IGenericClient client = fhir.newRestfulGenericClient("http://127.0.0.1:" + hub.http + "/fhir");
    client.registerInterceptor(new BearerTokenAuthInterceptor(token()));
    return client;
  }

  private Consent consent(String purpose) {
    return FhirContext.forR4Cached().newJsonParser().parseResource(Consent.class, json(purpose));
  }

  private String json(String purpose) {
    return """
        {"resourceType":"Consent","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},
         "provision":{"type":"deny","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"%s"}]}}"""
        .formatted(person, purpose);
  }

  @Test
  void aStudyStartsAtTheOffsetThatItsObjectsGive() throws Exception {
    String uid = Uid.random();
    rth.send(hub.dicom, Pacs.imageAt("-0330", uid, new About(nhs, BORN, "Z" + nhs)));
    JsonNode found =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(uid), l -> l.size() == 1)
            .get(0);
    assertThat(found.path("started").asText()).isEqualTo("2026-11-01T10:15:00-03:30");
    assertThat(hub.json("/fhir/ImagingStudy/" + study, token()).path("started").asText())
        .isEqualTo("2026-11-01");
  }

  private static String task(String study, String more) {
    return """
        {"resourceType":"Task","status":"requested","intent":"order","focus":{"reference":"ImagingStudy/%s"},
         "owner":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RJ1"}}%s}"""
        .formatted(study, more);
  }

  private static String system(String ods) {
    return hub.token(Map.of("scope", "system/*.cruds", "ods_code", ods));
  }

  private static HttpResponse<byte[]> patched(String path, String token, String status)
      throws Exception {
    return hub.callAs(
        "application/json-patch+json",
        "PATCH",
        path,
        token,
        "[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"" + status + "\"}]");
  }

  /** RJ1's node is away, so the transfer stays under way. */
  @Test
  void aTransferIsAskedForCancelledAndAskedForAgainAsATask() throws Exception {
    String uid = Uid.random();
    rth.send(hub.dicom, Pacs.image(uid, Uid.random(), new About(nhs, BORN, "T" + nhs)));
    String other =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(uid), l -> l.size() == 1)
            .get(0)
            .path("id")
            .asText();
    HttpResponse<byte[]> made =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> hub.call("POST", "/fhir/Task", system("RJ1"), task(other, "")),
                answer -> answer.statusCode() != 409);
    assertThat(made.statusCode()).isEqualTo(201);
    String path = "/fhir/Task/" + JSON.readTree(made.body()).path("id").asText();
    HttpResponse<byte[]> again = hub.call("POST", "/fhir/Task", system("RTH"), task(other, ""));
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(path).endsWith(JSON.readTree(again.body()).path("id").asText());
    assertThat(patched(path, token(), "cancelled").statusCode()).isEqualTo(403);
    assertThat(patched(path, system("RTH"), "completed").statusCode()).isEqualTo(422);
    HttpResponse<byte[]> cancelled = patched(path, system("RTH"), "cancelled");
    assertThat(cancelled.statusCode()).as(new String(cancelled.body())).isEqualTo(200);
    assertThat(JSON.readTree(cancelled.body()).path("status").asText()).isEqualTo("cancelled");
    assertThat(JSON.readTree(cancelled.body()).at("/statusReason/text").asText())
        .isEqualTo("cancelled by RTH");
    JsonNode read = hub.json(path, system("RTH"));
    assertThat(read.path("status").asText()).isEqualTo("cancelled");
    String requested = read.toString().replace("\"cancelled\"", "\"requested\"");
    HttpResponse<byte[]> anew = hub.call("PUT", path, system("RTH"), requested);
    assertThat(anew.statusCode()).as(new String(anew.body())).isEqualTo(200);
    assertThat(hub.json(path, system("RTH")).path("status").asText())
        .isIn("requested", "in-progress");
    String same = "/fhir/Task?focus=ImagingStudy/" + other;
    String cancel = "[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"cancelled\"}]";
    HttpResponse<byte[]> byCondition =
        hub.callAs("application/json-patch+json", "PATCH", same, system("RTH"), cancel);
    assertThat(byCondition.statusCode()).as(new String(byCondition.body())).isEqualTo(200);
    HttpResponse<byte[]> there =
        hub.callWith(
            "POST",
            "/fhir/Task",
            system("RTH"),
            task(other, ""),
            "If-None-Exist",
            same.substring(6));
    assertThat(there.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(there.body()).path("status").asText()).isEqualTo("cancelled");
    assertThat(hub.call("PUT", same, system("RTH"), requested).statusCode()).isEqualTo(200);
    assertThat(
            hub.call(
                    "PUT",
                    "/fhir/Task?status=requested,in-progress,cancelled",
                    hub.token(Map.of("scope", "system/*.cu")),
                    requested)
                .statusCode())
        .isEqualTo(403);
    for (String method : List.of("PUT", "PATCH", "DELETE")) {
      for (String type : List.of("/fhir/Consent", "/fhir/ServiceRequest?", "/fhir/Subscription")) {
        HttpResponse<byte[]> nothing =
            hub.callAs(
                method.equals("PATCH") ? "application/json-patch+json" : "application/fhir+json",
                method,
                type,
                hub.token(Map.of("scope", "system/*.cruds", "ods_code", "RTH")),
                method.equals("PATCH")
                    ? "[]"
                    : requested.replace("Task", type.substring(6).replace("?", "")));
        assertThat(nothing.statusCode()).as(method + type).isBetween(400, 422);
      }
    }
    String elsewhere = requested.replace("RJ1", "RTH");
    assertThat(hub.call("PUT", path, system("RTH"), elsewhere).statusCode()).isEqualTo(422);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'requested'; 'draft'; status",
        "'order'; 'plan'; intent",
        "ImagingStudy/; ServiceRequest/; focus",
        "'value':'RJ1'; 'value':'X99'; ISO-FHIR-049",
        "ods-organization-code; other; ISO-FHIR-048",
        "{'resourceType'; {'note':[{'text':'x'}],'resourceType'; note",
        "{'resourceType'; {'unheardOf':1,'resourceType'; ISO-FHIR-088"
      })
  void whatIsNoTransferIsRefused(String part, String instead, String named) throws Exception {
    String body = task(study, "").replace(part.replace('\'', '"'), instead.replace('\'', '"'));
    assertThat(body).isNotEqualTo(task(study, ""));
    HttpResponse<byte[]> answer = hub.call("POST", "/fhir/Task", hub.system(), body);
    assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(422);
    assertThat(new String(answer.body())).contains(named);
    assertThat(hub.call("POST", "/fhir/Task", token(), task(study, "")).statusCode())
        .isEqualTo(403);
  }

  /** Every interaction, by a client that knows nothing of this server. */
  @Test
  void theGenericClientDoesAllOfIt() {
    IGenericClient client = client();
    CapabilityStatement can = client.capabilities().ofType(CapabilityStatement.class).execute();
    assertThat(can.getRestFirstRep().getInteraction())
        .extracting(i -> i.getCode().toCode())
        .contains("batch", "transaction");
    assertThat(client.read().resource(ImagingStudy.class).withId(study).execute().getSubject())
        .extracting(Reference::getReference)
        .isEqualTo(person);
    Bundle found =
        client
            .search()
            .forResource(ImagingStudy.class)
            .where(ImagingStudy.PATIENT.hasId(person))
            .include(ImagingStudy.INCLUDE_BASEDON)
            .revInclude(DiagnosticReport.INCLUDE_BASED_ON)
            .count(10)
            .returnBundle(Bundle.class)
            .execute();
    assertThat(found.getEntry())
        .extracting(e -> e.getResource().fhirType())
        .contains("ImagingStudy", "ServiceRequest");
    Bundle posted =
        client
            .search()
            .forResource(ServiceRequest.class)
            .where(ServiceRequest.PATIENT.hasId(person))
            .usingStyle(ca.uhn.fhir.rest.api.SearchStyleEnum.POST)
            .returnBundle(Bundle.class)
            .execute();
    assertThat(posted.getEntry()).hasSize(1);

    Consent made = (Consent) client.create().resource(consent("TREAT")).execute().getResource();
    IdType first = made.getIdElement();
    made.setStatus(Consent.ConsentState.INACTIVE);
    IdType second = (IdType) client.update().resource(made).execute().getId();
    assertThat(second.getVersionIdPart()).isEqualTo("2");
    assertThat(
            client
                .read()
                .resource(Consent.class)
                .withIdAndVersion(first.getIdPart(), "1")
                .execute()
                .getStatus())
        .isEqualTo(Consent.ConsentState.ACTIVE);
    assertThat(
            client
                .history()
                .onInstance(first.toUnqualifiedVersionless())
                .returnBundle(Bundle.class)
                .execute()
                .getEntry())
        .hasSize(2);
    made.setId(first.withVersion("1"));
    assertThatThrownBy(
            () ->
                client
                    .update()
                    .resource(made)
                    .withAdditionalHeader("If-Match", "W/\"1\"")
                    .execute())
        .isInstanceOfAny(ResourceVersionConflictException.class, PreconditionFailedException.class);
    client.delete().resourceById(first.toUnqualifiedVersionless()).execute();
    assertThatThrownBy(
            () -> client.read().resource(Consent.class).withId(first.getIdPart()).execute())
        .isInstanceOf(ResourceGoneException.class);
    Parameters decided =
        client
            .operation()
            .onType(Consent.class)
            .named("$decide")
            .withParameter(
                Parameters.class, "patient", new StringType(person.substring("Patient/".length())))
            .andParameter("organization", new StringType("RJ1"))
            .useHttpGet()
            .execute();
    assertThat(decided.getParameter()).isNotEmpty();
    assertThat(
            client
                .operation()
                .onInstance(new IdType(person))
                .named("$everything")
                .withNoParameters(Parameters.class)
                .useHttpGet()
                .returnResourceType(Bundle.class)
                .execute()
                .getEntry())
        .hasSizeGreaterThanOrEqualTo(4);
    assertThat(client.read().resource(Patient.class).withId(person).execute().getIdElement())
        .isNotNull();
  }

  @Test
  void aConditionalWriteMakesOneOrFindsIt() {
    IGenericClient client = client();
    String there = "Consent?patient=" + person + "&purpose=TREAT";
    var one = client.create().resource(consent("TREAT")).conditionalByUrl(there).execute();
    assertThat(one.getCreated()).isTrue();
    var again = client.create().resource(consent("TREAT")).conditionalByUrl(there).execute();
    assertThat(again.getCreated()).isNotEqualTo(true);
    assertThat(again.getId().getIdPart()).isEqualTo(one.getId().getIdPart());
    var updated = client.update().resource(consent("TREAT")).conditionalByUrl(there).execute();
    assertThat(updated.getId().getVersionIdPart()).isEqualTo("2");
    String other = "Consent?patient=" + person + "&purpose=HRESCH";
    assertThat(
            client
                .update()
                .resource(consent("HRESCH"))
                .conditionalByUrl(other)
                .execute()
                .getCreated())
        .isTrue();
    assertThatThrownBy(
            () ->
                client
                    .update()
                    .resource(consent("TREAT"))
                    .conditionalByUrl("Consent?patient=" + person)
                    .execute())
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("ISO-FHIR-075");
    client.delete().resourceConditionalByUrl(other).execute();
    client.delete().resourceConditionalByUrl(other).execute();
    assertThat(hub.search("Consent?patient=" + person, token())).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[{'op':'replace','path':'/status','value':'inactive'}]; 200",
        "[{'op':'test','path':'/status','value':'active'},{'op':'replace','path':'/status','value':'inactive'}]; 200",
        "[{'op':'test','path':'/status','value':'draft'},{'op':'replace','path':'/status','value':'inactive'}]; 422",
        "[{'op':'remove','path':'/provision/purpose'}]; 200",
        "[{'op':'remove','path':'/nothing'}]; 422",
        "[{'op':'replace','path':'/patient/reference','value':'Patient/00000000-0000-0000-0000-000000000000'}]; 422",
        "[{'op':'add','path':'/colour','value':'red'}]; 422",
        "[{'op':'replace','path':'/status','value':'maybe'}]; 422",
        "{'op':'remove','path':'/status'}; 400",
        "[{'op':'vanish','path':'/status'}]; 400",
        "nonsense; 400",
      })
  void aPatchIsAVersionOrNothing(String patch, int status) throws Exception {
    String id = client().create().resource(consent("TREAT")).execute().getId().getIdPart();
    HttpResponse<String> answer =
        send("PATCH", "/Consent/" + id, patch.replace('\'', '"'), "application/json-patch+json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode now = hub.json("/fhir/Consent/" + id, token());
    assertThat(now.at("/meta/versionId").asText()).isEqualTo(status == 200 ? "2" : "1");
  }

  private HttpResponse<String> send(String method, String path, String body, String type)
      throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.http + "/fhir" + path))
                .header("Authorization", "Bearer " + token())
                .header("Content-Type", type)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private JsonNode bundle(String type, int status, String... entries) throws Exception {
    String body =
        "{\"resourceType\":\"Bundle\",\"type\":\"%s\",\"entry\":[%s]}"
            .formatted(type, String.join(",", entries));
    HttpResponse<String> answer = send("POST", "", body, Constants.CT_FHIR_JSON_NEW);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    hub.emitted(answer.body().getBytes(StandardCharsets.UTF_8));
    return JSON.readTree(answer.body());
  }

  private static String entry(String method, String url, String resource) {
    return "{%s\"request\":{\"method\":\"%s\",\"url\":\"%s\"}}"
        .formatted(resource == null ? "" : "\"resource\":" + resource + ",", method, url);
  }

  private static List<String> statuses(JsonNode bundle) {
    List<String> statuses = new ArrayList<>();
    bundle
        .path("entry")
        .forEach(e -> statuses.add(e.at("/response/status").asText().substring(0, 3)));
    return statuses;
  }

  @Test
  void eachEntryOfABatchIsAnsweredByItself() throws Exception {
    JsonNode answer =
        bundle(
            "batch",
            200,
            entry("GET", "ImagingStudy/" + study, null),
            entry("POST", "Consent", json("TREAT")),
            entry("GET", "ImagingStudy/00000000-0000-0000-0000-000000000001", null),
            entry("GET", "ImagingStudy?patient=" + person + "&_count=1", null),
            entry("POST", "Consent", "{\"resourceType\":\"Consent\"}"));
    assertThat(answer.path("type").asText()).isEqualTo("batch-response");
    assertThat(statuses(answer)).startsWith("200", "201", "404", "200");
    assertThat(Integer.parseInt(statuses(answer).get(4))).isBetween(400, 422);
    assertThat(answer.at("/entry/0/resource/id").asText()).isEqualTo(study);
    assertThat(answer.at("/entry/1/response/location").asText()).startsWith("Consent/");
    assertThat(answer.at("/entry/1/response/etag").asText()).isEqualTo("W/\"1\"");
    assertThat(answer.at("/entry/3/resource/type").asText()).isEqualTo("searchset");
    assertThat(answer.at("/entry/2/response/outcome/resourceType").asText())
        .isEqualTo("OperationOutcome");
  }

  @Test
  void aTransactionIsDoneWhollyOrNotAtAll() throws Exception {
    JsonNode refused =
        bundle(
            "transaction",
            422,
            entry("POST", "Consent", json("TREAT")),
            entry("POST", "Consent", json("TREAT").replace(person, "Patient/none")));
    assertThat(refused.toString()).contains("ISO-FHIR-073", "entry 1");
    assertThat(hub.search("Consent?patient=" + person, token())).isEmpty();
    JsonNode done =
        bundle(
            "transaction",
            200,
            entry("GET", "Consent?patient=" + person, null),
            entry("POST", "Consent", json("TREAT")),
            entry("POST", "Consent", json("HRESCH")));
    assertThat(done.path("type").asText()).isEqualTo("transaction-response");
    assertThat(statuses(done)).containsExactly("200", "201", "201");
    // What is read comes after what is written.
    assertThat(done.at("/entry/0/resource/total").asInt()).isEqualTo(2);
    assertThat(hub.search("Consent?patient=" + person, token())).hasSize(2);
    // The trail says that the first was not done.
    assertThat(hub.json("/fhir/AuditEvent?subtype=transaction", hub.system()).path("entry"))
        .isNotEmpty();
  }

  @Test
  void entriesOpenNoMoreThanTheTokenDoes() throws Exception {
    String other = MainJobIT.nhsNumber();
    String uid = Uid.random();
    rth.send(hub.dicom, Pacs.image(uid, Uid.random(), new About(other, BORN, "X" + other)));
    JsonNode theirs =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(uid), l -> l.size() == 1)
            .get(0);
    JsonNode answer =
        bundle(
            "batch",
            200,
            entry("GET", "ImagingStudy/" + theirs.path("id").asText(), null),
            entry("GET", "ImagingStudy?identifier=urn:oid:" + uid, null),
            entry("POST", "Patient/$match", "{\"resourceType\":\"Parameters\"}"),
            entry("GET", "ImagingStudy?_has:Task:focus:status=completed", null),
            entry(
                "POST",
                "Consent",
                json("TREAT").replace(person, theirs.at("/subject/reference").asText())));
    assertThat(answer.toString()).doesNotContain("urn:oid:" + uid, "\"" + other);
    assertThat(statuses(answer).get(0)).isEqualTo("404");
    assertThat(answer.at("/entry/1/resource/total").asInt()).isZero();
    assertThat(statuses(answer).get(4)).isEqualTo("422");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'resourceType':'Bundle','type':'document'}; 400",
        "{'resourceType':'Bundle','type':'batch','colour':'red'}; 400",
        "{'resourceType':'Patient'}; 400",
        "nonsense; 400",
        "{'resourceType':'Bundle','type':'batch'}; 200",
        "{'resourceType':'Bundle','type':'transaction','entry':[{'request':{'method':'POST','url':'ImagingStudy/1/$request-transfer'}}]}; 422",
        "{'resourceType':'Bundle','type':'transaction','entry':[{'request':{'method':'GET','url':'../actuator/env'}}]}; 400",
        "{'resourceType':'Bundle','type':'transaction','entry':[{'request':{'method':'GET','url':'http://elsewhere/Patient'}}]}; 400",
        "{'resourceType':'Bundle','type':'transaction','entry':[{'request':{'method':'GET','url':'/Patient'}}]}; 400",
        "{'resourceType':'Bundle','type':'transaction','entry':[{'request':{'method':'POST','url':''}}]}; 400",
        "{'resourceType':'Bundle','type':'transaction','entry':[{}]}; 400",
        "{'resourceType':'Bundle','type':'batch','entry':[{'request':{'method':'GET','url':'metadata'}},{'request':{'method':'GET','url':'metadata'}},{'request':{'method':'GET','url':'metadata'}},{'request':{'method':'GET','url':'metadata'}},{'request':{'method':'GET','url':'metadata'}},{'request':{'method':'GET','url':'metadata'}}]}; 413",
      })
  void whatIsNoBundleOfCallsIsRefused(String body, int status) throws Exception {
    HttpResponse<String> answer =
        send("POST", "", body.replace('\'', '"'), Constants.CT_FHIR_JSON_NEW);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(status == 200 ? "batch-response" : "ISO-FHIR-07");
  }

  @Test
  void neitherABundleNorItsAnswerIsTooLarge() throws Exception {
    HttpResponse<String> large =
        send(
            "POST",
            "",
            "{\"resourceType\":\"Bundle\",\"type\":\"batch\"}" + " ".repeat(3072),
            Constants.CT_FHIR_JSON_NEW);
    assertThat(large.statusCode()).isEqualTo(413);
    HttpResponse<String> resource =
        send(
            "POST",
            "/Consent",
            "{\"resourceType\":\"Consent\"}" + " ".repeat(3072),
            Constants.CT_FHIR_JSON_NEW);
    assertThat(resource.statusCode()).as(resource.body()).isEqualTo(413);
    assertThat(resource.body()).contains("OperationOutcome", "ISO-FHIR-078");
    String metadata = entry("GET", "metadata", null);
    JsonNode answer = bundle("batch", 200, metadata, metadata, metadata, metadata);
    assertThat(statuses(answer)).startsWith("200").endsWith("413");
  }

  @Test
  void aBundleMayBeXml() throws Exception {
    String body =
        "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"batch\"/><entry><request><method value=\"GET\"/><url value=\"ImagingStudy/"
            + study
            + "\"/></request></entry></Bundle>";
    HttpResponse<String> answer = send("POST", "/", body, "application/fhir+xml");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).startsWith("<Bundle").contains(study);
  }

  /** What is described is what there is: valid OpenAPI, and each address that it names answers. */
  @Test
  void theApiIsDescribedAsOpenApi() throws Exception {
    HttpResponse<byte[]> answer =
        hub.getWith("/fhir/api-docs", hub.system(), "Accept", "application/json");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    String json = new String(answer.body(), StandardCharsets.UTF_8);
    SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(json);
    assertThat(parsed.getMessages()).isEmpty();
    OpenAPI api = parsed.getOpenAPI();
    assertThat(api.getServers().get(0).getUrl())
        .isEqualTo("http://127.0.0.1:" + hub.http + "/fhir");
    CapabilityStatement says =
        FhirContext.forR4Cached()
            .newJsonParser()
            .parseResource(
                CapabilityStatement.class,
                new String(hub.get("/fhir/metadata", hub.system()).body(), StandardCharsets.UTF_8));
    for (var resource : says.getRestFirstRep().getResource()) {
      var search = api.getPaths().get("/" + resource.getType());
      if (search != null) {
        assertThat(search.getGet().getParameters())
            .extracting(io.swagger.v3.oas.models.parameters.Parameter::getName)
            .containsAll(resource.getSearchParam().stream().map(p -> p.getName()).toList());
      }
      for (var operation : resource.getOperation()) {
        assertThat(api.getPaths().keySet())
            .as(operation.getName())
            .anyMatch(
                path ->
                    path.startsWith("/" + resource.getType())
                        && path.endsWith("/$" + operation.getName()));
      }
    }
    for (var path : api.getPaths().entrySet()) {
      if (path.getValue().getGet() != null && !path.getKey().contains("$")) {
        String address =
            "/fhir"
                + path.getKey()
                    .replace("{id}", "00000000-0000-0000-0000-000000000001")
                    .replace("{version}", "1");
        HttpResponse<byte[]> got = hub.get(address, hub.system());
        assertThat(got.statusCode())
            .as(address)
            .isIn(path.getKey().contains("{") ? List.of(403, 404) : List.of(200, 403));
      }
    }
    assertThat(says.getSoftware().getVersion()).isEqualTo(api.getInfo().getVersion());
  }

  @Test
  void theDescriptionOfTheApiIsAPageForABrowserAndNeedsAToken() throws Exception {
    HttpResponse<byte[]> page =
        hub.getWith("/fhir/api-docs", hub.system(), "Accept", "text/html,*/*;q=0.8");
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'");
    assertThat(new String(page.body(), StandardCharsets.UTF_8))
        .contains("<h2 id=\"ImagingStudy\">", "/Consent/$decide", "If-None-Exist")
        .doesNotContain("<script", "null<");
    HttpRequest open =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.http + "/fhir/api-docs"))
            .build();
    assertThat(
            HttpClient.newHttpClient()
                .send(open, HttpResponse.BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(401);
  }
}
