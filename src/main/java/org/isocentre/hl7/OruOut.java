package org.isocentre.hl7;

import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.Patient;
import org.isocentre.model.ReportResult;

/** A result as ORU^R01 (HL7 v2 §7.3.1). */
public final class OruOut {
  private OruOut() {}

  /**
   * @param order that the result answers, or null
   * @param base64 of its PDF, or null
   */
  public static OutboundMessage result(
      Head head, Patient patient, ReportResult report, Order order, String base64) {
    OutboundMessage m = new OutboundMessage(OutboundKind.ORU, "R01");
    OutboundSegments.header(m, head, OutboundKind.ORU, "R01", "ORU_R01");
    OutboundSegments.patient(m, patient);
    request(m, head, report, order);
    OutboundSegments.content(m, report, base64, observationStatus(report.status()));
    return m;
  }

  /** ORC and OBR. */
  static void request(OutboundMessage m, Head head, ReportResult r, Order order) {
    OutboundSegment orc = m.add("ORC").field(1, "RE");
    OutboundSegments.numbers(orc, r);
    OutboundSegment obr = m.add("OBR").field(1, "1");
    OutboundSegments.numbers(obr, r);
    OutboundSegments.procedure(obr, r.procedure());
    if (order != null) {
      OrderRequest o = order.request();
      OutboundSegments.clinician(orc, 12, o.referrerCode(), o.referrerName());
      OutboundSegments.clinician(obr, 16, o.referrerCode(), o.referrerName());
      obr.field(24, o.modality());
      if (r.placerNumber() == null && o.placerNumber() != null) {
        orc.field(2, o.placerNumber(), o.placerIssuer());
        obr.field(2, o.placerNumber(), o.placerIssuer());
      }
    }
    obr.field(18, OutboundSegments.value(r.accession()))
        .field(22, OutboundSegments.time(r.issued()))
        .field(25, resultStatus(r.status()));
    reporter(obr, head, r);
  }

  /** OBR-32 is an NDL: its first component a CNN, whose parts are subcomponents. */
  private static void reporter(OutboundSegment obr, Head head, ReportResult r) {
    String[] parts = {
      r.reporterCode(),
      r.reporterName() == null ? null : r.reporterName().family(),
      r.reporterName() == null ? null : r.reporterName().given()
    };
    for (int i = 0; i < parts.length; i++) {
      obr.put(new OutboundSegment.Position(32, 1, 1, i + 1), parts[i]);
    }
  }

  /**
   * HL7 table 0123. An amended report, or one with an addendum, is a correction to results that
   * were final.
   */
  static String resultStatus(String status) {
    return switch (status == null ? "" : status) {
      case "final" -> "F";
      case "corrected", "amended", "appended" -> "C";
      case "preliminary" -> "P";
      case "partial" -> "A";
      case "cancelled", "entered-in-error" -> "X";
      default -> "I";
    };
  }

  /** HL7 table 0085. */
  static String observationStatus(String status) {
    return switch (status == null ? "" : status) {
      case "final" -> "F";
      case "corrected", "amended", "appended" -> "C";
      case "preliminary", "partial" -> "P";
      case "cancelled" -> "X";
      case "entered-in-error" -> "W";
      default -> "I";
    };
  }
}
