package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.TimeRange;
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

  private static JsonNode told() throws Exception {
    JmsTemplate queues = new JmsTemplate(hub.bean(JmsTemplate.class).getConnectionFactory());
    queues.setReceiveTimeout(30_000);
    Message message = queues.receive("patient.merged");
    byte[] body =
        message instanceof BytesMessage bytes
            ? bytes.getBody(byte[].class)
            : ((TextMessage) message).getText().getBytes(StandardCharsets.UTF_8);
    return new ObjectMapper().readTree(body);
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
    assertThat(orders(hub.system()).get(0).at("/subject/reference").asText())
        .isEqualTo("Patient/" + surviving);
    assertThat(orders(hub.patient(NHS))).isEmpty();
    assertThat(hub.search("Patient", hub.patient(NHS)))
        .singleElement()
        .satisfies(p -> assertThat(p.has("link")).isFalse());
    JsonNode applied = told();
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
    assertThat(told().path("change").asText()).isEqualTo("CONFIRMED");
    assertThat(hub.json("/api/reviews", hub.system()).toString())
        .doesNotContain("MERGE_NOT_CONFIRMED");
    assertThat(operation(prior, "$confirm-merge", hub.system(), NO_PARAMETERS)).isEqualTo(422);

    assertThat(operation(surviving, "$undo-merge", hub.system(), NO_PARAMETERS)).isEqualTo(400);
    assertThat(operation(surviving, "$undo-merge", hub.system(), WHY)).isEqualTo(200);
    assertThat(told().path("change").asText()).isEqualTo("WITHDRAWN");
    assertThat(read(prior).path("active").asBoolean()).isTrue();
    assertThat(read(prior).has("link")).isFalse();
    assertThat(orders(hub.patient(NHS))).isEmpty();
    assertThat(
            hub.bean(AuditIndex.class)
                .search(
                    new AuditIndex.Query(
                        Set.of(),
                        Set.of(),
                        Set.of("patient-merge", "patient-merge-confirm", "patient-merge-undo"),
                        TimeRange.ANY,
                        new PageRequest(0, 10))))
        .extracting(e -> e.type() + " by " + e.actor())
        .containsExactly(
            "patient-merge-undo by test", "patient-merge-confirm by test", "patient-merge by RTH");
  }
}
