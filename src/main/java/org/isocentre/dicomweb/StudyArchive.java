package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.io.DicomDirectory;
import org.isocentre.dicomweb.StudyDoor.Retrieved;
import org.springframework.web.server.ResponseStatusException;

/**
 * Objects as a ZIP file with a DICOMDIR (PS3.10 §8.6, PS3.12 Annex V): what a person takes along.
 * Names within are this class's own, never those of the objects.
 */
final class StudyArchive {
  static final String ZIP = "application/zip";
  private static final int FILES_OF_A_FOLDER = 1000;
  private static final String README =
      """
      These are medical images in DICOM format.
      Any DICOM viewer opens them: choose the file DICOMDIR, or the folder DICOM.
      Pictures for looking at without a viewer, if there are any, are in the folder PICTURES;
      they are not for diagnosis. Reports, if there are any, are in the folder REPORTS.
      """;

  private final StoredFiles files;
  private final Renderer renderer;
  private final StudyReports reports;

  StudyArchive(StoredFiles files, Renderer renderer, StudyReports reports) {
    this.files = files;
    this.renderer = renderer;
    this.reports = reports;
  }

  /**
   * @param pictures whether each object that can be shown comes as a JPEG, too
   * @param withReports whether reports come along that the caller may read
   */
  void send(
      Retrieved retrieved, boolean pictures, boolean withReports, HttpServletResponse response)
      throws IOException {
    response.setContentType(ZIP);
    response.setHeader("Content-Disposition", "attachment; filename=\"study.zip\"");
    response.setHeader("Cache-Control", "private, no-cache");
    DicomDirectory directory = new DicomDirectory(Uid.random());
    ZipOutputStream zip = new ZipOutputStream(response.getOutputStream());
    zip.setLevel(Deflater.BEST_SPEED);
    zip.putNextEntry(new ZipEntry("README.TXT"));
    zip.write(README.getBytes(StandardCharsets.US_ASCII));
    int number = 0;
    for (HeldObject object : retrieved.objects()) {
      String folder = "F%05d".formatted(number / FILES_OF_A_FOLDER);
      String name = "I%07d".formatted(number++);
      zip.putNextEntry(new ZipEntry("DICOM/" + folder + "/" + name));
      try (InputStream in = files.file(object, retrieved.watch(), 0)) {
        Bytes.copy(in, zip);
      }
      try (ImageObject image = files.image(object, retrieved.watch())) {
        directory.add(image.dataSet(), object.transferSyntaxUid(), "DICOM", folder, name);
        if (pictures) {
          picture(image, "PICTURES/" + folder + "/" + name + ".JPG", zip);
        }
      }
    }
    zip.putNextEntry(new ZipEntry("DICOMDIR"));
    zip.write(directory.encode());
    if (withReports) {
      reports(retrieved, zip);
    }
    zip.finish();
    zip.flush();
  }

  /** Asked for only now: a report may have been withheld while the objects were sent. */
  private void reports(Retrieved retrieved, ZipOutputStream zip) throws IOException {
    Set<UUID> studies = new HashSet<>();
    retrieved.objects().forEach(object -> studies.add(object.record()));
    int number = 1;
    for (StudyReports.File report : reports.of(studies)) {
      zip.putNextEntry(new ZipEntry("REPORTS/R%07d.%s".formatted(number++, report.extension())));
      try (InputStream in = retrieved.watch().over(report.content().open())) {
        Bytes.copy(in, zip);
      }
    }
  }

  private void picture(ImageObject image, String name, ZipOutputStream zip) throws IOException {
    DataSet set = image.dataSet();
    if (!set.contains(Tag.PixelData)) {
      return;
    }
    byte[] picture;
    try {
      picture = renderer.picture(image, 0, Renderer.JPEG, RenderingRequest.PLAIN);
    } catch (ResponseStatusException e) {
      // The object itself is in the archive.
      return;
    }
    zip.putNextEntry(new ZipEntry(name));
    zip.write(picture);
  }
}
