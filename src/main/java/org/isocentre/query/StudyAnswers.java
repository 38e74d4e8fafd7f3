package org.isocentre.query;

import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.index.StudyField;

/** Makes the identifier of each C-FIND-RSP from a row of the index (PS3.4 §C.4.1.1.3.2). */
final class StudyAnswers {
  private final DataSet request;
  private final StudyIdentifier identifier;
  private final AnswerText text;
  private final String retrieveAeTitle;
  private final QueryTimezone timezone;

  StudyAnswers(
      DataSet request, StudyIdentifier identifier, String retrieveAeTitle, QueryTimezone timezone) {
    this.request = request;
    this.identifier = identifier;
    this.text = new AnswerText(request);
    this.retrieveAeTitle = retrieveAeTitle;
    this.timezone = timezone;
  }

  DataSet of(Map<StudyField, Object> row) {
    StudyIdentifier.MOMENTS.forEach(moment -> timezone.adjust(row, moment));
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
      timezone.tell(answer, row, StudyIdentifier.STARTED);
    } else if (identifier.answers(asked.tag())) {
      new KeyAnswer(row).put(answer, StudyKeys.of(asked.tag()), request.items(asked.tag()));
    } else {
      KeyAnswer.empty(answer, asked);
    }
  }
}
