package org.isocentre.query;

import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.QueryHandler;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;

/**
 * Answers C-FIND of the Patient Root and Study Root models (PS3.4 §C.4.1). The calling trust sees
 * its own studies and those that were sent to it.
 */
public final class StudyQueryHandler implements QueryHandler {
  private final QueryIndex index;
  private final CallingTrust trusts;
  private final String retrieveAeTitle;
  private final int maxResults;
  private final ZoneId zone;

  /**
   * @param retrieveAeTitle AE title that the answers name for retrieval
   * @param maxResults answers at most; a query with more ends with A700 after these
   * @param zone of the studies' times
   */
  public StudyQueryHandler(
      QueryIndex index, CallingTrust trusts, String retrieveAeTitle, int maxResults, ZoneId zone) {
    this.index = index;
    this.trusts = trusts;
    this.retrieveAeTitle = retrieveAeTitle;
    this.maxResults = maxResults;
    this.zone = zone;
  }

  @Override
  public Matches find(Query query) {
    String organisation = trusts.of(query.peer());
    InformationModel model = InformationModel.of(query.sopClassUid());
    QueryTimezone timezone = QueryTimezone.of(query, zone);
    StudyIdentifier identifier = StudyIdentifier.of(model, query, timezone);
    String asked = "C-FIND " + identifier.level() + " by " + identifier.matched();
    StudyFind find =
        new StudyFind(
            identifier.level(),
            trusts.visibleTo(query.peer(), organisation),
            identifier.matches(),
            withPatient(identifier.returned()),
            maxResults + 1,
            identifier.namesOnePatient(model));
    try {
      return new CursorMatches<>(
          new NotedRows(
              index.find(find, query.callingAeTitle()),
              patients -> trusts.noteFound(query.peer(), organisation, patients, asked)),
          new StudyAnswers(query.identifier(), identifier, retrieveAeTitle, timezone)::of,
          identifier.hasUnsupportedKeys(),
          maxResults);
    } catch (RejectedExecutionException e) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "ISO-QUERY-009: too many queries are open; try later", e);
    }
  }

  private static List<StudyField> withPatient(List<StudyField> fields) {
    Set<StudyField> all = new LinkedHashSet<>(fields);
    all.add(StudyField.PATIENT_RECORD);
    return List.copyOf(all);
  }
}
