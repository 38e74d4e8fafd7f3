package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
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
    }
  }
}
