package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.query.HubIndex.Sample;

/**
 * What a query finds in another timezone, against each study's date and time on the caller's clock:
 * what is found is what is answered. The studies lie around both changes of London's clocks.
 */
class QueryTimezonePropertyTest {
  private static final DateTimeFormatter TM = DateTimeFormatter.ofPattern("HHmm");
  private static final List<LocalDate> DATES =
      List.of("2026-01-10", "2026-03-28", "2026-03-29", "2026-07-01", "2026-10-24", "2026-10-25")
          .stream()
          .map(LocalDate::parse)
          .toList();
  private static final List<LocalTime> TIMES =
      List.of("00:00", "00:59:59.999999", "02:00", "01:30", "12:00", "23:30").stream()
          .map(LocalTime::parse)
          .toList();

  private static final Map<String, LocalDateTime> STUDIES = new TreeMap<>();
  private static HubIndex hub;

  @BeforeContainer
  static void fill() {
    hub = new HubIndex(Databases.h2());
    for (LocalDate date : DATES) {
      for (LocalTime time : TIMES) {
        LocalDateTime at = date.atTime(time);
        // Not on clocks that go forward over it.
        if (at.atZone(HubIndex.LONDON).toLocalDateTime().equals(at)) {
          String uid = "1." + (STUDIES.size() + 1);
          STUDIES.put(uid, at);
          store(uid, date, time);
        }
      }
    }
  }

  private static void store(String uid, LocalDate date, LocalTime time) {
    hub.store(
        new Sample(
            "RTH", "P", null, "A", null, uid, null, date, time, null, "2" + uid, "CT", "3" + uid,
            1));
  }

  private record Asked(ZoneOffset offset, boolean combined, String date, String time) {}

  @Provide
  Arbitrary<Asked> queries() {
    Arbitrary<ZoneOffset> offsets =
        Arbitraries.of("-12:00", "-05:00", "+00:00", "+01:00", "+05:30", "+14:00")
            .map(ZoneOffset::of);
    Arbitrary<String> dates =
        Arbitraries.of(DATES)
            .flatMap(d -> Arbitraries.integers().between(-1, 1).map(d::plusDays))
            .map(DateTimeFormatter.BASIC_ISO_DATE::format);
    Arbitrary<String> times =
        Arbitraries.integers()
            .between(0, 47)
            .map(n -> LocalTime.MIN.plusMinutes(30L * n).format(TM));
    return Combinators.combine(offsets, Arbitraries.of(true, false), ranges(dates), ranges(times))
        .as(Asked::new);
  }

  private static Arbitrary<String> ranges(Arbitrary<String> values) {
    return Arbitraries.oneOf(
        Arbitraries.just(""),
        values,
        values.map(v -> v + "-"),
        values.map(v -> "-" + v),
        Combinators.combine(values, values).as((a, b) -> a + "-" + b));
  }

  @Property(tries = 400)
  void whatIsFoundIsWhatIsAnswered(@ForAll("queries") Asked asked) {
    Map<String, LocalDateTime> expected =
        STUDIES.entrySet().stream()
            .map(
                e ->
                    Map.entry(
                        e.getKey(),
                        e.getValue()
                            .atZone(HubIndex.LONDON)
                            .withZoneSameInstant(asked.offset())
                            .toLocalDateTime()))
            .filter(e -> matches(asked, e.getValue()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    assertThat(find(asked)).isEqualTo(expected);
  }

  private static boolean matches(Asked asked, LocalDateTime at) {
    String[] dates = ends(asked.date());
    String[] times = ends(asked.time());
    String date = at.format(DateTimeFormatter.BASIC_ISO_DATE);
    String time = at.format(TM);
    if (asked.combined() && !asked.date().isEmpty() && !asked.time().isEmpty()) {
      String moment = date + time;
      return (dates[0].isEmpty() || moment.compareTo(dates[0] + or(times[0], "0000")) >= 0)
          && (dates[1].isEmpty() || moment.compareTo(dates[1] + or(times[1], "2359")) <= 0);
    }
    return within(date, dates) && within(time, times);
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static String[] ends(String range) {
    return range.contains("-") ? range.split("-", -1) : new String[] {range, range};
  }

  private static boolean within(String value, String[] ends) {
    return (ends[0].isEmpty() || value.compareTo(ends[0]) >= 0)
        && (ends[1].isEmpty() || value.compareTo(ends[1]) <= 0);
  }

  private static Map<String, LocalDateTime> find(Asked asked) {
    DataSet keys =
        new DataSet()
            .set(Tag.QueryRetrieveLevel, "STUDY")
            .set(Tag.StudyInstanceUID, "")
            .set(Tag.StudyDate, asked.date())
            .set(Tag.StudyTime, asked.time())
            .set(
                Tag.TimezoneOffsetFromUTC,
                DateTimeFormatter.ofPattern("xx").format(asked.offset()));
    EnumSet<Query.Option> options = EnumSet.of(Query.Option.TIMEZONE_ADJUSTMENT);
    if (asked.combined()) {
      options.add(Query.Option.COMBINED_DATE_TIME);
    }
    List<DataSet> answers = new ArrayList<>();
    try (Matches matches =
        new StudyQueryHandler(hub.queries, hub.trusts, "ISOCENTRE", 100, HubIndex.LONDON)
            .find(new Query(ServiceSopClass.STUDY_ROOT_FIND, keys, options, HubIndex.RTH))) {
      matches.forEachRemaining(answers::add);
    }
    return answers.stream()
        .collect(Collectors.toMap(a -> a.string(Tag.StudyInstanceUID), a -> moment(a)));
  }

  private static LocalDateTime moment(DataSet answer) {
    String time = answer.string(Tag.StudyTime);
    return LocalDate.parse(answer.string(Tag.StudyDate), DateTimeFormatter.BASIC_ISO_DATE)
        .atTime(
            LocalTime.parse(
                time, DateTimeFormatter.ofPattern(time.length() > 6 ? "HHmmss.SSSSSS" : "HHmmss")));
  }
}
