package org.isocentre.model;

import java.time.Instant;

/**
 * Event: a raw HL7 v2 message is durable in the store. Travels on {@code order.received}, {@code
 * patient.received} or {@code report.received} as JSON.
 *
 * @param custodian ODS code of the trust whose facility sent it
 * @param messageType such as {@code ORM^O01}
 * @param controlId MSH-10
 * @param objectKey of the raw message, byte for byte
 * @param charset Java name of the character set that its bytes are in
 */
public record MessageStored(
    String eventId,
    String custodian,
    String messageType,
    String controlId,
    String objectKey,
    String charset,
    Instant receivedAt) {}
