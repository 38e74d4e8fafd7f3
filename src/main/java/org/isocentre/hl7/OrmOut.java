package org.isocentre.hl7;

import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.Order;
import org.isocentre.model.Patient;

/** The state of an order as ORM^O01 (HL7 v2 §4.4.1). */
public final class OrmOut {
  private OrmOut() {}

  /**
   * @param step what the modality said last: SCHEDULED, STARTED or COMPLETED
   */
  public static OutboundMessage status(Head head, Patient patient, Order order, String step) {
    return order(head, patient, order, step, ToldAs.STATUS);
  }

  /** As {@link #status}, in a role. */
  public static OutboundMessage order(
      Head head, Patient patient, Order order, String step, ToldAs as) {
    OutboundMessage m = new OutboundMessage(OutboundKind.ORM, "O01");
    OutboundSegments.header(m, head, OutboundKind.ORM, "O01", "ORM_O01");
    OutboundSegments.patient(m, patient);
    OrderSegments.add(m, head, order.request(), step, as);
    if (order.request().studyInstanceUid() != null) {
      // As IHE Scheduled Workflow carries it.
      m.add("ZDS")
          .field(1, order.request().studyInstanceUid(), "ISOCENTRE", "Application", "DICOM");
    }
    return m;
  }
}
