package org.isocentre.query;

import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;
import org.isocentre.index.Match;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyField.Kind;
import org.isocentre.query.StudyKeys.Key;

/** The identifier of a C-FIND-RQ taken apart (PS3.4 §C.4.1.1.3). */
final class StudyIdentifier {
  /** Attributes of an identifier that are no keys. */
  private static final Set<Integer> NO_KEYS =
      Set.of(
          Tag.QueryRetrieveLevel,
          Tag.SpecificCharacterSet,
          Tag.TimezoneOffsetFromUTC,
          Tag.RetrieveAETitle);

  /** To the microsecond, which is what the index keeps. */
  private static final LocalTime END_OF_DAY = LocalTime.of(23, 59, 59, 999_999_000);

  private final QueryLevel level;
  private final boolean relational;
  private final boolean fuzzy;
  private final List<Match> matches = new ArrayList<>();
  private final Set<StudyField> returned = new LinkedHashSet<>();
  private final Set<Integer> answered = new LinkedHashSet<>();
  private boolean unsupported;

  private StudyIdentifier(QueryLevel level, boolean relational, boolean fuzzy) {
    this.level = level;
    this.relational = relational;
    this.fuzzy = fuzzy;
  }

  /**
   * @param relational whether keys of any level may stand in any combination
   * @param combined whether a range of dates and one of times are one range of moments
   * @param fuzzy whether names are matched word by word
   */
  static StudyIdentifier of(
      InformationModel model,
      DataSet identifier,
      boolean relational,
      boolean combined,
      boolean fuzzy) {
    QueryLevel level = model.level(identifier);
    if (!relational) {
      model.checkHierarchy(identifier, level);
    }
    StudyIdentifier result = new StudyIdentifier(level, relational, fuzzy);
    identifier.elements().forEach(element -> result.add(identifier, element));
    if (combined) {
      result.combine();
    }
    return result;
  }

  QueryLevel level() {
    return level;
  }

  List<Match> matches() {
    return matches;
  }

  List<StudyField> returned() {
    return List.copyOf(returned);
  }

  /** Whether the answer has a value for this attribute where the index has one. */
  boolean answers(int tag) {
    return answered.contains(tag);
  }

  /** Whether a key is neither matched nor returned (PS3.4 §C.4.1.1.4, status FF01). */
  boolean hasUnsupportedKeys() {
    return unsupported;
  }

  /** Keywords of the keys that are matched, for the audit trail. */
  String matched() {
    return matches.stream().map(m -> m.field().name()).distinct().collect(Collectors.joining(", "));
  }

  private void add(DataSet identifier, Element element) {
    int tag = element.tag();
    if (NO_KEYS.contains(tag) || (tag & 0xffff) == 0) {
      return;
    }
    Key key = StudyKeys.of(tag);
    if (key == null || isBelow(key) && !relational) {
      unsupported = true;
      return;
    }
    match(key, identifier);
    if (!isBelow(key)) {
      answered.add(tag);
      returned.addAll(key.fields());
    } else {
      unsupported = true;
    }
  }

  private boolean isBelow(Key key) {
    return key.fields().stream().anyMatch(f -> f.level().compareTo(level) > 0);
  }

  private void match(Key key, DataSet from) {
    if (key.isSequence()) {
      sequence(key, from.items(key.tag()));
    } else if (key.field() != null && key.field().kind() != Kind.COUNT) {
      Vr vr = Dictionary.vr(key.tag());
      KeyMatching.of(key.tag(), vr, key.field(), from.strings(key.tag()), fuzzy)
          .ifPresent(matches::add);
    }
  }

  /** Sequence matching: each key of the one item (PS3.4 §C.2.2.2.6). */
  private void sequence(Key key, List<DataSet> items) {
    if (items.size() > 1) {
      throw InformationModel.wrong(
          "ISO-QUERY-008: more than one item in sequence key " + Tags.format(key.tag()));
    }
    for (DataSet item : items) {
      for (Element element : item.elements()) {
        Optional<Key> sub = key.items().stream().filter(k -> k.tag() == element.tag()).findFirst();
        sub.ifPresentOrElse(k -> match(k, item), () -> unsupported = true);
      }
    }
  }

  private void combine() {
    Optional<Match.Range> date = range(StudyField.STUDY_DATE);
    Optional<Match.Range> time = range(StudyField.STUDY_TIME);
    if (date.isEmpty() || time.isEmpty()) {
      return;
    }
    matches.remove(date.get());
    matches.remove(time.get());
    matches.add(
        new Match.Range(
            StudyField.STUDY_STARTED,
            at(date.get().from(), time.get().from(), LocalTime.MIN),
            at(date.get().until(), time.get().until(), END_OF_DAY)));
  }

  private Optional<Match.Range> range(StudyField field) {
    return matches.stream()
        .filter(m -> m.field() == field && m instanceof Match.Range)
        .map(Match.Range.class::cast)
        .findFirst();
  }

  private static LocalDateTime at(Object date, Object time, LocalTime otherwise) {
    return date == null
        ? null
        : ((java.time.LocalDate) date).atTime(time == null ? otherwise : (LocalTime) time);
  }
}
