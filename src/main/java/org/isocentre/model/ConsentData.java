package org.isocentre.model;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/**
 * What a consent decision is about.
 *
 * @param id of the resource
 * @param patientId of the record that it is filed under
 * @param type FHIR resource type
 * @param date when the study was made, the report issued or the order written; null if unknown
 * @param related ids of what belongs to it: a study's orders and reports, and so on
 * @param labels {@code system|code} of its security labels
 */
public record ConsentData(
    UUID id, UUID patientId, String type, Instant date, Set<UUID> related, Set<String> labels) {
  public ConsentData {
    related = Set.copyOf(related);
    labels = Set.copyOf(labels);
  }
}
