package org.isocentre.index;

import java.time.Instant;
import java.util.UUID;

/**
 * An HL7 message as the index knows it. Holds nothing of a patient.
 *
 * @param custodian ODS code of the trust that sent it or that it is sent for; empty where the
 *     sender is of no trust
 * @param senderApplication MSH-3, or null
 * @param senderFacility MSH-4, or null
 * @param destination of an outgoing message, else null
 * @param objectKey of the raw message in the store
 * @param errorCode why it waits for a person, or null
 * @param failedStep the step that gave up or refused, or null
 * @param error what was found and what to do, or null
 * @param deadEvent what its events on {@code dead.<failedStep>} are known by, or null
 * @param receivedAt when it came in, or was made to be sent
 * @param sentAt MSH-7, else {@code receivedAt}
 */
public record TrackedMessage(
    UUID id,
    Direction direction,
    String custodian,
    String messageType,
    String controlId,
    String senderApplication,
    String senderFacility,
    String destination,
    String objectKey,
    MessageIndex.State state,
    String errorCode,
    String failedStep,
    String error,
    String deadEvent,
    Instant receivedAt,
    Instant sentAt,
    Instant lastUpdated) {
  /** Which way a message goes. */
  public enum Direction {
    IN,
    OUT
  }
}
