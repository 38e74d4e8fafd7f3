package org.isocentre.query;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.Temporal;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.Match;
import org.isocentre.index.QueryField;
import org.isocentre.index.QueryField.Kind;

/** What the value of a key asks for (PS3.4 §C.2.2.2). */
final class KeyMatching {
  /** Empty value matching: two quotation marks (PS3.4 §C.2.2.2.7). */
  private static final String EMPTY = "\"\"";

  /** To the microsecond, which is what the index keeps. */
  static final LocalTime END_OF_DAY = LocalTime.of(23, 59, 59, 999_999_000);

  private static final int MAX_VALUES = 2000;

  private KeyMatching() {}

  /**
   * Adds what the key's value in the identifier, or in its item, asks for.
   *
   * @param fuzzy whether names are matched word by word
   * @return false if the item of a sequence has a key that is not known
   */
  static boolean add(Key key, DataSet from, boolean fuzzy, List<Match> matches) {
    if (key.isSequence()) {
      return addItem(key, from.items(key.tag()), fuzzy, matches);
    }
    if (key.field() != null && key.field().kind() != Kind.COUNT) {
      of(key.tag(), Dictionary.vr(key.tag()), key.field(), from.strings(key.tag()), fuzzy)
          .ifPresent(matches::add);
    }
    return true;
  }

  /** Sequence matching: each key of the one item (PS3.4 §C.2.2.2.6). */
  private static boolean addItem(Key key, List<DataSet> items, boolean fuzzy, List<Match> matches) {
    if (items.size() > 1) {
      throw InformationModel.wrong(
          "ISO-QUERY-008: more than one item in sequence key " + Tags.format(key.tag()));
    }
    boolean known = true;
    for (DataSet item : items) {
      for (Element element : item.elements()) {
        Optional<Key> sub = key.items().stream().filter(k -> k.tag() == element.tag()).findFirst();
        known &= sub.isPresent() && add(sub.get(), item, fuzzy, matches);
      }
    }
    return known;
  }

  /**
   * @param vr of the key
   * @param fuzzy whether names are matched word by word
   * @return nothing for universal matching
   * @throws DimseStatusException A900 for a value that is none of its VR; A700 for more than 2,000
   *     values
   */
  private static Optional<Match> of(
      int tag, Vr vr, QueryField field, List<String> given, boolean fuzzy) {
    List<String> values = given.stream().filter(v -> !v.isEmpty()).toList();
    if (values.isEmpty() || values.stream().anyMatch(v -> isUniversal(v, vr))) {
      return Optional.empty();
    }
    if (values.size() > MAX_VALUES) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "ISO-QUERY-006: more than 2000 values in one key");
    }
    if (values.equals(List.of(EMPTY))) {
      return Optional.of(new Match.Empty(field));
    }
    return Optional.of(
        switch (vr) {
          case DA -> range(tag, field, values, KeyMatching::date);
          case TM -> range(tag, field, values, KeyMatching::time);
          case UI, IS, US, UL -> new Match.OneOf(field, values);
          case PN -> fuzzy ? new Match.Words(field, words(values)) : text(field, values);
          default -> text(field, values);
        });
  }

  private static boolean isUniversal(String value, Vr vr) {
    return value.equals("*") && vr != Vr.UI && vr != Vr.DA && vr != Vr.TM;
  }

  private static Match text(QueryField field, List<String> values) {
    return values.stream().anyMatch(v -> v.indexOf('*') >= 0 || v.indexOf('?') >= 0)
        ? new Match.WildCard(field, values)
        : new Match.OneOf(field, values);
  }

  private static List<String> words(List<String> values) {
    return values.stream()
        .flatMap(v -> List.of(v.split("[\\^= *]+")).stream())
        .filter(w -> !w.isEmpty())
        .toList();
  }

  private static Match range(
      int tag, QueryField field, List<String> values, BiFunction<String, Boolean, Temporal> parse) {
    try {
      String[] ends = values.get(0).split("-", -1);
      if (values.size() == 1 && ends.length <= 2 && !values.get(0).equals("-")) {
        return new Match.Range(
            field,
            ends[0].isBlank() ? null : parse.apply(ends[0].strip(), false),
            ends[ends.length - 1].isBlank()
                ? null
                : parse.apply(ends[ends.length - 1].strip(), true));
      }
    } catch (DateTimeException | IllegalArgumentException e) {
      // Not as the cause: its message has the value.
      throw bad(tag);
    }
    throw bad(tag);
  }

  private static DimseStatusException bad(int tag) {
    String name = Dictionary.element(tag).map(Dictionary.Entry::keyword).orElse(Tags.format(tag));
    String comment = "ISO-QUERY-007: no value or range of its VR: " + name;
    return new DimseStatusException(
        Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS,
        comment.length() > 64 ? comment.substring(0, 64) : comment);
  }

  private static Temporal date(String text, boolean end) {
    return LocalDate.parse(text.replace(".", ""), DateTimeFormatter.BASIC_ISO_DATE);
  }

  /**
   * Parts that are left out stand for all their values, so an end without seconds ends with the
   * minute.
   */
  private static Temporal time(String text, boolean end) {
    String clock = text.replace(":", "");
    if (!clock.matches("\\d{2}(\\d{2}(\\d{2}(\\.\\d{1,6})?)?)?")) {
      throw new IllegalArgumentException("no time");
    }
    String digits = clock.replace(".", "");
    String rest = end ? "235959999999" : "000000000000";
    String all = digits + rest.substring(digits.length());
    // A leap second, which LocalTime has not (PS3.5 §6.2 TM).
    int second = Math.min(59, Integer.parseInt(all.substring(4, 6)));
    return LocalTime.of(
        Integer.parseInt(all.substring(0, 2)),
        Integer.parseInt(all.substring(2, 4)),
        second,
        Integer.parseInt(all.substring(6)) * 1000);
  }

  /** Makes a range of dates and one of times one range of moments (PS3.4 §C.2.2.2.5). */
  static void combine(List<Match> matches, QueryField date, QueryField time, QueryField moment) {
    Optional<Match.Range> dates = range(matches, date);
    Optional<Match.Range> times = range(matches, time);
    if (dates.isEmpty() || times.isEmpty()) {
      return;
    }
    matches.remove(dates.get());
    matches.remove(times.get());
    matches.add(
        new Match.Range(
            moment,
            at(dates.get().from(), times.get().from(), LocalTime.MIN),
            at(dates.get().until(), times.get().until(), END_OF_DAY)));
  }

  static Optional<Match.Range> range(List<Match> matches, QueryField field) {
    return matches.stream()
        .filter(m -> m.field() == field && m instanceof Match.Range)
        .map(Match.Range.class::cast)
        .findFirst();
  }

  private static LocalDateTime at(Temporal date, Temporal time, LocalTime otherwise) {
    return date == null
        ? null
        : ((LocalDate) date).atTime(time == null ? otherwise : (LocalTime) time);
  }
}
