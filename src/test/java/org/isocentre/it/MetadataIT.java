package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metadata of a series that is kept ready from the time when its study was complete. */
class MetadataIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STUDY = "1.2.826.0.1.3680043.10.999.77";
  private static final String SERIES = STUDY + ".1";
  private static final String METADATA =
      "/dicomweb/studies/" + STUDY + "/series/" + SERIES + "/metadata";
  private static final About ABOUT = new About("9990000018", "19740213", "MD1");

  private static Image slice(int number) {
    return Pacs.image(STUDY, SERIES, SERIES + "." + number, ABOUT, 16, number);
  }

  private static long kept(Path data) throws IOException {
    try (Stream<Path> walk = Files.walk(data.resolve("metadata"))) {
      return walk.filter(f -> f.toString().endsWith(".sheet")).count();
    }
  }

  @Test
  void isReadyBeforeItIsAskedForAndNeverStale(@TempDir Path data) throws Exception {
    try (TestHub hub = new TestHub(data, TestHub.freePort()).start();
        Pacs pacs = new Pacs()) {
      List<Image> slices = new ArrayList<>();
      for (int i = 1; i <= 12; i++) {
        slices.add(slice(i));
      }
      pacs.send(hub.dicom, slices.toArray(Image[]::new));
      await().atMost(Duration.ofSeconds(30)).until(() -> kept(data) >= 1);

      String token = hub.patient("9990000018");
      await().atMost(Duration.ofSeconds(30)).until(() -> hub.json(METADATA, token).size() == 12);
      JsonNode series = hub.json(METADATA, token);
      for (JsonNode one : series) {
        String instance = one.at("/00080018/Value/0").asText();
        JsonNode alone =
            hub.json(METADATA.replace("metadata", "instances/" + instance + "/metadata"), token);
        assertThat(one).isEqualTo(alone.get(0));
      }

      HttpResponse<byte[]> zipped =
          hub.getWith(METADATA, token, "Accept-Encoding", "br;q=1.0, gzip;q=0.8");
      assertThat(zipped.headers().firstValue("Content-Encoding")).hasValue("gzip");
      assertThat(zipped.headers().allValues("Vary").toString()).contains("Accept-Encoding");
      assertThat(JSON.readTree(new GZIPInputStream(new ByteArrayInputStream(zipped.body()))))
          .isEqualTo(series);
      assertThat(
              hub.getWith(METADATA, token, "Accept-Encoding", "gzip;q=0, identity")
                  .headers()
                  .firstValue("Content-Encoding"))
          .isEmpty();
      String tag = zipped.headers().firstValue("ETag").orElseThrow();
      assertThat(hub.getWith(METADATA, token, "If-None-Match", tag).statusCode()).isEqualTo(304);

      // One more comes, and one is taken back.
      pacs.send(hub.dicom, slice(13));
      await().atMost(Duration.ofSeconds(30)).until(() -> hub.json(METADATA, token).size() == 13);
      assertThat(hub.getWith(METADATA, token, "If-None-Match", tag).statusCode()).isEqualTo(200);
      pacs.send(hub.dicom, Pacs.rejection(STUDY + ".9", "113001", ABOUT, slices.get(4)));
      await().atMost(Duration.ofSeconds(30)).until(() -> hub.json(METADATA, token).size() == 12);
      assertThat(hub.json(METADATA, token).toString()).doesNotContain("\"" + SERIES + ".5\"");
      assertThat(hub.json("/dicomweb/studies/" + STUDY + "/metadata", token)).hasSize(12);
      // Another person gets none of it.
      assertThat(hub.get(METADATA, hub.patient("9990000026")).statusCode()).isEqualTo(404);
    }
  }
}
