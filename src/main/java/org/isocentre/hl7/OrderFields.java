package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderRequest.Field;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ScheduledStep;

/** Reads ORC, OBR, TQ1 and IPC (HL7 v2 §4.5) of orders, which ORM, OMG and OMI share. */
final class OrderFields {
  /**
   * OBR-24 diagnostic service section (HL7 table 0074), and what else is sent there, to DICOM
   * modality; DICOM codes stay as they are.
   */
  private static final Map<String, String> MODALITIES =
      Map.ofEntries(
          Map.entry("RAD", "CR"),
          Map.entry("RX", "DX"),
          Map.entry("XR", "DX"),
          Map.entry("XRC", "RF"),
          Map.entry("CTH", "XA"),
          Map.entry("US", "US"),
          Map.entry("RUS", "US"),
          Map.entry("CUS", "US"),
          Map.entry("OUS", "US"),
          Map.entry("VUS", "US"),
          Map.entry("NMR", "MR"),
          Map.entry("MRI", "MR"),
          Map.entry("NMS", "NM"),
          Map.entry("MAMMO", "MG"));

  /**
   * Order controls (HL7 table 0119) of messages that say what an order is as a whole: a step that
   * they do not name is no more. Any other may be about one of the steps.
   */
  private static final Set<String> WHOLE =
      Set.of("NW", "OK", "SN", "OR", "PA", "CH", "RO", "XO", "XX", "XR");

  /** Order controls of messages that end, hold or release an order, whichever step they name. */
  private static final Set<String> OF_ORDER =
      Set.of("CA", "CR", "OC", "DC", "DR", "OD", "UA", "RP", "RQ", "RU", "HD", "HR", "OH", "RL");

  private static final Duration MOST_AHEAD = Duration.ofDays(1);
  private static final int UBRN_DIGITS = 12;

  /** Names under which a booking reference number of the NHS e-Referral Service is sent. */
  private static final Set<String> UBRN = Set.of("UBRN", "ERS", "E-RS", "CAB");

  private final MappingRules rules;

  OrderFields(MappingRules rules) {
    this.rules = rules;
  }

  /**
   * The orders of a message, one for each ORC/OBR group that is an order; groups of one order, each
   * of which names a procedure step of its own (IHE RAD-4), are one.
   */
  List<OrderRequest> orders(Hl7Message message, MessageStored event) {
    PatientDemographics patient =
        PatientFields.read(
            message.first("PID"), event.custodian(), rules.issuers(), Patient.Source.ORDER);
    Instant at = sent(message, event);
    return StepGroups.together(
        OrderGroup.of(message).stream()
            .filter(g -> !g.isPriorResult())
            .map(g -> order(g, message, event, patient, at))
            .toList());
  }

  /**
   * When the sender made the message (MSH-7), else when it came. A sender whose clock is more than
   * a day ahead is not believed: what it sent would stay the newest for good.
   */
  static Instant sent(Hl7Message message, MessageStored event) {
    Instant sent = Hl7Time.instant(message.header().at());
    return sent == null || sent.isAfter(event.receivedAt().plus(MOST_AHEAD))
        ? event.receivedAt()
        : sent;
  }

  private OrderRequest order(
      OrderGroup g,
      Hl7Message message,
      MessageStored event,
      PatientDemographics patient,
      Instant at) {
    String custodian = event.custodian();
    Segment visit = message.first("PV1");
    Segment referrer =
        Hl7Message.get(g.obr(), 16, 1) != null || Hl7Message.get(g.obr(), 16, 2) != null
            ? g.obr()
            : g.orc();
    int referrerField = referrer == g.obr() ? 16 : 12;
    Instant authored = firstTime(Hl7Message.get(g.orc(), 9, 1), Hl7Message.get(g.obr(), 6, 1), at);
    return new OrderRequest(
        custodian,
        g.placer(),
        g.placerIssuer(custodian, rules),
        g.filler(),
        g.fillerIssuer(custodian, rules),
        g.accession(message.header(), custodian, rules),
        g.studyInstanceUid(),
        patient,
        g.procedure(),
        modality(g),
        priority(g),
        reason(g.obr()),
        Hl7Message.get(referrer, referrerField, 1),
        PatientFields.clinician(referrer, referrerField),
        referringOrganisation(g.orc(), visit),
        OrderControl.status(
            Hl7Message.get(g.orc(), 1, 1),
            Hl7Message.get(g.orc(), 5, 1),
            Hl7Message.get(g.obr(), 25, 1)),
        authored,
        event.objectKey(),
        at,
        step(g, message.header(), visit, authored),
        ubrn(g, message),
        deleted(g),
        steps(g, message.header(), custodian));
  }

  /** What a field of ORC or OBR deletes; nothing where another place of it holds a value. */
  private static Set<Field> deleted(OrderGroup g) {
    Set<Field> deleted = EnumSet.noneOf(Field.class);
    if (Hl7Message.isDeleted(g.obr(), 31) && reason(g.obr()) == null) {
      deleted.add(Field.REASON);
    }
    if ((Hl7Message.isDeleted(g.obr(), 16) || Hl7Message.isDeleted(g.orc(), 12))
        && Stream.of(1, 2)
            .allMatch(
                c ->
                    Hl7Message.get(g.obr(), 16, c) == null
                        && Hl7Message.get(g.orc(), 12, c) == null)) {
      deleted.add(Field.REFERRER);
    }
    if (Hl7Message.isDeleted(g.orc(), 21) || Hl7Message.isDeleted(g.orc(), 17)) {
      deleted.add(Field.REFERRING_ORGANISATION);
    }
    if (Stream.of(27, 5).anyMatch(f -> Hl7Message.isDeleted(g.obr(), f, f == 27 ? 6 : 1))
        && priority(g) == null) {
      deleted.add(Field.PRIORITY);
    }
    if (Hl7Message.isDeleted(g.obr(), 34)) {
      deleted.addAll(Set.of(Field.PERFORMER, Field.LOCATION));
    }
    if (Hl7Message.isDeleted(g.obr(), 21)) {
      deleted.add(Field.STATION);
    }
    String control = Hl7Message.get(g.orc(), 1, 1);
    boolean named = g.other("IPC") != null || Hl7Message.get(g.obr(), 20, 1) != null;
    if (control != null && WHOLE.contains(control) && named) {
      deleted.add(Field.OTHER_STEPS);
    }
    return deleted;
  }

  /**
   * Start from ORC-7.4, TQ1-7 or OBR-36. IPC (HL7 v2 §4.5.6) says the rest; else OBR-18 to OBR-21
   * as IHE Scheduled Workflow uses them: accession number, Requested Procedure ID, Scheduled
   * Procedure Step ID, station; but not where the sender puts the accession number. OBR-34 is who
   * performs it, and where.
   */
  private ScheduledStep step(
      OrderGroup g, Hl7Message.Header header, Segment visit, Instant authored) {
    Segment ipc = g.other("IPC");
    Optional<FieldLocation> accession = g.accessionLocation(header, rules);
    boolean ihe = Hl7Message.get(g.obr(), 18, 1) != null;
    return new ScheduledStep(
        start(g),
        Hl7Time.local(authored),
        first(Hl7Message.get(ipc, 9, 1), Hl7Message.get(g.obr(), 21, 1)),
        performer(g.obr()),
        first(
            Hl7Message.get(ipc, 4, 1),
            ihe ? unless(accession, 20, Hl7Message.get(g.obr(), 20, 1)) : null),
        first(Hl7Message.get(ipc, 2, 1), unless(accession, 19, Hl7Message.get(g.obr(), 19, 1))),
        first(
            first(Hl7Message.get(ipc, 8, 2), Hl7Message.get(ipc, 8, 1)),
            Hl7Message.get(g.obr(), 34, 5)),
        Hl7Message.get(visit, 19, 1),
        Hl7Message.get(visit, 3, 1));
  }

  /**
   * One for each IPC that says something of its own. OBR-19 is the Requested Procedure ID of all;
   * OBR-21 and OBR-34.5 are where all are done. OBR-20 names one step, so it is not that of
   * several.
   */
  private List<ProcedureStep> steps(OrderGroup g, Hl7Message.Header header, String custodian) {
    String control = Hl7Message.get(g.orc(), 1, 1);
    if (control != null && OF_ORDER.contains(control)) {
      return List.of();
    }
    Optional<FieldLocation> accession = g.accessionLocation(header, rules);
    Optional<FieldLocation> inIpc = accession.filter(l -> l.segment().equals("IPC"));
    return g.others().stream()
        .filter(s -> s.getName().equals("IPC"))
        .map(
            ipc ->
                new ProcedureStep(
                    Hl7Message.get(ipc, 4, 1),
                    first(
                        Hl7Message.get(ipc, 2, 1),
                        unless(accession, 19, Hl7Message.get(g.obr(), 19, 1))),
                    OrderGroup.uid(Hl7Message.get(ipc, 3, 1)),
                    g.accession(inIpc, ipc, custodian, rules),
                    modality(first(Hl7Message.get(ipc, 5, 1), Hl7Message.get(g.obr(), 24, 1))),
                    OrderGroup.code(ipc, 6),
                    first(Hl7Message.get(ipc, 9, 1), Hl7Message.get(g.obr(), 21, 1)),
                    first(
                        first(Hl7Message.get(ipc, 8, 2), Hl7Message.get(ipc, 8, 1)),
                        Hl7Message.get(g.obr(), 34, 5))))
        .distinct()
        .toList();
  }

  private static String unless(Optional<FieldLocation> accession, int obrField, String value) {
    return accession.filter(l -> l.is("OBR", obrField)).isPresent() ? null : value;
  }

  private static LocalDateTime start(OrderGroup g) {
    return Stream.of(
            Hl7Message.get(g.orc(), 7, 4),
            Hl7Message.get(g.other("TQ1"), 7, 1),
            Hl7Message.get(g.obr(), 27, 4),
            Hl7Message.get(g.obr(), 36, 1))
        .map(Hl7Time::local)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static String first(String a, String b) {
    return a != null ? a : b;
  }

  /** OBR-34.1 (NDL): id, family and given name as subcomponents. */
  private static PersonName performer(Segment obr) {
    String family = Hl7Message.get(obr, 34, 0, 1, 2);
    String given = Hl7Message.get(obr, 34, 0, 1, 3);
    return family == null && given == null ? null : new PersonName(family, given, null);
  }

  /** IPC-5, else OBR-24. */
  private static String modality(OrderGroup g) {
    return modality(first(Hl7Message.get(g.other("IPC"), 5, 1), Hl7Message.get(g.obr(), 24, 1)));
  }

  private static String modality(String code) {
    return code == null ? null : MODALITIES.getOrDefault(code, code);
  }

  /**
   * TQ1-9, OBR-27.6, ORC-7.6, OBR-5 (HL7 table 0485): S stat, A asap, R and PRN routine; T (timing
   * critical), P (before an operation), C (call back) and the UK's U urgent.
   */
  private static String priority(OrderGroup g) {
    String code =
        Stream.of(
                Hl7Message.get(g.other("TQ1"), 9, 1),
                Hl7Message.get(g.obr(), 27, 6),
                Hl7Message.get(g.orc(), 7, 6),
                Hl7Message.get(g.obr(), 5, 1))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    if (code == null || code.equals("PRN")) {
      return code == null ? null : "routine";
    }
    return switch (code.charAt(0)) {
      case 'S' -> "stat";
      case 'A' -> "asap";
      case 'U', 'P', 'C', 'T' -> "urgent";
      default -> "routine";
    };
  }

  /** Each OBR-31 (text, else code), a line each, else OBR-13. */
  private static String reason(Segment obr) {
    Set<String> reasons = new LinkedHashSet<>();
    for (int i = 0; i < Hl7Message.repetitions(obr, 31); i++) {
      String text = first(Hl7Message.get(obr, 31, i, 2), Hl7Message.get(obr, 31, i, 1));
      if (text != null) {
        reasons.add(text);
      }
    }
    return reasons.isEmpty() ? Hl7Message.get(obr, 13, 1) : String.join("\n", reasons);
  }

  /**
   * ORC-21 (name; its id in component 10 or 3), ORC-17, ORC-13, else PV1-3.4: the first that the
   * directory knows or that looks like an ODS code.
   */
  private String referringOrganisation(Segment orc, Segment visit) {
    String[] candidates = {
      Hl7Message.get(orc, 21, 10),
      Hl7Message.get(orc, 21, 3),
      Hl7Message.get(orc, 21, 1),
      Hl7Message.get(orc, 17, 1),
      Hl7Message.get(orc, 17, 2),
      Hl7Message.get(orc, 13, 4),
      Hl7Message.get(orc, 13, 1),
      Hl7Message.get(visit, 3, 4)
    };
    for (String candidate : candidates) {
      Optional<String> known = rules.issuer(candidate);
      if (known.isPresent()) {
        return known.get();
      }
    }
    for (String candidate : candidates) {
      if (candidate != null && candidate.matches("[A-Z][A-Z0-9]{2,5}")) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * The booking reference number of the NHS e-Referral Service, where it is said to be one: ORC-2,
   * ORC-4, ORC-8, OBR-2, PV1-5 and PV1-50 by assigning authority or type; RF1-6 and RF1-11 also
   * without.
   */
  private static String ubrn(OrderGroup g, Hl7Message message) {
    Segment visit = message.first("PV1");
    Segment referral = message.first("RF1");
    return Stream.of(
            said(g.orc(), 2),
            said(g.orc(), 4),
            said(g.orc(), 8),
            said(g.obr(), 2),
            said(visit, 5),
            said(visit, 50),
            digits(Hl7Message.get(referral, 6, 1)),
            digits(Hl7Message.get(referral, 11, 1)))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static String said(Segment segment, int field) {
    boolean named =
        Stream.of(2, 4, 5)
            .map(c -> Hl7Message.get(segment, field, c))
            .anyMatch(n -> n != null && UBRN.contains(n));
    return named ? digits(Hl7Message.get(segment, field, 1)) : null;
  }

  private static String digits(String text) {
    String digits = text == null ? "" : text.replaceAll("[ -]", "");
    return digits.length() == UBRN_DIGITS && digits.chars().allMatch(c -> c >= '0' && c <= '9')
        ? digits
        : null;
  }

  private static Instant firstTime(String a, String b, Instant otherwise) {
    Instant time = Hl7Time.instant(a);
    time = time != null ? time : Hl7Time.instant(b);
    return time != null ? time : otherwise;
  }
}
