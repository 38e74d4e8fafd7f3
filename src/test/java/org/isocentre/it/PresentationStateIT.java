package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.image.PresentationState;
import org.isocentre.dicom.image.SeekableSource;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images as presentation states say, beside what DCMTK's dcmp2pgm makes of them: states that its
 * dcmpsmk makes of real images, and such with changes. Each grey within one level. Shutters, areas
 * and graphics, which dcmp2pgm leaves out, are those of {@code PresentationStateTest}.
 */
class PresentationStateIT {
  private static final Path FILES =
      Path.of("/usr/lib/python3/dist-packages/pydicom/data/test_files");
  @TempDir Path work;

  private record Opened(FileMetaInformation meta, DataSet set, ImageObject image) {}

  private static Opened open(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    FileMetaInformation.Opened opened = FileMetaInformation.read(new ByteArrayInputStream(bytes));
    SeekableSource source = SeekableSource.of(bytes).after(opened.dataSetOffset());
    String syntax = opened.meta().transferSyntaxUid();
    return new Opened(
        opened.meta(),
        new DataSetReader(source.open(0), TransferSyntax.of(syntax), ReaderLimits.DEFAULT).read(),
        ImageObject.open(source, syntax, ImageLimits.DEFAULT));
  }

  private Path state(Path image) throws Exception {
    Path state = work.resolve("state.dcm");
    Files.deleteIfExists(state);
    Peer.Run run =
        Peer.run(
            List.of(
                Peer.require("dcmpsmk", "dcmtk").toString(), image.toString(), state.toString()));
    return run.exit() == 0 && Files.exists(state) ? state : null;
  }

  private BufferedImage dcmtk(Path image, Path state) throws Exception {
    Path out = work.resolve("out.pgm");
    Files.deleteIfExists(out);
    Peer.Run run =
        Peer.run(
            List.of(
                Peer.require("dcmp2pgm", "dcmtk").toString(),
                "-p",
                state.toString(),
                image.toString(),
                out.toString()));
    return run.exit() == 0 && Files.exists(out) ? pgm(Files.readAllBytes(out)) : null;
  }

  /** A binary PGM: P5, width, height, greatest value, and a byte a pixel. */
  private static BufferedImage pgm(byte[] file) {
    String head = new String(file, 0, Math.min(file.length, 500), StandardCharsets.ISO_8859_1);
    Scanner scanner = new Scanner(head.replaceAll("#[^\n]*\n", "\n"));
    assertThat(scanner.next()).isEqualTo("P5");
    int width = scanner.nextInt();
    int height = scanner.nextInt();
    assertThat(scanner.nextInt()).isEqualTo(255);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    int at = file.length - width * height;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getRaster().setSample(x, y, 0, file[at++] & 0xff);
      }
    }
    return image;
  }

  private static int difference(BufferedImage ours, BufferedImage theirs) {
    if (ours.getWidth() != theirs.getWidth() || ours.getHeight() != theirs.getHeight()) {
      return 999;
    }
    int most = 0;
    for (int y = 0; y < ours.getHeight(); y++) {
      for (int x = 0; x < ours.getWidth(); x++) {
        most =
            Math.max(
                most,
                Math.abs(
                    ours.getRaster().getSample(x, y, 0) - theirs.getRaster().getSample(x, y, 0)));
      }
    }
    return most;
  }

  /** The picture without scaling for pixels that are not square: dcmp2pgm makes none. */
  private static BufferedImage ours(Opened image, DataSet state) throws IOException {
    DataSet square = state.copy();
    for (DataSet area : square.items(Tag.DisplayedAreaSelectionSequence)) {
      area.remove(Tag.PresentationPixelSpacing);
      area.set(Tag.PresentationPixelAspectRatio, "1", "1");
    }
    return new PresentationState(square)
        .show(image.image(), image.meta().sopInstanceUid(), 0, null, null);
  }

  @Test
  void realImagesAreShownAsDcmtkShowsThem() throws Exception {
    Peer.requireDirectory(FILES.toString(), "python3-pydicom");
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    try (Stream<Path> all = Files.walk(FILES)) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        Opened image;
        try {
          image = open(file);
        } catch (IOException | RuntimeException e) {
          continue;
        }
        String photometric = image.set().string(Tag.PhotometricInterpretation);
        Path state =
            photometric == null || !photometric.startsWith("MONOCHROME") ? null : state(file);
        BufferedImage theirs = state == null ? null : dcmtk(file, state);
        // Of one bit DCMTK shows the 1 half grey; it is all of the range.
        if (theirs != null && image.set().integer(Tag.BitsStored) > 1) {
          int difference = difference(ours(image, open(state).set()), theirs);
          compared++;
          if (difference > 1) {
            wrong.add(FILES.relativize(file) + " differs by " + difference);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(15);
  }

  private static Map<String, Consumer<DataSet>> changes() {
    Map<String, Consumer<DataSet>> changes = new LinkedHashMap<>();
    changes.put(
        "window",
        set -> {
          DataSet voi = set.addItem(Tag.SoftcopyVOILUTSequence);
          voi.set(Tag.WindowCenter, "40");
          voi.set(Tag.WindowWidth, "400");
        });
    changes.put("inverse", set -> set.set(Tag.PresentationLUTShape, "INVERSE"));
    changes.put(
        "no rescale",
        set -> {
          set.remove(Tag.RescaleIntercept);
          set.remove(Tag.RescaleSlope);
          set.remove(Tag.RescaleType);
        });
    for (String degrees : List.of("90", "180", "270")) {
      changes.put("turned by " + degrees, set -> turned(set, degrees, "N"));
      changes.put("turned by " + degrees + " and mirrored", set -> turned(set, degrees, "Y"));
    }
    changes.put("mirrored", set -> turned(set, "0", "Y"));
    return changes;
  }

  private static void turned(DataSet set, String degrees, String mirrored) {
    set.setLongs(Tag.ImageRotation, Long.parseLong(degrees));
    set.set(Tag.ImageHorizontalFlip, mirrored);
  }

  @Test
  void whatAStateSaysIsDone() throws Exception {
    Path file = Peer.requireDirectory(FILES.toString(), "python3-pydicom").resolve("CT_small.dcm");
    Opened image = open(file);
    Opened made = open(state(file));
    Map<String, Integer> differences = new LinkedHashMap<>();
    for (Map.Entry<String, Consumer<DataSet>> change : changes().entrySet()) {
      DataSet changed = made.set().copy();
      change.getValue().accept(changed);
      Path state = work.resolve("changed.dcm");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(made.meta().encode());
      new DataSetWriter(
              bytes,
              TransferSyntax.of(made.meta().transferSyntaxUid()),
              DataSetWriter.BulkSource.NONE)
          .write(changed);
      Files.write(state, bytes.toByteArray());
      BufferedImage theirs = dcmtk(file, state);
      assertThat(theirs).as(change.getKey()).isNotNull();
      differences.put(change.getKey(), difference(ours(image, changed), theirs));
    }
    assertThat(differences).allSatisfy((name, most) -> assertThat(most).as(name).isLessThan(2));
  }
}
