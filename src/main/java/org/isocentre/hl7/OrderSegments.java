package org.isocentre.hl7;

import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.ScheduledStep;

/** ORC, TQ1 and OBR of a message that tells the state of an order. */
final class OrderSegments {
  private OrderSegments() {}

  /**
   * @param step what the modality said last: SCHEDULED, STARTED or COMPLETED
   */
  static void add(OutboundMessage m, Head head, OrderRequest o, String step, ToldAs as) {
    OutboundSegment orc = m.add("ORC").field(1, control(o.status(), as));
    OutboundSegments.numbers(orc, o);
    orc.field(5, status(o.status(), step)).field(9, OutboundSegments.time(head.at()));
    OutboundSegments.clinician(orc, 12, o.referrerCode(), o.referrerName());
    if (head.since("2.3.1") && o.referringOrganisation() != null) {
      String ods = o.referringOrganisation();
      orc.field(21, ods, null, null, null, null, null, null, null, null, ods);
    }
    ScheduledStep s = o.step() == null ? ScheduledStep.NONE : o.step();
    String start = OutboundSegments.time(s.start());
    String priority = priority(o.priority());
    if (head.since("2.5") && (start != null || priority != null)) {
      m.add("TQ1").field(1, "1").field(7, start).field(9, priority);
    }
    OutboundSegment obr = request(m, o, s);
    if (head.since("2.5")) {
      return;
    }
    orc.field(7, null, null, null, start, null, priority);
    obr.field(27, null, null, null, start, null, priority);
  }

  /** OBR-18 to OBR-20 as IHE Scheduled Workflow uses them. */
  private static OutboundSegment request(OutboundMessage m, OrderRequest o, ScheduledStep s) {
    OutboundSegment obr = m.add("OBR").field(1, "1");
    OutboundSegments.numbers(obr, o);
    OutboundSegments.procedure(obr, o.procedure());
    OutboundSegments.clinician(obr, 16, o.referrerCode(), o.referrerName());
    return obr.field(18, OutboundSegments.value(o.accession()))
        .field(19, s.requestedProcedureId())
        .field(20, s.stepId())
        .field(24, o.modality())
        .field(31, null, o.reason())
        .field(36, OutboundSegments.time(s.start()));
  }

  /** HL7 table 0119. */
  private static String control(OrderStatus status, ToldAs as) {
    return switch (as) {
      case STATUS -> status(status);
      case NEW_ORDER -> "NW";
      case CHANGE, RELEASE ->
          switch (status) {
            case REVOKED, ENTERED_IN_ERROR -> "CA";
            case ON_HOLD -> "HD";
            case COMPLETED -> "SC";
            case ACTIVE, UNKNOWN -> as == ToldAs.RELEASE ? "RL" : "XO";
          };
    };
  }

  private static String status(OrderStatus status) {
    return switch (status) {
      case REVOKED, ENTERED_IN_ERROR -> "OC";
      case ON_HOLD -> "OH";
      case ACTIVE, COMPLETED, UNKNOWN -> "SC";
    };
  }

  /** HL7 table 0038. */
  private static String status(OrderStatus status, String step) {
    return switch (status) {
      case REVOKED, ENTERED_IN_ERROR -> "CA";
      case ON_HOLD -> "HD";
      case COMPLETED -> "CM";
      case ACTIVE, UNKNOWN ->
          switch (step == null ? "" : step) {
            case "STARTED" -> "IP";
            case "COMPLETED" -> "CM";
            default -> "SC";
          };
    };
  }

  /** HL7 table 0485; {@code U} is what UK systems write for urgent. */
  private static String priority(String code) {
    return code == null
        ? null
        : switch (code) {
          case "stat" -> "S";
          case "asap" -> "A";
          case "urgent" -> "U";
          default -> "R";
        };
  }
}
