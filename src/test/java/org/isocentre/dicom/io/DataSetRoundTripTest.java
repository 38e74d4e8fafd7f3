package org.isocentre.dicom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data sets in every uncompressed transfer syntax: round trips, limits, noise, character sets. */
class DataSetRoundTripTest {
  private static final List<String> SYNTAXES =
      List.of(
          Uid.IMPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_BIG_ENDIAN,
          Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);

  private static byte[] write(DataSet set, TransferSyntax syntax) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, syntax, DataSetWriter.BulkSource.NONE).write(set);
    return out.toByteArray();
  }

  private static DataSet read(byte[] bytes, TransferSyntax syntax) throws IOException {
    return new DataSetReader(new ByteArrayInputStream(bytes), syntax, ReaderLimits.DEFAULT).read();
  }

  private static String json(DataSet set) throws IOException {
    StringBuilder text = new StringBuilder();
    new DicomJson(text, DicomJson.BulkUri.NONE).write(set);
    return text.toString();
  }

  @Property(tries = 150)
  void everySyntaxKeepsEveryValue(
      @ForAll @IntRange(min = 0, max = 65535) int rows,
      @ForAll @Size(max = 64) byte[] opaque,
      @ForAll @IntRange(min = 0, max = 6) int depth,
      @ForAll float number)
      throws IOException {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.PatientName, "Żółć^Λ=山田")
            .set(Tag.StudyInstanceUID, "1.2.3")
            .set(Tag.Rows, Integer.toString(rows));
    if (Float.isFinite(number)) {
      set.set(Tag.RecommendedDisplayFrameRateInFloat, Vr.FL, Float.toString(number));
    }
    DataSet at = set;
    for (int i = 0; i < depth; i++) {
      at = at.addItem(Tag.ReferencedStudySequence).set(Tag.ReferencedSOPInstanceUID, "1.2." + i);
    }
    byte[] even =
        opaque.length % 2 == 0 ? opaque : java.util.Arrays.copyOf(opaque, opaque.length + 1);
    set.put(new Element.Value(Tag.EncapsulatedDocument, Vr.OB, even));
    for (String uid : SYNTAXES) {
      TransferSyntax syntax = TransferSyntax.of(uid);
      assertThat(json(read(write(set, syntax), syntax))).as(uid).isEqualTo(json(set));
    }
  }

  @Property(tries = 400)
  void noiseEndsInAClearErrorOrADataSet(
      @ForAll @Size(max = 300) byte[] noise, @ForAll @IntRange(min = 0, max = 3) int syntax) {
    try {
      read(noise, TransferSyntax.of(SYNTAXES.get(syntax)));
    } catch (IOException e) {
      assertThat(e).isInstanceOf(DicomParseException.class).hasMessageContaining("ISO-DICOM-");
    }
  }

  @Property(tries = 300)
  void aChangedByteEndsInAClearErrorOrADataSet(@ForAll int where, @ForAll byte what)
      throws IOException {
    DataSet set = new DataSet().set(Tag.PatientName, "A^B").set(Tag.Rows, "7");
    set.addItem(Tag.ReferencedStudySequence).set(Tag.ReferencedSOPInstanceUID, "1.2");
    byte[] bytes = write(set, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    bytes[Math.floorMod(where, bytes.length)] = what;
    try {
      read(bytes, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    } catch (IOException e) {
      assertThat(e).isInstanceOf(DicomParseException.class);
    }
  }

  @Test
  void tenThousandNestedSequencesAreRefusedWithoutAStackOverflow() {
    ByteBuffer bytes = ByteBuffer.allocate(10_000 * 20).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 10_000; i++) {
      bytes
          .putShort((short) 0x0008)
          .putShort((short) 0x1110)
          .put((byte) 'S')
          .put((byte) 'Q')
          .putShort((short) 0)
          .putInt(-1);
      bytes.putShort((short) 0xfffe).putShort((short) 0xe000).putInt(-1);
    }
    assertThatThrownBy(() -> read(bytes.array(), TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN))
        .isInstanceOf(DicomParseException.class)
        .hasMessageContaining("ISO-DICOM-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UT", "OB", "SQ", "UN"})
  void aLengthOfFourGigabytesTakesNoMemory(String vr) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort((short) 0x0040).putShort((short) 0xa160);
    bytes.put((byte) vr.charAt(0)).put((byte) vr.charAt(1)).putShort((short) 0).putInt(0xfffffffe);
    assertThatThrownBy(() -> read(bytes.array(), TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN))
        .isInstanceOf(DicomParseException.class);
  }

  @Test
  void readingStopsBeforePixelData() throws IOException {
    DataSet set = new DataSet().set(Tag.Rows, "2");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[8]));
    byte[] bytes = write(set, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    byte[] cut = java.util.Arrays.copyOf(bytes, bytes.length - 8);
    DataSet read =
        new DataSetReader(
                new ByteArrayInputStream(cut),
                TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
                ReaderLimits.DEFAULT)
            .readUntil(Tag.PixelData);
    assertThat(read.integer(Tag.Rows)).isEqualTo(2);
    assertThat(read.contains(Tag.PixelData)).isFalse();
  }

  @Test
  void oddLengthsAreTakenAndCounted() throws IOException {
    byte[] bytes = {
      0x10, 0, 0x10, 0, 'P', 'N', 3, 0, 'A', '^', 'B', 0x10, 0, 0x20, 0, 'L', 'O', 2, 0, '1', '2'
    };
    DataSetReader reader =
        new DataSetReader(
            new ByteArrayInputStream(bytes),
            TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
            ReaderLimits.DEFAULT);
    DataSet set = reader.read();
    assertThat(set.string(Tag.PatientName)).isEqualTo("A^B");
    assertThat(set.string(Tag.PatientID)).isEqualTo("12");
    assertThat(reader.irregularities()).isEqualTo(1);
  }

  /** Specific Character Set without code extensions (PS3.3 Table C.12-2 and C.12-5). */
  @ParameterizedTest
  @CsvSource({
    "ISO_IR 100, ISO-8859-1, Äneas^Rüdiger",
    "ISO_IR 101, ISO-8859-2, Żółć^Łukasz",
    "ISO_IR 109, ISO-8859-3, Ħal^Ġorġ",
    "ISO_IR 110, ISO-8859-4, Ķēniņš^Ģirts",
    "ISO_IR 144, ISO-8859-5, Люкceмбypг",
    "ISO_IR 127, ISO-8859-6, قباني^لنزار",
    "ISO_IR 126, ISO-8859-7, Διονυσιος",
    "ISO_IR 138, ISO-8859-8, שרון^דבורה",
    "ISO_IR 148, ISO-8859-9, Çavuşoğlu",
    "ISO_IR 166, TIS-620, สมชาย",
    "ISO_IR 13, Shift_JIS, ﾔﾏﾀﾞ^ﾀﾛｳ",
    "ISO_IR 192, UTF-8, Wang^XiaoDong=王^小东",
    "GB18030, GB18030, Wang^XiaoDong=王^小东",
    "GBK, GBK, Wang^XiaoDong=王^小东"
  })
  void characterSets(String term, String charset, String name) throws IOException {
    byte[] encoded = name.getBytes(Charset.forName(charset));
    DataSet set = new DataSet().set(Tag.SpecificCharacterSet, term);
    set.put(new Element.Value(Tag.PatientName, Vr.PN, encoded));
    TransferSyntax syntax = TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN;
    assertThat(read(write(set, syntax), syntax).string(Tag.PatientName)).isEqualTo(name);
  }

  /** The examples of PS3.5 Annexes H.3.1, H.3.2 and I.2: code extensions with ISO 2022 escapes. */
  @ParameterizedTest
  @CsvSource({
    "'\\ISO 2022 IR 87', 59616d6164615e5461726f753d1b24423b33451b28425e1b2442424 04f3a1b28423d1b2442246424 5e 24401b28425e1b2442243f246d24261b2842, 'Yamada^Tarou=山田^太郎=やまだ^たろう'",
    "'ISO 2022 IR 13\\ISO 2022 IR 87', d4cfc0de5edbb33d, 'ﾔﾏﾀﾞ^ﾛｳ='",
    "'\\ISO 2022 IR 149', 486f6e675e47696c646f6e673d1b242943fbf35e1b242943d1ced4d73d1b242943c8ab5e1b242943b1e6b5bf, 'Hong^Gildong=洪^吉洞=홍^길동'"
  })
  void codeExtensions(String terms, String hex, String name) throws IOException {
    if (hex.contains(" ")) {
      // H.3.1, written out: the escapes stand around each group.
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write("Yamada^Tarou=".getBytes(StandardCharsets.US_ASCII));
      for (String part : List.of("山田", "^", "太郎", "=", "やまだ", "^", "たろう")) {
        if (part.equals("^") || part.equals("=")) {
          out.write(part.charAt(0));
        } else {
          byte[] jis = part.getBytes(Charset.forName("ISO-2022-JP"));
          out.write(jis);
        }
      }
      hex = java.util.HexFormat.of().formatHex(out.toByteArray());
    }
    DataSet set = new DataSet().set(Tag.SpecificCharacterSet, terms);
    set.put(new Element.Value(Tag.PatientName, Vr.PN, java.util.HexFormat.of().parseHex(hex)));
    assertThat(set.string(Tag.PatientName)).isIn(name, name.replaceAll("=$", ""));
  }
}
