package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * A statement on two patient identifiers as the index holds it, with what became of it.
 *
 * @param id follows from what was said, by whom and when: the same message again is the same record
 * @param reason why a person has to decide, such as {@code BIRTH_DATE_DIFFERS}; null unless {@link
 *     State#HELD}
 * @param survivingPatient the index's record of the surviving key, or null while there is none
 * @param priorPatient the index's record of the prior key, or null while there is none
 * @param confirmed whether a person said that it is right
 */
public record MergeRecord(
    UUID id,
    PatientMerge.Kind kind,
    PatientKey surviving,
    PatientKey prior,
    String custodian,
    Instant at,
    State state,
    String reason,
    UUID survivingPatient,
    UUID priorPatient,
    boolean confirmed) {
  /** What a statement does at present. */
  public enum State {
    /** One of its identifiers belongs to no known patient yet. */
    WAITING,
    /** Both identifiers are on one record already: there is nothing to do. */
    SAME_RECORD,
    /** An older statement said the same and is in force. */
    REPEATED,
    /** It counts. Until it is confirmed nobody sees more by it than before. */
    IN_FORCE,
    /** It counts only after a person confirmed it. */
    HELD,
    /** A newer statement says otherwise. */
    SUPERSEDED,
    /** A person took it back. */
    UNDONE
  }
}
