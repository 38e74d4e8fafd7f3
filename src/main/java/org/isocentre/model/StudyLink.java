package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/** A study and the order that it answers, with the rule that linked them. */
public record StudyLink(UUID orderId, UUID studyId, Rule rule, Instant linkedAt) {
  /** Why they were linked, strongest first. */
  public enum Rule {
    STUDY_INSTANCE_UID,
    ACCESSION,
    /** A person said so; no number does. */
    PERSON
  }
}
