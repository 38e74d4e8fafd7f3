package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * A patient's decision on who may have their images.
 *
 * @param permit false denies
 * @param organisation ODS code that it is about, or null for every organisation but the custodian
 * @param status FHIR Consent.status; only {@code active} counts
 * @param validFrom or null
 * @param validUntil or null
 * @param recordedBy who recorded it
 */
public record Consent(
    UUID id,
    UUID patientId,
    boolean permit,
    String organisation,
    String status,
    Instant validFrom,
    Instant validUntil,
    Instant recordedAt,
    String recordedBy,
    Instant lastUpdated) {}
