package org.isocentre.model;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * An imaging order as one HL7 message states it, before the index knows it.
 *
 * @param custodian ODS code of the organisation that sent it
 * @param placerNumber ORC-2/OBR-2 entity identifier, or null
 * @param placerIssuer its namespace or universal id, else the custodian
 * @param fillerNumber ORC-3/OBR-3 entity identifier, or null
 * @param fillerIssuer its namespace or universal id, else the custodian
 * @param accession or null
 * @param studyInstanceUid or null
 * @param patient who it is for
 * @param procedure requested procedure, or null
 * @param modality DICOM modality code or null
 * @param priority FHIR code routine, urgent, asap, stat
 * @param reason text or null
 * @param referrerCode GMC/SDS code or null
 * @param referrerName or null
 * @param referringOrganisation ODS code or null
 * @param status what the order control says, or null if it says nothing of the status
 * @param authoredOn or null
 * @param messageKey object key of the raw message
 * @param messageAt when the sender made the message (MSH-7), else when it was received; an older
 *     message never undoes a newer
 * @param step when, where and by whom
 * @param ubrn e-RS unique booking reference number, twelve digits, or null
 * @param deleted what the message says to be no longer so ({@code ""} of HL7 v2 §2.5.3)
 * @param steps the scheduled procedure steps that the message names, each IPC one; empty where it
 *     names none
 */
public record OrderRequest(
    String custodian,
    String placerNumber,
    String placerIssuer,
    String fillerNumber,
    String fillerIssuer,
    AccessionKey accession,
    String studyInstanceUid,
    PatientDemographics patient,
    Code procedure,
    String modality,
    String priority,
    String reason,
    String referrerCode,
    PersonName referrerName,
    String referringOrganisation,
    OrderStatus status,
    Instant authoredOn,
    String messageKey,
    Instant messageAt,
    ScheduledStep step,
    String ubrn,
    Set<Field> deleted,
    List<ProcedureStep> steps) {
  /** What a message may delete. */
  public enum Field {
    ACCESSION,
    STUDY_INSTANCE_UID,
    PROCEDURE,
    MODALITY,
    START,
    UBRN,
    PRIORITY,
    REASON,
    REFERRER,
    REFERRING_ORGANISATION,
    PERFORMER,
    STATION,
    LOCATION,
    /** Scheduled procedure steps that the message does not name. */
    OTHER_STEPS
  }

  public OrderRequest {
    deleted = Set.copyOf(deleted);
    steps = List.copyOf(steps);
  }

  /** Names no steps. */
  public OrderRequest(
      String custodian,
      String placerNumber,
      String placerIssuer,
      String fillerNumber,
      String fillerIssuer,
      AccessionKey accession,
      String studyInstanceUid,
      PatientDemographics patient,
      Code procedure,
      String modality,
      String priority,
      String reason,
      String referrerCode,
      PersonName referrerName,
      String referringOrganisation,
      OrderStatus status,
      Instant authoredOn,
      String messageKey,
      Instant messageAt,
      ScheduledStep step,
      String ubrn,
      Set<Field> deleted) {
    this(
        custodian,
        placerNumber,
        placerIssuer,
        fillerNumber,
        fillerIssuer,
        accession,
        studyInstanceUid,
        patient,
        procedure,
        modality,
        priority,
        reason,
        referrerCode,
        referrerName,
        referringOrganisation,
        status,
        authoredOn,
        messageKey,
        messageAt,
        step,
        ubrn,
        deleted,
        List.of());
  }

  /** Without an e-RS booking reference; deletes nothing. */
  public OrderRequest(
      String custodian,
      String placerNumber,
      String placerIssuer,
      String fillerNumber,
      String fillerIssuer,
      AccessionKey accession,
      String studyInstanceUid,
      PatientDemographics patient,
      Code procedure,
      String modality,
      String priority,
      String reason,
      String referrerCode,
      PersonName referrerName,
      String referringOrganisation,
      OrderStatus status,
      Instant authoredOn,
      String messageKey,
      Instant messageAt,
      ScheduledStep step) {
    this(
        custodian,
        placerNumber,
        placerIssuer,
        fillerNumber,
        fillerIssuer,
        accession,
        studyInstanceUid,
        patient,
        procedure,
        modality,
        priority,
        reason,
        referrerCode,
        referrerName,
        referringOrganisation,
        status,
        authoredOn,
        messageKey,
        messageAt,
        step,
        null,
        Set.of());
  }

  /** Kind of the objects that hold resources as they were written. */
  public static final String FHIR = "fhir";

  /** Whether it came as a resource, and not as a message. */
  public boolean isWrittenByFhir() {
    return messageKey.startsWith(FHIR + "/");
  }

  /** The same with these steps. */
  public OrderRequest withSteps(List<ProcedureStep> others) {
    return new OrderRequest(
        custodian,
        placerNumber,
        placerIssuer,
        fillerNumber,
        fillerIssuer,
        accession,
        studyInstanceUid,
        patient,
        procedure,
        modality,
        priority,
        reason,
        referrerCode,
        referrerName,
        referringOrganisation,
        status,
        authoredOn,
        messageKey,
        messageAt,
        step,
        ubrn,
        deleted,
        others);
  }

  @Override
  public String toString() {
    return "OrderRequest[" + custodian + ", " + status + "]";
  }
}
