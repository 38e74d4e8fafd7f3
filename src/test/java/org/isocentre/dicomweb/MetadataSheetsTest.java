package org.isocentre.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataSheetsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EXPLICIT = "1.2.840.10008.1.2.1";
  private static final String BASE = "https://hub.example/dicomweb";
  private static final Watch OPEN = new Watch(() -> true);

  @TempDir Path directory;
  private ObjectStore store;
  private StoredFiles files;
  private Path kept;

  @BeforeEach
  void open() throws IOException {
    store = new FileObjectStore(directory.resolve("store"), 0, false);
    files = new StoredFiles(store, ImageLimits.DEFAULT);
    kept = directory.resolve("metadata");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private MetadataSheets sheets(long maxBytes) throws IOException {
    return new MetadataSheets(files, kept, maxBytes);
  }

  private HeldObject object(String series, int number, String comment) throws IOException {
    String uid = series + "." + number;
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.SOPInstanceUID, uid)
            .set(Tag.ImageComments, comment)
            .set(Tag.Rows, "2")
            .set(Tag.Columns, "2")
            .set(Tag.BitsAllocated, "16");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[8]));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new DataSetWriter(bytes, TransferSyntax.of(EXPLICIT), DataSetWriter.BulkSource.NONE).write(set);
    try (ObjectStore.ObjectWriter writer = store.create("dcm")) {
      writer.writeUndigested(
          ByteBuffer.wrap(
              new FileMetaInformation(Uid.CT_IMAGE_STORAGE, uid, EXPLICIT, null).encode()));
      writer.write(ByteBuffer.wrap(bytes.toByteArray()));
      ObjectStore.StoredObject stored = writer.commit();
      return new HeldObject(
          UUID.randomUUID(),
          UUID.randomUUID(),
          "1.2.3",
          series,
          uid,
          Uid.CT_IMAGE_STORAGE,
          EXPLICIT,
          stored.key(),
          stored.sha256(),
          stored.size());
    }
  }

  private List<HeldObject> series(String uid, int objects) throws IOException {
    List<HeldObject> series = new ArrayList<>();
    for (int i = 1; i <= objects; i++) {
      series.add(object(uid, i, "Bild " + i + " \u00e4\u4e2d \"quoted\""));
    }
    return series;
  }

  private String text(MetadataSheets sheets, List<HeldObject> series, String base)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    sheets.write(series, base, out, OPEN);
    return out.toString(StandardCharsets.UTF_8);
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> walk = Files.walk(kept)) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void whatIsKeptIsWhatTheObjectsSay() throws Exception {
    MetadataSheets sheets = sheets(1 << 20);
    List<HeldObject> series = series("1.2.3.1", 20);
    StringBuilder each = new StringBuilder();
    for (HeldObject object : series) {
      each.append(each.isEmpty() ? "" : ",\n").append(text(sheets, List.of(object), BASE));
    }
    assertThat(all()).isEmpty();

    assertThat(text(sheets, series, BASE)).isEqualTo(each.toString());
    assertThat(all()).hasSize(1);
    // From the sheet, as the objects are gone.
    MetadataSheets again = new MetadataSheets(null, kept, 1 << 20);
    assertThat(text(again, series, BASE)).isEqualTo(each.toString());
    JsonNode elsewhere =
        JSON.readTree("[" + text(again, series, "http://10.0.0.1:8080/dicomweb") + "]");
    assertThat(elsewhere).hasSize(20);
    assertThat(elsewhere.get(19).at("/7FE00010/BulkDataURI").asText())
        .isEqualTo(
            "http://10.0.0.1:8080/dicomweb/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.20"
                + "/bulkdata/7FE00010");
    assertThat(elsewhere.get(0).at("/00204000/Value/0").asText())
        .isEqualTo("Bild 1 \u00e4\u4e2d \"quoted\"");
  }

  @Test
  void otherObjectsAnotherOrderOrOtherContentIsAnotherSheet() throws Exception {
    List<HeldObject> series = series("1.2.3.1", 9);
    List<HeldObject> fewer = series.subList(0, 8);
    List<HeldObject> turned = new ArrayList<>(series);
    turned.add(0, turned.remove(8));
    List<HeldObject> changed = new ArrayList<>(series);
    changed.set(3, object("1.2.3.1", 4, "corrected"));
    assertThat(Stream.of(series, fewer, turned, changed).map(MetadataSheets::name))
        .doesNotHaveDuplicates();
    MetadataSheets sheets = sheets(1 << 20);
    text(sheets, series, BASE);
    assertThat(text(sheets, changed, BASE)).contains("corrected").doesNotContain("Bild 4");
    assertThat(all()).hasSize(2);
  }

  @Test
  void thoseGoThatWereNotReadForLongest() throws Exception {
    MetadataSheets sheets = sheets(40_000);
    for (int i = 1; i <= 12; i++) {
      List<HeldObject> series = series("1.2.3." + i, 12);
      assertThat(JSON.readTree("[" + text(sheets, series, BASE) + "]")).hasSize(12);
    }
    long size = 0;
    for (Path file : all()) {
      size += Files.size(file);
    }
    assertThat(size).isBetween(20_000L, 40_000L);
    // One that alone is too much is sent all the same.
    List<HeldObject> large = series("1.2.3.99", 200);
    assertThat(JSON.readTree("[" + text(sheets(10_000), large, BASE) + "]")).hasSize(200);
    assertThat(all()).isEmpty();
  }

  @Test
  void whatCannotBeKeptIsReadFromTheObjects() throws Exception {
    MetadataSheets sheets = sheets(1 << 20);
    Files.delete(kept);
    Files.writeString(kept, "no directory");
    List<HeldObject> series = series("1.2.3.1", 10);
    sheets.prepare(series, OPEN);
    assertThat(JSON.readTree("[" + text(sheets, series, BASE) + "]")).hasSize(10);
  }

  @Test
  void anObjectThatCannotBeReadIsToldBeforeAnythingIsSent() throws Exception {
    MetadataSheets sheets = sheets(1 << 20);
    List<HeldObject> series = series("1.2.3.1", 10);
    HeldObject last = series.get(9);
    series.set(
        9,
        new HeldObject(
            last.record(),
            last.patient(),
            last.study(),
            last.series(),
            last.instance(),
            last.sopClassUid(),
            last.transferSyntaxUid(),
            "dcm/" + "0".repeat(64),
            "0".repeat(64),
            last.size()));
    assertThatThrownBy(() -> sheets.prepare(series, OPEN)).isInstanceOf(IOException.class);
    assertThat(all()).isEmpty();
  }

  @Test
  void nothingIsSentThatMayNotBeAnyMore() throws Exception {
    MetadataSheets sheets = sheets(1 << 20);
    List<HeldObject> series = series("1.2.3.1", 10);
    sheets.prepare(series, OPEN);
    long begun = System.nanoTime();
    Watch closed = new Watch(() -> false);
    org.awaitility.Awaitility.await().until(() -> System.nanoTime() - begun > 500_000_000L);
    assertThatThrownBy(() -> sheets.write(series, BASE, new ByteArrayOutputStream(), closed))
        .isInstanceOf(Watch.WithdrawnException.class);
  }

  @Test
  void whatAKilledProcessLeftIsClearedAway() throws Exception {
    Files.createDirectories(kept);
    Files.writeString(kept.resolve("new1.tmp"), "half");
    sheets(1 << 20);
    assertThat(all()).isEmpty();
  }
}
