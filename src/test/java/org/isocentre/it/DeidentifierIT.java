package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.edit.Deidentifier;
import org.isocentre.dicom.edit.ObjectRewriter;
import org.isocentre.dicom.edit.ProfileOption;
import org.isocentre.dicom.edit.Pseudonyms;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every file that Debian's python3-pydicom ships is de-identified from file to file, with no option
 * and with all that go together, and DCMTK's dcmdump reads the result.
 */
class DeidentifierIT {
  private static final String FILES = "/usr/lib/python3/dist-packages/pydicom/data";
  private static final ReaderLimits LIMITS = ReaderLimits.DEFAULT.withMaxValueBytes(1 << 16);
  private static final List<Integer> IDENTITY =
      List.of(Tag.PatientName, Tag.PatientID, Tag.StudyInstanceUID, Tag.SOPInstanceUID);

  @TempDir Path folder;

  @Test
  void everyFileLosesItsIdentityAndStaysReadable() throws Exception {
    Path dcmdump = Peer.require("dcmdump", "dcmtk");
    Pseudonyms key = new Pseudonyms(new byte[32]);
    Set<ProfileOption> all = EnumSet.allOf(ProfileOption.class);
    all.removeAll(Set.of(ProfileOption.RETAIN_UIDS, ProfileOption.RETAIN_FULL_DATES));
    List<Deidentifier> deidentifiers =
        List.of(Deidentifier.basic(key), new Deidentifier(key, all, (tag, text) -> null, Set.of()));
    int done = 0;
    for (Path file : files(Peer.requireDirectory(FILES, "python3-pydicom"))) {
      DataSet original = readOrNull(file);
      if (original == null) {
        continue;
      }
      for (Deidentifier deidentifier : deidentifiers) {
        Path result = folder.resolve("result.dcm");
        rewrite(file, result, deidentifier);
        check(original, readOrNull(result), file);
        Peer.Run run = Peer.run(List.of(dcmdump.toString(), "-q", "-M", result.toString()));
        assertThat(run.exit()).as(file.toString()).isZero();
      }
      done++;
    }
    assertThat(done).isGreaterThan(60);
  }

  private static void rewrite(Path file, Path result, Deidentifier deidentifier)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(result)) {
      new ObjectRewriter(LIMITS)
          .rewrite(
              file,
              out,
              parts ->
                  new ObjectRewriter.Parts(
                      deidentifier.deidentify(parts.meta()),
                      deidentifier.deidentify(parts.dataSet()).dataSet()));
    }
  }

  private static void check(DataSet original, DataSet result, Path file) throws IOException {
    assertThat(result).as(file.toString()).isNotNull();
    StringBuilder text = new StringBuilder();
    new DicomJson(text, DicomJson.BulkUri.NONE).write(result);
    for (int tag : IDENTITY) {
      String value = original.string(tag);
      boolean ofTheStandard = value != null && value.startsWith("1.2.840.10008.");
      if (value != null && value.length() > 5 && !ofTheStandard) {
        assertThat(text.toString()).as(file.toString()).doesNotContain(value);
      }
    }
    assertThat(length(result)).as(file.toString()).isEqualTo(length(original));
    assertThat(result.string(Tag.PatientIdentityRemoved)).isEqualTo("YES");
  }

  /** Of Pixel Data, all fragments together. */
  private static long length(DataSet set) {
    Element pixels = set.get(Tag.PixelData);
    if (pixels instanceof Element.Fragments fragments) {
      return fragments.fragments().stream().mapToLong(f -> f.length() + f.length() % 2).sum();
    }
    return pixels instanceof Element.Bulk bulk ? bulk.length() + bulk.length() % 2 : -1;
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(f -> f.toString().endsWith(".dcm")).sorted().toList();
    }
  }

  private static DataSet readOrNull(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      FileMetaInformation meta = FileMetaInformation.read(in).meta();
      return new DataSetReader(in, TransferSyntax.of(meta.transferSyntaxUid()), LIMITS).read();
    } catch (DicomParseException e) {
      return null;
    }
  }
}
