package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.isocentre.index.Criterion.Times;
import org.isocentre.index.TimeRange;

/**
 * Dates of searches (R4 §3.1.1.4.5): a value stands for all of its time, from its first moment to
 * the one after its last, and a prefix compares with that.
 */
final class Dates {
  private static final Pattern VALUE = Pattern.compile("(eq|ne|gt|lt|ge|le|sa|eb|ap)?([0-9].*)");
  private static final Pattern MOMENT =
      Pattern.compile("([0-9-]{10}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(?:\\.[0-9]+)?)?)(Z|[+-][0-9:]{5})?");

  /** Of the time between now and a value, how much either side counts as about it. */
  private static final int TENTH = 10;

  private Dates() {}

  /**
   * @param zone of a value that names none
   */
  static Times parse(String text, ZoneId zone, Instant now) {
    Matcher parts = VALUE.matcher(text);
    if (!parts.matches()) {
      throw notADate();
    }
    TimeRange said = interval(parts.group(2), zone);
    String prefix = parts.group(1) == null ? "eq" : parts.group(1);
    return switch (prefix) {
      case "ne" -> new Times(said, true);
      case "gt", "sa" -> new Times(new TimeRange(said.until(), null), false);
      case "lt", "eb" -> new Times(new TimeRange(null, said.from()), false);
      case "ge" -> new Times(new TimeRange(said.from(), null), false);
      case "le" -> new Times(new TimeRange(null, said.until()), false);
      case "ap" -> new Times(about(said, now), false);
      default -> new Times(said, false);
    };
  }

  private static TimeRange about(TimeRange said, Instant now) {
    Duration slack = Duration.between(said.from(), now).abs().dividedBy(TENTH);
    return new TimeRange(said.from().minus(slack), said.until().plus(slack));
  }

  private static TimeRange interval(String text, ZoneId zone) {
    try {
      return switch (text.length()) {
        case 4 -> days(LocalDate.parse(text + "-01-01"), Period.ofYears(1), zone);
        case 7 -> days(LocalDate.parse(text + "-01"), Period.ofMonths(1), zone);
        case 10 -> days(LocalDate.parse(text), Period.ofDays(1), zone);
        default -> moment(text, zone);
      };
    } catch (DateTimeException e) {
      throw notADate();
    }
  }

  private static InvalidRequestException notADate() {
    return new InvalidRequestException(
        "ISO-FHIR-024: not a date of FHIR; write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, with a prefix eq, ne, gt, lt, ge, le, sa, eb or ap before it if you like");
  }

  private static TimeRange days(LocalDate first, Period length, ZoneId zone) {
    return new TimeRange(
        first.atStartOfDay(zone).toInstant(), first.plus(length).atStartOfDay(zone).toInstant());
  }

  private static TimeRange moment(String text, ZoneId zone) {
    Matcher parts = MOMENT.matcher(text);
    if (!parts.matches()) {
      throw new DateTimeException("no moment");
    }
    String offset = parts.group(3);
    Instant first =
        LocalDateTime.parse(parts.group(1))
            .atZone(offset == null ? zone : ZoneOffset.of(offset))
            .toInstant();
    ChronoUnit unit =
        parts.group(2) == null
            ? ChronoUnit.MINUTES
            : parts.group(2).contains(".") ? ChronoUnit.MILLIS : ChronoUnit.SECONDS;
    return new TimeRange(first, first.plus(1, unit));
  }
}
