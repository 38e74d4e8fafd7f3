package org.isocentre.dicom.data;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Optional;

/**
 * Range matching of VR DA (PS3.4 §C.2.2.2.5): {@code from-to}, {@code from-}, {@code -to}, or one
 * date.
 *
 * @param from first day, or null if open
 * @param to last day, or null if open
 */
public record DateRange(LocalDate from, LocalDate to) {
  private static final DateTimeFormatter DA =
      DateTimeFormatter.ofPattern("uuuuMMdd").withResolverStyle(ResolverStyle.STRICT);

  /** Empty if it is none. */
  public static Optional<DateRange> parse(String text) {
    int dash = text.indexOf('-');
    try {
      String from = dash < 0 ? text : text.substring(0, dash);
      String to = dash < 0 ? text : text.substring(dash + 1);
      DateRange range = new DateRange(date(from), date(to));
      return range.isOpen() ? Optional.empty() : Optional.of(range);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private boolean isOpen() {
    return from == null && to == null;
  }

  /** With dots it is in the form before 1993. */
  private static LocalDate date(String text) {
    String digits = text.strip().replace(".", "");
    return digits.isEmpty() ? null : LocalDate.parse(digits, DA);
  }

  public boolean contains(LocalDate date) {
    return (from == null || !date.isBefore(from)) && (to == null || !date.isAfter(to));
  }

  /** Never shows the dates. */
  @Override
  public String toString() {
    return "DateRange";
  }
}
