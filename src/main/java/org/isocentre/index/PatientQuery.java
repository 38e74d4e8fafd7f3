package org.isocentre.index;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.PatientKey;

/**
 * What to search patients for. A null or empty part matches all.
 *
 * @param visibleNhsNumber when set, only patients with this NHS number who are not in review: the
 *     compartment of a patient's token
 * @param keys any of these (local numbers, or {@code NHS})
 */
public record PatientQuery(
    String visibleNhsNumber,
    Set<UUID> ids,
    List<PatientKey> keys,
    String family,
    String given,
    java.time.LocalDate birthDate,
    TimeRange lastUpdated,
    PageRequest page) {}
