package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.PatientMerge.Kind;

/**
 * ADT^A18, A30, A34, A36, A40, A47, A24 and A37 to merges (HL7 v2 §3.3), one for each PID and its
 * MRG, and one more for each further local number in MRG-1; for A24 and A37 one for the two PID.
 */
public final class AdtToMerge {
  private static final Map<String, Kind> KINDS =
      Map.of(
          "A18", Kind.MERGE,
          "A30", Kind.MERGE,
          "A34", Kind.MERGE,
          "A36", Kind.MERGE,
          "A40", Kind.MERGE,
          "A24", Kind.LINK,
          "A37", Kind.UNLINK,
          "A47", Kind.CHANGE_ID);

  private final MappingRules rules;

  public AdtToMerge(MappingRules rules) {
    this.rules = rules;
  }

  /** Trigger events that merge, link or unlink. */
  public static Set<String> triggers() {
    return KINDS.keySet();
  }

  static boolean links(String trigger) {
    return KINDS.get(trigger) == Kind.LINK || KINDS.get(trigger) == Kind.UNLINK;
  }

  public List<PatientMerge> map(Hl7Message message, MessageStored event) {
    Kind kind = KINDS.get(message.header().trigger());
    Instant happened = Hl7Time.instant(Hl7Message.get(message.first("EVN"), 2, 1));
    Instant at = happened == null ? OrderFields.sent(message, event) : happened;
    String custodian = event.custodian();
    List<PatientMerge> merges = new ArrayList<>();
    for (Pair pair : pairs(message)) {
      List<PatientIdentity> priors = pair.prior(custodian, rules);
      // Some senders list the number that is gone in PID-3, too.
      PatientDemographics surviving =
          PatientFields.read(pair.pid(), custodian, rules.issuers(), Patient.Source.ADT)
              .withoutKeys(
                  priors.stream().map(PatientIdentity::key).filter(Objects::nonNull).toList());
      for (PatientIdentity prior : priors) {
        merges.add(new PatientMerge(kind, surviving, prior, custodian, event.objectKey(), at));
      }
    }
    return merges;
  }

  /**
   * A PID and what stands for the other record.
   *
   * @param other MRG, or for a link the second PID; null if it is missing
   */
  record Pair(Segment pid, Segment other) {
    List<PatientIdentity> prior(String custodian, MappingRules rules) {
      return other == null
          ? List.of()
          : other.getName().equals("MRG")
              ? PatientFields.prior(other, custodian, rules.issuers())
              : List.of(
                  PatientFields.read(other, custodian, rules.issuers(), Patient.Source.ADT)
                      .identity());
    }
  }

  static List<Pair> pairs(Hl7Message message) {
    List<Segment> pids =
        message.segments().stream().filter(s -> s.getName().equals("PID")).toList();
    if (links(message.header().trigger())) {
      return pids.isEmpty()
          ? List.of()
          : List.of(new Pair(pids.get(0), pids.size() == 2 ? pids.get(1) : null));
    }
    List<Pair> pairs = new ArrayList<>();
    Segment pid = null;
    for (Segment segment : message.segments()) {
      if (segment.getName().equals("PID")) {
        if (pid != null) {
          pairs.add(new Pair(pid, null));
        }
        pid = segment;
      } else if (segment.getName().equals("MRG") && pid != null) {
        pairs.add(new Pair(pid, segment));
        pid = null;
      }
    }
    if (pid != null) {
      pairs.add(new Pair(pid, null));
    }
    return pairs;
  }
}
