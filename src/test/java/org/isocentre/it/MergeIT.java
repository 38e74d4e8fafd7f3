package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.Message;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.isocentre.dicom.data.Uid;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;
import org.isocentre.it.Pacs.About;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jms.core.JmsTemplate;

/** A merge as staff, a patient and a partner's queue see it. */
class MergeIT {
  private static final String NHS = MainJobIT.nhsNumber();
  private static final String NO_PARAMETERS = "{\"resourceType\":\"Parameters\"}";
  private static final String WHY =
      "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"why\",\"valueString\":\"wrong person\"}]}";
  @TempDir static Path data;
  private static Pacs rj1;
  private static TestHub hub;

  @BeforeAll
  static void start() throws Exception {
    rj1 = new Pacs();
    hub = new TestHub(data, rj1.listen(0)).start();
    // What it takes from the queue is looked at here.
    hub.bean(CamelContext.class).getRouteController().stopRoute("merge-outbound");
  }

  @AfterAll
  static void stop() {
    hub.close();
    rj1.close();
  }

  private static String number(String local) {
    return "Patient?identifier=urn:isocentre:patient:RTH%7C" + local;
  }

  private static List<JsonNode> orders(String token) {
    return hub.search("ServiceRequest", token);
  }

  private static JsonNode read(String id) {
    return hub.json("/fhir/Patient/" + id, hub.system());
  }

  private static int operation(String id, String name, String token, String body) throws Exception {
    HttpResponse<byte[]> answer = hub.call("POST", "/fhir/Patient/" + id + "/" + name, token, body);
    return answer.statusCode();
  }

  /** The next event about a prior number. */
  private static JsonNode told(String prior) throws Exception {
    JmsTemplate queues = new JmsTemplate(hub.bean(JmsTemplate.class).getConnectionFactory());
    queues.setReceiveTimeout(30_000);
    while (true) {
      Message message = queues.receive("patient.merged");
      assertThat(message).as("event on patient.merged about %s", prior).isNotNull();
      JsonNode event = new ObjectMapper().readTree(message.getBody(byte[].class));
      if (event.at("/prior/value").asText().equals(prior)) {
        return event;
      }
    }
  }

  @Test
  void aStudyOfAMergedPatientGoesOutWhenAPersonHasConfirmed() throws Exception {
    String prior = MainJobIT.nhsNumber();
    String surviving = MainJobIT.nhsNumber();
    hub.bean(PatientMerges.class)
        .apply(merge(new PatientIdentity(null, prior, null), null, surviving));
    Ris ris = new Ris(hub.mllp);
    ris.send(Ris.order(prior, "19740213", "M1"));
    try (Pacs rth = new Pacs()) {
      rth.send(
          hub.dicom, Pacs.image(Uid.random(), Uid.random(), new About(prior, "19740213", "M1")));
    }
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () -> assertThat(hub.search("Task?status=on-hold", hub.system())).hasSize(1));
    assertThat(hub.search("ImagingStudy", hub.patient(surviving))).isEmpty();
    assertThat(told(prior).path("change").asText()).isEqualTo("APPLIED");

    String absorbed =
        hub
            .search("Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C" + prior, hub.system())
            .stream()
            .filter(p -> !p.path("active").asBoolean())
            .findFirst()
            .orElseThrow()
            .path("id")
            .asText();
    assertThat(operation(absorbed, "$confirm-merge", hub.system(), NO_PARAMETERS)).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () -> assertThat(hub.search("Task?status=completed", hub.system())).hasSize(1));
    assertThat(hub.search("ImagingStudy", hub.patient(surviving))).hasSize(1);
  }

  @Test
  void aMergeIsSeenConfirmedAndUndone() throws Exception {
    Ris ris = new Ris(hub.mllp);
    ris.send(Ris.head("ADT^A28") + "PID|1||B^^^RTH^MR~" + NHS + "^^^NHS^NH||TEST^B||19740213|F\r");
    ris.send(
        Ris.order(NHS, "19740213", "A1")
            .replace(Ris.pid(NHS, "19740213"), "PID|1||A^^^RTH^MR||TEST^A||19740213|F\r"));
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () -> {
              assertThat(hub.search(number("A"), hub.system())).hasSize(1);
              assertThat(hub.search(number("B"), hub.system())).hasSize(1);
            });
    String prior = hub.search(number("A"), hub.system()).get(0).path("id").asText();
    String surviving = hub.search(number("B"), hub.system()).get(0).path("id").asText();

    ris.send(
        Ris.head("ADT^A40")
            + "PID|1||B^^^RTH^MR~"
            + NHS
            + "^^^NHS^NH||TEST^B||19740213|F\rMRG|A^^^RTH^MR\r");
    await().atMost(Duration.ofSeconds(40)).until(() -> !read(prior).path("active").asBoolean(true));
    assertThat(read(prior).at("/link/0/type").asText()).isEqualTo("replaced-by");
    assertThat(read(prior).at("/link/0/other/reference").asText())
        .isEqualTo("Patient/" + surviving);
    assertThat(read(surviving).at("/link/0/type").asText()).isEqualTo("replaces");
    assertThat(
            hub.search("ServiceRequest?identifier=PA1", hub.system())
                .get(0)
                .at("/subject/reference")
                .asText())
        .isEqualTo("Patient/" + surviving);
    assertThat(orders(hub.patient(NHS))).isEmpty();
    assertThat(hub.search("Patient", hub.patient(NHS)))
        .singleElement()
        .satisfies(p -> assertThat(p.has("link")).isFalse());
    JsonNode applied = told("A");
    assertThat(applied.path("change").asText()).isEqualTo("APPLIED");
    assertThat(applied.path("confirmed").asBoolean()).isFalse();
    assertThat(applied.path("trusts").toString()).isEqualTo("[\"RTH\"]");
    assertThat(applied.at("/prior/value").asText()).isEqualTo("A");
    assertThat(hub.json("/api/reviews", hub.system()).toString()).contains("MERGE_NOT_CONFIRMED");

    for (String token : List.of(hub.patient(NHS), hub.organisation("RTH"))) {
      assertThat(operation(prior, "$confirm-merge", token, NO_PARAMETERS)).isEqualTo(403);
    }
    assertThat(operation(prior, "$confirm-merge", hub.system(), NO_PARAMETERS)).isEqualTo(200);
    assertThat(orders(hub.patient(NHS))).hasSize(1);
    assertThat(told("A").path("change").asText()).isEqualTo("CONFIRMED");
    assertThat(hub.json("/api/reviews", hub.system()).toString())
        .doesNotContain("MERGE_NOT_CONFIRMED");
    assertThat(operation(prior, "$confirm-merge", hub.system(), NO_PARAMETERS)).isEqualTo(422);

    assertThat(operation(surviving, "$undo-merge", hub.system(), NO_PARAMETERS)).isEqualTo(400);
    assertThat(operation(surviving, "$undo-merge", hub.system(), WHY)).isEqualTo(200);
    assertThat(told("A").path("change").asText()).isEqualTo("WITHDRAWN");
    assertThat(read(prior).path("active").asBoolean()).isTrue();
    assertThat(read(prior).has("link")).isFalse();
    assertThat(orders(hub.patient(NHS))).isEmpty();
    assertThat(
            hub.bean(AuditIndex.class)
                .search(
                    new AuditIndex.Query(
                        Visibility.ALL,
                        Set.of(),
                        Set.of(),
                        Set.of("patient-merge", "patient-merge-confirm", "patient-merge-undo"),
                        TimeRange.ANY,
                        new PageRequest(0, 10))))
        .filteredOn(e -> prior.equals(e.entityId()))
        .extracting(e -> e.type() + " by " + e.actor())
        .containsExactly(
            "patient-merge-undo by test", "patient-merge-confirm by test", "patient-merge by RTH");
  }

  private static PatientMerge merge(PatientIdentity prior, PatientKey key, String nhs) {
    return new PatientMerge(
        PatientMerge.Kind.MERGE,
        new PatientDemographics(
            new PatientIdentity(key, nhs, LocalDate.of(1974, 2, 13)),
            null,
            null,
            null,
            null,
            Patient.Source.ADT),
        prior,
        "RTH",
        "hl7/merge",
        Instant.parse("2026-11-01T12:00:00Z"));
  }
}
