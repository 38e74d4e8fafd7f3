package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;

/** One order of a message: ORC, OBR and what follows until the next (HL7 v2 §4.4.1, §7.3.1). */
final class OrderGroup {
  private static final int MAX_ID = 64;
  private Segment orc;
  private Segment obr;
  private final List<Segment> others = new ArrayList<>();

  static List<OrderGroup> of(Hl7Message message) {
    List<OrderGroup> groups = new ArrayList<>();
    OrderGroup current = null;
    for (Segment segment : message.segments()) {
      boolean begins =
          segment.getName().equals("ORC")
              || segment.getName().equals("OBR") && (current == null || current.obr != null);
      if (begins) {
        current = new OrderGroup();
        groups.add(current);
      }
      if (current == null) {
        continue;
      }
      switch (segment.getName()) {
        case "ORC" -> current.orc = segment;
        case "OBR" -> current.obr = segment;
        default -> current.others.add(segment);
      }
    }
    return groups;
  }

  Segment orc() {
    return orc;
  }

  Segment obr() {
    return obr;
  }

  List<Segment> others() {
    return others;
  }

  private static String either(Segment a, int fieldA, Segment b, int fieldB, int component) {
    String value = Hl7Message.get(a, fieldA, component);
    return value != null ? value : Hl7Message.get(b, fieldB, component);
  }

  String placer() {
    return either(orc, 2, obr, 2, 1);
  }

  String placerIssuer(String custodian, Function<String, Optional<String>> issuers) {
    return issuer(either(orc, 2, obr, 2, 2), custodian, issuers);
  }

  String filler() {
    return either(orc, 3, obr, 3, 1);
  }

  String fillerIssuer(String custodian, Function<String, Optional<String>> issuers) {
    return issuer(either(orc, 3, obr, 3, 2), custodian, issuers);
  }

  private static String issuer(
      String namespace, String custodian, Function<String, Optional<String>> issuers) {
    // Most senders name their system, not their trust: unless the directory knows the name, the
    // number is the sender's own.
    return namespace == null ? custodian : issuers.apply(namespace).orElse(custodian);
  }

  /**
   * The accession number: OBR-18 (Placer Field 1, where IHE Scheduled Workflow puts it), else
   * OBR-20 (Filler Field 1), else IPC-1, else the filler order number, which is what most UK
   * systems print as accession.
   */
  AccessionKey accession(String custodian, Function<String, Optional<String>> issuers) {
    String value = Hl7Message.get(obr, 18, 1);
    value = value != null ? value : Hl7Message.get(obr, 20, 1);
    value = value != null ? value : Hl7Message.get(other("IPC"), 1, 1);
    value = value != null ? value : filler();
    return value == null || value.length() > MAX_ID
        ? null
        : new AccessionKey(fillerIssuer(custodian, issuers), value);
  }

  /** ZDS-1 (IHE Scheduled Workflow), else IPC-3. */
  String studyInstanceUid() {
    String uid = Hl7Message.get(other("ZDS"), 1, 1);
    uid = uid != null ? uid : Hl7Message.get(other("IPC"), 3, 1);
    return uid != null && uid.matches("[0-9.]{1,64}") ? uid : null;
  }

  /** The first segment of this name beside ORC and OBR, or null. */
  Segment other(String name) {
    return others.stream().filter(s -> s.getName().equals(name)).findFirst().orElse(null);
  }

  /** OBR-4. */
  Code procedure() {
    String code = Hl7Message.get(obr, 4, 1);
    String text = Hl7Message.get(obr, 4, 2);
    return code == null && text == null ? null : new Code(code, Hl7Message.get(obr, 4, 3), text);
  }
}
