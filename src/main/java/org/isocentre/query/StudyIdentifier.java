package org.isocentre.query;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.index.Match;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.StudyField;

/** The identifier of a C-FIND-RQ taken apart (PS3.4 §C.4.1.1.3). */
final class StudyIdentifier {
  /** Attributes of an identifier that are no keys. */
  private static final Set<Integer> NO_KEYS =
      Set.of(
          Tag.QueryRetrieveLevel,
          Tag.SpecificCharacterSet,
          Tag.TimezoneOffsetFromUTC,
          Tag.RetrieveAETitle);

  static final QueryTimezone.Moment STARTED =
      new QueryTimezone.Moment(
          StudyField.STUDY_DATE, StudyField.STUDY_TIME, StudyField.STUDY_STARTED);

  /** What timezone query adjustment is about. */
  static final List<QueryTimezone.Moment> MOMENTS =
      List.of(
          STARTED,
          new QueryTimezone.Moment(
              StudyField.PERFORMED_START_DATE,
              StudyField.PERFORMED_START_TIME,
              StudyField.PERFORMED_START));

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

  static StudyIdentifier of(InformationModel model, Query query, QueryTimezone timezone) {
    DataSet identifier = query.identifier();
    QueryLevel level = model.level(identifier);
    boolean relational = query.has(Query.Option.RELATIONAL);
    if (!relational) {
      model.checkHierarchy(identifier, level);
    }
    StudyIdentifier result =
        new StudyIdentifier(level, relational, query.has(Query.Option.FUZZY_NAMES));
    identifier.elements().forEach(element -> result.add(identifier, element));
    if (query.has(Query.Option.COMBINED_DATE_TIME)) {
      KeyMatching.combine(
          result.matches, StudyField.STUDY_DATE, StudyField.STUDY_TIME, StudyField.STUDY_STARTED);
    }
    if (timezone.isAdjusted()) {
      MOMENTS.forEach(moment -> result.adjust(timezone, moment));
    }
    return result;
  }

  /** Neither the date nor the time can be adjusted without the other. */
  private void adjust(QueryTimezone timezone, QueryTimezone.Moment moment) {
    timezone.adjust(matches, moment);
    StudyField date = (StudyField) moment.date();
    StudyField time = (StudyField) moment.time();
    if (returned.contains(date) || returned.contains(time)) {
      returned.addAll(List.of(date, time));
    }
  }

  QueryLevel level() {
    return level;
  }

  List<Match> matches() {
    return matches;
  }

  /**
   * Whether a Patient ID names the one patient above the level, and no issuer tells whose it is.
   */
  boolean namesOnePatient(InformationModel model) {
    return model == InformationModel.PATIENT_ROOT
        && level != QueryLevel.PATIENT
        && matches.stream()
            .anyMatch(m -> m.field() == StudyField.PATIENT_ID && m instanceof Match.OneOf)
        && matches.stream().noneMatch(m -> m.field() == StudyField.ISSUER_OF_PATIENT_ID);
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
    unsupported |= !KeyMatching.add(key, identifier, fuzzy, matches);
    if (!isBelow(key)) {
      answered.add(tag);
      key.fields().forEach(field -> returned.add((StudyField) field));
    } else {
      unsupported = true;
    }
  }

  private boolean isBelow(Key key) {
    return key.fields().stream().anyMatch(f -> ((StudyField) f).level().compareTo(level) > 0);
  }
}
