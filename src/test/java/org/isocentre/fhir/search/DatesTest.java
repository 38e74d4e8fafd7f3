package org.isocentre.fhir.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.isocentre.index.Criterion.Times;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatesTest {
  private static final ZoneId LONDON = ZoneId.of("Europe/London");
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

  /** From inclusive, until exclusive; - for no bound. */
  @ParameterizedTest
  @CsvSource({
    "2026, 2026-01-01T00:00:00Z, 2027-01-01T00:00:00Z, false",
    "eq2026-07, 2026-06-30T23:00:00Z, 2026-07-31T23:00:00Z, false",
    "2026-10-25, 2026-10-24T23:00:00Z, 2026-10-26T00:00:00Z, false",
    "2026-07-01T10:15, 2026-07-01T09:15:00Z, 2026-07-01T09:16:00Z, false",
    "2026-07-01T10:15:30, 2026-07-01T09:15:30Z, 2026-07-01T09:15:31Z, false",
    "2026-07-01T10:15:30Z, 2026-07-01T10:15:30Z, 2026-07-01T10:15:31Z, false",
    "2026-07-01T10:15:30.250+02:00, 2026-07-01T08:15:30.250Z, 2026-07-01T08:15:30.251Z, false",
    "ne2026-01-01, 2026-01-01T00:00:00Z, 2026-01-02T00:00:00Z, true",
    "gt2026-01-01, 2026-01-02T00:00:00Z, -, false",
    "sa2026-01-01, 2026-01-02T00:00:00Z, -, false",
    "ge2026-01-01, 2026-01-01T00:00:00Z, -, false",
    "lt2026-01-01, -, 2026-01-01T00:00:00Z, false",
    "eb2026-01-01, -, 2026-01-01T00:00:00Z, false",
    "le2026-01-01, -, 2026-01-02T00:00:00Z, false",
    "ap2026-10-22, 2026-10-20T22:54:00Z, 2026-10-23T23:06:00Z, false"
  })
  void aPrefixComparesWithAllOfTheValue(String text, String from, String until, boolean outside) {
    Times times = Dates.parse(text, LONDON, NOW);
    assertThat(times.range().from()).isEqualTo(from.equals("-") ? null : Instant.parse(from));
    assertThat(times.range().until()).isEqualTo(until.equals("-") ? null : Instant.parse(until));
    assertThat(times.outside()).isEqualTo(outside);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "13.2.1974",
        "2026-13",
        "2026-02-30",
        "20260101",
        "xx2026",
        "2026-01-01T25:00",
        "2026-01-01T10",
        "2026-1-1",
        "gtgt2026",
        "2026-01-01T10:15:30+99:00"
      })
  void whatIsNoDateIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> Dates.parse(text, LONDON, NOW))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("ISO-FHIR-024")
        .satisfies(e -> assertThat(text.isEmpty() || !e.getMessage().contains(text)).isTrue());
  }

  /** Each moment is within exactly one of lt, eq and gt; ge is eq or gt, le is eq or lt. */
  @Property
  void prefixesPartitionTime(
      @ForAll @IntRange(min = 0, max = 40_000) int day,
      @ForAll @IntRange(min = 0, max = 40_000) int other,
      @ForAll @IntRange(min = 0, max = 86_399) int second) {
    String value = LocalDate.ofEpochDay(day).toString();
    Instant at = Instant.ofEpochSecond(other * 86_400L + second);
    boolean eq = holds("eq" + value, at);
    boolean lt = holds("lt" + value, at);
    boolean gt = holds("gt" + value, at);
    assertThat((eq ? 1 : 0) + (lt ? 1 : 0) + (gt ? 1 : 0)).isEqualTo(1);
    assertThat(holds("ge" + value, at)).isEqualTo(eq || gt);
    assertThat(holds("le" + value, at)).isEqualTo(eq || lt);
    assertThat(holds("ne" + value, at)).isEqualTo(!eq);
    assertThat(eq).isEqualTo(at.atZone(LONDON).toLocalDate().equals(LocalDate.ofEpochDay(day)));
  }

  private static boolean holds(String text, Instant at) {
    Times times = Dates.parse(text, LONDON, NOW);
    boolean within =
        (times.range().from() == null || !at.isBefore(times.range().from()))
            && (times.range().until() == null || at.isBefore(times.range().until()));
    return within != times.outside();
  }
}
