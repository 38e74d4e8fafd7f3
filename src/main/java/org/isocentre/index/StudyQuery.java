package org.isocentre.index;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.PatientKey;

/**
 * What to search studies for. A null or empty part matches all; parts are joined by AND, the
 * members of a part by OR.
 *
 * @param visible what the caller may see
 * @param accessionValues accession numbers whatever their issuer (DICOM queries carry no issuer)
 * @param patientIdValues DICOM Patient ID whatever its issuer; an NHS number, too
 * @param startedFrom inclusive, local time
 * @param startedUntil exclusive, local time
 */
public record StudyQuery(
    Visibility visible,
    Set<UUID> ids,
    Set<UUID> patientIds,
    List<PatientKey> patientKeys,
    List<String> patientIdValues,
    List<String> studyInstanceUids,
    List<AccessionKey> accessions,
    List<String> accessionValues,
    Set<UUID> orderIds,
    List<String> modalities,
    LocalDateTime startedFrom,
    LocalDateTime startedUntil,
    TimeRange lastUpdated,
    PageRequest page) {}
