package org.isocentre.index;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.PatientKey;

/**
 * What to search reports for. A null or empty part matches all; parts are joined by AND, the
 * members of a part by OR.
 *
 * @param identifierValues accession, placer or filler numbers whatever their issuer
 */
public record ReportQuery(
    Visibility visible,
    Set<UUID> ids,
    Set<UUID> patientIds,
    List<PatientKey> patientKeys,
    Set<UUID> orderIds,
    Set<UUID> studyIds,
    List<OrderQuery.Number> numbers,
    List<AccessionKey> accessions,
    List<String> identifierValues,
    Set<String> statuses,
    TimeRange issued,
    TimeRange lastUpdated,
    PageRequest page) {}
