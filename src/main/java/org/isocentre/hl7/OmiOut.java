package org.isocentre.hl7;

import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.Patient;
import org.isocentre.model.ScheduledStep;

/** The state of an imaging order as OMI^O23 (HL7 v2.5 §4.4.12), with IPC (§4.5.6). */
public final class OmiOut {
  private OmiOut() {}

  /**
   * @param studyInstanceUid of the order, or the one that its worklist entry gives out
   * @param step what the modality said last: SCHEDULED, STARTED or COMPLETED
   */
  public static OutboundMessage status(
      Head head, Patient patient, Order order, String studyInstanceUid, String step) {
    OutboundMessage m = new OutboundMessage(OutboundKind.OMI, "O23");
    OutboundSegments.header(m, head, OutboundKind.OMI, "O23", "OMI_O23");
    OutboundSegments.patient(m, patient);
    OrderRequest o = order.request();
    OrderSegments.add(m, head, o, step);
    ScheduledStep s = o.step() == null ? ScheduledStep.NONE : o.step();
    OutboundSegment ipc = m.add("IPC");
    AccessionKey accession = o.accession();
    if (accession != null) {
      ipc.field(1, accession.value(), accession.issuer());
    }
    ipc.field(2, s.requestedProcedureId())
        .field(3, studyInstanceUid)
        .field(4, s.stepId())
        .field(5, o.modality())
        .field(9, s.stationAeTitle());
    return m;
  }
}
