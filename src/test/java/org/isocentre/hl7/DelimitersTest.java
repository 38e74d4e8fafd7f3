package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Escape sequences, both ways. */
class DelimitersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "\\F\\\\S\\\\T\\\\R\\\\E\\;|^&~\\",
        "a\\.br\\b;a/b",
        "a\\.BR\\b;a/b",
        "a\\.sp\\b;a/b",
        "a\\.sp 2\\b;a//b",
        "a\\.sp+3\\b;a///b",
        "a\\.ce\\b;a/b",
        "a\\.sk 3\\b;a   b",
        "a\\.in+4\\\\.ti-2\\\\.fi\\\\.nf\\b;ab",
        "\\H\\loud\\N\\;loud",
        "\\X41\\\\X4243\\;ABC",
        "\\XC3BC\\;\u00fc",
        "\\XFF\\;\\XFF\\",
        "\\X00\\;\\X00\\",
        "\\X4\\;\\X4\\",
        "\\Zmine\\;\\Zmine\\",
        "\\P\\;#",
        "C:\\dir\\file;C:\\dir\\file",
        "one \\ alone;one \\ alone",
        "end\\;end\\",
        "\\E\\.br\\E\\;\\.br\\",
        "<5 mm \\T\\ >2;<5 mm & >2"
      })
  void sequencesMeanWhatTheStandardSays(String text, String meaning) {
    assertThat(Delimiters.STANDARD.decode(text, StandardCharsets.UTF_8).replace('\n', '/'))
        .isEqualTo(meaning);
  }

  @Test
  void anEmptyLineSkipIsBounded() {
    assertThat(Delimiters.STANDARD.decode("\\.sp 9999\\", StandardCharsets.UTF_8)).hasSize(100);
  }

  @Test
  void aMessageWithoutAnEscapeCharacterHasNoSequences() {
    Delimiters none = Delimiters.of('|', "^~");
    assertThat(none.decode("a\\F\\b", StandardCharsets.UTF_8)).isEqualTo("a\\F\\b");
    assertThat(none.encode("plain")).isEqualTo("plain");
    assertThatThrownBy(() -> none.encode("a|b")).hasMessageContaining("ISO-HL7-001");
  }

  @Property(tries = 5000)
  void whatIsWrittenIsReadAgain(@ForAll("texts") String text, @ForAll("delimiters") Delimiters d) {
    String encoded = d.encode(text);
    assertThat(encoded.chars().filter(c -> c < ' ')).isEmpty();
    assertThat(encoded)
        .doesNotContain(
            String.valueOf(d.field()),
            String.valueOf(d.component()),
            String.valueOf(d.repetition()),
            String.valueOf(d.subcomponent()));
    assertThat(d.decode(encoded, StandardCharsets.UTF_8))
        .isEqualTo(text.replace("\r\n", "\n").replace('\r', '\n').replace("\0", ""));
  }

  @Property(tries = 5000)
  void anyTextIsReadWithoutAFailure(@ForAll("texts") String text) {
    assertThat(Delimiters.STANDARD.decode(text, StandardCharsets.UTF_8)).isNotNull();
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withChars("|^~\\&#*!$%\r\n\t\013\034\0.brXEFSTR<>\u00e9\u20ac 0123")
        .ofMaxLength(30);
  }

  @Provide
  Arbitrary<Delimiters> delimiters() {
    return Arbitraries.of(
        Delimiters.STANDARD, Delimiters.of('|', "^~\\&#"), Delimiters.of('#', "*!$%"));
  }
}
