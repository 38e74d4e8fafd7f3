package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.data.SopClass;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job over real ports: order, study, link, forward, report, and who may read what. */
class MainJobIT {
  private static final String BORN = "19740213";
  private static final AtomicInteger NEXT = new AtomicInteger(100);
  @TempDir static Path data;
  private static Pacs rth;
  private static Pacs rj1;
  private static TestHub hub;
  private static Ris ris;

  @BeforeAll
  static void start() {
    rth = new Pacs();
    rj1 = new Pacs();
    hub =
        new TestHub(data, rj1.listen(0), "--isocentre.dicom.extra-sop-classes[0]=1.2.999.1")
            .start();
    ris = new Ris(hub.mllp);
  }

  @AfterAll
  static void stop() {
    hub.close();
    rth.close();
    rj1.close();
  }

  /** A number of the 999 test range with a valid check digit. */
  static String nhsNumber() {
    while (true) {
      String nine = "999%06d".formatted(NEXT.incrementAndGet());
      int sum = 0;
      for (int i = 0; i < 9; i++) {
        sum += (nine.charAt(i) - '0') * (10 - i);
      }
      int check = 11 - sum % 11;
      if (check != 10) {
        return nine + (check == 11 ? 0 : check);
      }
    }
  }

  private static String accession() {
    return "ACC" + NEXT.incrementAndGet();
  }

  private static JsonNode awaitStudy(String uid, java.util.function.Predicate<JsonNode> until) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> hub.study(uid).stream().findFirst().orElse(null),
            s -> s != null && until.test(s));
  }

  private static boolean isLinked(JsonNode study) {
    return study.at("/basedOn/0/reference").asText().startsWith("ServiceRequest/");
  }

  private static List<JsonNode> transfers(JsonNode study) {
    return hub.search("Task?focus=ImagingStudy/" + study.path("id").asText(), hub.system());
  }

  @Test
  void anOrderBeforeItsStudyIsLinkedForwardedReportedAndReadByThePatient() throws Exception {
    String nhs = nhsNumber();
    About about = new About(nhs, BORN, accession());
    assertThat(Ris.code(ris.send(Ris.order(nhs, BORN, about.accession())))).isEqualTo("AA");
    String study = Uid.random();
    Image first = Pacs.image(study, "1.2.3." + NEXT.incrementAndGet(), about);
    Image second = Pacs.image(study, first.series(), about);
    assertThat(rth.send(hub.dicom, first, second)).containsExactly(0, 0);

    JsonNode found = awaitStudy(study, MainJobIT::isLinked);
    assertThat(found.path("numberOfInstances").asInt()).isEqualTo(2);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(transfers(found))
                    .singleElement()
                    .satisfies(t -> assertThat(t.path("status").asText()).isEqualTo("completed")));
    assertThat(rj1.received.get(first.uid())).isEqualTo(first.dataSet());
    assertThat(rj1.received.get(second.uid())).isEqualTo(second.dataSet());

    assertThat(Ris.code(ris.send(Ris.report(nhs, BORN, about.accession(), "No abnormality."))))
        .isEqualTo("AA");
    List<JsonNode> reports =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> hub.search("DiagnosticReport", hub.patient(nhs)), l -> l.size() == 1);
    assertThat(reports.get(0).path("status").asText()).isEqualTo("final");
    assertThat(reports.get(0).at("/basedOn/0/reference").asText())
        .isEqualTo(found.at("/basedOn/0/reference").asText());

    List<JsonNode> bundle =
        hub.search("ImagingStudy?_include=ImagingStudy:basedon", hub.patient(nhs));
    assertThat(bundle)
        .extracting(r -> r.path("resourceType").asText())
        .containsExactly("ImagingStudy", "ServiceRequest");
  }

  @Test
  void anOrderAfterItsStudyIsLinkedToo() throws Exception {
    String nhs = nhsNumber();
    About about = new About(nhs, BORN, accession());
    String study = Uid.random();
    assertThat(rth.send(hub.dicom, Pacs.image(study, Uid.random(), about))).containsExactly(0);
    assertThat(awaitStudy(study, s -> true)).isNotNull();
    ris.send(Ris.order(nhs, BORN, about.accession()));
    JsonNode linked = awaitStudy(study, MainJobIT::isLinked);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> transfers(linked),
            l -> l.size() == 1 && l.get(0).path("status").asText().equals("completed"));
  }

  @Test
  void aWrongBirthDateLinksNothingAndWaitsForAPerson() throws Exception {
    String nhs = nhsNumber();
    About about = new About(nhs, "19740214", accession());
    ris.send(Ris.order(nhs, BORN, about.accession()));
    String study = Uid.random();
    rth.send(hub.dicom, Pacs.image(study, Uid.random(), about));
    String id = awaitStudy(study, s -> true).path("id").asText();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              for (JsonNode item : hub.json("/api/reviews?limit=1000", hub.system())) {
                if (item.path("studyId").asText().equals(id)) {
                  return true;
                }
              }
              return false;
            });
    assertThat(isLinked(hub.study(study).get(0))).isFalse();
    assertThat(transfers(hub.study(study).get(0))).isEmpty();
    assertThat(hub.search("ImagingStudy", hub.patient(nhs))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/fhir/Patient",
        "/fhir/metadata",
        "/fhir/ImagingStudy/1",
        "/dicomweb/studies",
        "/dicomweb/studies/1.2.3",
        "/dicomweb/studies/1.2.3/metadata",
        "/api/reviews",
        "/api/transfers",
        "/actuator/health",
        "/actuator/prometheus",
        "/nothing"
      })
  void everyCallNeedsAToken(String path) throws Exception {
    assertThat(hub.get(path, null).statusCode()).isEqualTo(401);
    assertThat(hub.get(path, "no.token.atall").statusCode()).isEqualTo(401);
  }

  @Test
  void aPatientSeesTheirOwnAndNobodyElses() throws Exception {
    String nhs = nhsNumber();
    String other = nhsNumber();
    About about = new About(nhs, BORN, accession());
    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    rth.send(hub.dicom, image, Pacs.image(Uid.random(), Uid.random(), new About(other, BORN, "")));
    String id = awaitStudy(image.study(), s -> true).path("id").asText();
    String wado = "/dicomweb/studies/" + image.study();

    String own = hub.patient(nhs);
    assertThat(hub.search("ImagingStudy", own)).hasSize(1);
    assertThat(hub.search("Patient", own)).hasSize(1);
    assertThat(hub.get("/fhir/ImagingStudy/" + id, own).statusCode()).isEqualTo(200);
    assertThat(hub.json("/dicomweb/studies?PatientID=" + nhs, own)).hasSize(1);
    assertThat(hub.get(wado, own).statusCode()).isEqualTo(200);

    String stranger = hub.patient(other);
    assertThat(hub.search("ImagingStudy?_id=" + id, stranger)).isEmpty();
    assertThat(
            hub.search(
                "ImagingStudy?patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C" + nhs,
                stranger))
        .isEmpty();
    assertThat(hub.get("/fhir/ImagingStudy/" + id, stranger).statusCode()).isEqualTo(404);
    assertThat(hub.json("/dicomweb/studies?StudyInstanceUID=" + image.study(), stranger)).isEmpty();
    assertThat(hub.get(wado, stranger).statusCode()).isEqualTo(404);
    assertThat(hub.get(wado + "/metadata", stranger).statusCode()).isEqualTo(404);
    assertThat(
            hub.get(wado + "/series/" + image.series() + "/instances/" + image.uid(), stranger)
                .statusCode())
        .isEqualTo(404);
    assertThat(hub.get("/api/reviews", own).statusCode()).isEqualTo(403);
    assertThat(hub.get("/api/transfers", own).statusCode()).isEqualTo(403);

    Map<String, Object> endless = new java.util.HashMap<>(Map.of("scope", "system/*.read"));
    endless.put("exp", null);
    assertThat(hub.get("/fhir/ImagingStudy", hub.token(endless)).statusCode()).isEqualTo(401);
    // A clinician's token that lost its organisation is nobody's: it is no staff of the hub.
    String lost = hub.token(Map.of("scope", "user/*.read user/*.write"));
    for (String path :
        List.of("/fhir/ImagingStudy", "/fhir/AuditEvent", "/dicomweb/studies", "/api/reviews")) {
      assertThat(hub.get(path, lost).statusCode()).as(path).isEqualTo(403);
    }

    String noScope = hub.token(Map.of("scope", "openid"));
    assertThat(hub.get("/fhir/ImagingStudy", noScope).statusCode()).isEqualTo(403);
    assertThat(hub.get("/dicomweb/studies", noScope).statusCode()).isEqualTo(403);
    String emptyNumber =
        hub.token(Map.of("scope", "patient/*.read system/*.read", "nhs_number", ""));
    assertThat(hub.search("ImagingStudy", emptyNumber)).isEmpty();
  }

  @Test
  void aConsentThatDeniesAnOrganisationStopsForwardingAndItsReads() throws Exception {
    String nhs = nhsNumber();
    About about = new About(nhs, BORN, accession());
    ris.send(Ris.order(nhs, BORN, about.accession()));
    JsonNode patient =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> hub.search("Patient", hub.patient(nhs)), l -> l.size() == 1)
            .get(0);
    String consent =
        """
        {"resourceType":"Consent","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"Patient/%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]},
         "provision":{"type":"deny","actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleClass","code":"PROV"}]},
           "reference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RJ1"}}}]}}"""
            .formatted(patient.path("id").asText());
    HttpResponse<byte[]> created = hub.call("POST", "/fhir/Consent", hub.system(), consent);
    assertThat(created.statusCode())
        .as(new String(created.body(), StandardCharsets.UTF_8))
        .isEqualTo(201);

    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    rth.send(hub.dicom, image);
    JsonNode study = awaitStudy(image.study(), MainJobIT::isLinked);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                hub
                    .search(
                        "AuditEvent?_count=200&patient=" + study.at("/subject/reference").asText(),
                        hub.system())
                    .stream()
                    .map(JsonNode::toString)
                    .anyMatch(
                        e ->
                            e.contains("consent-decision")
                                && e.contains(study.path("id").asText())));
    assertThat(transfers(study)).isEmpty();
    assertThat(rj1.received).doesNotContainKey(image.uid());
    assertThat(
            hub.json(
                "/dicomweb/studies?StudyInstanceUID=" + image.study(), hub.organisation("RJ1")))
        .isEmpty();
    assertThat(hub.get("/dicomweb/studies/" + image.study(), hub.organisation("RJ1")).statusCode())
        .isEqualTo(404);
    assertThat(
            hub.search(
                "ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:" + image.study(),
                hub.organisation("RJ1")))
        .isEmpty();
    assertThat(
            hub.json(
                "/dicomweb/studies?StudyInstanceUID=" + image.study(), hub.organisation("RTH")))
        .hasSize(1);
  }

  @Test
  void dicomWebFindsByEachParameterAndReturnsTheSameBytes() throws Exception {
    String nhs = nhsNumber();
    About about = new About(nhs, BORN, accession());
    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    rth.send(hub.dicom, image);
    awaitStudy(image.study(), s -> true);
    String token = hub.system();
    for (String query :
        List.of(
            "PatientID=" + nhs,
            "00100020=" + nhs,
            "AccessionNumber=" + about.accession(),
            "StudyInstanceUID=" + image.study(),
            "StudyDate=20261101&PatientID=" + nhs,
            "StudyDate=20261031-20261102&PatientID=" + nhs,
            "StudyDate=20261101-&PatientID=" + nhs)) {
      JsonNode found = hub.json("/dicomweb/studies?" + query, token);
      assertThat(found).as(query).hasSize(1);
      assertThat(found.at("/0/0020000D/Value/0").asText()).isEqualTo(image.study());
    }
    assertThat(hub.json("/dicomweb/studies?StudyDate=-20261031&PatientID=" + nhs, token)).isEmpty();
    assertThat(hub.get("/dicomweb/studies?PatientWeight=70", token).statusCode()).isEqualTo(400);
    assertThat(hub.get("/dicomweb/studies?StudyDate=yesterday", token).statusCode()).isEqualTo(400);

    String path = "/dicomweb/studies/" + image.study();
    for (String level :
        List.of(
            "",
            "/series/" + image.series(),
            "/series/" + image.series() + "/instances/" + image.uid())) {
      HttpResponse<byte[]> answer = hub.get(path + level, token);
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("multipart/related; type=\"application/dicom\"");
      assertThat(indexOf(answer.body(), image.dataSet())).as(level).isPositive();
      JsonNode metadata = hub.json(path + level + "/metadata", token);
      assertThat(metadata.at("/0/00080018/Value/0").asText()).isEqualTo(image.uid());
    }
    assertThat(hub.get(path + "/series/1.2.3", token).statusCode()).isEqualTo(404);
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int i = 0; i + part.length <= all.length; i++) {
      if (all[i] == part[0] && Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void theSameObjectTwiceIsOneAndAnotherWithItsUidIsKeptApart() throws Exception {
    About about = new About(nhsNumber(), BORN, accession());
    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    Image other = Pacs.image(image.study(), image.series(), image.uid(), about, 32, 2);
    assertThat(rth.send(hub.dicom, image, image, other)).containsExactly(0, 0, 0);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                hub.json("/api/reviews?limit=1000", hub.system())
                    .toString()
                    .contains("UID_CONFLICT"));
    JsonNode study = awaitStudy(image.study(), s -> true);
    assertThat(study.path("numberOfInstances").asInt()).isEqualTo(1);
    assertThat(
            indexOf(
                hub.get("/dicomweb/studies/" + image.study(), hub.system()).body(),
                image.dataSet()))
        .isPositive();
  }

  @Test
  void everyStorageSopClassIsTakenInWhateverSyntaxIsProposed() {
    List<String> classes = new ArrayList<>(SopClass.storage());
    assertThat(classes).hasSizeGreaterThan(150).contains(Uid.CT_IMAGE_STORAGE);
    classes.add("1.2.999.1");
    for (int from = 0; from < classes.size(); from += 128) {
      List<AssociationRequestor.Proposal> proposals =
          classes.subList(from, Math.min(classes.size(), from + 128)).stream()
              .map(c -> new AssociationRequestor.Proposal(c, List.of("1.2.840.10008.1.2.4.202")))
              .toList();
      try (ServiceUser user =
          ServiceUser.connect(
              new AssociationRequestor(rth.loops(), AssociationSettings.DEFAULT),
              "127.0.0.1",
              hub.dicom,
              "RTHPACS",
              "ISOCENTRE",
              proposals,
              Duration.ofSeconds(30))) {
        assertThat(user.association().presentationContexts()).hasSize(proposals.size());
      }
    }
  }

  @Test
  void callersWhoAreNotInTheDirectoryAreRefused() {
    assertThatThrownBy(() -> rth.connect(hub.dicom, "STRANGER"))
        .isInstanceOf(AssociationException.class)
        .hasMessageContaining("calling AE title");
  }

  @Test
  void manyMessagesAtOnceOnOneConnectionAreAllAnswered() throws Exception {
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      messages.add(Ris.order(nhsNumber(), BORN, accession()));
    }
    List<String> answers = ris.sendAll(messages);
    assertThat(answers).hasSize(50).allSatisfy(a -> assertThat(Ris.code(a)).isEqualTo("AA"));
    for (int i = 0; i < 50; i++) {
      assertThat(answers.get(i)).contains("|" + messages.get(i).split("\\|")[9]);
    }
  }

  @Test
  void badMessagesAreAnsweredWithWhatIsWrong() throws Exception {
    String noPatient = Ris.head("ORM^O01") + "ORC|NW|P1|F1\rOBR|1|P1|F1|X^Y^Z\r";
    assertThat(ris.send(noPatient)).contains("MSA|AE").contains("ERR|").contains("PID");
    assertThat(ris.send(Ris.head("XXX^Y99"))).contains("MSA|AR").contains("ERR|");
    assertThat(ris.send("this is no HL7")).contains("MSA|AR");
  }

  @Test
  void aRefusedTransferEndsFailedWithTheStatusAndOneCallRunsItAgain() throws Exception {
    String nhs = nhsNumber();
    About about = new About(nhs, BORN, accession());
    ris.send(Ris.order(nhs, BORN, about.accession()));
    Image image = Pacs.image(Uid.random(), Uid.random(), about);
    rj1.status = 0xa900;
    try {
      rth.send(hub.dicom, image);
      JsonNode study = awaitStudy(image.study(), MainJobIT::isLinked);
      JsonNode failed =
          await()
              .atMost(Duration.ofSeconds(20))
              .until(
                  () -> transfers(study),
                  l -> l.size() == 1 && l.get(0).path("status").asText().equals("failed"))
              .get(0);
      JsonNode record = hub.json("/api/transfers/" + failed.path("id").asText(), hub.system());
      assertThat(record.path("lastError").asText()).containsIgnoringCase("A900");
      assertThat(record.path("confirmed").asInt()).isZero();
      rj1.status = 0;
      assertThat(
              hub.call(
                      "POST",
                      "/api/transfers/" + failed.path("id").asText() + "/retry",
                      hub.system(),
                      "")
                  .statusCode())
          .isEqualTo(202);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> transfers(study).get(0).path("status").asText().equals("completed"));
      assertThat(rj1.received.get(image.uid())).isEqualTo(image.dataSet());
    } finally {
      rj1.status = 0;
    }
  }
}
