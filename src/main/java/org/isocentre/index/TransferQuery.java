package org.isocentre.index;

import java.util.Set;
import java.util.UUID;
import org.isocentre.model.Transfer;

/** What to search transfers for. A null or empty part matches all. */
public record TransferQuery(
    Visibility visible,
    Set<UUID> ids,
    Set<UUID> studyIds,
    Set<UUID> patientIds,
    Set<Transfer.State> states,
    Set<String> destinations,
    TimeRange lastUpdated,
    PageRequest page) {}
