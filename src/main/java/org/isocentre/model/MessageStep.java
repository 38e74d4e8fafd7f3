package org.isocentre.model;

import java.time.Instant;

/**
 * One step of an HL7 message's journey.
 *
 * @param by who did it: a sender, a destination, a person, or null for the hub itself
 * @param detail without patient data, or null
 */
public record MessageStep(Kind step, Instant at, String by, String detail) {
  /** What can happen to a message. */
  public enum Kind {
    /** In: its last byte came, and it is durable. */
    RECEIVED,
    /**
     * In: it was answered AA, or by enhanced mode's codes. Out: its destination did so. The code is
     * in the detail.
     */
    ACKNOWLEDGED,
    /** In: it was answered AE or AR. */
    REFUSED,
    /** In: the same message came again; it was acknowledged again and done once. */
    REPEATED,
    /** In: fields were read into records. */
    MAPPED,
    /** In: the index says what the message says, or something newer. */
    FILED,
    /** In: an order or report that it made or changed got a study. */
    LINKED,
    /** A step gave up; the message waits for a person. */
    FAILED,
    /** A person gave another text for it, or had one that goes out made anew. */
    CORRECTED,
    /** A person had it done again. */
    REPLAYED,
    /** Out: it waits to be sent. */
    QUEUED,
    /** Out: its last byte was sent. */
    SENT,
    /** Out: it waits for a person, by a rule or by the destination's answer. */
    PARKED,
    /** Out: it will not be sent. */
    CANCELLED
  }
}
