package org.isocentre.dicom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.PrivateBlock;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Vr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DICOM JSON and Native XML both ways: round trips, limits, hostile and broken documents. */
class DicomModelsTest {
  private static final ReaderLimits SMALL = new ReaderLimits(8, 100, 1000, 4000, 10);

  private static String json(DataSet set) throws IOException {
    StringBuilder text = new StringBuilder();
    new DicomJson(text, DicomJson.BulkUri.NONE).write(set);
    return text.toString();
  }

  private static String xml(DataSet set) throws IOException {
    StringBuilder text = new StringBuilder();
    new DicomXml(text, DicomJson.BulkUri.NONE).write(set);
    return text.toString();
  }

  private static ByteArrayInputStream utf8(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static DataSet fromJson(String text) throws IOException {
    return new DicomJsonReader(utf8(text), ReaderLimits.DEFAULT, BulkData.KEEP).read();
  }

  private static DataSet fromXml(String text) throws IOException {
    return new DicomXmlReader(utf8(text), ReaderLimits.DEFAULT, BulkData.KEEP).read();
  }

  private static void bothWays(DataSet set) throws IOException {
    SameDataSet.assertSame(fromJson(json(set)), set);
    SameDataSet.assertSame(fromXml(xml(set)), set);
  }

  @Provide
  Arbitrary<String> text() {
    return Arbitraries.strings()
        .withChars("abcXYZ 019.,;:'\"<>&{}[]/éßλЖ山田\uD83E\uDE7B")
        .ofMaxLength(12)
        .filter(t -> t.codePoints().noneMatch(c -> c >= 0xd800 && c < 0xe000))
        .map(String::strip);
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void everyVrComesBack(
      @ForAll("text") String one,
      @ForAll("text") String two,
      @ForAll @Size(max = 40) byte[] bytes,
      @ForAll long number,
      @ForAll double real,
      @ForAll @IntRange(max = 5) int depth)
      throws IOException {
    DataSet top = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 192");
    DataSet at = top;
    for (int level = 0; level <= depth; level++) {
      fill(at, one, two, bytes, number, real);
      at = at.addItem(Tag.ReferencedStudySequence);
    }
    top.put(new Element.Sequence(Tag.ReferencedSeriesSequence, List.of()));
    bothWays(top);
  }

  private static void fill(
      DataSet set, String one, String two, byte[] bytes, long number, double real) {
    int element = 0;
    PrivateBlock block = PrivateBlock.reserve(set, 0x0051, "ISOCENTRE TEST");
    PrivateBlock.reserve(set, 0x0051, "ISOCENTRE OTHER").set(1, Vr.LO, one);
    for (Vr vr : Vr.values()) {
      int tag = block.tag(++element);
      switch (vr.kind()) {
        case BYTES -> set.put(new Element.Value(tag, vr, bytes));
        case LOCAL_TEXT -> {
          if (vr.isSingleText()) {
            set.set(tag, vr, one + "\\" + two);
          } else if (vr == Vr.PN) {
            set.set(tag, vr, "A" + one + "^" + two + "=" + two, "", "B^C");
          } else {
            set.set(tag, vr, one, "", two);
          }
        }
        case BINARY -> numbers(set, tag, vr, number, real);
        case TEXT -> set.set(tag, vr, plain(vr, number));
        default -> set.put(new Element.Sequence(tag, new ArrayList<>()));
      }
    }
    set.set(block.tag(++element), Vr.LO);
    set.set(block.tag(++element), Vr.US);
    set.put(new Element.Value(block.tag(++element), Vr.OB, new byte[0]));
  }

  private static String[] plain(Vr vr, long number) {
    return switch (vr) {
      case DS -> new String[] {Long.toString(number % 100000) + ".5", "-1E-5", ""};
      case IS -> new String[] {Long.toString(number % 100000), "+7", ""};
      case UR -> new String[] {"http://example.org/a?b=" + number};
      default -> new String[] {"A1", "", "B2"};
    };
  }

  private static void numbers(DataSet set, int tag, Vr vr, long number, double real) {
    switch (vr) {
      case FL -> set.set(tag, vr, Float.toString((float) real), "NaN", "-Infinity");
      case FD -> set.set(tag, vr, Double.toString(real), "Infinity", "0.1");
      case AT -> set.set(tag, vr, "00100020", "FFFEE000");
      case US -> set.set(tag, vr, "0", Long.toString(number & 0xffff));
      case SS -> set.set(tag, vr, Short.toString((short) number));
      case UL -> set.set(tag, vr, Long.toString(number & 0xffffffffL));
      case SL -> set.set(tag, vr, Integer.toString((int) number));
      case UV -> set.set(tag, vr, Long.toUnsignedString(number), "9007199254740993");
      default -> set.set(tag, vr, Long.toString(number));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ISO_IR 100,Müller^Jörg",
    "ISO_IR 144,Люк",
    "ISO_IR 126,Διον",
    "GB18030,王^小东",
    "\\ISO 2022 IR 87,Yamada^Tarou=山田^太郎=やまだ^たろう",
    "\\ISO 2022 IR 149,Hong^Gildong=洪^吉洞=홍^길동"
  })
  void everyCharacterSetBecomesUtf8(String terms, String name) throws IOException {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, terms.split("\\\\", -1))
            .set(Tag.PatientName, name);
    set.addItem(Tag.RequestAttributesSequence).set(Tag.RequestedProcedureID, "1");
    for (DataSet back : List.of(fromJson(json(set)), fromXml(xml(set)))) {
      assertThat(back.strings(Tag.SpecificCharacterSet)).containsExactly("ISO_IR 192");
      assertThat(back.string(Tag.PatientName)).isEqualTo(name);
      assertThat(back.bytes(Tag.PatientName)).startsWith(name.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void withoutACharacterSetNoneIsAdded() throws IOException {
    DataSet set = new DataSet().set(Tag.PatientName, "A^B");
    assertThat(fromJson(json(set)).contains(Tag.SpecificCharacterSet)).isFalse();
    assertThat(fromXml(xml(set)).contains(Tag.SpecificCharacterSet)).isFalse();
  }

  @Test
  void membersMayComeInAnyOrderAndNumbersAsStrings() throws IOException {
    DataSet set =
        fromJson(
            """
            {"00280030": {"Value": ["0.5", 0.25], "vr": "DS"},
             "00201206": {"Value": [1.0], "vr": "IS"},
             "00280010": {"Value": ["512"], "vr": "US"},
             "00100010": {"Value": [{"Phonetic": "C", "Alphabetic": "A^B"}, null], "vr": "PN"},
             "00081110": {"Value": [{}, {"00081155": {"vr": "UI", "Value": ["1.2"]}}], "vr": "SQ"}}
            """);
    assertThat(set.doubles(Tag.PixelSpacing)).containsExactly(0.5, 0.25);
    assertThat(set.longs(Tag.NumberOfStudyRelatedSeries)).containsExactly(1);
    assertThat(set.integer(Tag.Rows)).isEqualTo(512);
    assertThat(set.strings(Tag.PatientName)).containsExactly("A^B==C", "");
    assertThat(
            set.string(AttributePath.parse("ReferencedStudySequence[2].ReferencedSOPInstanceUID")))
        .isEqualTo("1.2");
  }

  @Test
  void anArrayIsReadOneByOne() throws IOException {
    DicomJsonReader reader =
        new DicomJsonReader(
            utf8("[{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"CT\"]}},{} , {}]"),
            SMALL,
            BulkData.KEEP);
    assertThat(reader.read().string(Tag.Modality)).isEqualTo("CT");
    assertThat(reader.read().size()).isZero();
    assertThat(reader.read().size()).isZero();
    assertThat(reader.read()).isNull();
    assertThat(new DicomJsonReader(utf8("[]"), SMALL, BulkData.KEEP).read()).isNull();
    assertThat(new DicomJsonReader(utf8(""), SMALL, BulkData.KEEP).read()).isNull();
  }

  @Test
  void aUriIsKeptOrFetched() throws IOException {
    String json = "{\"7FE00010\":{\"vr\":\"OW\",\"BulkDataURI\":\"../bulk/1\"}}";
    DataSet kept = fromJson(json);
    assertThat(kept.get(Tag.PixelData))
        .isEqualTo(new Element.Remote(Tag.PixelData, Vr.OW, "../bulk/1"));
    assertThat(json(kept)).isEqualTo(json);
    assertThat(fromXml(xml(kept)).get(Tag.PixelData)).isEqualTo(kept.get(Tag.PixelData));
    BulkData fetched = (tag, vr, uri) -> new Element.Value(tag, vr, new byte[] {1, 2});
    assertThat(new DicomJsonReader(utf8(json), SMALL, fetched).read().bytes(Tag.PixelData))
        .containsExactly(1, 2);
    assertThatThrownBy(
            () ->
                new DataSetWriter(
                        new java.io.ByteArrayOutputStream(),
                        org.isocentre.dicom.data.TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
                        DataSetWriter.BulkSource.NONE)
                    .write(kept))
        .hasMessageContaining("ISO-DICOM-321");
  }

  @Test
  void xmlNamesAPrivateBlockByItsCreator() throws IOException {
    DataSet set = new DataSet();
    PrivateBlock.reserve(set, 0x0029, "A").set(1, Vr.LO, "a");
    PrivateBlock.reserve(set, 0x0029, "B").set(1, Vr.LO, "b");
    assertThat(xml(set))
        .contains("<DicomAttribute tag=\"00290001\" vr=\"LO\" privateCreator=\"B\">");
    DataSet alone =
        fromXml(
            "<NativeDicomModel><DicomAttribute tag=\"00290001\" vr=\"LO\" privateCreator=\"B\">"
                + "<Value number=\"1\">b</Value></DicomAttribute></NativeDicomModel>");
    assertThat(alone.string(0x00290010)).isEqualTo("B");
    assertThat(alone.string(0x00291001)).isEqualTo("b");
    set.set(0x00290012, Vr.LO, "A").set(0x00291201, Vr.LO, "again");
    bothWays(set);
  }

  @Test
  void xmlRefusesACharacterThatItCannotHold() {
    DataSet set = new DataSet().set(Tag.PatientComments, "a\u000cb");
    assertThatThrownBy(() -> xml(set)).hasMessageContaining("ISO-XML-001");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[",
        "{}}",
        "{},",
        "[{}",
        "[{}{}]",
        "[{},]",
        "{\"x\":{}}",
        "x",
        "1",
        "{\"00080060\":1}",
        "{\"00080060\":{\"vr\":\"ZZ\"}}",
        "{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"a\\\\b\"]}}",
        "{\"00080060\":{\"vr\":\"CS\",\"Value\":[true]}}",
        "{\"00080060\":{\"vr\":\"CS\",\"Value\":[1,]}}",
        "{\"00280010\":{\"vr\":\"US\",\"Value\":[65536]}}",
        "{\"00280010\":{\"vr\":\"US\",\"Value\":[1.5]}}",
        "{\"00280010\":{\"vr\":\"US\",\"Value\":[1e999999999]}}",
        "{\"00280010\":{\"vr\":\"US\",\"Value\":[null]}}",
        "{\"00280010\":{\"vr\":\"US\",\"InlineBinary\":\"*\",\"BulkDataURI\":\"x\"}}",
        "{\"00080060\":{\"vr\":\"CS\"},\"00080060\":{\"vr\":\"CS\"}}",
        "{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"\\ud800\"]}}",
        "{\"00080060\":{\"vr\":\"CS\",\"Value\":[{}]}}",
        "{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetical\":\"A\"}]}}",
        "{\"00100010\":{\"vr\":\"LT\",\"Value\":[\"a\",\"b\"]}}",
        "{\"00080060\":{\"vr\":\"OB\",\"Value\":[\"a\"]}}",
        "{\"00080060\":{\"other\":\"OB\"}}"
      })
  void brokenJsonIsAClearError(String text) {
    assertThatThrownBy(
            () -> {
              DicomJsonReader reader =
                  new DicomJsonReader(utf8(text), ReaderLimits.DEFAULT, BulkData.KEEP);
              while (reader.read() != null) {
                // To the end.
              }
            })
        .isInstanceOf(DicomParseException.class)
        .hasMessageContaining("ISO-JSON-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<",
        "<x/>",
        "<NativeDicomModel>",
        "<NativeDicomModel><x/></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute/></NativeDicomModel>",
        "<!DOCTYPE NativeDicomModel [<!ENTITY e \"x\">]><NativeDicomModel/>",
        "<!DOCTYPE NativeDicomModel SYSTEM \"file:///etc/passwd\"><NativeDicomModel/>",
        "<NativeDicomModel><DicomAttribute tag='00080060' vr='CS'><Value>a</Value></DicomAttribute>"
            + "</NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag='00080060' vr='CS'><Value number='999999999'>a"
            + "</Value></DicomAttribute></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag='00080060' vr='CS'>a</DicomAttribute>"
            + "</NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag='00080060' vr='CS'><Value number='1'>&e;</Value>"
            + "</DicomAttribute></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag='00100010' vr='PN'><PersonName number='1'><Other/>"
            + "</PersonName></DicomAttribute></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag='00280010' vr='US'><Value number='1'>x</Value>"
            + "</DicomAttribute></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag='00280010' vr='OB'><BulkData/></DicomAttribute>"
            + "</NativeDicomModel>"
      })
  void brokenXmlIsAClearError(String text) {
    assertThatThrownBy(() -> fromXml(text))
        .isInstanceOf(DicomParseException.class)
        .hasMessageContaining("ISO-XML-");
  }

  @Test
  void limitsHoldBeforeMemoryIsTaken() {
    String deepJson = "{\"00081110\":{\"vr\":\"SQ\",\"Value\":[".repeat(5000);
    String deepXml =
        "<NativeDicomModel>"
            + "<DicomAttribute tag=\"00081110\" vr=\"SQ\"><Item number=\"1\">".repeat(5000);
    String many = "{\"00080060\":{\"vr\":\"SQ\",\"Value\":[" + "{},".repeat(200) + "{}]}}";
    String longText = "{\"00080060\":{\"vr\":\"UT\",\"Value\":[\"" + "x".repeat(3000) + "\"]}}";
    String manyValues = "{\"00080060\":{\"vr\":\"US\",\"Value\":[" + "1,".repeat(3000) + "1]}}";
    for (String text : List.of(deepJson, many, longText, manyValues)) {
      assertThatThrownBy(() -> new DicomJsonReader(utf8(text), SMALL, BulkData.KEEP).read())
          .isInstanceOf(DicomParseException.class)
          .hasMessageContaining("limit");
    }
    String longAttribute = "<NativeDicomModel x=\"" + "x".repeat(100_000);
    for (String text : List.of(deepXml, longAttribute)) {
      assertThatThrownBy(() -> new DicomXmlReader(utf8(text), SMALL, BulkData.KEEP).read())
          .isInstanceOf(DicomParseException.class)
          .hasMessageContaining("limit");
    }
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void noiseEndsInAClearError(@ForAll @Size(max = 200) byte[] noise) {
    tolerate(
        () -> new DicomJsonReader(new ByteArrayInputStream(noise), SMALL, BulkData.KEEP).read());
    tolerate(
        () -> new DicomXmlReader(new ByteArrayInputStream(noise), SMALL, BulkData.KEEP).read());
  }

  @Property(tries = 250, shrinking = ShrinkingMode.OFF)
  void aChangedDocumentEndsInAClearErrorOrADataSet(
      @ForAll int where, @ForAll byte what, @ForAll @IntRange(max = 3) int how) throws IOException {
    DataSet set = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 192");
    fill(set, "a<é", "b", new byte[] {1, 2}, 7, 0.5);
    set.addItem(Tag.ReferencedStudySequence).set(Tag.ReferencedSOPInstanceUID, "1.2");
    byte[] json = changed(json(set), where, what, how);
    byte[] xml = changed(xml(set), where, what, how);
    ReaderLimits limits = ReaderLimits.DEFAULT;
    tolerate(
        () -> new DicomJsonReader(new ByteArrayInputStream(json), limits, BulkData.KEEP).read());
    tolerate(() -> new DicomXmlReader(new ByteArrayInputStream(xml), limits, BulkData.KEEP).read());
  }

  private static byte[] changed(String text, int where, byte what, int how) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int at = Math.floorMod(where, bytes.length);
    switch (how) {
      case 0 -> bytes[at] = what;
      case 1 -> bytes = java.util.Arrays.copyOf(bytes, at);
      case 2 -> System.arraycopy(bytes, 0, bytes, at, Math.min(20, bytes.length - at));
      default -> bytes[at] = "{}[]\",:<>/&0".getBytes(StandardCharsets.UTF_8)[(what & 0xff) % 12];
    }
    return bytes;
  }

  private interface Reading {
    DataSet run() throws IOException;
  }

  private static void tolerate(Reading reading) {
    try {
      reading.run();
    } catch (IOException e) {
      assertThat(e).isInstanceOf(DicomParseException.class);
    }
  }
}
