package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * Something that a person must decide.
 *
 * @param orderId or null
 * @param studyId or null
 * @param reason stable code such as {@code BIRTH_DATE_DIFFERS}
 * @param detail without patient data
 * @param resolvedAt or null while open
 */
public record ReviewItem(
    UUID id,
    Kind kind,
    UUID orderId,
    UUID studyId,
    String reason,
    String detail,
    Instant createdAt,
    Instant resolvedAt,
    String resolvedBy) {
  /** What there is to decide. */
  public enum Kind {
    /** An order and a study match by number but disagree on who the patient is. */
    LINK,
    /** More than one order matches. */
    AMBIGUOUS,
    /** The same SOP Instance UID came with different content. */
    UID_CONFLICT,
    /** Two sources disagree on who has a patient number. */
    PATIENT,
    /** A destination took objects of a study and does not commit to them. */
    COMMITMENT,
    /** A message merged or linked two patients: a person confirms it or takes it back. */
    MERGE,
    /** A sender's HL7 messages cannot be told apart by their control IDs. */
    MESSAGE,
    /** A clinician broke the glass, or a withdrawn consent stopped a transfer. */
    CONSENT
  }
}
