package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * A message on its way to a destination.
 *
 * @param sequence the order of a patient's messages
 * @param patientId whose it is
 * @param custodian ODS code of whose the data is, or null if nobody's in particular
 * @param messageType such as {@code ORU^R01}
 * @param controlId MSH-10; the same at every attempt
 * @param objectKey of the raw message, or null if it could not be made
 * @param attempts times that it was written, or begun to be written, to the destination
 * @param failures attempts that count towards the most that its destination allows
 * @param answer MSA-1 of the last answer, or null
 * @param answerKey object key of an answer that was no acceptance, or null
 * @param lastError without patient data, or null
 * @param nextAttemptAt not before; null if there is none
 */
public record OutboundEntry(
    UUID id,
    long sequence,
    String destination,
    UUID patientId,
    String custodian,
    String messageType,
    String controlId,
    String objectKey,
    State state,
    int attempts,
    int failures,
    String answer,
    String answerKey,
    String lastError,
    Instant createdAt,
    Instant nextAttemptAt,
    Instant sentAt,
    Instant answeredAt) {
  /** How far it is. */
  public enum State {
    /** Waits for its turn, or for another attempt after an error was answered. */
    PENDING,
    /** Was written and no answer is known: the destination may have it. */
    SENT,
    /** The destination has taken it (CA); what its application says of it is awaited. */
    ACCEPTED,
    /** The destination has it. */
    ACKED,
    /** Waits for a person, and holds back what came later for the same patient. */
    PARKED,
    /** Will not be sent. */
    CANCELLED
  }
}
