package org.isocentre.dicom.data;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value of VR DT (PS3.5 §6.2): {@code YYYY[MM[DD[HH[MM[SS[.F..F]]]]]][&ZZXX]}. With fewer digits
 * it stands for all of a year, month, day and so on.
 *
 * @param first moment that it can mean
 * @param last moment that it can mean, to the microsecond
 * @param offset from UTC, or null if none is written
 */
public record DateTimeValue(LocalDateTime first, LocalDateTime last, ZoneOffset offset) {
  private static final Pattern DT =
      Pattern.compile(
          "(\\d{4})(?:(\\d\\d)(?:(\\d\\d)(?:(\\d\\d)(?:(\\d\\d)(?:(\\d\\d)(?:\\.(\\d{1,6}))?)?)?)?)?)?"
              + "([+-]\\d{4})?");
  private static final ChronoUnit[] UNITS = {
    ChronoUnit.YEARS,
    ChronoUnit.MONTHS,
    ChronoUnit.DAYS,
    ChronoUnit.HOURS,
    ChronoUnit.MINUTES,
    ChronoUnit.SECONDS
  };

  /** Empty if it is none. A leap second is read as second 59. */
  public static Optional<DateTimeValue> parse(String text) {
    Matcher m = DT.matcher(text.strip());
    if (!m.matches()) {
      return Optional.empty();
    }
    try {
      LocalDateTime first =
          LocalDate.of(number(m, 1, 0), number(m, 2, 1), number(m, 3, 1))
              .atTime(number(m, 4, 0), number(m, 5, 0), Math.min(number(m, 6, 0), 59))
              .plusNanos(nanos(m.group(7)));
      return Optional.of(new DateTimeValue(first, end(first, m), offset(m.group(8))));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int number(Matcher m, int group, int otherwise) {
    return m.group(group) == null ? otherwise : Integer.parseInt(m.group(group));
  }

  private static long nanos(String fraction) {
    return fraction == null ? 0 : Long.parseLong((fraction + "00000000").substring(0, 9));
  }

  private static LocalDateTime end(LocalDateTime first, Matcher m) {
    if (m.group(7) != null) {
      long step = (long) Math.pow(10, 9 - m.group(7).length());
      return first.plusNanos(step).minus(1, ChronoUnit.MICROS);
    }
    int given = 1;
    while (given < UNITS.length && m.group(given + 1) != null) {
      given++;
    }
    return first.plus(1, UNITS[given - 1]).minus(1, ChronoUnit.MICROS);
  }

  private static ZoneOffset offset(String text) {
    if (text == null) {
      return null;
    }
    int sign = text.charAt(0) == '-' ? -1 : 1;
    int hours = Integer.parseInt(text.substring(1, 3));
    int minutes = Integer.parseInt(text.substring(3));
    return ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
  }

  /** Its first moment; {@code otherwise} holds if no offset is written. */
  public OffsetDateTime firstAt(ZoneOffset otherwise) {
    return first.atOffset(offset == null ? otherwise : offset);
  }

  /** Its last moment; {@code otherwise} holds if no offset is written. */
  public OffsetDateTime lastAt(ZoneOffset otherwise) {
    return last.atOffset(offset == null ? otherwise : offset);
  }

  /** Never shows the value. */
  @Override
  public String toString() {
    return "DateTimeValue";
  }
}
