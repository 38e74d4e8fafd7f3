package org.isocentre.model;

import java.time.Instant;

/**
 * An organisation or a node of the directory that was written by FHIR.
 *
 * @param type {@code Organization} or {@code Endpoint}
 * @param id ODS code of an organisation; of a node, as it follows from what it is
 * @param version from 1
 * @param resource FHIR R4 as JSON
 * @param at when it was written
 */
public record DirectoryEntry(String type, String id, int version, String resource, Instant at) {
  /** Characters of a resource at most. */
  public static final int MOST = 20_000;
}
