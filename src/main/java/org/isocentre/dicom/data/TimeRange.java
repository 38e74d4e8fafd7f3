package org.isocentre.dicom.data;

import java.time.LocalTime;
import java.util.Optional;

/**
 * Range matching of VR TM (PS3.4 §C.2.2.2.5): {@code from-to}, {@code from-}, {@code -to}, or one
 * time, which may have fewer digits and stands for all of that hour, minute or second.
 *
 * @param from first moment; midnight if open
 * @param to last moment, to the microsecond; the day's end if open
 */
public record TimeRange(LocalTime from, LocalTime to) {
  private static final String DAY = "20000101";

  /** Empty if it is none. */
  public static Optional<TimeRange> parse(String text) {
    String plain = text.strip().replace(":", "");
    int dash = plain.indexOf('-');
    if (dash < 0) {
      return time(plain).map(t -> new TimeRange(from(t), to(t)));
    }
    String from = plain.substring(0, dash);
    String to = plain.substring(dash + 1);
    if (from.isEmpty() && to.isEmpty()) {
      return Optional.empty();
    }
    return time(from.isEmpty() ? "00" : from)
        .flatMap(f -> time(to.isEmpty() ? "23" : to).map(t -> new TimeRange(from(f), to(t))));
  }

  private static Optional<DateTimeValue> time(String text) {
    return text.length() < 2 || text.indexOf('+') >= 0
        ? Optional.empty()
        : DateTimeValue.parse(DAY + text.strip());
  }

  private static LocalTime from(DateTimeValue value) {
    return value.first().toLocalTime();
  }

  private static LocalTime to(DateTimeValue value) {
    return value.last().toLocalTime();
  }

  public boolean contains(LocalTime time) {
    return !time.isBefore(from) && !time.isAfter(to);
  }

  /** Never shows the times. */
  @Override
  public String toString() {
    return "TimeRange";
  }
}
