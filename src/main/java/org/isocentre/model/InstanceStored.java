package org.isocentre.model;

import java.time.Instant;

/**
 * Event: an object is durable in the store. Travels on {@code instance.received} as JSON.
 *
 * @param eventId the same for every delivery of this event
 * @param custodian ODS code of the trust that sent it
 * @param studyInstanceUid groups messages, so that a study is indexed in order
 */
public record InstanceStored(
    String eventId,
    String custodian,
    String callingAeTitle,
    String studyInstanceUid,
    String sopInstanceUid,
    String sopClassUid,
    String transferSyntaxUid,
    String objectKey,
    String sha256,
    long size,
    Instant receivedAt) {}
