package org.isocentre.query;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.index.StudyField;

/** Makes the identifier of each C-FIND-RSP from a row of the index (PS3.4 §C.4.1.1.3.2). */
final class StudyAnswers {
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
      new KeyAnswer(row).put(answer, StudyKeys.of(asked.tag()), request.items(asked.tag()));
    } else {
      KeyAnswer.empty(answer, asked);
    }
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
}
