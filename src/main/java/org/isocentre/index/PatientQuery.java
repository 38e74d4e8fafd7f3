package org.isocentre.index;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.PatientKey;

/**
 * What to search patients for. A null or empty part matches all.
 *
 * @param visible what the caller may see
 * @param keys any of these (local numbers, or {@code NHS})
 */
public record PatientQuery(
    Visibility visible,
    Set<UUID> ids,
    List<PatientKey> keys,
    String family,
    String given,
    java.time.LocalDate birthDate,
    TimeRange lastUpdated,
    PageRequest page) {}
