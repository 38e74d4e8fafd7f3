package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.image.FrameRenderer;
import org.isocentre.dicom.image.ImageException;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.image.SeekableSource;
import org.isocentre.dicom.io.FileMetaInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures of real objects beside those that DCMTK's dcm2pnm and dcmj2pnm make of them: grey by the
 * first window of the object or by all of its values. A mean difference of at most half a grey
 * level, of at most 2 for lossy syntaxes and colour.
 */
class RenderingIT {
  /** Of PNG. */
  private static final String SUFFIX = ".png";

  @TempDir Path work;

  @Test
  void picturesAreThoseOfDcmtk() throws Exception {
    Path files =
        Peer.requireDirectory(
            "/usr/lib/python3/dist-packages/pydicom/data/test_files", "python3-pydicom");
    List<String> report = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    try (Stream<Path> all = Files.walk(files)) {
      for (Path file : all.filter(f -> Files.isRegularFile(f)).sorted().toList()) {
        String line = compare(file);
        if (line == null) {
          continue;
        }
        report.add(files.relativize(file) + ": " + line);
        if (line.startsWith("WRONG")) {
          wrong.add(files.relativize(file) + ": " + line);
        }
        if (line.startsWith("same")) {
          compared++;
        }
      }
    }
    Files.createDirectories(Path.of("target"));
    Files.write(Path.of("target", "rendered-files.txt"), report);
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(60);
  }

  /** Null for what is no image. */
  private String compare(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    ImageObject object;
    try {
      ByteArrayInputStream in = new ByteArrayInputStream(bytes);
      FileMetaInformation.Opened opened = FileMetaInformation.read(in);
      if (opened.meta().transferSyntaxUid() == null) {
        return null;
      }
      object =
          ImageObject.open(
              SeekableSource.of(bytes).after(opened.dataSetOffset()),
              opened.meta().transferSyntaxUid(),
              ImageLimits.DEFAULT);
    } catch (IOException e) {
      return null;
    }
    if (!object.dataSet().contains(Tag.PixelData)) {
      return null;
    }
    BufferedImage theirs = dcmtk(file, object);
    BufferedImage ours;
    try {
      ours = FrameRenderer.render(object, 0, null);
    } catch (ImageException e) {
      return theirs == null ? "neither" : "ours refuses: " + e.getMessage();
    }
    if (theirs == null) {
      return "theirs refuses";
    }
    double[] difference = difference(ours, theirs);
    boolean exact =
        ours.getRaster().getNumBands() == 1
            && List.of("50", "51", "91", "81").stream()
                .noneMatch(s -> object.transferSyntaxUid().endsWith(".4." + s));
    boolean same = exact ? difference[1] <= 1 : difference[0] <= 3;
    return "%s, differs by %.3f in the mean, by %.0f at most"
        .formatted(same ? "same" : "WRONG", difference[0], difference[1]);
  }

  private BufferedImage dcmtk(Path file, ImageObject object) throws Exception {
    boolean window = object.dataSet().doubles(Tag.WindowCenter).length > 0;
    for (String tool : List.of("dcm2pnm", "dcmj2pnm", "dcml2pnm")) {
      Path out = work.resolve("out" + SUFFIX);
      Files.deleteIfExists(out);
      List<String> command =
          new ArrayList<>(List.of(Peer.require(tool, "dcmtk").toString(), "--write-png"));
      command.addAll(window ? List.of("+Wi", "1") : List.of("+Wm"));
      command.addAll(List.of(file.toString(), out.toString()));
      Peer.Run run = Peer.run(command);
      if (run.exit() == 0 && Files.exists(out)) {
        try (InputStream in = Files.newInputStream(out)) {
          return ImageIO.read(in);
        }
      }
    }
    return null;
  }

  /** Mean and greatest. */
  private static double[] difference(BufferedImage ours, BufferedImage theirs) {
    if (ours.getWidth() != theirs.getWidth() || ours.getHeight() != theirs.getHeight()) {
      return new double[] {255, 255};
    }
    long sum = 0;
    int most = 0;
    for (int y = 0; y < ours.getHeight(); y++) {
      for (int x = 0; x < ours.getWidth(); x++) {
        for (int band = 0; band < 3; band++) {
          int by = Math.abs(sample(ours, x, y, band) - sample(theirs, x, y, band));
          sum += by;
          most = Math.max(most, by);
        }
      }
    }
    return new double[] {sum / (3.0 * ours.getWidth() * ours.getHeight()), most};
  }

  private static int sample(BufferedImage image, int x, int y, int band) {
    int bands = image.getRaster().getNumBands();
    return image.getRaster().getSample(x, y, bands >= 3 ? band : 0);
  }
}
