package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every search parameter of the FHIR API, with a value that finds and one that does not; the same
 * on each database.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FhirSearchContract {
  private static final String NHS_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number%7C";
  private static final String BORN = "19740213";
  private static final String NHS = MainJobIT.nhsNumber();
  private static final String OTHER = MainJobIT.nhsNumber();
  private static final String STUDY = Uid.random();
  private static final byte[] PDF = "%PDF-1.4\n%of a test".getBytes(StandardCharsets.US_ASCII);
  private Pacs rth;
  private Pacs rj1;
  private TestHub hub;

  /** Settings of the database. */
  abstract String[] database();

  /** One linked study with order, report and transfer, and six unlinked ones of somebody else. */
  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    rth = new Pacs();
    rj1 = new Pacs();
    hub = new TestHub(data, rj1.listen(0), database()).start();
    Ris ris = new Ris(hub.mllp);
    ris.send(
        Ris.order(NHS, BORN, "A1")
            .replace(
                "20261101090000||||||||||||Second",
                "20261101090000|||C1234567^WHITE^SAM^^^Dr|||||||||Second"));
    ris.send(
        Ris.head("SIU^S12")
            + Ris.pid(NHS, BORN)
            + "SCH|AP1|AF1|||||||30|MIN|^^^20261105093000||||||||||||||Booked|PA1|FA1\r"
            + "AIS|1||CTHEAD^CT head^LOCAL\r"
            + "AIP|1||^CASEY^ALEX^^^Dr\r"
            + "AIL|1||CT1\r");
    ris.send(
        Ris.report(NHS, BORN, "A1", "Nothing seen.")
            + "OBX|2|ED|PDF^Document^LOCAL||^application^pdf^Base64^"
            + java.util.Base64.getEncoder().encodeToString(PDF)
            + "||||||F\r");
    rth.send(
        hub.dicom,
        Pacs.imageWith(
            STUDY, new About(NHS, BORN, "A1"), set -> set.set(Tag.BodyPartExamined, "CHEST")));
    for (int i = 0; i < 6; i++) {
      rth.send(hub.dicom, Pacs.image(Uid.random(), Uid.random(), new About(OTHER, BORN, "B" + i)));
    }
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () -> {
              assertThat(search("ImagingStudy?_count=100")).hasSize(7);
              assertThat(search("Task?status=completed")).hasSize(1);
              assertThat(search("DiagnosticReport?identifier=FA1")).hasSize(1);
              assertThat(search("Appointment")).hasSize(1);
            });
  }

  /** After the hub, which would wait for a database that is gone. */
  void closeDatabase() throws Exception {}

  @AfterAll
  void stop() throws Exception {
    hub.close();
    rth.close();
    rj1.close();
    closeDatabase();
  }

  private List<JsonNode> search(String query) {
    return hub.search(query, hub.system());
  }

  private String id(String query) {
    return search(query).get(0).path("id").asText();
  }

  private String filled(String query) {
    return query
        .replace("{nhs}", NHS_SYSTEM + NHS)
        .replace("{patient}", id("Patient?identifier=" + NHS_SYSTEM + NHS))
        .replace("{report}", id("DiagnosticReport"))
        .replace("{appointment}", id("Appointment"))
        .replace("{order}", id("ServiceRequest"))
        .replace("{study}", id("ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:" + STUDY))
        .replace("{uid}", STUDY)
        .replace("{base}", "http://127.0.0.1:" + hub.http + "/fhir");
  }

  @Test
  void theMessageOfAReportThatIsKeptBackTellsNothingOfIt() throws Exception {
    assertThat(hub.search("Provenance", hub.patient(NHS))).hasSize(3);
    assertThat(hub.search("Provenance", hub.patient(OTHER))).isEmpty();
    String report = id("DiagnosticReport?identifier=FA1");
    String message = id("Provenance?target=DiagnosticReport/" + report);
    String label =
        "/api/consent/data/%s/labels?label=http://terminology.hl7.org/CodeSystem/v3-Confidentiality%%7CV"
            .formatted(report);
    assertThat(hub.call("PUT", label, hub.system(), null).statusCode()).isBetween(200, 204);
    try {
      assertThat(hub.search("Provenance", hub.patient(NHS)))
          .hasSize(2)
          .noneSatisfy(p -> assertThat(p.toString()).contains("ORU"));
      assertThat(hub.get("/fhir/Provenance/" + message, hub.patient(NHS)).statusCode())
          .isEqualTo(404);
    } finally {
      hub.call("DELETE", label, hub.system(), null);
    }
    assertThat(hub.get("/fhir/Provenance/" + message, hub.patient(NHS)).statusCode())
        .isEqualTo(200);
  }

  /** A directory to systems; to a patient, who asked for something of theirs. */
  @Test
  void aPatientSeesTheClinicianOfTheirOwnOrderAlone() throws Exception {
    for (String type : List.of("Practitioner", "PractitionerRole")) {
      assertThat(hub.search(type, hub.patient(NHS))).as(type).hasSize(1);
      assertThat(hub.search(type, hub.patient(OTHER))).as(type).isEmpty();
      String one = "/fhir/" + type + "/" + id(type);
      assertThat(hub.json(one, hub.patient(NHS)).path("resourceType").asText()).isEqualTo(type);
      assertThat(hub.get(one, hub.patient(OTHER)).statusCode()).isEqualTo(404);
    }
    JsonNode order = hub.search("ServiceRequest", hub.patient(NHS)).get(0);
    assertThat(order.at("/requester/reference").asText())
        .isEqualTo("PractitionerRole/" + id("PractitionerRole"));
    assertThat(order.at("/requester/display").asText()).isEqualTo("Dr SAM WHITE");
  }

  @ParameterizedTest
  @CsvSource({
    "Patient?_id={patient}, 1",
    "Patient?identifier={nhs}, 1",
    "Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990000000, 0",
    "Patient?family=test, 2",
    "Patient?given=CASE&birthdate=1974-02-13, 2",
    "Patient?birthdate=1974-02-14, 0",
    "ServiceRequest?_id={order}, 1",
    "ServiceRequest?patient={patient}, 1",
    "ServiceRequest?subject=Patient/{patient}, 1",
    "ServiceRequest?patient.identifier={nhs}, 1",
    "ServiceRequest?patient:identifier={nhs}, 1",
    "ServiceRequest?identifier=PA1, 1",
    "ServiceRequest?identifier=PA2, 0",
    "Practitioner?identifier=https://fhir.hl7.org.uk/Id/gmc-number%7C1234567, 1",
    "Practitioner?identifier=1234567, 1",
    "Practitioner?identifier=https://fhir.hl7.org.uk/Id/gmc-number%7CC1234567, 0",
    "Practitioner?identifier=https://fhir.nhs.uk/Id/sds-user-id%7C1234567, 0",
    "Practitioner?identifier=urn:isocentre:clinician:RTH%7C1234567, 0",
    "Practitioner?family=whi, 1",
    "Practitioner?name=sam, 1",
    "Practitioner?given:exact=sam, 0",
    "Practitioner?_has:PractitionerRole:practitioner:organization=RJ1, 1",
    "PractitionerRole?organization=Organization/RJ1, 1",
    "PractitionerRole?organization=RTH, 0",
    "PractitionerRole?practitioner.family=White, 1",
    "PractitionerRole?_include=*, 3",
    "ServiceRequest?requester.practitioner.identifier=1234567, 1",
    "ServiceRequest?requester.practitioner.family=Black, 0",
    "ServiceRequest?requester:missing=true, 0",
    "ServiceRequest?_id={order}&_include=ServiceRequest:requester, 2",
    "ServiceRequest?_id={order}&_include=ServiceRequest:requester&_include:iterate=PractitionerRole:practitioner&_include:iterate=PractitionerRole:organization, 4",
    "Provenance?target=ServiceRequest/{order}, 2",
    "Provenance?target=DiagnosticReport/{report}, 1",
    "Provenance?target:Patient={patient}, 3",
    "Provenance?target=ImagingStudy/{study}, 0",
    "Provenance?target:ServiceRequest.identifier=PA1, 2",
    "Provenance?target:DiagnosticReport.status=final, 1",
    "Provenance?patient.identifier={nhs}, 3",
    "Provenance?patient={patient}&agent=RTH, 3",
    "Provenance?agent=RJ1, 0",
    "Provenance?recorded=ge2026-01-01&_count=1, 1",
    "Provenance?recorded=lt2026-01-01, 0",
    "ServiceRequest?_id={order}&_revinclude=Provenance:target, 3",
    "DiagnosticReport?_has:Provenance:target:agent=RTH, 1",
    "Provenance?target=DiagnosticReport/{report}&_include=Provenance:target, 3",
    "ImagingStudy?bodysite=http://snomed.info/sct%7C43799004, 1",
    "ImagingStudy?bodysite=43799004, 1",
    "ImagingStudy?bodysite=chest, 1",
    "ImagingStudy?bodysite=http://snomed.info/sct%7CCHEST, 0",
    "ImagingStudy?bodysite=69536005, 0",
    "ImagingStudy?bodysite:missing=true, 6",
    "ServiceRequest?code:text=HEAD, 1",
    "ServiceRequest?code:text=ct%20head, 1",
    "ServiceRequest?code:text=knee, 0",
    "ServiceRequest?code:text=100%25, 0",
    "DiagnosticReport?code:text=head, 1",
    "Appointment?service-type:text=head, 1",
    "ServiceRequest?status=completed, 1",
    "ServiceRequest?status=active, 0",
    "ServiceRequest?status=revoked, 0",
    "ServiceRequest?authored=ge2026-11-01&authored=lt2026-11-02, 1",
    "ServiceRequest?authored=lt2026-11-01, 0",
    "ImagingStudy?_profile=https://isocentre.org/fhir/StructureDefinition/Isocentre-ImagingStudy&patient={patient}, 1",
    "ImagingStudy?_profile=https://isocentre.org/fhir/StructureDefinition/Isocentre-ImagingStudy%7C1.0.0&patient={patient}, 1",
    "ImagingStudy?_profile=https://isocentre.org/fhir/StructureDefinition/Isocentre-Patient, 0",
    "Patient?_has:ImagingStudy:patient:_profile=http://hl7.org/fhir/StructureDefinition/ImagingStudy, 0",
    "DocumentReference?_id={report}, 1",
    "DocumentReference?patient={patient}, 1",
    "DocumentReference?subject=Patient/{patient}, 1",
    "DocumentReference?related={study}, 1",
    "DocumentReference?related=ImagingStudy/{order}, 0",
    "DocumentReference?identifier=A1, 1",
    "DocumentReference?identifier=A2, 0",
    "DocumentReference?contenttype=application/pdf, 1",
    "DocumentReference?contenttype=text/plain, 0",
    "DocumentReference?status=current, 1",
    "DocumentReference?status=superseded, 0",
    "DocumentReference?custodian=Organization/RTH, 1",
    "DocumentReference?custodian:identifier=https://fhir.nhs.uk/Id/ods-organization-code%7CRJ1, 0",
    "DocumentReference?date=2026-11-01, 1",
    "DocumentReference?date=lt2026-11-01, 0",
    "DocumentReference?_id={report}&_include=*, 5",
    "ImagingStudy?_id={study}&_revinclude=DocumentReference:related, 2",
    "Appointment?patient={patient}, 1",
    "Appointment?actor=Patient/{patient}, 1",
    "Appointment?based-on={order}, 1",
    "Appointment?based-on.identifier=PA1, 1",
    "Appointment?based-on:missing=true, 0",
    "Appointment?identifier=AF1, 1",
    "Appointment?identifier=urn:isocentre:appointment:RTH%7CAF1, 1",
    "Appointment?identifier=urn:isocentre:appointment-request:RTH%7CAP1, 1",
    "Appointment?identifier=urn:isocentre:appointment:RTH%7CAP1, 0",
    "Appointment?status=booked, 1",
    "Appointment?status=cancelled, 0",
    "Appointment?status=proposed, 0",
    "Appointment?date=2026-11-05, 1",
    "Appointment?date=gt2026-11-05, 0",
    "Appointment?service-type=CTHEAD, 1",
    "ServiceRequest?_has:Appointment:based-on:status=booked, 1",
    "Appointment?_include=*, 3",
    "ImagingStudy?_id={study}, 1",
    "ImagingStudy?patient={patient}, 1",
    "ImagingStudy?subject:Patient={patient}, 1",
    "ImagingStudy?patient.identifier={nhs}, 1",
    "ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:{uid}, 1",
    "ImagingStudy?identifier=urn:oid:{uid}, 1",
    "ImagingStudy?identifier=A1, 1",
    "ImagingStudy?basedon=ServiceRequest/{order}, 1",
    "ImagingStudy?basedon={order}, 1",
    "ImagingStudy?status=available&_count=50, 7",
    "ImagingStudy?status=cancelled, 0",
    "ImagingStudy?modality=CT&_count=50, 7",
    "ImagingStudy?modality=MR, 0",
    "ImagingStudy?started=2026-11-01&patient={patient}, 1",
    "ImagingStudy?started=gt2026-11-01&patient={patient}, 0",
    "ImagingStudy?started=ge2026-11-01T10:15:00&patient={patient}, 1",
    "ImagingStudy?started=gt2026-11-01T10:15:00Z&patient={patient}, 0",
    "ImagingStudy?started=le2026-11&patient={patient}, 1",
    "ImagingStudy?started=lt2026-11&patient={patient}, 0",
    "ImagingStudy?started=2026&patient={patient}, 1",
    "ImagingStudy?patient:identifier={nhs}, 1",
    "ImagingStudy?subject:identifier={nhs}, 1",
    "ImagingStudy?_lastUpdated=gt2020-01-01&patient={patient}, 1",
    "ImagingStudy?_lastUpdated=lt2020-01-01, 0",
    "ImagingStudy?_id={study}&_include=ImagingStudy:basedon, 2",
    "ImagingStudy?_id={study}&_include=ImagingStudy:patient, 2",
    "ImagingStudy?_id={study}&_revinclude=DiagnosticReport:imaging-study, 2",
    "ServiceRequest?_id={order}&_revinclude=ImagingStudy:basedon, 2",
    "ServiceRequest?_id={order}&_include=ServiceRequest:patient, 2",
    "DiagnosticReport?patient={patient}, 1",
    "DiagnosticReport?based-on=ServiceRequest/{order}, 1",
    "DiagnosticReport?status=final, 1",
    "DiagnosticReport?status=preliminary, 0",
    "DiagnosticReport?issued=2026-11-01, 1",
    "DiagnosticReport?patient={patient}&_include=DiagnosticReport:based-on, 2",
    "Organization?identifier=https://fhir.nhs.uk/Id/ods-organization-code%7CRJ1, 1",
    "Organization?name=second, 1",
    "Organization?name=nobody, 0",
    "Task?focus=ImagingStudy/{study}, 1",
    "Task?patient={patient}&status=completed, 1",
    "Task?status=failed, 0",
    "Consent?patient={patient}, 0",
    "Patient?name=test&gender=unknown, 0",
    "Patient?family:exact=test, 0",
    "Patient?family:contains=es&_count=50, 2",
    "Patient?birthdate=ap1974-02-13, 2",
    "Patient?birthdate=ne1974-02-13, 0",
    "Patient?birthdate=1974, 2",
    "Patient?birthdate=gt1974-02-12&birthdate=lt1974-02-14, 2",
    "Patient?birthdate=1950%2C1974-02, 2",
    "Patient?birthdate:missing=true, 0",
    "Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C, 2",
    "Patient?identifier:not={nhs}, 1",
    "Patient?_has:ServiceRequest:patient:status=completed, 1",
    "Patient?_has:ServiceRequest:patient:status=active, 0",
    "Patient?_has:ImagingStudy:patient:_has:DiagnosticReport:imaging-study:status=final, 1",
    "ServiceRequest?status:not=active, 1",
    "ServiceRequest?status:not=completed, 0",
    "ServiceRequest?status=http://hl7.org/fhir/request-status%7Ccompleted, 1",
    "ServiceRequest?status=http://example.org%7Ccompleted, 0",
    "ServiceRequest?status=active%2Ccompleted, 1",
    "ServiceRequest?identifier=urn:isocentre:accession:RTH%7CA1, 1",
    "ServiceRequest?identifier=urn:isocentre:accession:RJ1%7CA1, 0",
    "ServiceRequest?identifier=PA2%2CFA1, 1",
    "ServiceRequest?patient.family=test, 1",
    "ServiceRequest?subject:Patient.birthdate=1974-02-13, 1",
    "ServiceRequest?patient.family=nobody, 0",
    "ServiceRequest?patient={base}/Patient/{patient}, 1",
    "ServiceRequest?patient:Patient={base}/Patient/{patient}%2Chttps://other.example/fhir/Patient/1, 1",
    "ServiceRequest?patient=https://other.example/fhir/Patient/{patient}, 0",
    "ServiceRequest?patient={base}/fhir/Patient/{patient}, 0",
    "ImagingStudy?basedon.patient={base}/Patient/{patient}, 1",
    "ImagingStudy?basedon.patient=https://other.example/fhir/Patient/{patient}, 0",
    "Task?owner={base}/Organization/RJ1, 1",
    "Task?owner=https://other.example/fhir/Organization/RJ1, 0",
    "ServiceRequest?patient=Organization/{patient}, 0",
    "ServiceRequest?_has:ImagingStudy:basedon:modality=CT, 1",
    "ServiceRequest?_has:ImagingStudy:basedon:modality=MR, 0",
    "ImagingStudy?started=ap2026-11-01&patient={patient}, 1",
    "ImagingStudy?started:missing=true, 0",
    "ImagingStudy?basedon:missing=true&_count=50, 6",
    "ImagingStudy?basedon.identifier=PA1, 1",
    "ImagingStudy?basedon:ServiceRequest.patient.identifier={nhs}, 1",
    "ImagingStudy?modality:not=CT, 0",
    "ImagingStudy?modality=http://dicom.nema.org/resources/ontology/DCM%7CCT&patient={patient}, 1",
    "ImagingStudy?modality=http://snomed.info/sct%7CCT, 0",
    "ImagingStudy?dicom-class=urn:oid:1.2.840.10008.5.1.4.1.1.2&patient={patient}, 1",
    "ImagingStudy?instance=1.2.3.4, 0",
    "ImagingStudy?_id={study}&_include=*, 3",
    "ImagingStudy?_id={study}&_include=ImagingStudy:basedon&_include=ImagingStudy:patient:Patient, 3",
    "ImagingStudy?_id={study}&_revinclude=Task:focus&_include:iterate=Task:owner, 3",
    "ImagingStudy?_id={study}&_revinclude=*, 4",
    "DiagnosticReport?patient={patient}&_include=DiagnosticReport:imaging-study&_include:iterate=ImagingStudy:basedon, 3",
    "DiagnosticReport?patient={patient}&_include=DiagnosticReport:imaging-study&_include=ImagingStudy:basedon, 2",
    "DiagnosticReport?imaging-study.identifier=urn:oid:{uid}, 1",
    "DiagnosticReport?imaging-study:ImagingStudy.basedon.patient.family=Test, 1",
    "DiagnosticReport?code:missing=true, 0",
    "Task?owner=Organization/RJ1, 1",
    "Task?owner:identifier=https://fhir.nhs.uk/Id/ods-organization-code%7CRJ1, 1",
    "Task?owner=RTH, 0",
    "Task?focus.modality=CT, 1",
    "Task?modified=ge2026-01-01, 1",
    "ImagingStudy?_summary=count, 0",
    "ImagingStudy?_count=0, 0"
  })
  void aSearchFindsWhatItShould(String query, int count) {
    assertThat(search(filled(query))).as(query).hasSize(count);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ImagingStudy?started=yesterday",
        "Patient?birthdate=13.2.1974",
        "ImagingStudy?started=xx2026-11-01",
        "ImagingStudy?started:exact=2026",
        "ImagingStudy?shoesize=44",
        "ImagingStudy?patient.shoesize=44",
        "ImagingStudy?patient:Organization=1",
        "ImagingStudy?patient:Organization.name=1",
        "ImagingStudy?modality.name=CT",
        "ImagingStudy?modality:text=CT",
        "ImagingStudy?modality=",
        "ImagingStudy?modality=DCM%7C",
        "ImagingStudy?basedon:missing=perhaps",
        "ImagingStudy?_sort=modality",
        "ImagingStudy?_sort=shoesize",
        "ImagingStudy?_count=many",
        "ServiceRequest?status:text=active",
        "Provenance?target.status=final",
        "Provenance?target:identifier=PA1",
        "ImagingStudy?_include=ImagingStudy:shoes",
        "ImagingStudy?_include=ImagingStudy:patient:Group",
        "ImagingStudy?_include:recurse=ImagingStudy:basedon",
        "ImagingStudy?_has:Patient:shoes:family=x",
        "ImagingStudy?_has:ServiceRequest=x",
        "ImagingStudy?basedon.patient._has:ServiceRequest:patient:patient.family=x&basedon.patient._has:ServiceRequest:patient:_has:DiagnosticReport:based-on:imaging-study.patient.family=x",
        "ImagingStudy?_page=nonsense",
        "ImagingStudy?identifier=%00",
        "ImagingStudy?status=nonsense"
      })
  void aWrongValueIsToldOrFindsNothing(String query) throws Exception {
    var answer = hub.get("/fhir/" + query, hub.system());
    String body = new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
    if (answer.statusCode() == 200) {
      assertThat(query).contains("status=");
      assertThat(body).doesNotContain("\"resource\"");
    } else {
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(body).contains("OperationOutcome");
    }
  }

  @Test
  void pagesFollowEachOtherWithoutADoubleOrAGap() {
    List<String> seen = new ArrayList<>();
    String path = "/fhir/ImagingStudy?_count=3";
    int pages = 0;
    while (path != null) {
      JsonNode page = hub.json(path, hub.system());
      assertThat(page.path("total").asInt()).isEqualTo(7);
      page.path("entry").forEach(e -> seen.add(e.at("/resource/id").asText()));
      path = null;
      for (JsonNode link : page.path("link")) {
        if (link.path("relation").asText().equals("next")) {
          URI next = URI.create(link.path("url").asText().replace("|", "%7C"));
          path = next.getRawPath() + "?" + next.getRawQuery();
        }
      }
      pages++;
    }
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(7).doesNotHaveDuplicates();
  }

  private String next(JsonNode page) {
    for (JsonNode link : page.path("link")) {
      if (link.path("relation").asText().equals("next")) {
        URI next = URI.create(link.path("url").asText().replace("|", "%7C"));
        return next.getRawPath() + "?" + next.getRawQuery();
      }
    }
    return null;
  }

  @Test
  void whatIsNotSeenCannotBeToldByWhatItLeadsTo() {
    String other = hub.patient(OTHER);
    for (String query :
        List.of(
            "ImagingStudy?basedon.identifier=PA1",
            "Patient?_has:ServiceRequest:patient:identifier=PA1",
            "ImagingStudy?patient.identifier=" + NHS_SYSTEM + NHS,
            "ImagingStudy?_has:DiagnosticReport:imaging-study:status=final",
            "ServiceRequest?_revinclude=ImagingStudy:basedon",
            "Task?focus.basedon.identifier=PA1")) {
      JsonNode answer = hub.json("/fhir/" + query, other);
      assertThat(answer.path("total").asInt()).as(query).isZero();
      assertThat(answer.path("entry")).as(query).isEmpty();
    }
    assertThat(
            hub.search("ImagingStudy?_include=*&_revinclude=*&_count=100", other).stream()
                .map(JsonNode::toString))
        .noneMatch(r -> r.contains(NHS));
  }

  @Test
  void aTypeWithoutScopeIsNeitherIncludedNorLedThrough() {
    String token =
        hub.token(java.util.Map.of("scope", "system/ImagingStudy.read system/Patient.read"));
    assertThat(hub.search(filled("ImagingStudy?_id={study}&_include=*&_revinclude=*"), token))
        .extracting(r -> r.path("resourceType").asText())
        .containsExactlyInAnyOrder("ImagingStudy", "Patient");
    assertThat(hub.search("ImagingStudy?basedon.identifier=PA1", token)).isEmpty();
    assertThat(hub.search("Patient?_has:ServiceRequest:patient:identifier=PA1", token)).isEmpty();
    assertThat(hub.search("Patient?_has:AuditEvent:patient:action=R", hub.organisation("RTH")))
        .isEmpty();
  }

  /** Scopes, what is asked for, and what of it is answered. */
  @ParameterizedTest
  @CsvSource({
    "ImagingStudy.rs?modality=CT, ImagingStudy, 7",
    "ImagingStudy.rs?modality=http://dicom.nema.org/resources/ontology/DCM|CT, ImagingStudy, 7",
    "ImagingStudy.rs?modality=MR, ImagingStudy, 0",
    "ImagingStudy.rs?modality=MR, ImagingStudy?_id={study}, 0",
    "ImagingStudy.rs?modality=MR, ImagingStudy?_summary=count, 0",
    "ImagingStudy.rs?modality=MR, ImagingStudy/{study}, 404",
    "ImagingStudy.rs?modality=CT, ImagingStudy/{study}, 200",
    "ImagingStudy.rs?patient={patient}, ImagingStudy, 1",
    "ImagingStudy.rs?identifier=A1&modality=CT, ImagingStudy, 1",
    "ImagingStudy.rs?identifier=A1&modality=MR, ImagingStudy, 0",
    "ImagingStudy.rs?identifier=A1 system/ImagingStudy.rs?identifier=B1, ImagingStudy, 2",
    "ImagingStudy.rs?identifier=A1 system/ImagingStudy.rs, ImagingStudy, 7",
    "ImagingStudy.r?identifier=A1 system/ImagingStudy.s?identifier=B1, ImagingStudy, 1",
    "ImagingStudy.r?identifier=A1 system/ImagingStudy.s?identifier=B1, ImagingStudy/{study}, 200",
    "ImagingStudy.s?identifier=A1 system/ImagingStudy.r?identifier=B1, ImagingStudy/{study}, 404",
    "ImagingStudy.r?identifier=A1 system/ImagingStudy.s?identifier=B1 system/Task.rs, Task?_include=*, 1",
    "ImagingStudy.rs?identifier=B1 system/Task.rs, Task?_include=*, 1",
    "ImagingStudy.rs?identifier=A1 system/Task.rs, Task?_include=*, 2",
    "ImagingStudy.rs?modality=MR system/ServiceRequest.rs, ServiceRequest?_revinclude=ImagingStudy:basedon, 1",
    "ImagingStudy.rs?modality=CT system/ServiceRequest.rs, ServiceRequest?_revinclude=ImagingStudy:basedon, 2",
    "ImagingStudy.rs?modality=MR system/ServiceRequest.rs, ServiceRequest?_has:ImagingStudy:basedon:status=available, 0",
    "ImagingStudy.rs?modality=CT system/ServiceRequest.rs, ServiceRequest?_has:ImagingStudy:basedon:status=available, 1",
    "ImagingStudy.rs?modality=MR system/DiagnosticReport.rs, DiagnosticReport?imaging-study.status=available, 0",
    "ImagingStudy.rs?modality=MR system/Patient.rs, Patient/{patient}/$everything, 1",
    "ImagingStudy.rs?modality=CT system/Patient.rs, Patient/{patient}/$everything, 2",
    "DiagnosticReport.rs?status=preliminary, DiagnosticReport, 0",
    "DiagnosticReport.rs?status=preliminary, DiagnosticReport/{report}, 404",
    "DiagnosticReport.rs?status=preliminary, DiagnosticReport/{report}/_history, 404",
    "DiagnosticReport.rs?status=final, DiagnosticReport/{report}, 200",
    "ServiceRequest.rs?status=active, ServiceRequest/{order}, 404",
    "ServiceRequest.rs?status:not=active, ServiceRequest/{order}, 200",
    "Patient.rs?birthdate=gt1980, Patient/{patient}, 404",
    "Patient.rs?birthdate=1974-02-13, Patient/{patient}, 200",
    "Task.rs?status=completed, Task, 1",
    "Task.rs?status=failed, Task, 0",
    "DocumentReference.rs?contenttype=text/plain, DocumentReference/{report}, 404",
    "DocumentReference.rs?contenttype=application/pdf, DocumentReference/{report}, 200",
    "DocumentReference.rs?contenttype=text/plain system/Binary.r, Binary/{report}, 404",
    "DocumentReference.rs?contenttype=application/pdf system/Binary.r, Binary/{report}, 200",
    "DocumentReference.rs, Binary/{report}, 403",
    "DiagnosticReport.rs?status=preliminary system/DocumentReference.r, DocumentReference/{report}, 200",
    "Appointment.rs?status=cancelled, Appointment/{appointment}, 404",
    "Appointment.rs?status=booked, Appointment/{appointment}, 200",
    "*.rs?_id={study}, ImagingStudy, 1",
    "*.rs?_id={study}, Patient, 0",
    "*.rs?modality=CT, Patient, 403",
    "ImagingStudy.rs?modality, ImagingStudy, 403",
    "ImagingStudy.rs?modality=, ImagingStudy, 403",
    "ImagingStudy.rs?patient.family=test, ImagingStudy, 403",
    "ImagingStudy.rs?_has:Task:focus:status=completed, ImagingStudy, 403",
    "ImagingStudy.rs?modality=CT&bodysite=head, ImagingStudy, 0",
    "ImagingStudy.rs?modality=CT&bodysite=43799004, ImagingStudy, 1",
    "ImagingStudy.rs?modality=CT&colour=red, ImagingStudy, 403",
    "ImagingStudy.rs?started=yesterday, ImagingStudy, 403",
    "ImagingStudy.read?modality=CT, ImagingStudy, 403",
    "AuditEvent.rs?action=C, AuditEvent?action=R, 0",
  })
  void aScopeOfAPartOpensThatPartAlone(String scopes, String query, int answer) throws Exception {
    String token = hub.token(java.util.Map.of("scope", "system/" + filled(scopes)));
    var got = hub.get("/fhir/" + filled(query), token);
    if (answer >= 200) {
      assertThat(got.statusCode()).isEqualTo(answer);
      return;
    }
    assertThat(got.statusCode()).as(new String(got.body())).isEqualTo(200);
    JsonNode bundle = new com.fasterxml.jackson.databind.ObjectMapper().readTree(got.body());
    assertThat(bundle.path("entry").size()).as(bundle.toString()).isEqualTo(answer);
  }

  /** As bytes for a browser, as a resource for who asks for FHIR (R4 §2.1.5.1). */
  @Test
  void aReportsDocumentIsABinary() throws Exception {
    JsonNode document = search("DocumentReference").get(0);
    String path = "/fhir/" + document.at("/content/0/attachment/url").asText();
    assertThat(document.at("/content/0/attachment/contentType").asText())
        .isEqualTo("application/pdf");
    var bytes = hub.get(path, hub.patient(NHS));
    assertThat(bytes.body()).isEqualTo(PDF);
    assertThat(bytes.headers().firstValue("Content-Type")).contains("application/pdf");
    JsonNode resource = hub.json(path + "?_format=json", hub.system());
    assertThat(resource.path("data").binaryValue()).isEqualTo(PDF);
    assertThat(resource.at("/securityContext/reference").asText())
        .isEqualTo("DocumentReference/" + document.path("id").asText());
    var refused = hub.get(path, hub.patient(OTHER));
    assertThat(refused.statusCode()).isEqualTo(404);
    String unknown = path.substring(0, path.length() - 12) + "000000000000";
    assertThat(hub.get(unknown, hub.patient(OTHER)).statusCode()).isEqualTo(404);
    JsonNode report = search("DiagnosticReport").get(0);
    assertThat(report.at("/presentedForm/0/url").asText())
        .isEqualTo(document.at("/content/0/attachment/url").asText());
    assertThat(report.at("/presentedForm/0/data").isMissingNode()).isTrue();
  }

  @Test
  void anAppointmentIsShownWithItsOrder() {
    JsonNode appointment = search("Appointment").get(0);
    assertThat(appointment.path("start").asText()).startsWith("2026-11-05T09:30:00");
    assertThat(appointment.path("end").asText()).startsWith("2026-11-05T10:00:00");
    assertThat(appointment.path("minutesDuration").asInt()).isEqualTo(30);
    assertThat(appointment.at("/basedOn/0/reference").asText())
        .isEqualTo(filled("ServiceRequest/{order}"));
    assertThat(appointment.path("participant").toString()).contains("\"ALEX CASEY\"", "CT1");
    assertThat(hub.search("Appointment", hub.patient(NHS))).hasSize(1);
    assertThat(hub.search("Appointment", hub.patient(OTHER))).isEmpty();
  }

  @Test
  void aScopeOfAPartNarrowsDicomwebToo() throws Exception {
    for (String modality : List.of("CT", "MR")) {
      String token =
          hub.token(java.util.Map.of("scope", "system/ImagingStudy.rs?modality=" + modality));
      boolean open = modality.equals("CT");
      var found = hub.get("/dicomweb/studies?StudyInstanceUID=" + STUDY, token);
      assertThat(new String(found.body()).contains(STUDY)).isEqualTo(open);
      assertThat(hub.get("/dicomweb/studies/" + STUDY, token).statusCode())
          .isEqualTo(open ? 200 : 404);
    }
  }

  @Test
  void unknownParametersAreLeftOutOnlyWhereThatIsAskedFor() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + hub.http
                        + "/fhir/ServiceRequest?shoesize=44&status=completed"))
            .header("Authorization", "Bearer " + hub.system())
            .header("Prefer", "handling=lenient")
            .build();
    JsonNode answer =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(
                HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofByteArray())
                    .body());
    assertThat(answer.path("total").asInt()).isEqualTo(1);
    assertThat(answer.at("/link/0/url").asText()).endsWith("/ServiceRequest?status=completed");
    assertThat(answer.at("/entry/1/search/mode").asText()).isEqualTo("outcome");
    assertThat(answer.at("/entry/1/resource/issue/0/diagnostics").asText()).contains("shoesize");
  }

  @Test
  void aSearchMayBePosted() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + hub.http + "/fhir/ImagingStudy/_search?_count=1"))
            .header("Authorization", "Bearer " + hub.system())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("patient.identifier=" + NHS_SYSTEM + OTHER))
            .build();
    JsonNode answer =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(
                HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofByteArray())
                    .body());
    assertThat(answer.path("total").asInt()).isEqualTo(6);
    assertThat(answer.path("entry")).hasSize(1);
    String next = next(answer);
    assertThat(next).doesNotContain(OTHER);
    assertThat(hub.json(next, hub.system()).path("entry")).hasSize(1);
  }

  @Test
  void patientsReadWhoLookedAtTheirsAndAtNobodyElses() throws Exception {
    String mine = filled("Patient/{patient}");
    hub.search("ImagingStudy?_count=100", hub.organisation("RTH"));
    hub.json("/dicomweb/studies?StudyInstanceUID=" + STUDY, hub.organisation("RJ1"));
    List<JsonNode> own = hub.search("AuditEvent?_count=200", hub.patient(NHS));
    assertThat(own).isNotEmpty();
    assertThat(own)
        .allSatisfy(
            e -> {
              List<String> what = new ArrayList<>();
              e.path("entity").forEach(x -> what.add(x.at("/what/reference").asText()));
              assertThat(what).contains(mine);
              assertThat(what.stream().filter(w -> w.startsWith("Patient/")).distinct())
                  .containsExactly(mine);
            });
    assertThat(own).noneMatch(e -> e.path("outcomeDesc").asText().contains("found"));
    assertThat(search("AuditEvent?subtype=search"))
        .anyMatch(e -> e.path("outcomeDesc").asText().contains("found"));
    assertThat(own)
        .flatExtracting(e -> e.path("agent").findValuesAsText("value"))
        .contains("RTH", "RJ1");
    String id = own.get(0).path("id").asText();
    assertThat(hub.get("/fhir/AuditEvent/" + id, hub.patient(NHS)).statusCode()).isEqualTo(200);
    assertThat(hub.get("/fhir/AuditEvent/" + id, hub.patient(OTHER)).statusCode()).isEqualTo(404);
    assertThat(hub.search("AuditEvent?_id=" + id, hub.patient(OTHER))).isEmpty();
    assertThat(hub.search("AuditEvent?patient=" + mine, hub.patient(OTHER))).isEmpty();
    assertThat(hub.search("Patient?_revinclude=AuditEvent:patient&_count=5", hub.patient(OTHER)))
        .noneMatch(r -> r.toString().contains(mine));
    assertThat(hub.get("/fhir/AuditEvent", hub.organisation("RTH")).statusCode()).isEqualTo(403);
    assertThat(hub.get("/fhir/AuditEvent/" + id, hub.organisation("RTH")).statusCode())
        .isEqualTo(403);
  }

  @Test
  void everythingOfAPatientComesPageByPage() throws Exception {
    String path = filled("/fhir/Patient/{patient}/$everything");
    List<String> whole = new ArrayList<>();
    hub.json(path, hub.system())
        .path("entry")
        .forEach(e -> whole.add(e.at("/resource/resourceType").asText()));
    assertThat(whole)
        .containsExactly(
            "Patient",
            "ServiceRequest",
            "ImagingStudy",
            "DiagnosticReport",
            "DocumentReference",
            "Appointment",
            "Task");
    List<String> seen = new ArrayList<>();
    String next = path + "?_count=2";
    for (int pages = 0; next != null && pages < 9; pages++) {
      JsonNode page = hub.json(next, hub.system());
      page.path("entry").forEach(e -> seen.add(e.at("/resource/resourceType").asText()));
      next = FhirPagesIT.next(page);
    }
    assertThat(seen).isEqualTo(whole);
    assertThat(entries(path + "?_type=ImagingStudy,Task")).hasSize(2);
    assertThat(entries(path + "?start=2026-11-02&_type=ImagingStudy,DiagnosticReport")).isEmpty();
    assertThat(entries(path + "?end=2026-11-01&_type=ImagingStudy,DiagnosticReport")).hasSize(2);
    assertThat(entries(path + "?_since=2199-01-01")).isEmpty();
    assertThat(hub.get(path + "?_since=yesterday", hub.system()).statusCode()).isEqualTo(400);
    assertThat(hub.get(path, hub.patient(OTHER)).statusCode()).isEqualTo(404);
    assertThat(hub.json(path, hub.patient(NHS)).path("entry")).hasSize(7);
    String narrow = hub.token(java.util.Map.of("scope", "system/Patient.read system/Task.read"));
    assertThat(hub.json(path, narrow).path("entry")).hasSize(2);
  }

  private List<JsonNode> entries(String path) {
    List<JsonNode> entries = new ArrayList<>();
    hub.json(path, hub.system()).path("entry").forEach(entries::add);
    return entries;
  }

  @Test
  void aPatientIsMatchedByNumberAndBirthDate() throws Exception {
    assertThat(grades(NHS, "1974-02-13", "Test", hub.system())).containsExactly("certain");
    assertThat(grades(NHS, "1974-02-13", "Married", hub.system())).hasSize(1);
    assertThat(grades(NHS, "1974-02-14", "Test", hub.system())).isEmpty();
    assertThat(grades(MainJobIT.nhsNumber(), "1974-02-13", "Test", hub.system())).isEmpty();
    assertThat(grades(NHS, "1974-02-13", "Test", hub.patient(OTHER))).isEmpty();
    assertThat(grades(NHS, "1974-02-13", "Test", hub.patient(NHS))).containsExactly("certain");
  }

  private List<String> grades(String nhs, String birthDate, String family, String token)
      throws Exception {
    String body =
        """
        {"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient",
         "identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}],"birthDate":"%s","name":[{"family":"%s"}]}}]}"""
            .formatted(nhs, birthDate, family);
    var answer = hub.call("POST", "/fhir/Patient/$match", token, body);
    assertThat(answer.statusCode()).isEqualTo(200);
    List<String> grades = new ArrayList<>();
    new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(answer.body())
        .path("entry")
        .forEach(e -> grades.add(e.at("/search/extension/0/valueCode").asText()));
    return grades;
  }

  @Test
  void aTransferIsAskedForByWhomItConcerns() throws Exception {
    String path = filled("/fhir/ImagingStudy/{study}/$request-transfer");
    String write = "system/*.read system/*.write";
    String rj1Token = hub.token(java.util.Map.of("scope", write, "ods_code", "RJ1"));
    String rthToken = hub.token(java.util.Map.of("scope", write, "ods_code", "RTH"));
    for (String token : List.of(hub.system(), rj1Token, rthToken)) {
      JsonNode task = asked(path, "RJ1", token, 200);
      assertThat(task.path("resourceType").asText()).isEqualTo("Task");
      assertThat(task.at("/owner/reference").asText()).isEqualTo("Organization/RJ1");
    }
    assertThat(search("Task?focus=" + filled("{study}"))).hasSize(1);
    assertThat(said(asked(path, "RTH", hub.system(), 422))).contains("ISO-FHIR-049");
    assertThat(said(asked(path, "RXX", hub.system(), 422))).contains("ISO-FHIR-049");
    String rxx = hub.token(java.util.Map.of("scope", write, "ods_code", "RXX"));
    // Who is no trust of the directory sees nothing that no Consent opens to them.
    assertThat(said(asked(path, "RJ1", rxx, 404))).contains("ISO-FHIR-003");
    assertThat(said(asked(path, "RJ1", hub.organisation("RJ1"), 403))).contains("ISO-FHIR-002");
    String patient = hub.token(java.util.Map.of("scope", "patient/*.*", "nhs_number", NHS));
    assertThat(said(asked(path, "RJ1", patient, 403))).contains("ISO-FHIR-047");
    String stranger = hub.token(java.util.Map.of("scope", "patient/*.*", "nhs_number", OTHER));
    assertThat(said(asked(path, "RJ1", stranger, 404))).contains("ISO-FHIR-003");
  }

  private static String said(JsonNode outcome) {
    return outcome.at("/issue/0/diagnostics").asText();
  }

  private JsonNode asked(String path, String ods, String token, int status) throws Exception {
    String body =
        """
        {"resourceType":"Parameters","parameter":[{"name":"destination","valueReference":{"reference":"Organization/%s"}}]}"""
            .formatted(ods);
    var answer = hub.call("POST", path, token, body);
    assertThat(answer.statusCode())
        .as(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(status);
    return new com.fasterxml.jackson.databind.ObjectMapper().readTree(answer.body());
  }

  @Test
  void theStudyCarriesItsIdentifiersAndCounts() {
    String id = hub.study(STUDY).get(0).path("id").asText();
    JsonNode study = hub.json("/fhir/ImagingStudy/" + id, hub.system());
    assertThat(study.path("numberOfInstances").asInt()).isEqualTo(1);
    assertThat(study.path("numberOfSeries").asInt()).isEqualTo(1);
    assertThat(study.path("identifier").toString())
        .contains("urn:dicom:uid")
        .contains("urn:oid:" + STUDY)
        .contains("ACSN")
        .contains("\"A1\"");
    JsonNode basedOn = study.at("/basedOn/0");
    assertThat(basedOn.path("reference").asText()).startsWith("ServiceRequest/");
    assertThat(basedOn.path("identifier").toString()).contains("ACSN").contains("RTH");
    assertThat(study.at("/series/0/instance/0/sopClass/code").asText())
        .isEqualTo("urn:oid:" + Uid.CT_IMAGE_STORAGE);
  }

  @Test
  void theCapabilityStatementNamesWhatIsServed() {
    JsonNode rest = hub.json("/fhir/metadata", hub.system()).at("/rest/0/resource");
    List<String> types = new ArrayList<>();
    rest.forEach(r -> types.add(r.path("type").asText()));
    assertThat(types)
        .contains(
            "Patient",
            "ServiceRequest",
            "ImagingStudy",
            "DiagnosticReport",
            "Consent",
            "Organization",
            "Endpoint",
            "Task",
            "DocumentReference",
            "Binary",
            "Appointment",
            "AuditEvent");
    for (JsonNode resource : rest) {
      if (resource.path("type").asText().equals("ImagingStudy")) {
        List<String> names = new ArrayList<>();
        resource.path("searchParam").forEach(p -> names.add(p.path("name").asText()));
        assertThat(names).contains("_id", "_lastUpdated", "basedon", "modality", "started");
        assertThat(resource.path("searchInclude").toString()).contains("ImagingStudy:basedon");
        assertThat(resource.path("searchRevInclude").toString())
            .contains("DiagnosticReport:imaging-study", "Task:focus");
      }
    }
  }
}
