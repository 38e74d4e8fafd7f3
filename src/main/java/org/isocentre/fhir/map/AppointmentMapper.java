package org.isocentre.fhir.map;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Date;
import org.hl7.fhir.r4.model.Appointment;
import org.hl7.fhir.r4.model.Appointment.AppointmentStatus;
import org.hl7.fhir.r4.model.Appointment.ParticipationStatus;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.FiledAppointment;

/** Appointment of a SIU message to FHIR R4 Appointment. */
public final class AppointmentMapper {
  private static final ZoneId LOCAL = ZoneId.of("Europe/London");

  private AppointmentMapper() {}

  /**
   * One without a length ends when it begins, as FHIR asks for an end; one without a time is
   * proposed (app-3).
   */
  public static Appointment map(FiledAppointment a) {
    Appointment resource = new Appointment();
    resource.setId(a.id().toString());
    resource.getMeta().setLastUpdated(Date.from(a.lastUpdated()));
    if (a.fillerNumber() != null) {
      resource.addIdentifier(
          Systems.typed(
              "FILL", Systems.APPOINTMENT + a.custodian(), a.fillerNumber(), a.custodian()));
    }
    if (a.placerNumber() != null) {
      resource.addIdentifier(
          Systems.typed(
              "PLAC",
              Systems.APPOINTMENT_REQUEST + a.custodian(),
              a.placerNumber(),
              a.custodian()));
    }
    resource.setStatus(status(a));
    if (a.procedure() != null) {
      resource.addServiceType(ServiceRequestMapper.concept(a.procedure()));
    }
    if (a.start() != null) {
      ZonedDateTime start = a.start().atZone(LOCAL);
      resource.setStart(Date.from(start.toInstant()));
      resource.setEnd(
          Date.from(start.plusMinutes(a.minutes() == null ? 0 : a.minutes()).toInstant()));
    }
    if (a.minutes() != null && a.minutes() > 0) {
      resource.setMinutesDuration(a.minutes());
    }
    a.orderIds().forEach(id -> resource.addBasedOn(new Reference("ServiceRequest/" + id)));
    participant(resource, new Reference("Patient/" + a.patientId()));
    if (a.performer() != null) {
      participant(resource, new Reference().setDisplay(shown(a.performer())));
    }
    if (a.location() != null) {
      participant(resource, new Reference().setType("Location").setDisplay(a.location()));
    }
    return resource;
  }

  private static AppointmentStatus status(FiledAppointment a) {
    if (a.status() == org.isocentre.model.Appointment.Status.CANCELLED) {
      return AppointmentStatus.CANCELLED;
    }
    return a.start() == null ? AppointmentStatus.PROPOSED : AppointmentStatus.BOOKED;
  }

  private static void participant(Appointment resource, Reference actor) {
    resource.addParticipant().setActor(actor).setStatus(ParticipationStatus.ACCEPTED);
  }

  /** {@code FAMILY^GIVEN^MIDDLE^PREFIX} as a person reads it (PS3.5 §6.2.1). */
  private static String shown(String name) {
    String[] parts = name.split("=", 2)[0].split("\\^", -1);
    StringBuilder shown = new StringBuilder();
    for (int part : new int[] {3, 1, 2, 0}) {
      if (part < parts.length && !parts[part].isBlank()) {
        shown.append(shown.isEmpty() ? "" : " ").append(parts[part].strip());
      }
    }
    return shown.toString();
  }
}
