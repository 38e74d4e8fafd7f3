package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.hl7v2.parser.DefaultEscaping;
import ca.uhn.hl7v2.parser.EncodingCharacters;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.isocentre.hl7.OutboundSegment.Position;
import org.junit.jupiter.api.Test;

/** No value can break out of its field, and a reader gets it back as it was. */
class OutboundTextTest {
  private static String escaped(String value) {
    StringBuilder out = new StringBuilder();
    OutboundText.escape(value, out);
    return out.toString();
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().withChars("|^&~\\\r\n\tFSTREXbr.0123 aé€\u0001\u000b\u001c\u007f"),
        Arbitraries.strings().all());
  }

  @Property
  void nothingThatDelimitsIsLeft(@ForAll("texts") String value) {
    assertThat(escaped(value)).doesNotContainPattern("[|^&~\\r\\n\\x00-\\x08\\x0b-\\x1f\\x7f]");
  }

  @Property
  void anotherParserReadsItBack(@ForAll("texts") String value) {
    String line = value.replace("\r\n", "\n").replace('\r', '\n');
    String read =
        new DefaultEscaping()
            .unescape(escaped(value), EncodingCharacters.defaultInstance())
            .replace("\\.br\\", "\n");
    // It leaves \Xdd\ alone, and \.br\ which is a command of formatted text.
    if (line.chars().noneMatch(c -> c == '\\' || c < ' ' && c != '\n' && c != '\t' || c == 0x7f)) {
      assertThat(read).isEqualTo(line);
    }
    assertThat(unescaped(escaped(value))).isEqualTo(line);
  }

  /** By the standard's words alone (§2.7). */
  private static String unescaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '\\') {
        out.append(text.charAt(i));
        continue;
      }
      int end = text.indexOf('\\', i + 1);
      String sequence = text.substring(i + 1, end);
      out.append(
          switch (sequence) {
            case "F" -> "|";
            case "S" -> "^";
            case "T" -> "&";
            case "R" -> "~";
            case "E" -> "\\";
            case ".br" -> "\n";
            default -> String.valueOf((char) Integer.parseInt(sequence.substring(1), 16));
          });
      i = end;
    }
    return out.toString();
  }

  /** Whatever stands in whatever place of a segment, a parser finds it there. */
  @Property
  void valuesAreReadBackFromTheirPlaces(
      @ForAll @net.jqwik.api.constraints.IntRange(min = 3, max = 60) int field,
      @ForAll @net.jqwik.api.constraints.IntRange(min = 1, max = 4) int repetition,
      @ForAll @net.jqwik.api.constraints.IntRange(min = 1, max = 6) int component,
      @ForAll @net.jqwik.api.constraints.IntRange(min = 1, max = 3) int subcomponent) {
    OutboundMessage m = new OutboundMessage(OutboundKind.ADT, "A31");
    OutboundSegments.header(m, OutboundSamples.head("2.4"), OutboundKind.ADT, "A31", "ADT_A05");
    OutboundSegment z = m.add("ZZZ").field(1, "first").field(70, "last");
    z.put(new Position(field, repetition, component, subcomponent), "a|b^c");
    z.put(new Position(field, 1, 7, 1), "x");
    assertThat(
            Hl7Message.get(
                OutboundSamples.parsed(m).first("ZZZ"),
                field,
                repetition - 1,
                component,
                subcomponent))
        .isEqualTo("a|b^c");
    assertThat(OutboundSamples.get(m, "ZZZ-70")).isEqualTo("last");
  }

  @Test
  void deleteStaysDelete() {
    assertThat(escaped("\"\"")).isEqualTo("\"\"");
  }
}
