package org.isocentre.model;

import java.util.UUID;

/**
 * Event: the index says something else than before, which other trusts may have to be told. Travels
 * on {@code index.changed} as JSON.
 *
 * @param id of the note in the index; the same one may come twice
 * @param subjectId of the order, report, study, transfer or patient
 * @param otherId of the patient whose numbers went to {@code subjectId}, for a merge and for one
 *     that was taken back; of the second of two that were linked or unlinked; else null
 * @param origin ODS code of the trust that said so, which is not told its own news; or null
 */
public record IndexChanged(long id, Kind kind, UUID subjectId, UUID otherId, String origin) {
  /** What changed. */
  public enum Kind {
    ORDER(false),
    REPORT(false),
    PATIENT(false),
    MERGE(true),
    /** A merge is not in force any more. */
    UNMERGE(true),
    /** Two records were said to belong together, and people have confirmed it. */
    LINK(true),
    /** Somebody said that two records do not belong together. */
    UNLINK(true),
    /** A link is not in force any more. */
    LINK_UNDONE(true),
    /** A study is complete, for the first time or once more. */
    STUDY(false),
    /** All of a transfer's objects have arrived. */
    TRANSFER(false),
    /** Who may be told of the patient: a consent was given, changed or taken back. */
    PERMISSION(false);

    private final boolean ofTwo;

    Kind(boolean ofTwo) {
      this.ofTwo = ofTwo;
    }

    /** Whether other trusts are told of it by HL7. */
    public boolean isForTrusts() {
      return this != STUDY && this != TRANSFER;
    }

    /** Whether subscribers are told of it. */
    public boolean isForSubscribers() {
      return this == STUDY || this == TRANSFER || this == REPORT;
    }

    /** Whether it is about two patients. */
    public boolean isOfTwo() {
      return ofTwo;
    }
  }
}
