package org.isocentre.fhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValuesTest {
  /** Whatever values say, separators and backslashes too, they come out as they went in. */
  @Property
  void escapedValuesComeBack(
      @ForAll @Size(min = 1, max = 5)
          List<@CharRange(from = ' ', to = '~') @NotEmpty String> values) {
    String written = values.stream().map(ValuesTest::escaped).collect(Collectors.joining(","));
    assertThat(Values.split(written, ',', Integer.MAX_VALUE).stream().map(Values::plain).toList())
        .isEqualTo(values);
  }

  private static String escaped(String text) {
    return text.replaceAll("([\\\\,|$])", "\\\\$1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      value = {
        "code; -; code",
        "|code; ''; code",
        "sys|code; sys; code",
        "sys|; sys; ''",
        "a\\|b; -; a|b",
        "s\\|t|c|d; s|t; c|d",
        "|; ''; ''"
      })
  void aTokenIsSystemAndCode(String text, String system, String code) {
    assertThat(Values.Token.parse(text)).isEqualTo(new Values.Token(system, code));
  }
}
