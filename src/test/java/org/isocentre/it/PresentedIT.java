package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presentation states and key objects, named by a client, over DICOMweb. */
class PresentedIT {
  private static final String STATE = "1.2.840.10008.5.1.4.1.1.11.1";
  private static final String NHS = "9990000018";
  private static final About ABOUT = new About(NHS, "19740213", "PS1");

  private static DataSet head(Image of, String sopClass, String uid, String series) {
    return new DataSet()
        .set(Tag.SOPClassUID, sopClass)
        .set(Tag.SOPInstanceUID, uid)
        .set(Tag.StudyDate, "20261101")
        .set(Tag.PatientName, "TEST^CASE")
        .set(Tag.PatientID, ABOUT.patientId())
        .set(Tag.PatientBirthDate, ABOUT.birthDate())
        .set(Tag.AccessionNumber, ABOUT.accession())
        .set(Tag.StudyInstanceUID, of.study())
        .set(Tag.SeriesInstanceUID, series)
        .set(Tag.SeriesNumber, "9");
  }

  private static Image object(Image of, DataSet set) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new DataSetWriter(
            bytes, TransferSyntax.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN), DataSetWriter.BulkSource.NONE)
        .write(set);
    return new Image(
        of.study(),
        set.string(Tag.SeriesInstanceUID),
        set.string(Tag.SOPInstanceUID),
        set.string(Tag.SOPClassUID),
        bytes.toByteArray());
  }

  private static Image inverse(Image of) throws Exception {
    DataSet set = head(of, STATE, Uid.random(), Uid.random()).set(Tag.Modality, "PR");
    DataSet series = set.addItem(Tag.ReferencedSeriesSequence);
    series.set(Tag.SeriesInstanceUID, of.series());
    series
        .addItem(Tag.ReferencedImageSequence)
        .set(Tag.ReferencedSOPClassUID, of.sopClass())
        .set(Tag.ReferencedSOPInstanceUID, of.uid());
    set.set(Tag.PresentationLUTShape, "INVERSE");
    return object(of, set);
  }

  private static Image keys(Image... of) throws Exception {
    DataSet set = head(of[0], Pacs.KEY_OBJECT_SELECTION, Uid.random(), Uid.random());
    set.set(Tag.Modality, "KO").set(Tag.ValueType, "CONTAINER");
    set.addItem(Tag.ConceptNameCodeSequence)
        .set(Tag.CodeValue, "113000")
        .set(Tag.CodingSchemeDesignator, "DCM")
        .set(Tag.CodeMeaning, "Of Interest");
    for (Image image : of) {
      DataSet item = set.addItem(Tag.ContentSequence);
      item.set(Tag.RelationshipType, "CONTAINS").set(Tag.ValueType, "IMAGE");
      item.addItem(Tag.ReferencedSOPSequence)
          .set(Tag.ReferencedSOPClassUID, image.sopClass())
          .set(Tag.ReferencedSOPInstanceUID, image.uid());
    }
    return object(of[0], set);
  }

  private static String path(Image image) {
    return "/dicomweb/studies/%s/series/%s/instances/%s"
        .formatted(image.study(), image.series(), image.uid());
  }

  private static BufferedImage picture(TestHub hub, String path, String token) throws Exception {
    HttpResponse<byte[]> answer = hub.getWith(path, token, "Accept", "image/png");
    assertThat(answer.statusCode())
        .as(new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    return ImageIO.read(new ByteArrayInputStream(answer.body()));
  }

  @Test
  void whatTheyNameIsShownAsTheySay(@TempDir Path data) throws Exception {
    try (TestHub hub = new TestHub(data, TestHub.freePort()).start();
        Pacs pacs = new Pacs()) {
      String study = Uid.random();
      String series = Uid.random();
      Image one = Pacs.image(study, series, series + ".1", ABOUT, 16, 1);
      Image two = Pacs.image(study, series, series + ".2", ABOUT, 16, 2);
      Image state = inverse(one);
      Image keys = keys(two, one);
      assertThat(pacs.send(hub.dicom, one, two, state, keys)).containsOnly(0);
      String token = hub.patient(NHS);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> hub.json("/dicomweb/studies/" + study + "/instances", token).size() == 4);

      BufferedImage inverse = picture(hub, path(state) + "/rendered", token);
      for (int i = 0; i < 16 * 16; i++) {
        int at = one.dataSet().length - 512 + 2 * i;
        int value = one.dataSet()[at] & 0xff | (one.dataSet()[at + 1] & 0xff) << 8;
        assertThat(inverse.getRaster().getSample(i % 16, i / 16, 0))
            .isEqualTo((int) Math.round((1 - value / 65535.0) * 255));
      }
      String uri =
          "/dicomweb/wado?requestType=WADO&contentType=image/png&studyUID=%s&seriesUID=%s&objectUID=%s"
              + "&presentationSeriesUID=%s&presentationUID=%s";
      assertThat(
              hub.get(uri.formatted(study, series, one.uid(), state.series(), state.uid()), token)
                  .body())
          .isEqualTo(hub.getWith(path(state) + "/rendered", token, "Accept", "image/png").body());
      assertThat(
              hub.get(uri.formatted(study, series, two.uid(), state.series(), state.uid()), token)
                  .statusCode())
          .isEqualTo(404);

      // Of key images the first, or all of them; or the document itself.
      byte[] first = hub.getWith(path(two) + "/rendered", token, "Accept", "image/png").body();
      assertThat(hub.getWith(path(keys) + "/rendered", token, "Accept", "image/png").body())
          .isEqualTo(first);
      HttpResponse<byte[]> all =
          hub.getWith(
              path(keys) + "/rendered", token, "Accept", "multipart/related; type=\"image/png\"");
      String text = new String(all.body(), StandardCharsets.ISO_8859_1);
      assertThat(text.split("Content-Type: image/png", -1)).hasSize(3);
      assertThat(text).contains(new String(first, StandardCharsets.ISO_8859_1));
      assertThat(
              hub.getWith(path(keys) + "/rendered", token, "Accept", "text/html")
                  .headers()
                  .firstValue("Content-Type")
                  .orElse(""))
          .startsWith("text/html");
      for (Image named : List.of(state, keys)) {
        assertThat(hub.get(path(named) + "/rendered", hub.patient("9990000026")).statusCode())
            .isEqualTo(404);
      }
      // What they name was taken back: there is nothing to show.
      pacs.send(hub.dicom, Pacs.rejection(Uid.random(), "113001", ABOUT, one));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  hub.getWith(path(state) + "/rendered", token, "Accept", "image/png").statusCode()
                      == 406);
    }
  }
}
