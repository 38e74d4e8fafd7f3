package org.isocentre.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimezoneOffsetTest {
  /** PS3.3 §C.12.1.1.8. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "+0000, +0000",
        "+0100, +0100",
        "-0330, -0330",
        "+1400, +1400",
        "-1200, -1200",
        "+1401, -",
        "-1201, -",
        "-0000, -",
        "+0160, -",
        "0100, -",
        "+1, -",
        "+01:00, -",
        "Z, -",
        "'', -",
        "-, -"
      })
  void whatIsNoOffsetSaysNothing(String said, String offset) {
    assertThat(InstanceMapper.offset(said)).isEqualTo(offset);
  }
}
