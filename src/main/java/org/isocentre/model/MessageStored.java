package org.isocentre.model;

import java.time.Instant;

/**
 * Event: a raw HL7 v2 message is durable in the store. Travels on {@code order.received}, {@code
 * patient.received} or {@code report.received} as JSON, alone or in an array of a sender's.
 *
 * @param custodian ODS code of the trust whose facility sent it
 * @param messageType such as {@code ORM^O01}
 * @param controlId MSH-10
 * @param objectKey of the raw message, byte for byte
 * @param charset Java name of the character set that its bytes are in
 * @param arrival how it came, or null in events of earlier versions
 */
public record MessageStored(
    String eventId,
    String custodian,
    String messageType,
    String controlId,
    String objectKey,
    String charset,
    Instant receivedAt,
    Arrival arrival) {

  /**
   * How a message came, and what its sender still waits for.
   *
   * @param sender {@code MSH-3|MSH-4}
   * @param connection that it came by, or null
   * @param applicationAcknowledgement MSH-16 in enhanced mode: AL, ER or SU; null if none is due
   */
  public record Arrival(String sender, String connection, String applicationAcknowledgement) {}

  public MessageStored(
      String eventId,
      String custodian,
      String messageType,
      String controlId,
      String objectKey,
      String charset,
      Instant receivedAt) {
    this(
        eventId, custodian, messageType, controlId, objectKey, charset, receivedAt, (Arrival) null);
  }
}
