package org.isocentre.query;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Vr;
import org.isocentre.index.StudyField;
import org.isocentre.query.StudyKeys.Key;

/** Makes the identifier of each C-FIND-RSP from a row of the index (PS3.4 §C.4.1.1.3.2). */
final class StudyAnswers {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmmss");
  private static final DateTimeFormatter FRACTION = DateTimeFormatter.ofPattern("HHmmss.SSSSSS");
  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xx");
  private final DataSet request;
  private final StudyIdentifier identifier;
  private final AnswerText text;
  private final String retrieveAeTitle;
  private final ZoneId zone;

  StudyAnswers(DataSet request, StudyIdentifier identifier, String retrieveAeTitle, ZoneId zone) {
    this.request = request;
    this.identifier = identifier;
    this.text = new AnswerText(request);
    this.retrieveAeTitle = retrieveAeTitle;
    this.zone = zone;
  }

  DataSet of(Map<StudyField, Object> row) {
    DataSet answer = text.dataSetFor(row.values());
    for (Element asked : request.elements()) {
      if (asked.tag() != Tag.SpecificCharacterSet && (asked.tag() & 0xffff) != 0) {
        add(answer, asked, row);
      }
    }
    answer.set(Tag.QueryRetrieveLevel, identifier.level().name());
    answer.set(Tag.RetrieveAETitle, retrieveAeTitle);
    return answer;
  }

  private void add(DataSet answer, Element asked, Map<StudyField, Object> row) {
    if (asked.tag() == Tag.TimezoneOffsetFromUTC) {
      answer.set(asked.tag(), offset(row));
    } else if (identifier.answers(asked.tag())) {
      put(answer, StudyKeys.of(asked.tag()), request.items(asked.tag()), row);
    } else {
      empty(answer, asked);
    }
  }

  private static void empty(DataSet answer, Element asked) {
    answer.put(
        asked.vr() == Vr.SQ
            ? new Element.Sequence(asked.tag(), List.of())
            : new Element.Value(asked.tag(), asked.vr(), new byte[0]));
  }

  /** The offset that the hub's zone had at the study's time, else has now. */
  private String offset(Map<StudyField, Object> row) {
    LocalDateTime at =
        row.get(StudyField.STUDY_DATE) instanceof LocalDate date
            ? date.atTime(
                row.get(StudyField.STUDY_TIME) instanceof LocalTime time ? time : LocalTime.NOON)
            : LocalDateTime.now(zone);
    return at.atZone(zone).format(OFFSET);
  }

  private static void put(
      DataSet answer, Key key, List<DataSet> asked, Map<StudyField, Object> row) {
    if (key.isSequence()) {
      sequence(answer, key, asked, row);
    } else {
      Object value = key.constant() != null ? key.constant() : row.get(key.field());
      value(answer, key.tag(), value);
    }
  }

  private static void sequence(
      DataSet answer, Key key, List<DataSet> asked, Map<StudyField, Object> row) {
    if (key.fields().stream().noneMatch(row::containsKey)) {
      answer.put(new Element.Sequence(key.tag(), List.of()));
      return;
    }
    DataSet item = answer.addItem(key.tag());
    boolean all = asked.isEmpty() || asked.get(0).size() == 0;
    for (Key sub : key.items()) {
      if (all || asked.get(0).contains(sub.tag())) {
        put(item, sub, List.of(), row);
      }
    }
    if (!all) {
      for (Element other : asked.get(0).elements()) {
        if (!item.contains(other.tag())) {
          empty(item, other);
        }
      }
    }
  }

  private static void value(DataSet answer, int tag, Object value) {
    if (value == null) {
      answer.put(new Element.Value(tag, Dictionary.vr(tag), new byte[0]));
    } else if (value instanceof LocalDate date) {
      answer.set(tag, date.format(DateTimeFormatter.BASIC_ISO_DATE));
    } else if (value instanceof LocalTime time) {
      answer.set(tag, time.format(time.getNano() == 0 ? TIME : FRACTION));
    } else if (tag == Tag.ModalitiesInStudy || tag == Tag.SOPClassesInStudy) {
      answer.set(tag, value.toString().split(","));
    } else {
      answer.set(tag, value.toString());
    }
  }
}
