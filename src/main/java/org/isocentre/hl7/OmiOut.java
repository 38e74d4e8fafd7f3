package org.isocentre.hl7;

import java.util.List;
import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.Patient;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ScheduledStep;

/** The state of an imaging order as OMI^O23 (HL7 v2.5 §4.4.12), with IPC (§4.5.6). */
public final class OmiOut {
  private OmiOut() {}

  /**
   * An IPC for each scheduled procedure step.
   *
   * @param studyInstanceUid of the order, or the one that its worklist entry gives out
   * @param step what the modality said last: SCHEDULED, STARTED or COMPLETED
   */
  public static OutboundMessage status(
      Head head, Patient patient, Order order, String studyInstanceUid, String step) {
    return order(head, patient, order, studyInstanceUid, step, ToldAs.STATUS);
  }

  /** As {@link #status}, in a role. */
  public static OutboundMessage order(
      Head head, Patient patient, Order order, String studyInstanceUid, String step, ToldAs as) {
    OutboundMessage m = new OutboundMessage(OutboundKind.OMI, "O23");
    OutboundSegments.header(m, head, OutboundKind.OMI, "O23", "OMI_O23");
    OutboundSegments.patient(m, patient);
    OrderRequest o = order.request();
    OrderSegments.add(m, head, o, step, as);
    ScheduledStep s = o.step() == null ? ScheduledStep.NONE : o.step();
    List<ProcedureStep> steps =
        o.steps().isEmpty()
            ? List.of(
                new ProcedureStep(
                    s.stepId(),
                    s.requestedProcedureId(),
                    null,
                    null,
                    o.modality(),
                    null,
                    s.stationAeTitle(),
                    null))
            : o.steps();
    steps.forEach(each -> step(m, o, studyInstanceUid, each));
    return m;
  }

  private static void step(OutboundMessage m, OrderRequest o, String study, ProcedureStep step) {
    OutboundSegment ipc = m.add("IPC");
    AccessionKey accession = step.accession() == null ? o.accession() : step.accession();
    if (accession != null) {
      ipc.field(1, accession.value(), accession.issuer());
    }
    ipc.field(2, step.requestedProcedureId())
        .field(3, step.studyInstanceUid() == null ? study : step.studyInstanceUid())
        .field(4, step.stepId())
        .field(5, step.modality());
    if (step.protocol() != null) {
      Code protocol = step.protocol();
      ipc.field(6, protocol.value(), protocol.display(), protocol.system());
    }
    ipc.field(8, null, step.location()).field(9, step.stationAeTitle());
  }
}
