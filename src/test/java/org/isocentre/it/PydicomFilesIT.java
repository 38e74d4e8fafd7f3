package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every DICOM file that Debian's python3-pydicom ships goes in by DCMTK's storescu in its own
 * transfer syntax, and comes back by WADO-RS with the same data set, or is refused with a reason.
 * Writes the list to {@code target/pydicom-files.md}.
 */
class PydicomFilesIT {
  private static final String FILES = "/usr/lib/python3/dist-packages/pydicom/data";
  private static final int CUSTODIANS = 24;

  /** storescu's option for a transfer syntax that it does not propose otherwise. */
  private static final Map<String, String> PROPOSE =
      Map.of(
          "1.2.840.10008.1.2.4.50",
          "-xy",
          "1.2.840.10008.1.2.4.51",
          "-xx",
          "1.2.840.10008.1.2.4.57",
          "-xs",
          "1.2.840.10008.1.2.4.70",
          "-xs",
          "1.2.840.10008.1.2.4.80",
          "-xt",
          "1.2.840.10008.1.2.4.81",
          "-xu",
          "1.2.840.10008.1.2.4.90",
          "-xv",
          "1.2.840.10008.1.2.4.91",
          "-xw",
          "1.2.840.10008.1.2.5",
          "-xr",
          Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
          "-xd");

  private static final String HEADING =
      """
      # Every DICOM file of pydicom, through the hub

      Each DICOM file that Debian's `python3-pydicom` ships is sent with DCMTK's `storescu` in its own
      transfer syntax and read back by WADO-RS. "Identical" means that every element of the data set has
      the same tag, VR, value and nesting, Pixel Data included. "Refused" gives the status and the Error
      Comment (0000,0902) of the C-STORE-RSP. "Not sent" means that storescu itself would not send the
      file, and says why.

      Made by `mvn verify -Dit.test=PydicomFilesIT`, which writes `target/pydicom-files.md` and fails if
      a file that got success comes back different.

      | file | result |
      |---|---|
      """;

  @TempDir Path data;
  private TestHub hub;

  @Test
  void everyFileComesBackIdenticalOrIsRefusedWithAReason() throws Exception {
    Path storescu = Peer.require("storescu", "dcmtk");
    Path files = Peer.requireDirectory(FILES, "python3-pydicom");
    Map<String, String> results = new TreeMap<>();
    Map<String, Integer> uses = new HashMap<>();
    hub = new TestHub(data, TestHub.freePort(), custodians());
    try {
      hub.start();
      for (Path file : dicomFiles(files)) {
        results.put(files.relativize(file).toString(), check(storescu, file, uses));
      }
    } finally {
      hub.close();
    }
    write(results);
    assertThat(results).hasSizeGreaterThan(80);
    assertThat(results)
        .allSatisfy(
            (file, result) -> assertThat(result).matches("(?s)(stored|refused|not sent).*"));
    assertThat(results.values().stream().filter(r -> r.startsWith("stored")).count())
        .isGreaterThan(80);
  }

  /** Files with the same SOP Instance UID go in as another trust's each. */
  private static String[] custodians() {
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < CUSTODIANS; i++) {
      String trust = "--isocentre.trusts[" + (i + 2) + "].";
      arguments.add(trust + "ods-code=T%02d".formatted(i));
      arguments.add(trust + "name=Trust " + i);
      arguments.add(trust + "application-entities[0].ae-title=T%02dPACS".formatted(i));
      arguments.add(trust + "application-entities[0].host=127.0.0.1");
    }
    return arguments.toArray(String[]::new);
  }

  private static List<Path> dicomFiles(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .filter(
              f ->
                  f.toString().endsWith(".dcm")
                      || f.toString().contains("dicomdirtests") && !f.toString().endsWith(".txt"))
          .sorted()
          .toList();
    }
  }

  private String check(Path storescu, Path file, Map<String, Integer> uses) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    FileMetaInformation meta = meta(bytes);
    String uid = meta == null ? file.toString() : meta.sopInstanceUid();
    int use = uses.merge(String.valueOf(uid), 1, Integer::sum) - 1;
    String syntax = meta == null ? null : meta.transferSyntaxUid();
    List<String> command =
        new ArrayList<>(
            List.of(
                storescu.toString(),
                "-d",
                "-R",
                option(String.valueOf(syntax)),
                "-aet",
                "T%02dPACS".formatted(use),
                "-aec",
                "ISOCENTRE",
                "localhost",
                Integer.toString(hub.dicom),
                file.toString()));
    Peer.Run run = Peer.run(command);
    String name = syntax == null ? "" : " (" + syntax + ")";
    String status = line(run.output(), "DIMSE Status");
    if (status == null) {
      return "not sent" + name + ": storescu says: " + reason(run.output());
    }
    if (!status.contains("Success")) {
      return "refused"
          + name
          + ": "
          + status.replaceAll(".*DIMSE Status *: 0x(....).*", "$1")
          + ", "
          + value(run.output(), "(0000,0902)");
    }
    if (meta == null) {
      // DCMTK guesses the transfer syntax of a file that does not say it; so does its converter.
      Path whole = data.resolve("whole.dcm");
      Peer.run(
          List.of(
              storescu.resolveSibling("dcmconv").toString(), file.toString(), whole.toString()));
      bytes = Files.readAllBytes(whole);
    }
    return identical(read(bytes), bytes, hub.organisation("T%02d".formatted(use)))
        ? "stored" + name + ", comes back identical"
        : "CAME BACK DIFFERENT" + name;
  }

  private static String option(String transferSyntaxUid) {
    return switch (transferSyntaxUid) {
      case Uid.IMPLICIT_VR_LITTLE_ENDIAN -> "-xi";
      case Uid.EXPLICIT_VR_BIG_ENDIAN -> "-xb";
      default -> PROPOSE.getOrDefault(transferSyntaxUid, "-xe");
    };
  }

  /** What DCMTK's dump of the response shows of an element. */
  private static String value(String output, String tag) {
    return output
        .lines()
        .filter(l -> l.contains(tag))
        .map(l -> l.replaceAll(".*\\[(.*?)\\].*", "$1").strip())
        .findFirst()
        .orElse("without a comment");
  }

  /** Null if it is no Part 10 file. */
  private static FileMetaInformation meta(byte[] file) throws IOException {
    try {
      return FileMetaInformation.read(new ByteArrayInputStream(file)).meta();
    } catch (DicomParseException e) {
      return null;
    }
  }

  private static String line(String output, String text) {
    return output.lines().filter(l -> l.contains(text)).findFirst().orElse(null);
  }

  /** What storescu says last before it gives up. */
  private static String reason(String output) {
    List<String> lines =
        output
            .lines()
            .filter(l -> l.startsWith("E:") || l.startsWith("F:"))
            .map(l -> l.substring(3).replaceAll("/\\S*/", ""))
            .distinct()
            .toList();
    return lines.isEmpty() ? "nothing" : String.join("; ", lines);
  }

  private static DataSet read(byte[] file) throws IOException {
    InputStream in = new ByteArrayInputStream(file);
    TransferSyntax syntax =
        TransferSyntax.of(FileMetaInformation.read(in).meta().transferSyntaxUid());
    return new DataSetReader(in, syntax, ReaderLimits.DEFAULT.withMaxValueBytes(1 << 26)).read();
  }

  private boolean identical(DataSet original, byte[] file, String token) throws Exception {
    String study = original.string(Tag.StudyInstanceUID);
    String series = original.string(Tag.SeriesInstanceUID);
    String uid = original.string(Tag.SOPInstanceUID);
    String want = canonical(original, file);
    String path = "/dicomweb/studies/" + study + "/series/" + series + "/instances/" + uid;
    try {
      await(path)
          .atMost(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> anyPartIs(want, hub.get(path, token)));
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  private static boolean anyPartIs(String want, HttpResponse<byte[]> answer) throws IOException {
    if (answer.statusCode() == 200) {
      for (byte[] part : parts(answer)) {
        if (want.equals(canonical(read(part), part))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The data set as text, with a digest of Pixel Data; group lengths and end padding left out. */
  private static String canonical(DataSet set, byte[] file) throws IOException {
    set.remove(Tag.DataSetTrailingPadding);
    StringBuilder text = new StringBuilder();
    ByteArrayInputStream in = new ByteArrayInputStream(file);
    FileMetaInformation.Opened opened = FileMetaInformation.read(in);
    TransferSyntax syntax = TransferSyntax.of(opened.meta().transferSyntaxUid());
    byte[] dataSet =
        syntax.deflated()
            ? new java.util.zip.InflaterInputStream(in, new java.util.zip.Inflater(true))
                .readAllBytes()
            : in.readAllBytes();
    new DicomJson(text, element -> digest(element, dataSet)).write(set);
    // Encapsulated Pixel Data is OB (PS3.5 §A.4); storescu mends files that say OW.
    return set.get(Tag.PixelData) instanceof Element.Fragments
        ? text.toString().replace("\"7FE00010\":{\"vr\":\"OW\"", "\"7FE00010\":{\"vr\":\"OB\"")
        : text.toString();
  }

  private static String digest(Element element, byte[] dataSet) {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    if (element instanceof Element.Bulk bulk) {
      pixels.write(dataSet, (int) bulk.offset(), (int) bulk.length());
      if (bulk.length() % 2 != 0) {
        pixels.write(0);
      }
    } else if (element instanceof Element.Fragments fragments) {
      for (Element.Place place : fragments.fragments()) {
        pixels.write(dataSet, (int) place.offset(), (int) place.length());
      }
    }
    try {
      return HexFormat.of()
          .formatHex(
              java.security.MessageDigest.getInstance("SHA-256").digest(pixels.toByteArray()));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The bodies of a multipart answer, by the Content-Length of each. */
  private static List<byte[]> parts(HttpResponse<byte[]> answer) {
    List<byte[]> parts = new ArrayList<>();
    byte[] body = answer.body();
    int at = 0;
    while (true) {
      String head =
          new String(body, at, Math.min(400, body.length - at), StandardCharsets.ISO_8859_1);
      int end = head.indexOf("\r\n\r\n");
      int length = head.indexOf("Content-Length: ");
      if (end < 0 || length < 0 || length > end) {
        return parts;
      }
      int size = Integer.parseInt(head.substring(length + 16, end).split("\r\n")[0]);
      int start = at + end + 4;
      parts.add(Arrays.copyOfRange(body, start, start + size));
      at = start + size + 2;
    }
  }

  private static void write(Map<String, String> results) throws IOException {
    StringBuilder page = new StringBuilder(HEADING);
    results.forEach(
        (file, result) ->
            page.append("| ")
                .append(file)
                .append(" | ")
                .append(result.replace('|', '/'))
                .append(" |\n"));
    Files.writeString(Path.of("target", "pydicom-files.md"), page);
  }
}
