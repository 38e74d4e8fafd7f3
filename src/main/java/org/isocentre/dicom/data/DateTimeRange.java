package org.isocentre.dicom.data;

import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Range matching of VR DT (PS3.4 §C.2.2.2.5.3), and of a date with its time combined
 * (§C.2.2.2.5.1).
 *
 * @param from first moment, or null if open
 * @param to last moment, or null if open
 */
public record DateTimeRange(OffsetDateTime from, OffsetDateTime to) {

  /**
   * Reads a range, or one value. A {@code -} before four digits that can be an offset from UTC is
   * one, if the text is a value then.
   *
   * @param local offset of values that have none, by Timezone Offset From UTC (0008,0201)
   * @return empty if it is none
   */
  public static Optional<DateTimeRange> parse(String text, ZoneOffset local) {
    Optional<DateTimeValue> single = DateTimeValue.parse(text);
    if (single.isPresent()) {
      return single.map(v -> new DateTimeRange(v.firstAt(local), v.lastAt(local)));
    }
    for (int dash = text.indexOf('-'); dash >= 0; dash = text.indexOf('-', dash + 1)) {
      Optional<DateTimeRange> range =
          between(text.substring(0, dash).strip(), text.substring(dash + 1).strip(), local);
      if (range.isPresent()) {
        return range;
      }
    }
    return Optional.empty();
  }

  private static Optional<DateTimeRange> between(String from, String to, ZoneOffset local) {
    Optional<DateTimeValue> first = DateTimeValue.parse(from);
    Optional<DateTimeValue> last = DateTimeValue.parse(to);
    if (from.isEmpty() && to.isEmpty()
        || !from.isEmpty() && first.isEmpty()
        || !to.isEmpty() && last.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DateTimeRange(
            first.map(v -> v.firstAt(local)).orElse(null),
            last.map(v -> v.lastAt(local)).orElse(null)));
  }

  /** From the first date at the first time to the last date at the last time. */
  public static DateTimeRange combined(DateRange dates, TimeRange times, ZoneOffset local) {
    return new DateTimeRange(
        at(dates.from(), times.from(), local), at(dates.to(), times.to(), local));
  }

  private static OffsetDateTime at(java.time.LocalDate date, LocalTime time, ZoneOffset local) {
    return date == null ? null : date.atTime(time).atOffset(local);
  }

  public boolean contains(OffsetDateTime moment) {
    return (from == null || !moment.isBefore(from)) && (to == null || !moment.isAfter(to));
  }

  /** Never shows the moments. */
  @Override
  public String toString() {
    return "DateTimeRange";
  }
}
