package org.isocentre.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DA, TM and DT, single and as ranges (PS3.5 §6.2, PS3.4 §C.2.2.2.5). */
class DateTimeRangeTest {
  private static final ZoneOffset LOCAL = ZoneOffset.ofHours(1);

  @ParameterizedTest
  @CsvSource({
    "20240229,20240229,true",
    "20240229,20240301,false",
    "20240101-20240131,20240131,true",
    "20240101-20240131,20240201,false",
    "20240101-,20991231,true",
    "20240101-,20231231,false",
    "-20240101,19000101,true",
    "-20240101,20240102,false",
    "2024.01.05,20240105,true"
  })
  void dates(String range, String date, boolean inside) {
    LocalDate day = DateRange.parse(date).orElseThrow().from();
    assertThat(DateRange.parse(range).orElseThrow().contains(day)).isEqualTo(inside);
  }

  @ParameterizedTest
  @CsvSource({
    "10,10:59:59.999999,true",
    "10,11:00,false",
    "1030,10:30:59,true",
    "1030,10:31,false",
    "10-12,12:59:59,true",
    "1000-1200,12:00:30,true",
    "1000-1200,12:01,false",
    "1000-,23:59:59.999,true",
    "-0900,00:00,true",
    "101500.5,10:15:00.55,true",
    "101500.5,10:15:00.6,false",
    "10:15,10:15:30,true",
    "235960,23:59:59,true"
  })
  void times(String range, String time, boolean inside) {
    assertThat(TimeRange.parse(range).orElseThrow().contains(LocalTime.parse(time)))
        .isEqualTo(inside);
  }

  @ParameterizedTest
  @CsvSource({
    "2024,2024-12-31T23:59:59+01:00,true",
    "2024,2024-12-31T23:59:59Z,false",
    "202402,2024-02-29T12:00+01:00,true",
    "202402-202403,2024-03-31T23:00+01:00,true",
    "20240101120000+0000,2024-01-01T13:00+01:00,true",
    "20240101120000-0500,2024-01-01T17:00Z,true",
    "20240101120000-0500-20240101130000-0500,2024-01-01T17:30Z,true",
    "20240101-,2030-01-01T00:00Z,true",
    "-20240101,2024-01-02T00:00+01:00,false"
  })
  void datesWithTimes(String range, String moment, boolean inside) {
    assertThat(
            DateTimeRange.parse(range, LOCAL).orElseThrow().contains(OffsetDateTime.parse(moment)))
        .isEqualTo(inside);
  }

  @Test
  void combinedRangeRunsFromTheFirstMomentToTheLast() {
    DateTimeRange range =
        DateTimeRange.combined(
            DateRange.parse("20240101-20240102").orElseThrow(),
            TimeRange.parse("1000-1800").orElseThrow(),
            ZoneOffset.UTC);
    assertThat(range.contains(OffsetDateTime.parse("2024-01-01T23:00Z"))).isTrue();
    assertThat(range.contains(OffsetDateTime.parse("2024-01-01T09:00Z"))).isFalse();
    assertThat(range.contains(OffsetDateTime.parse("2024-01-02T18:30Z"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "20241301", "20240230", "2024010", "x", "20240101-x", "1-2-3"})
  void noDate(String text) {
    assertThat(DateRange.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "1", "2400", "1060", "x", "10-x", "10+0100", "1-2-3"})
  void noTime(String text) {
    assertThat(TimeRange.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "20241301", "20240101250000", "x", "2024-x", "20240101+9900"})
  void noDateTime(String text) {
    assertThat(DateTimeRange.parse(text, LOCAL)).isEmpty();
  }

  @Test
  void aDataSetGivesDateTimes() {
    DataSet set = new DataSet().set(Tag.AcquisitionDateTime, "20240105101500.25+0100");
    DateTimeValue value = set.dateTime(Tag.AcquisitionDateTime);
    assertThat(value.firstAt(ZoneOffset.UTC))
        .isEqualTo(OffsetDateTime.parse("2024-01-05T10:15:00.25+01:00"));
    assertThat(value.toString()).doesNotContain("2024");
    set.set(Tag.AcquisitionDateTime, "20240105101500.1234567");
    assertThat(set.dateTime(Tag.AcquisitionDateTime)).isNull();
  }
}
