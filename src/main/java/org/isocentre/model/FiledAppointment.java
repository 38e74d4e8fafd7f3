package org.isocentre.model;

import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;

/**
 * An appointment in the index.
 *
 * @param id the FHIR logical id of its Appointment
 * @param placerNumber SCH-1, or null
 * @param fillerNumber SCH-2, or null
 * @param start of the hub's zone, or null
 * @param minutes how long, or null
 * @param performer as DICOM writes names, or null
 * @param location or null
 * @param procedure what for, or null
 * @param orderIds orders that it is for
 * @param lastUpdated when the index learnt of it
 */
public record FiledAppointment(
    UUID id,
    String custodian,
    String placerNumber,
    String fillerNumber,
    Appointment.Status status,
    UUID patientId,
    LocalDateTime start,
    Integer minutes,
    String performer,
    String location,
    Code procedure,
    List<UUID> orderIds,
    Instant lastUpdated) {
  public FiledAppointment {
    orderIds = List.copyOf(orderIds);
  }

  @Override
  public String toString() {
    return "FiledAppointment[" + id + ", " + status + "]";
  }
}
