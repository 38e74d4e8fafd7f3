package org.isocentre.model;

import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;

/**
 * When an order is to be done, as one scheduling message (HL7 v2 SIU, chapter 10) states it.
 *
 * @param custodian ODS code of the organisation that sent it
 * @param placerNumber SCH-1 placer appointment ID, or null
 * @param fillerNumber SCH-2 filler appointment ID, or null; one of the two is there
 * @param status whether it stands
 * @param orders numbers of the orders that it is for; empty if it names none
 * @param patient who it is for
 * @param start of the hub's zone, or null
 * @param minutes how long, or null
 * @param step where and by whom; its start is the appointment's
 * @param procedure what for, or null
 * @param messageKey object key of the raw message
 * @param messageAt when the sender made the message; an older message never undoes a newer
 */
public record Appointment(
    String custodian,
    String placerNumber,
    String fillerNumber,
    Status status,
    List<OrderNumber> orders,
    PatientDemographics patient,
    LocalDateTime start,
    Integer minutes,
    ScheduledStep step,
    Code procedure,
    String messageKey,
    Instant messageAt) {
  /** Whether an appointment stands. */
  public enum Status {
    BOOKED,
    CANCELLED
  }

  /**
   * A number of an order that an appointment is for.
   *
   * @param placer whether it is the placer's number, else the filler's
   */
  public record OrderNumber(boolean placer, String issuer, String value) {
    @Override
    public String toString() {
      return "OrderNumber[" + (placer ? "placer" : "filler") + ", " + issuer + ", …]";
    }
  }

  public Appointment {
    orders = List.copyOf(orders);
  }

  @Override
  public String toString() {
    return "Appointment[" + custodian + ", " + status + "]";
  }
}
