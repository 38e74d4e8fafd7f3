package org.isocentre.query;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.index.Match;
import org.isocentre.index.QueryField;

/**
 * The time zone of a query (PS3.4 §C.2.2.2.1.3, §K.2.2.2). Where timezone query adjustment was
 * negotiated and the request has Timezone Offset From UTC (0008,0201), its dates and times, and
 * those of the answers, are of that offset; else they are of the hub's zone.
 *
 * <p>A date without a time is no moment, so it is neither adjusted nor matched otherwise than it is
 * answered. Of an hour that comes twice as clocks go back, the index has the first.
 */
final class QueryTimezone {
  /** Attributes that tell one moment, and the field that has both. */
  record Moment(QueryField date, QueryField time, QueryField both) {}

  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xx");

  /** The least and the greatest offset of PS3.5 §6.2, VR DT, in seconds. */
  private static final int WEST = -12 * 3600;

  private static final int EAST = 14 * 3600;

  /** To the microsecond, which is what the index keeps. */
  private static final int LEAST_NANOS = 1000;

  /** Changes of an open range's offset are looked at from here, and for so many years from now. */
  private static final LocalDateTime FIRST = LocalDateTime.of(1970, 1, 1, 0, 0);

  private static final int YEARS_AHEAD = 10;

  private final ZoneId zone;
  private final ZoneOffset asked;

  private QueryTimezone(ZoneId zone, ZoneOffset asked) {
    this.zone = zone;
    this.asked = asked;
  }

  /**
   * @param zone of the times in the index
   * @throws org.isocentre.dicom.dimse.DimseStatusException A900 if the offset is none
   */
  static QueryTimezone of(Query query, ZoneId zone) {
    String text = query.identifier().string(Tag.TimezoneOffsetFromUTC);
    boolean adjusts = query.has(Query.Option.TIMEZONE_ADJUSTMENT) && text != null;
    return new QueryTimezone(zone, adjusts && !text.isBlank() ? offset(text.strip()) : null);
  }

  private static ZoneOffset offset(String text) {
    try {
      ZoneOffset offset = text.matches("[+-]\\d{4}") ? ZoneOffset.of(text) : null;
      if (offset != null && offset.getTotalSeconds() >= WEST && offset.getTotalSeconds() <= EAST) {
        return offset;
      }
    } catch (DateTimeException e) {
      // 60 minutes or more.
    }
    throw InformationModel.wrong("ISO-QUERY-013: TimezoneOffsetFromUTC is none, expected +hhmm");
  }

  boolean isAdjusted() {
    return asked != null;
  }

  /** Makes conditions on a moment in the request's offset those on what the index has. */
  void adjust(List<Match> matches, Moment moment) {
    if (asked == null) {
      return;
    }
    Optional<Match.Range> dates = KeyMatching.range(matches, moment.date());
    KeyMatching.range(matches, moment.time())
        .ifPresent(r -> replace(matches, r, times(moment, r, dates.orElse(null))));
    dates.ifPresent(r -> moments(matches, moment, r, begin(r), end(r)));
    KeyMatching.range(matches, moment.both())
        .ifPresent(
            r -> moments(matches, moment, r, (LocalDateTime) r.from(), (LocalDateTime) r.until()));
  }

  private static void replace(List<Match> matches, Match old, Match adjusted) {
    matches.set(matches.indexOf(old), adjusted);
  }

  private static LocalDateTime begin(Match.Range dates) {
    return dates.from() == null ? null : ((LocalDate) dates.from()).atStartOfDay();
  }

  private static LocalDateTime end(Match.Range dates) {
    return dates.until() == null
        ? null
        : ((LocalDate) dates.until()).atTime(KeyMatching.END_OF_DAY);
  }

  /**
   * @param plain for what has no time
   */
  private void moments(
      List<Match> matches,
      Moment moment,
      Match.Range plain,
      LocalDateTime from,
      LocalDateTime until) {
    LocalDateTime first = here(from, false);
    LocalDateTime last = here(until, true);
    replace(
        matches,
        plain,
        new Match.AnyOf(
            moment.both(),
            List.of(
                List.of(new Match.Empty(moment.time()), plain),
                List.of(
                    new Match.Range(moment.time(), null, null),
                    new Match.Range(moment.both(), first, last)))));
    // No narrower than the above, but a condition that the index of dates serves.
    matches.add(
        new Match.Range(
            moment.date(),
            from == null ? null : (first.isBefore(from) ? first : from).toLocalDate(),
            until == null ? null : (last.isAfter(until) ? last : until).toLocalDate()));
  }

  /** The same instant on the clocks of the hub's zone. */
  private LocalDateTime here(LocalDateTime there, boolean end) {
    if (there == null) {
      return null;
    }
    ZonedDateTime here = there.atOffset(asked).atZoneSameInstant(zone);
    ZoneOffsetTransition change = zone.getRules().getTransition(here.toLocalDateTime());
    if (change == null || !here.getOffset().equals(change.getOffsetAfter())) {
      return here.toLocalDateTime();
    }
    // In the second of two equal hours, which nothing is taken to be in.
    LocalDateTime after = change.getDateTimeBefore();
    return end ? after.minusNanos(LEAST_NANOS) : after;
  }

  /** A time of day is another one here as long as clocks here are set otherwise. */
  private Match times(Moment moment, Match.Range times, Match.Range dates) {
    LocalTime from = times.from() == null ? LocalTime.MIN : (LocalTime) times.from();
    LocalTime until = times.until() == null ? KeyMatching.END_OF_DAY : (LocalTime) times.until();
    if (from.isAfter(until)) {
      return times;
    }
    List<List<Match>> alternatives = new ArrayList<>();
    alternatives.add(List.of(new Match.Empty(moment.date()), times));
    LocalDateTime first = dates == null ? null : here(begin(dates), false);
    LocalDateTime last = dates == null ? null : here(end(dates), true);
    spans(moment.both(), first, last)
        .forEach(
            (offset, spans) -> {
              int later = offset.getTotalSeconds() - asked.getTotalSeconds();
              alternatives.add(
                  List.of(
                      new Match.AnyOf(moment.both(), spans),
                      ofDay(moment, from.plusSeconds(later), until.plusSeconds(later))));
            });
    return new Match.AnyOf(moment.both(), alternatives);
  }

  private static Match ofDay(Moment moment, LocalTime from, LocalTime until) {
    if (!from.isAfter(until)) {
      return new Match.Range(moment.time(), from, until);
    }
    return new Match.AnyOf(
        moment.both(),
        List.of(
            List.of(new Match.Range(moment.time(), from, null)),
            List.of(new Match.Range(moment.time(), null, until))));
  }

  /** Parts of a range by the offset that clocks here have in them. */
  private Map<ZoneOffset, List<List<Match>>> spans(
      QueryField field, LocalDateTime first, LocalDateTime last) {
    ZoneRules rules = zone.getRules();
    ZonedDateTime begin = (first == null ? FIRST : first).atZone(zone);
    LocalDateTime end = last == null ? LocalDateTime.now(zone).plusYears(YEARS_AHEAD) : last;
    Map<ZoneOffset, List<List<Match>>> spans = new LinkedHashMap<>();
    ZoneOffset offset = begin.getOffset();
    LocalDateTime from = first;
    Instant at = begin.toInstant();
    for (var next = rules.nextTransition(at); next != null; next = rules.nextTransition(at)) {
      LocalDateTime change = change(next);
      if (change.isAfter(end)) {
        break;
      }
      add(spans, offset, new Match.Range(field, from, change.minusNanos(LEAST_NANOS)));
      offset = next.getOffsetAfter();
      from = change;
      at = next.getInstant();
    }
    add(spans, offset, new Match.Range(field, from, last));
    return spans;
  }

  /** Where, on the clocks here, the later offset begins to hold. */
  private static LocalDateTime change(ZoneOffsetTransition transition) {
    return transition.isGap() ? transition.getDateTimeAfter() : transition.getDateTimeBefore();
  }

  private static void add(
      Map<ZoneOffset, List<List<Match>>> spans, ZoneOffset offset, Match.Range span) {
    spans.computeIfAbsent(offset, o -> new ArrayList<>()).add(List.of(span));
  }

  /** Adjusts what is answered of a moment to the request's offset. */
  void adjust(Map<? extends QueryField, Object> row, Moment moment) {
    if (asked != null
        && row.get(moment.date()) instanceof LocalDate date
        && row.get(moment.time()) instanceof LocalTime time) {
      LocalDateTime there =
          date.atTime(time).atZone(zone).withZoneSameInstant(asked).toLocalDateTime();
      row.replaceAll(
          (field, value) ->
              field == moment.date()
                  ? there.toLocalDate()
                  : field == moment.time() ? there.toLocalTime() : value);
    }
  }

  /**
   * Adds Timezone Offset From UTC: the request's where times are adjusted to it, else what the
   * hub's zone had at the moment that is answered, else has now.
   */
  void tell(DataSet answer, Map<? extends QueryField, Object> row, Moment moment) {
    ZoneOffset offset = asked;
    if (offset == null) {
      LocalDateTime at =
          row.get(moment.date()) instanceof LocalDate date
              ? date.atTime(
                  row.get(moment.time()) instanceof LocalTime time ? time : LocalTime.NOON)
              : LocalDateTime.now(zone);
      offset = at.atZone(zone).getOffset();
    }
    answer.set(Tag.TimezoneOffsetFromUTC, OFFSET.format(offset));
  }
}
