package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person takes along: objects, and the reports that they may read. */
class ReportsInArchiveIT {
  private static final String NHS = "9990000018";
  private static final byte[] PDF = "%PDF-1.4 report".getBytes(StandardCharsets.US_ASCII);

  private static Map<String, byte[]> reports(TestHub hub, String study, String token)
      throws Exception {
    HttpResponse<byte[]> answer =
        hub.getWith(
            "/dicomweb/studies/" + study + "?reports=true", token, "Accept", "application/zip");
    assertThat(answer.statusCode()).isEqualTo(200);
    Map<String, byte[]> files = new TreeMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().startsWith("REPORTS/")) {
          files.put(entry.getName(), zip.readAllBytes());
        }
      }
    }
    return files;
  }

  @Test
  void reportsGoAlongUnderTheirOwnRules(@TempDir Path data) throws Exception {
    try (TestHub hub =
            new TestHub(data, TestHub.freePort(), "--isocentre.consent.report-hold=3650d").start();
        Pacs pacs = new Pacs()) {
      Ris ris = new Ris(hub.mllp);
      Image image = Pacs.image(Uid.random(), Uid.random(), new About(NHS, "19740213", "RA1"));
      ris.send(Ris.order(NHS, "19740213", "RA1"));
      pacs.send(hub.dicom, image);
      await().atMost(Duration.ofSeconds(30)).until(() -> hub.study(image.study()).size() == 1);
      String report = Ris.report(NHS, "19740213", "RA1", "No finding");
      String document =
          "OBX|2|ED|PDF^Document^LOCAL||^application^pdf^Base64^"
              + Base64.getEncoder().encodeToString(PDF)
              + "||||||F\r";
      assertThat(Ris.code(ris.send(report + document))).isEqualTo("AA");
      String staff = hub.system();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !reports(hub, image.study(), staff).isEmpty());

      assertThat(reports(hub, image.study(), staff).get("REPORTS/R0000001.PDF")).isEqualTo(PDF);
      // No clinician has seen it, so it is held back from the patient; the images are not.
      String patient = hub.patient(NHS);
      assertThat(reports(hub, image.study(), patient)).isEmpty();
      // Scopes for images alone open no report; without Binary there is the text.
      assertThat(
              reports(
                  hub,
                  image.study(),
                  hub.token(Map.of("scope", "system/ImagingStudy.r", "ods_code", "RTH"))))
          .isEmpty();
      assertThat(
              new String(
                  reports(
                          hub,
                          image.study(),
                          hub.token(
                              Map.of(
                                  "scope",
                                  "system/ImagingStudy.r system/DiagnosticReport.r",
                                  "ods_code",
                                  "RTH")))
                      .get("REPORTS/R0000001.TXT"),
                  StandardCharsets.UTF_8))
          .contains("No finding");
      // A clinician who takes it along has seen it.
      String clinician =
          hub.token(
              Map.of(
                  "scope",
                  "user/*.read",
                  "ods_code",
                  "RTH",
                  "sub",
                  "dr1",
                  "roles",
                  List.of("clinician")));
      assertThat(reports(hub, image.study(), clinician)).containsKey("REPORTS/R0000001.PDF");
      assertThat(reports(hub, image.study(), patient)).containsKey("REPORTS/R0000001.PDF");
      assertThat(hub.search("AuditEvent?_count=200&entity-type=DiagnosticReport", staff).toString())
          .contains("with the objects of its study");
    }
  }
}
