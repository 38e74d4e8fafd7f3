package org.isocentre.model;

import java.time.Instant;

/**
 * Another text for a message, which itself stays as it came.
 *
 * @param number from 1; the newest is what a replay files
 * @param objectKey of the corrected text in the store
 * @param custodian ODS code of the trust that it is from
 * @param reason as the person gave it
 * @param by token subject of the person or system
 */
public record MessageCorrection(
    int number,
    String objectKey,
    String custodian,
    String controlId,
    String messageType,
    String charset,
    String reason,
    String by,
    Instant at) {}
