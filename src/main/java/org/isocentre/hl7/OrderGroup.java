package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;

/**
 * One order of a message: ORC, OBR and what follows until the next (HL7 v2 §4.4.1, §7.3.1). An OBR
 * without an ORC of its own shares that of the OBR before it, but not its numbers.
 */
final class OrderGroup {
  private static final int MAX_ID = 64;
  private final Segment pid;
  private final int patient;
  private Segment orc;
  private boolean orcShared;
  private Segment obr;
  private final List<Segment> others = new ArrayList<>();

  private OrderGroup(Segment pid, int patient) {
    this.pid = pid;
    this.patient = patient;
  }

  static List<OrderGroup> of(Hl7Message message) {
    List<OrderGroup> groups = new ArrayList<>();
    Segment pid = null;
    int patients = 0;
    OrderGroup current = null;
    for (Segment segment : message.segments()) {
      String name = segment.getName();
      if (name.equals("PID")) {
        pid = segment;
        patients++;
        current = null;
        continue;
      }
      boolean shares = name.equals("OBR") && current != null && current.obr != null;
      if (name.equals("ORC") || name.equals("OBR") && (current == null || shares)) {
        OrderGroup next = new OrderGroup(pid, patients);
        if (shares) {
          next.orc = current.orc;
          next.orcShared = current.orc != null;
        }
        current = next;
        groups.add(current);
      }
      if (current != null) {
        current.add(segment);
      }
    }
    return groups;
  }

  private void add(Segment segment) {
    switch (segment.getName()) {
      case "ORC" -> orc = segment;
      case "OBR" -> obr = segment;
      default -> others.add(segment);
    }
  }

  /** The patient in force: the PID before it, or null if none stands before it. */
  Segment pid() {
    return pid;
  }

  /** Which PID of the message is in force, from 1. */
  int patient() {
    return patient;
  }

  Segment orc() {
    return orc;
  }

  /** Null if the ORC is that of the OBR before. */
  Segment ownOrc() {
    return orcShared ? null : orc;
  }

  Segment obr() {
    return obr;
  }

  List<Segment> others() {
    return others;
  }

  /** Previous results that are sent along with an order (ORC-1 PR), or results without an ORC. */
  boolean isPriorResult() {
    String control = Hl7Message.get(orc, 1, 1);
    return "PR".equals(control) || orc == null && patient > 1;
  }

  private String either(int field, int component) {
    String value = Hl7Message.get(ownOrc(), field, component);
    return value != null ? value : Hl7Message.get(obr, field, component);
  }

  String placer() {
    return either(2, 1);
  }

  String placerIssuer(String custodian, MappingRules rules) {
    // Most senders name their system, not their trust: unless the directory knows the name, the
    // number is the sender's own.
    return rules.issuer(either(2, 2)).orElse(custodian);
  }

  String filler() {
    return either(3, 1);
  }

  String fillerIssuer(String custodian, MappingRules rules) {
    return rules.issuer(either(3, 2)).orElse(custodian);
  }

  /** Where the accession number stands, by the rule of the sender. */
  Optional<FieldLocation> accessionLocation(Hl7Message.Header header, MappingRules rules) {
    return rules.accession().apply(header).stream().filter(l -> l.in(this) != null).findFirst();
  }

  /** Its issuer is that which the field names (IPC-1), else the filler's. */
  AccessionKey accession(Hl7Message.Header header, String custodian, MappingRules rules) {
    Optional<FieldLocation> place = accessionLocation(header, rules);
    return accession(place, place.map(l -> l.of(this)).orElse(null), custodian, rules);
  }

  /**
   * @param holder the segment that holds the number, of the kind that the place names
   */
  AccessionKey accession(
      Optional<FieldLocation> place, Segment holder, String custodian, MappingRules rules) {
    String value = place.map(l -> l.in(holder)).orElse(null);
    if (value == null || value.length() > MAX_ID) {
      return null;
    }
    Optional<String> named =
        place
            .filter(l -> l.segment().equals("IPC"))
            .flatMap(l -> rules.issuer(Hl7Message.get(holder, l.field(), 2)));
    return new AccessionKey(named.orElse(fillerIssuer(custodian, rules)), value);
  }

  /** Every study that is named: ZDS-1 (IHE Scheduled Workflow), IPC-3. */
  List<String> studyInstanceUids() {
    return others.stream()
        .map(
            s ->
                switch (s.getName()) {
                  case "ZDS" -> Hl7Message.get(s, 1, 1);
                  case "IPC" -> Hl7Message.get(s, 3, 1);
                  default -> null;
                })
        .map(OrderGroup::uid)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  /** Null if it is none. */
  static String uid(String text) {
    return text != null && text.matches("[0-9.]{1,64}") ? text : null;
  }

  /** The first study that is named, ZDS before IPC, or null. */
  String studyInstanceUid() {
    String uid = uid(Hl7Message.get(other("ZDS"), 1, 1));
    return uid != null ? uid : studyInstanceUids().stream().findFirst().orElse(null);
  }

  /** The first segment of this name beside ORC and OBR, or null. */
  Segment other(String name) {
    return others.stream().filter(s -> s.getName().equals(name)).findFirst().orElse(null);
  }

  /** OBR-4. */
  Code procedure() {
    return code(obr, 4);
  }

  /** CE or CWE: code, text, system; the alternate one if the first is empty. */
  static Code code(Segment segment, int field) {
    for (int first : new int[] {1, 4}) {
      String code = Hl7Message.get(segment, field, first);
      String text = Hl7Message.get(segment, field, first + 1);
      if (code != null || text != null) {
        return new Code(code, Hl7Message.get(segment, field, first + 2), text);
      }
    }
    return null;
  }
}
