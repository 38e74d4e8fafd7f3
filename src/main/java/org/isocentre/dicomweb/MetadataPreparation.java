package org.isocentre.dicomweb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.isocentre.consent.Watch;
import org.isocentre.index.Match;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.RowCursor;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.Visibility;
import org.isocentre.index.Withheld;
import org.isocentre.model.Study;
import org.isocentre.model.StudyChanged;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the metadata of a study ready when its first viewer asks. */
public final class MetadataPreparation {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataPreparation.class);
  private static final String ASKER = "metadata";
  private final MetadataSheets sheets;
  private final StudyIndex studies;
  private final QueryIndex index;
  private final int maxObjects;

  /**
   * @param index with a slot for this alone
   * @param maxObjects of one study; what lies beyond is read when it is asked for
   */
  public MetadataPreparation(
      MetadataSheets sheets, StudyIndex studies, QueryIndex index, int maxObjects) {
    this.sheets = sheets;
    this.studies = studies;
    this.index = index;
    this.maxObjects = maxObjects;
  }

  /**
   * A study is complete, for now. What cannot be prepared is noted: it can be read when it is asked
   * for, so nothing waits for it.
   */
  public void prepare(StudyChanged event) {
    Optional<Study> study = studies.find(event.studyId());
    if (study.isEmpty()) {
      return;
    }
    try {
      for (List<HeldObject> series : series(study.get())) {
        sheets.prepare(series, new Watch(() -> true));
      }
    } catch (IOException | RejectedExecutionException e) {
      LOG.warn(
          "ISO-WADO-019: metadata of study {} is not ready: {}",
          event.studyInstanceUid(),
          e.toString());
    }
  }

  private Iterable<List<HeldObject>> series(Study study) {
    Map<String, List<HeldObject>> series = new LinkedHashMap<>();
    StudyFind find =
        new StudyFind(
            QueryLevel.IMAGE,
            new Visibility(null, Withheld.NOTHING, study.custodian()),
            StudyFind.Reach.VISIBLE,
            List.of(
                new Match.OneOf(StudyField.STUDY_INSTANCE_UID, List.of(study.studyInstanceUid()))),
            HeldObject.FIELDS,
            new StudyFind.Page(0, maxObjects),
            false);
    try (RowCursor<StudyField> cursor = index.find(find, ASKER)) {
      for (var row = cursor.next(); row != null; row = cursor.next()) {
        HeldObject object = HeldObject.of(row);
        series.computeIfAbsent(object.series(), s -> new ArrayList<>()).add(object);
      }
    }
    return series.values();
  }
}
