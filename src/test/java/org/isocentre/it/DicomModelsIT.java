package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.PrivateBlock;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.BulkData;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomJsonReader;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.DicomXml;
import org.isocentre.dicom.io.DicomXmlReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.dicom.io.SameDataSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * DICOM JSON of DCMTK ({@code dcm2json}) and of pydicom, and Native XML of DCMTK ({@code dcm2xml
 * -nat +Xn}), are read to the same data set as the file itself, as is what is written here, for the
 * files that Debian's python3-pydicom ships.
 */
class DicomModelsIT {
  private static final String FILES = "/usr/lib/python3/dist-packages/pydicom/data";
  private static final ReaderLimits LIMITS = ReaderLimits.DEFAULT.withMaxValueBytes(1 << 24);

  /** Writes pydicom's JSON of each file that it can export to a folder. */
  private static final String EXPORT =
      """
      import json, os, sys
      sys.path.insert(0, '/usr/lib/python3/dist-packages')
      import pydicom
      root, to = sys.argv[1], sys.argv[2]
      for folder, _, names in os.walk(root):
          for name in names:
              path = os.path.join(folder, name)
              try:
                  said = pydicom.dcmread(path).to_json_dict(bulk_data_threshold=10**9)
              except Exception:
                  continue
              with open(os.path.join(to, os.path.relpath(path, root).replace('/', '+')), 'w') as out:
                  json.dump(said, out)
      """;

  @TempDir Path folder;

  private interface Conversion {
    DataSet read(Path file) throws Exception;
  }

  /**
   * DCMTK 3.6.7 leaves the value out of the JSON of encapsulated Pixel Data, which is no JSON then,
   * and does not recode items with a character set of their own.
   */
  @Test
  void dcm2jsonSaysTheSame() throws Exception {
    Path program = Peer.require("dcm2json", "dcmtk");
    List<String> differences =
        compare(
            set -> set.get(Tag.PixelData) instanceof Element.Fragments || hasItemCharacterSet(set),
            file -> {
              Path json = folder.resolve("a.json");
              Files.deleteIfExists(json);
              Peer.run(List.of(program.toString(), "-ee", file.toString(), json.toString()));
              if (!Files.exists(json)) {
                return null;
              }
              try (InputStream in = Files.newInputStream(json)) {
                return new DicomJsonReader(in, LIMITS, BulkData.KEEP).read();
              }
            });
    assertThat(differences).isEmpty();
  }

  /**
   * DCMTK 3.6.7 writes the escape sequences of ISO 2022 as they are, which is no XML; words of OW
   * in the wrong byte order; and the tag of a private element without its block, also if it does
   * not know the creator. A group of a name that is empty at the end becomes a copy of the one
   * before.
   */
  @Test
  void dcm2xmlSaysTheSame() throws Exception {
    Path program = Peer.require("dcm2xml", "dcmtk");
    List<String> differences =
        compare(
            set ->
                set.elements().stream()
                        .anyMatch(
                            e ->
                                e.vr() == Vr.OW && e.tag() != Tag.PixelData
                                    || Tags.isPrivate(e.tag())
                                        && !Tags.isPrivateCreator(e.tag())
                                        && PrivateBlock.creator(set, e.tag()) == null)
                    || set.contains(Tag.WaveformSequence)
                    || hasCodeExtensions(set)
                    || String.valueOf(set.string(Tag.PatientName)).endsWith("="),
            file -> {
              Path xml = folder.resolve("a.xml");
              Files.deleteIfExists(xml);
              Peer.run(
                  List.of(
                      program.toString(), "-nat", "+Xn", "+Eb", file.toString(), xml.toString()));
              if (!Files.exists(xml)) {
                return null;
              }
              try (InputStream in = Files.newInputStream(xml)) {
                return new DicomXmlReader(in, LIMITS, BulkData.KEEP).read();
              }
            });
    assertThat(differences).isEmpty();
  }

  /** Where a file says UN, pydicom's JSON says what pydicom takes the element for. */
  @Test
  void pydicomSaysTheSame() throws Exception {
    Peer.requireDirectory(FILES, "python3-pydicom");
    Peer.Run run =
        Peer.run(
            List.of(
                Peer.require("python3", "python3").toString(),
                "-W",
                "ignore",
                "-c",
                EXPORT,
                FILES,
                folder.toString()));
    assertThat(run.exit()).as(run.output()).isZero();
    List<String> differences =
        compare(
            none -> false,
            file -> {
              Path json =
                  folder.resolve(Path.of(FILES).relativize(file).toString().replace('/', '+'));
              if (!Files.exists(json)) {
                return null;
              }
              try (InputStream in = Files.newInputStream(json)) {
                DataSet back = new DicomJsonReader(in, LIMITS, BulkData.KEEP).read();
                read(file).elements().stream()
                    .filter(e -> e.vr() == Vr.UN)
                    .forEach(e -> back.remove(e.tag()));
                return back;
              }
            });
    assertThat(differences).isEmpty();
  }

  @Test
  void ourOwnJsonAndXmlComeBack() throws Exception {
    List<String> differences =
        compare(
            none -> false,
            file -> {
              DataSet set = read(file);
              StringBuilder json = new StringBuilder();
              new DicomJson(json, DicomJson.BulkUri.NONE).write(set);
              DataSet back = new DicomJsonReader(utf8(json), LIMITS, BulkData.KEEP).read();
              StringBuilder xml = new StringBuilder();
              new DicomXml(xml, DicomJson.BulkUri.NONE).write(set);
              withoutPixels(set);
              DataSet fromXml = new DicomXmlReader(utf8(xml), LIMITS, BulkData.KEEP).read();
              withoutPixels(fromXml);
              SameDataSet.assertSame(fromXml, set);
              return back;
            });
    assertThat(differences).isEmpty();
  }

  private static InputStream utf8(StringBuilder text) {
    return new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** What is different, file by file; fails if hardly any file could be compared. */
  private List<String> compare(Predicate<DataSet> beyondThePeer, Conversion conversion)
      throws Exception {
    List<String> differences = new ArrayList<>();
    int compared = 0;
    Path root = Peer.requireDirectory(FILES, "python3-pydicom");
    for (Path file : files(root)) {
      DataSet expected = readOrNull(file);
      if (expected == null || beyondThePeer.test(expected)) {
        continue;
      }
      try {
        DataSet actual = conversion.read(file);
        if (actual != null) {
          withoutPixels(actual);
          withoutPixels(expected);
          SameDataSet.assertSame(actual, expected);
          compared++;
        }
      } catch (AssertionError | IOException e) {
        differences.add(root.relativize(file) + ": " + e.getMessage().strip().replace('\n', ' '));
      }
    }
    assertThat(compared + differences.size()).isGreaterThan(40);
    return differences;
  }

  private static void withoutPixels(DataSet set) {
    for (Element element : set.elements().toArray(Element[]::new)) {
      if (!(element instanceof Element.Value || element instanceof Element.Sequence)
          || element.tag() == 0x7fe00010
          || element.vr() == Vr.UN
          || isAmbiguous(element.tag())) {
        set.remove(element.tag());
      } else {
        set.items(element.tag()).forEach(DicomModelsIT::withoutPixels);
      }
    }
  }

  /** Implicit encoding leaves open whether such an element is US, SS or OW. */
  private static boolean isAmbiguous(int tag) {
    return Dictionary.element(tag).filter(e -> e.vr().contains(" or ")).isPresent();
  }

  private static boolean hasItemCharacterSet(DataSet set) {
    return set.elements().stream()
        .flatMap(e -> set.items(e.tag()).stream())
        .anyMatch(i -> i.contains(Tag.SpecificCharacterSet) || hasItemCharacterSet(i));
  }

  private static boolean hasCodeExtensions(DataSet set) {
    return set.characterSet().terms().size() > 1
        || set.elements().stream()
            .flatMap(e -> set.items(e.tag()).stream())
            .anyMatch(DicomModelsIT::hasCodeExtensions);
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(f -> f.toString().endsWith(".dcm")).sorted().toList();
    }
  }

  private static DataSet readOrNull(Path file) throws IOException {
    try {
      return read(file);
    } catch (DicomParseException e) {
      return null;
    }
  }

  private static DataSet read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      FileMetaInformation meta = FileMetaInformation.read(in).meta();
      return new DataSetReader(in, TransferSyntax.of(meta.transferSyntaxUid()), LIMITS).read();
    }
  }
}
