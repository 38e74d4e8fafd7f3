package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a corrected text becomes before it is kept. */
class StoredMessageRepairTest {
  /** {@code r} and {@code n} are line ends, {@code b}, {@code e} MLLP's framing. */
  private static byte[] bytes(String text) {
    return text.replace('r', '\r')
        .replace('n', '\n')
        .replace('b', '\u000b')
        .replace('e', '\u001c')
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "MrPr, MrPr",
        "MnPn, MrPr",
        "MrnPrn, MrPr",
        "MnP, MrP",
        "bMrPrer, MrPr",
        "nnMnnnPnn, MrPr",
        "rnr, ''",
        "'', ''"
      })
  void linesOfAnEditorBecomeSegments(String text, String expected) {
    assertThat(StoredMessageRepair.segments(bytes(text))).isEqualTo(bytes(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE"})
  void textOfTwoBytesALetterIsLeftAlone(String charset) {
    byte[] text = "MSH|\r\nPID|\u0d0a\r\n".getBytes(Charset.forName(charset));
    assertThat(StoredMessageRepair.segments(text)).isEqualTo(text);
  }

  @Property
  void nothingElseIsChanged(@ForAll @Size(max = 100) byte[] any) {
    byte[] text =
        ("MSH" + new String(any, StandardCharsets.ISO_8859_1))
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] once = StoredMessageRepair.segments(text);
    assertThat(StoredMessageRepair.segments(once)).isEqualTo(once);
    assertThat(without(once)).isEqualTo(without(text));
  }

  private static String without(byte[] text) {
    return new String(text, StandardCharsets.ISO_8859_1).replaceAll("[\r\n\u000b\u001c]", "");
  }
}
