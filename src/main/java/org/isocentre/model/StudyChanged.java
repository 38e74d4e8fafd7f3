package org.isocentre.model;

import java.util.UUID;

/**
 * Event: a study is new, or gained objects or other attributes that linking or forwarding look at.
 */
public record StudyChanged(UUID studyId, String studyInstanceUid) {}
