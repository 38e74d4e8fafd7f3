package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * One study on its way to one destination. Counts are of objects.
 *
 * @param destination ODS code
 * @param commitmentExpected objects that the destination is asked to commit to (PS3.4 §J); 0 where
 *     it is not asked
 * @param committed objects that it has committed to
 * @param notCommitted objects that it will not commit to, or did not answer for
 * @param lastError the newest failure without patient data, or null
 */
public record Transfer(
    UUID id,
    UUID studyId,
    String destination,
    State state,
    int expected,
    int sent,
    int confirmed,
    int failed,
    int commitmentExpected,
    int committed,
    int notCommitted,
    int attempts,
    String lastError,
    Instant createdAt,
    Instant lastUpdated) {
  /** Where it stands. */
  public enum State {
    /** Waits for its first or next attempt. */
    REQUESTED,
    /** Objects are being sent. */
    IN_PROGRESS,
    /** Every object was confirmed with success; the destination has yet to commit to some. */
    COMMITTING,
    /** Every object was confirmed with success, and committed to where that is asked for. */
    COMPLETED,
    /** At least one object was refused for good or not committed to, or the attempts ran out. */
    FAILED,
    /** A consent decision or a person stopped it. */
    CANCELLED,
    /** A merge that nobody has confirmed yet gave its study to another patient. */
    SUSPENDED
  }
}
