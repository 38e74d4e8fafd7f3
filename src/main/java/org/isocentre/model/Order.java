package org.isocentre.model;

import java.time.Instant;
import java.util.UUID;

/**
 * An order in the index.
 *
 * @param id the FHIR logical id of its ServiceRequest
 * @param patientId the patient that the index found for it
 * @param request what the newest message said
 */
public record Order(UUID id, UUID patientId, OrderRequest request, Instant lastUpdated) {}
