package org.isocentre.model;

import java.util.UUID;

/**
 * Event: the index says something else than before, which other trusts may have to be told. Travels
 * on {@code index.changed} as JSON.
 *
 * @param id of the note in the index; the same one may come twice
 * @param subjectId of the order, report or patient
 * @param otherId of the patient whose numbers went to {@code subjectId}, for a merge and for one
 *     that was taken back; else null
 * @param origin ODS code of the trust that said so, which is not told its own news; or null
 */
public record IndexChanged(long id, Kind kind, UUID subjectId, UUID otherId, String origin) {
  /** What changed. */
  public enum Kind {
    ORDER,
    REPORT,
    PATIENT,
    MERGE,
    /** A merge is not in force any more. */
    UNMERGE
  }
}
