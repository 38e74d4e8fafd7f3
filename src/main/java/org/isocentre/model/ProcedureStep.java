package org.isocentre.model;

/**
 * One scheduled procedure step of an order, as its IPC says (HL7 v2 §4.5.6); each part may be null.
 *
 * @param stepId IPC-4, Scheduled Procedure Step ID
 * @param requestedProcedureId IPC-2, Requested Procedure ID
 * @param studyInstanceUid IPC-3
 * @param accession IPC-1, of a sender that puts the order's accession number there
 * @param modality IPC-5, DICOM modality code
 * @param protocol IPC-6, the first
 * @param stationAeTitle IPC-9
 * @param location IPC-8, room
 */
public record ProcedureStep(
    String stepId,
    String requestedProcedureId,
    String studyInstanceUid,
    AccessionKey accession,
    String modality,
    Code protocol,
    String stationAeTitle,
    String location) {
  @Override
  public String toString() {
    return "ProcedureStep[…]";
  }
}
