package org.isocentre.hl7;

import java.util.ArrayList;
import java.util.List;
import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientKey;

/**
 * What a partner is told of a patient: ADT^A24 (HL7 v2 §3.3.24), ADT^A31 (§3.3.31), ADT^A37
 * (§3.3.37) and ADT^A40 (§3.3.40).
 */
public final class AdtOut {
  private AdtOut() {}

  /** Demographics changed; about no visit. */
  public static OutboundMessage changed(Head head, Patient patient) {
    OutboundMessage m = new OutboundMessage(OutboundKind.ADT, "A31");
    OutboundSegments.header(m, head, OutboundKind.ADT, "A31", "ADT_A05");
    OutboundSegments.event(m, head, "A31");
    OutboundSegments.patient(m, patient);
    OutboundSegments.noVisit(m);
    return m;
  }

  /**
   * The numbers of one record now belong to another.
   *
   * @param survivor who they belong to (PID)
   * @param merged whose they were (MRG-1); those that both have are left out
   */
  public static OutboundMessage merged(Head head, Patient survivor, Patient merged) {
    OutboundMessage m = new OutboundMessage(OutboundKind.ADT, "A40");
    OutboundSegments.header(m, head, OutboundKind.ADT, "A40", "ADT_A39");
    OutboundSegments.event(m, head, "A40");
    List<PatientKey> prior = new ArrayList<>(merged.keys());
    if (merged.identity().key() != null) {
      prior.add(merged.identity().key());
    }
    List<PatientKey> kept = new ArrayList<>(survivor.keys());
    kept.removeAll(prior);
    OutboundSegments.patient(m, withKeys(survivor, kept));
    String nhs = merged.identity().nhsNumber();
    boolean sameNhs = nhs != null && nhs.equals(survivor.identity().nhsNumber());
    OutboundSegments.identifiers(m.add("MRG"), 1, sameNhs ? null : nhs, prior);
    return m;
  }

  /** Two records belong together; each keeps its numbers (first and second PID). */
  public static OutboundMessage linked(Head head, Patient one, Patient other) {
    return ofTwo(head, "A24", "ADT_A24", one, other);
  }

  /**
   * Two records that were said to be of one patient are of two: each has its own numbers again.
   *
   * @param one who had the numbers of both (first PID)
   * @param other who has some of them back (second PID)
   */
  public static OutboundMessage unlinked(Head head, Patient one, Patient other) {
    return ofTwo(head, "A37", "ADT_A37", one, other);
  }

  private static OutboundMessage ofTwo(
      Head head, String trigger, String structure, Patient one, Patient other) {
    OutboundMessage m = new OutboundMessage(OutboundKind.ADT, trigger);
    OutboundSegments.header(m, head, OutboundKind.ADT, trigger, structure);
    OutboundSegments.event(m, head, trigger);
    OutboundSegments.patient(m, 1, one);
    OutboundSegments.patient(m, 2, other);
    return m;
  }

  private static Patient withKeys(Patient p, List<PatientKey> keys) {
    return new Patient(
        p.id(),
        p.identity(),
        keys,
        p.name(),
        p.sex(),
        p.addressLine(),
        p.postalCode(),
        p.source(),
        p.inReview(),
        p.lastUpdated(),
        p.nhsNumberStatus());
  }
}
