package org.isocentre.model;

import java.util.Set;

/**
 * A note by which a custodian takes back objects of a study.
 *
 * @param custodian ODS code of who sent it: it is about this custodian's objects only
 * @param callingAeTitle that sent it
 * @param sopInstanceUid of the note
 * @param studyInstanceUid of the note, and of what it rejects
 * @param rejected SOP Instance UIDs
 */
public record RejectionNote(
    String custodian,
    String callingAeTitle,
    String sopInstanceUid,
    String studyInstanceUid,
    RejectionReason reason,
    Set<String> rejected) {
  public RejectionNote {
    rejected = Set.copyOf(rejected);
  }
}
