package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.isocentre.model.Appointment;
import org.isocentre.model.Appointment.OrderNumber;
import org.isocentre.model.Appointment.Status;
import org.isocentre.model.Code;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Patient;
import org.isocentre.model.PersonName;
import org.isocentre.model.ScheduledStep;

/** SIU^S12 (booked), S13 (rescheduled), S14 (modified), S15 (cancelled) to an appointment. */
public final class SiuToSchedule {
  private final MappingRules rules;

  public SiuToSchedule(MappingRules rules) {
    this.rules = rules;
  }

  public Appointment map(Hl7Message message, MessageStored event) {
    Segment sch = message.first("SCH");
    LocalDateTime start = start(message);
    return new Appointment(
        event.custodian(),
        Hl7Message.get(sch, 1, 1),
        Hl7Message.get(sch, 2, 1),
        status(message, sch),
        orders(message, event.custodian()),
        PatientFields.read(
            message.first("PID"), event.custodian(), rules.issuers(), Patient.Source.ORDER),
        start,
        minutes(message),
        step(message, start),
        procedure(message),
        event.objectKey(),
        OrderFields.sent(message, event));
  }

  /** S15, or a filler status (SCH-25, HL7 table 0278) of an appointment that does not stand. */
  private static Status status(Hl7Message message, Segment sch) {
    String filler = Hl7Message.get(sch, 25, 1);
    boolean off =
        message.header().trigger().equals("S15")
            || filler != null
                && Stream.of("Cancelled", "Canceled", "DC", "Deleted", "Noshow")
                    .anyMatch(filler::equalsIgnoreCase);
    return off ? Status.CANCELLED : Status.BOOKED;
  }

  /** SCH-26 and SCH-27, each repetition; ORC-2 and ORC-3 where a sender adds an ORC. */
  private List<OrderNumber> orders(Hl7Message message, String custodian) {
    List<OrderNumber> numbers = new ArrayList<>();
    Segment sch = message.first("SCH");
    add(numbers, sch, 26, true, custodian);
    add(numbers, sch, 27, false, custodian);
    for (Segment segment : message.segments()) {
      if (segment.getName().equals("ORC")) {
        add(numbers, segment, 2, true, custodian);
        add(numbers, segment, 3, false, custodian);
      }
    }
    return numbers.stream().distinct().toList();
  }

  private void add(
      List<OrderNumber> numbers, Segment segment, int field, boolean placer, String custodian) {
    for (int i = 0; i < Hl7Message.repetitions(segment, field); i++) {
      String value = Hl7Message.get(segment, field, i, 1);
      if (value != null && value.length() <= MessageCheck.MAX_ID) {
        String issuer = rules.issuer(Hl7Message.get(segment, field, i, 2)).orElse(custodian);
        numbers.add(new OrderNumber(placer, issuer, value));
      }
    }
  }

  /** AIS-4, TQ1-7, SCH-11.4, AIG-8, AIL-6, AIP-6: the first that says one. */
  static LocalDateTime start(Hl7Message message) {
    return Stream.of(
            Hl7Message.get(message.first("AIS"), 4, 1),
            Hl7Message.get(message.first("TQ1"), 7, 1),
            Hl7Message.get(message.first("SCH"), 11, 4),
            Hl7Message.get(message.first("AIG"), 8, 1),
            Hl7Message.get(message.first("AIL"), 6, 1),
            Hl7Message.get(message.first("AIP"), 6, 1))
        .map(Hl7Time::local)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** AIS-7 and AIS-8, SCH-9 and SCH-10, else the time between SCH-11.4 and SCH-11.5. */
  private static Integer minutes(Hl7Message message) {
    Integer said = minutes(message.first("AIS"), 7);
    said = said != null ? said : minutes(message.first("SCH"), 9);
    if (said != null) {
      return said;
    }
    Instant from = Hl7Time.instant(Hl7Message.get(message.first("SCH"), 11, 4));
    Instant until = Hl7Time.instant(Hl7Message.get(message.first("SCH"), 11, 5));
    return from == null || until == null || until.isBefore(from)
        ? null
        : (int) Math.min(Integer.MAX_VALUE, Duration.between(from, until).toMinutes());
  }

  private static Integer minutes(Segment segment, int field) {
    String number = Hl7Message.get(segment, field, 1);
    if (number == null || !number.matches("\\d{1,6}")) {
      return null;
    }
    String unit = Hl7Message.get(segment, field + 1, 1);
    int value = Integer.parseInt(number);
    return switch (unit == null ? "MIN" : unit.toUpperCase(java.util.Locale.ROOT)) {
      case "S", "SEC", "SECONDS" -> value / 60;
      case "H", "HR", "HOUR", "HOURS" -> value * 60;
      default -> value;
    };
  }

  /**
   * AIL-3 is the room, AIP-3 who performs it. AIG-3 names a resource, which need not be a station.
   */
  private static ScheduledStep step(Hl7Message message, LocalDateTime start) {
    Segment ail = message.first("AIL");
    Segment aip = message.first("AIP");
    String family = Hl7Message.get(aip, 3, 2);
    String given = Hl7Message.get(aip, 3, 3);
    String room = Hl7Message.get(ail, 3, 2);
    return new ScheduledStep(
        start,
        null,
        null,
        family == null && given == null ? null : new PersonName(family, given, null),
        null,
        null,
        room != null ? room : Hl7Message.get(ail, 3, 1),
        Hl7Message.get(message.first("PV1"), 19, 1),
        Hl7Message.get(message.first("PV1"), 3, 1));
  }

  /** AIS-3, else SCH-7. */
  private static Code procedure(Hl7Message message) {
    Code service = OrderGroup.code(message.first("AIS"), 3);
    return service != null ? service : OrderGroup.code(message.first("SCH"), 7);
  }
}
