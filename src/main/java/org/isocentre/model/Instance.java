package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * One stored SOP instance.
 *
 * @param objectKey key in the object store
 * @param sha256 hex digest of the data set's bytes, without File Meta Information
 * @param size of the Part 10 file, bytes
 * @param instanceNumber or null
 * @param numberOfFrames or null
 * @param title Content Label, concept name, Document Title or Image Type, or null
 */
public record Instance(
    UUID id,
    UUID seriesId,
    UUID studyId,
    String custodian,
    String sopInstanceUid,
    String sopClassUid,
    String transferSyntaxUid,
    Integer instanceNumber,
    Integer numberOfFrames,
    Integer rows,
    Integer columns,
    String title,
    String objectKey,
    String sha256,
    long size,
    Instant receivedAt) {}
