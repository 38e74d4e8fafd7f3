package org.isocentre.model;

import java.time.Instant;
import java.time.LocalDateTime;
import java.util.UUID;

/**
 * One series. Text attributes may be null.
 *
 * @param numberOfInstances really received
 */
public record Series(
    UUID id,
    UUID studyId,
    String seriesInstanceUid,
    String modality,
    Integer seriesNumber,
    String description,
    String bodyPartExamined,
    String laterality,
    String performingPhysician,
    LocalDateTime started,
    int numberOfInstances,
    Instant lastUpdated) {}
