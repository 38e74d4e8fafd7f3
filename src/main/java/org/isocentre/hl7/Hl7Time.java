package org.isocentre.hl7;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Times of HL7 (chapter 2A, TS and DTM): {@code YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]}. Without an
 * offset: UK time.
 */
final class Hl7Time {
  private static final ZoneId LOCAL = ZoneId.of("Europe/London");

  private Hl7Time() {}

  /** Null if there is none or it is not one. */
  static Instant instant(String text) {
    if (text == null || text.length() < 8) {
      return null;
    }
    int sign = Math.max(text.indexOf('+'), text.indexOf('-'));
    String clock = sign < 0 ? text : text.substring(0, sign);
    int dot = clock.indexOf('.');
    String digits = (dot < 0 ? clock : clock.substring(0, dot)) + "000000";
    try {
      LocalDateTime local =
          LocalDateTime.of(
                  number(digits, 0, 4),
                  number(digits, 4, 6),
                  number(digits, 6, 8),
                  number(digits, 8, 10),
                  number(digits, 10, 12),
                  number(digits, 12, 14))
              .plusNanos(
                  dot < 0
                      ? 0
                      : Integer.parseInt((clock.substring(dot + 1) + "000000000").substring(0, 9)));
      ZoneId zone = sign < 0 ? LOCAL : ZoneOffset.of(text.substring(sign));
      return local.atZone(zone).toInstant();
    } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException e) {
      return null;
    }
  }

  /** In the zone of times without offset; null if there is none or it is not one. */
  static LocalDateTime local(String text) {
    Instant instant = instant(text);
    return instant == null ? null : LocalDateTime.ofInstant(instant, LOCAL);
  }

  /** In the zone of times without offset. */
  static LocalDateTime local(Instant instant) {
    return LocalDateTime.ofInstant(instant, LOCAL);
  }

  /** Null if there is no whole date. */
  static LocalDate date(String text) {
    if (text == null || text.length() < 8) {
      return null;
    }
    try {
      return LocalDate.of(number(text, 0, 4), number(text, 4, 6), number(text, 6, 8));
    } catch (DateTimeException | NumberFormatException e) {
      return null;
    }
  }

  private static int number(String digits, int from, int to) {
    return Integer.parseInt(digits, from, to, 10);
  }
}
