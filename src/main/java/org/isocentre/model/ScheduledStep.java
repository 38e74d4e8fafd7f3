package org.isocentre.model;

import java.time.LocalDateTime;

/**
 * When, where and by whom an order is to be done, as its message says; each part may be null. Times
 * are of the hub's zone.
 *
 * @param start when it is scheduled
 * @param requestedAt when it was asked for: stands in where nothing is scheduled
 * @param stationAeTitle of the modality that it is scheduled on
 * @param performer scheduled performing physician
 * @param stepId Scheduled Procedure Step ID
 * @param requestedProcedureId Requested Procedure ID
 * @param location room
 * @param admissionId visit number
 * @param patientLocation where the patient is
 */
public record ScheduledStep(
    LocalDateTime start,
    LocalDateTime requestedAt,
    String stationAeTitle,
    PersonName performer,
    String stepId,
    String requestedProcedureId,
    String location,
    String admissionId,
    String patientLocation) {
  /** Nothing is known. */
  public static final ScheduledStep NONE =
      new ScheduledStep(null, null, null, null, null, null, null, null, null);

  @Override
  public String toString() {
    return "ScheduledStep[…]";
  }
}
