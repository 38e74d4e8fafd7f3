package org.isocentre.hl7;

import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.Order;
import org.isocentre.model.Patient;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;

/**
 * A result as a document (HL7 v2 chapter 9): MDM^T02 for a new one, T10 for one that replaces what
 * was sent, an addendum included, T11 for one that is withdrawn.
 */
public final class MdmOut {
  private MdmOut() {}

  /** Whether there is something to send: T02 and T10 need a content. */
  public static boolean isNeeded(ReportResult report) {
    return report.text() != null
        || report.documentKey() != null
        || trigger(report.status()).equals("T11");
  }

  /**
   * @param order that the result answers, or null
   * @param base64 of its PDF, or null
   */
  public static OutboundMessage document(
      Head head, Patient patient, Report report, Order order, String base64) {
    ReportResult r = report.result();
    String trigger = trigger(r.status());
    boolean withdrawn = trigger.equals("T11");
    OutboundMessage m = new OutboundMessage(OutboundKind.MDM, trigger);
    OutboundSegments.header(m, head, OutboundKind.MDM, trigger, withdrawn ? "MDM_T01" : "MDM_T02");
    OutboundSegments.event(m, head, trigger);
    OutboundSegments.patient(m, patient);
    OutboundSegments.noVisit(m);
    if (head.since("2.5")) {
      OruOut.request(m, head, r, order);
    }
    header(m, report, trigger, base64 != null);
    if (!withdrawn) {
      OutboundSegments.content(m, r, base64, OruOut.observationStatus(r.status()));
    }
    return m;
  }

  /** TXA (§9.6.1): type DI, diagnostic imaging (HL7 table 0270). */
  private static void header(
      OutboundMessage m, Report report, String trigger, boolean hasDocument) {
    ReportResult r = report.result();
    String number = r.fillerNumber() == null ? report.id().toString() : r.fillerNumber();
    String issuer = r.fillerNumber() == null ? "ISOCENTRE" : r.fillerIssuer();
    OutboundSegment txa =
        m.add("TXA")
            .field(1, "1")
            .field(2, "DI")
            .field(3, hasDocument ? "AP" : "FT")
            .field(4, OutboundSegments.time(r.issued()));
    OutboundSegments.clinician(txa, 9, r.reporterCode(), r.reporterName());
    txa.field(12, number, issuer);
    if (!trigger.equals("T02")) {
      txa.field(13, number, issuer);
    }
    if (r.placerNumber() != null) {
      txa.field(14, r.placerNumber(), r.placerIssuer());
    }
    if (r.fillerNumber() != null) {
      txa.field(15, r.fillerNumber(), r.fillerIssuer());
    }
    txa.field(17, completion(r.status())).field(19, trigger.equals("T11") ? "CA" : "AV");
  }

  private static String trigger(String status) {
    return switch (status == null ? "" : status) {
      case "corrected", "amended", "appended" -> "T10";
      case "cancelled", "entered-in-error" -> "T11";
      default -> "T02";
    };
  }

  /** HL7 table 0271. */
  private static String completion(String status) {
    return switch (status == null ? "" : status) {
      case "final", "corrected", "amended", "appended", "cancelled", "entered-in-error" -> "AU";
      case "preliminary", "partial" -> "PA";
      default -> "IP";
    };
  }
}
