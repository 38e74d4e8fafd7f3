package org.isocentre.query;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.audit.AuditTrail;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.QueryHandler;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.Match;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.WorklistEnd;
import org.isocentre.index.WorklistField;
import org.isocentre.index.WorklistFind;

/**
 * Answers Modality Worklist C-FIND (PS3.4 §K.6) from the orders of the calling trust that are still
 * to be done, earliest first: an item for each scheduled procedure step.
 */
public final class WorklistQueryHandler implements QueryHandler {
  private static final Map<Integer, Key> KEYS =
      Key.byTag(
          Key.sequence(
              Tag.ScheduledProcedureStepSequence,
              Key.of(Tag.ScheduledStationAETitle, WorklistField.STATION_AE_TITLE),
              Key.of(Tag.ScheduledProcedureStepStartDate, WorklistField.START_DATE),
              Key.of(Tag.ScheduledProcedureStepStartTime, WorklistField.START_TIME),
              Key.of(Tag.Modality, WorklistField.MODALITY),
              Key.of(Tag.ScheduledPerformingPhysicianName, WorklistField.PERFORMING_PHYSICIAN_NAME),
              Key.of(Tag.ScheduledProcedureStepDescription, WorklistField.STEP_DESCRIPTION),
              Key.sequence(
                  Tag.ScheduledProtocolCodeSequence,
                  Key.of(Tag.CodeValue, WorklistField.PROTOCOL_CODE),
                  Key.of(Tag.CodingSchemeDesignator, WorklistField.PROTOCOL_SYSTEM),
                  Key.of(Tag.CodeMeaning, WorklistField.PROTOCOL_MEANING)),
              Key.of(Tag.ScheduledProcedureStepID, WorklistField.STEP_ID),
              Key.of(Tag.ScheduledProcedureStepLocation, WorklistField.STEP_LOCATION),
              Key.of(Tag.ScheduledProcedureStepStatus, WorklistField.STEP_STATUS)),
          Key.of(Tag.RequestedProcedureID, WorklistField.REQUESTED_PROCEDURE_ID),
          Key.of(Tag.RequestedProcedureDescription, WorklistField.PROCEDURE_DESCRIPTION),
          Key.sequence(
              Tag.RequestedProcedureCodeSequence,
              Key.of(Tag.CodeValue, WorklistField.PROCEDURE_CODE),
              Key.of(Tag.CodingSchemeDesignator, WorklistField.PROCEDURE_SYSTEM),
              Key.of(Tag.CodeMeaning, WorklistField.PROCEDURE_MEANING)),
          Key.of(Tag.StudyInstanceUID, WorklistField.STUDY_INSTANCE_UID),
          Key.of(Tag.RequestedProcedurePriority, WorklistField.PRIORITY),
          Key.of(Tag.ReasonForTheRequestedProcedure, WorklistField.REASON),
          Key.of(Tag.AccessionNumber, WorklistField.ACCESSION_NUMBER),
          Key.sequence(
              Tag.IssuerOfAccessionNumberSequence,
              Key.of(Tag.LocalNamespaceEntityID, WorklistField.ISSUER_OF_ACCESSION_NUMBER)),
          Key.of(Tag.ReferringPhysicianName, WorklistField.REFERRING_PHYSICIAN_FAMILY),
          Key.of(Tag.PlacerOrderNumberImagingServiceRequest, WorklistField.PLACER_NUMBER),
          Key.of(Tag.FillerOrderNumberImagingServiceRequest, WorklistField.FILLER_NUMBER),
          Key.of(Tag.AdmissionID, WorklistField.ADMISSION_ID),
          Key.of(Tag.CurrentPatientLocation, WorklistField.CURRENT_PATIENT_LOCATION),
          Key.of(Tag.PatientName, WorklistField.PATIENT_NAME),
          Key.of(Tag.PatientID, WorklistField.PATIENT_ID),
          Key.of(Tag.IssuerOfPatientID, WorklistField.ISSUER_OF_PATIENT_ID),
          Key.sequence(
              Tag.OtherPatientIDsSequence,
              Key.of(Tag.PatientID, WorklistField.OTHER_PATIENT_ID),
              Key.constant(Tag.IssuerOfPatientID, "NHS")),
          Key.of(Tag.PatientBirthDate, WorklistField.PATIENT_BIRTH_DATE),
          Key.of(Tag.PatientSex, WorklistField.PATIENT_SEX));

  private static final QueryTimezone.Moment START =
      new QueryTimezone.Moment(
          WorklistField.START_DATE, WorklistField.START_TIME, WorklistField.START);

  private final QueryIndex index;
  private final CallingTrust trusts;
  private final boolean anyStation;
  private final WorklistEnd end;
  private final int maxResults;
  private final ZoneId zone;

  /**
   * @param anyStation whether an order that names no station is for each that asks
   * @param end what takes an order off besides its performed step and its own status
   * @param maxResults answers at most; a query with more ends with A700 after these
   * @param zone of the orders' times
   */
  public WorklistQueryHandler(
      QueryIndex index,
      CallingTrust trusts,
      boolean anyStation,
      WorklistEnd end,
      int maxResults,
      ZoneId zone) {
    this.index = index;
    this.trusts = trusts;
    this.anyStation = anyStation;
    this.end = end;
    this.maxResults = maxResults;
    this.zone = zone;
  }

  @Override
  public Matches find(Query query) {
    String organisation = trusts.of(query.peer());
    DataSet identifier = query.identifier();
    List<Match> matches = new ArrayList<>();
    boolean unsupported = false;
    for (Element element : identifier.elements()) {
      Key key = KEYS.get(element.tag());
      unsupported |=
          key == null
              ? isKey(element.tag())
              : !KeyMatching.add(key, identifier, query.has(Query.Option.FUZZY_NAMES), matches);
    }
    // Required of a worklist, not negotiated (PS3.4 §K.5.1.1).
    KeyMatching.combine(matches, START.date(), START.time(), START.both());
    QueryTimezone timezone = QueryTimezone.of(query, zone);
    timezone.adjust(matches, START);
    trusts.note(
        query.peer(),
        organisation,
        "E",
        AuditTrail.QUERY,
        "ServiceRequest",
        true,
        "worklist by "
            + matches.stream()
                .map(m -> m.field().name())
                .distinct()
                .collect(Collectors.joining(", ")));
    AnswerText text = new AnswerText(identifier);
    try {
      return new CursorMatches<>(
          index.find(
              new WorklistFind(organisation, anyStation, end, matches, maxResults + 1),
              query.callingAeTitle()),
          row -> answer(query, text, timezone, row),
          unsupported,
          maxResults);
    } catch (RejectedExecutionException e) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "ISO-QUERY-009: too many queries are open; try later", e);
    }
  }

  /** Neither character set, which the answer has its own of, nor timezone (PS3.4 §K.2.2.2). */
  private static boolean isKey(int tag) {
    return tag != Tag.SpecificCharacterSet
        && tag != Tag.TimezoneOffsetFromUTC
        && (tag & 0xffff) != 0;
  }

  private static DataSet answer(
      Query query, AnswerText text, QueryTimezone timezone, Map<WorklistField, Object> row) {
    complete(query, row);
    timezone.adjust(row, START);
    DataSet answer = text.dataSetFor(row.values());
    KeyAnswer values = new KeyAnswer(row);
    DataSet identifier = query.identifier();
    for (Element asked : identifier.elements()) {
      Key key = KEYS.get(asked.tag());
      if (key != null) {
        values.put(answer, key, identifier.items(asked.tag()));
      } else if (asked.tag() == Tag.TimezoneOffsetFromUTC) {
        timezone.tell(answer, row, START);
      } else if (isKey(asked.tag())) {
        KeyAnswer.empty(answer, asked);
      }
    }
    return answer;
  }

  /** Values that are made of others, and those that must not be empty (PS3.4 Table K.6-1). */
  private static void complete(Query query, Map<WorklistField, Object> row) {
    row.putIfAbsent(WorklistField.STATION_AE_TITLE, station(query));
    row.computeIfPresent(WorklistField.PRIORITY, (f, code) -> priority((String) code));
    String referrer =
        Stream.of(
                WorklistField.REFERRING_PHYSICIAN_FAMILY,
                WorklistField.REFERRING_PHYSICIAN_GIVEN,
                null,
                WorklistField.REFERRING_PHYSICIAN_PREFIX)
            .map(f -> f == null || !row.containsKey(f) ? "" : row.get(f).toString())
            .collect(Collectors.joining("^"))
            .replaceAll("\\^+$", "");
    row.put(WorklistField.REFERRING_PHYSICIAN_FAMILY, referrer);
  }

  /** An order for any station is for the one that was asked for, else for the one that asks. */
  private static String station(Query query) {
    return query
        .identifier()
        .item(Tag.ScheduledProcedureStepSequence)
        .map(item -> item.string(Tag.ScheduledStationAETitle))
        .filter(aet -> aet.indexOf('*') < 0 && aet.indexOf('?') < 0)
        .orElse(query.callingAeTitle());
  }

  /** Requested Procedure Priority (PS3.3 §C.4.11). */
  private static String priority(String code) {
    return switch (code) {
      case "stat" -> "STAT";
      case "asap", "urgent" -> "HIGH";
      default -> "ROUTINE";
    };
  }
}
