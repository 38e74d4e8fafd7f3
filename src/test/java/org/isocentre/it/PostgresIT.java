package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub with its index in PostgreSQL, by properties alone. */
class PostgresIT {
  @TempDir Path data;

  @Test
  void theMainJobRunsOnPostgres() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        Pacs rth = new Pacs();
        Pacs rj1 = new Pacs();
        TestHub hub =
            new TestHub(
                    data,
                    rj1.listen(0),
                    "--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                    "--spring.datasource.username=postgres",
                    "--spring.datasource.password=")
                .start()) {
      Ris ris = new Ris(hub.mllp);
      String nhs = MainJobIT.nhsNumber();
      About about = new About(nhs, "19740213", "A1");
      Image image = Pacs.image(Uid.random(), Uid.random(), about);
      assertThat(rth.send(hub.dicom, image, image)).containsExactly(0, 0);
      assertThat(Ris.code(ris.send(Ris.order(nhs, "19740213", "A1")))).isEqualTo("AA");
      assertThat(Ris.code(ris.send(Ris.report(nhs, "19740213", "A1", "Seen.")))).isEqualTo("AA");
      await()
          .atMost(Duration.ofSeconds(40))
          .until(
              () ->
                  hub.search("Task?status=completed", hub.system()).size() == 1
                      && hub.search("DiagnosticReport?status=final", hub.patient(nhs)).size() == 1);
      assertThat(rj1.received.get(image.uid())).isEqualTo(image.dataSet());
      assertThat(hub.search("ImagingStudy?_include=ImagingStudy:basedon", hub.patient(nhs)))
          .hasSize(2);
      assertThat(hub.json("/dicomweb/studies?AccessionNumber=A1", hub.patient(nhs))).hasSize(1);
      aDryRunChangesNothing(hub, ris, nhs);
    }
  }

  private static void aDryRunChangesNothing(TestHub hub, Ris ris, String nhs) throws Exception {
    String right = Ris.order(nhs, "19740213", "A2");
    assertThat(Ris.code(ris.send(right.replace(nhs, "9990000019")))).isEqualTo("AE");
    String token = hub.token(Map.of("roles", "integration"));
    String path = "/api/messages";
    String id =
        await()
            .atMost(Duration.ofSeconds(40))
            .until(
                () -> hub.json(path + "?state=REFUSED", token).path("messages"),
                found -> found.size() == 1)
            .at("/0/id")
            .asText();
    assertThat(
            hub.call("POST", path + "/" + id + "/corrections?reason=x", token, right).statusCode())
        .isEqualTo(201);
    // Two of the same transaction: the order that was filed, and the one that would be new.
    String body =
        "{\"filter\":{\"type\":\"ORM\",\"state\":\"FILED,REFUSED\"},\"max\":9,\"dryRun\":true}";
    String answer =
        new String(hub.call("POST", path + "/replay", token, body).body(), StandardCharsets.UTF_8);
    assertThat(answer)
        .contains("WOULD_CHANGE_NOTHING")
        .contains("\"WOULD_CHANGE\"")
        .contains("\"after\":\"A2\"")
        .doesNotContain(nhs);
    assertThat(hub.search("ServiceRequest?identifier=PA2", hub.system())).isEmpty();
  }
}
