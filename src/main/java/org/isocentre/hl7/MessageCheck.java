package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientKey;

/**
 * Whether a message can be filed: what is missing is said before it is acknowledged, never after.
 */
public final class MessageCheck {
  static final int MAX_ID = 64;
  private static final int MAX_UNREGISTERED = 190;

  /** Message types and their trigger events. */
  private static final Map<String, Set<String>> SUPPORTED =
      Map.of(
          "ADT",
          Set.of(
              "A01", "A02", "A03", "A04", "A05", "A08", "A11", "A12", "A13", "A28", "A31", "A18",
              "A24", "A30", "A34", "A36", "A37", "A40", "A47"),
          "ORM",
          Set.of("O01"),
          "OMG",
          Set.of("O19"),
          "OMI",
          Set.of("O23"),
          "SIU",
          Set.of("S12", "S13", "S14", "S15"),
          "ORU",
          Set.of("R01", "R40", "R42"),
          "MDM",
          Set.of("T02", "T04", "T08", "T11"));

  private static final Set<String> VERSIONS =
      Set.of(
          "2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8",
          "2.8.1");

  private MessageCheck() {}

  /** What MSH alone shows. */
  public static List<MessageProblem> check(Hl7Message.Header header) {
    List<MessageProblem> problems = new ArrayList<>();
    if (header.controlId().isEmpty()) {
      problems.add(
          rejected(
              10,
              MessageProblem.REQUIRED_FIELD_MISSING,
              "message control ID is missing; give each message its own"));
    }
    if (!VERSIONS.contains(header.version())) {
      problems.add(
          rejected(
              12,
              MessageProblem.UNSUPPORTED_VERSION,
              "version is not supported; send 2.1 to 2.8.1"));
    }
    Set<String> triggers = SUPPORTED.get(header.type());
    if (triggers == null) {
      problems.add(
          rejected(
              9,
              MessageProblem.UNSUPPORTED_MESSAGE_TYPE,
              "message type is not supported; send one of " + SUPPORTED.keySet()));
    } else if (!triggers.contains(header.trigger())) {
      problems.add(
          rejected(
              9,
              MessageProblem.UNSUPPORTED_EVENT,
              "trigger event is not supported; send one of " + new TreeSet<>(triggers)));
    }
    return problems;
  }

  private static MessageProblem rejected(int field, int code, String text) {
    return new MessageProblem("MSH", 1, field, code, true, text);
  }

  /** What the segments show. */
  public static List<MessageProblem> check(Hl7Message message) {
    List<MessageProblem> problems = new ArrayList<>();
    List<Segment> pids =
        message.segments().stream().filter(s -> s.getName().equals("PID")).toList();
    if (pids.isEmpty()) {
      problems.add(missing("PID", "say who the patient is"));
    }
    for (int i = 0; i < pids.size(); i++) {
      patient(pids.get(i), i + 1, problems);
    }
    switch (message.header().type()) {
      case "ADT" -> admission(message, pids.size(), problems);
      case "ORM" -> orders(message, "ORC", pids.size(), problems);
      case "OMG", "OMI" -> orders(message, "OBR", pids.size(), problems);
      case "ORU" -> results(message, problems);
      case "MDM" -> document(message, problems);
      case "SIU" -> appointment(message, problems);
      default -> throw new IllegalStateException("ISO-HL7-003: a type without a check");
    }
    return problems;
  }

  private static MessageProblem missing(String segment, String remedy) {
    return new MessageProblem(
        segment,
        1,
        0,
        MessageProblem.SEGMENT_SEQUENCE,
        false,
        segment + " segment is missing; " + remedy);
  }

  private static MessageProblem wrong(
      String segment, int sequence, int field, int code, String text) {
    return new MessageProblem(segment, sequence, field, code, false, text);
  }

  private static void patient(Segment pid, int sequence, List<MessageProblem> problems) {
    if (!PatientFields.hasAnyId(pid)) {
      problems.add(
          wrong(
              "PID",
              sequence,
              3,
              MessageProblem.REQUIRED_FIELD_MISSING,
              "no patient number; send a local number or a valid NHS number"));
    }
    String birth = Hl7Message.get(pid, 7, 1);
    if (birth != null && birth.length() >= 8 && Hl7Time.date(birth) == null) {
      problems.add(
          wrong(
              "PID",
              sequence,
              7,
              MessageProblem.DATA_TYPE,
              "date of birth is no date; send YYYYMMDD"));
    }
  }

  private static void admission(Hl7Message message, int pids, List<MessageProblem> problems) {
    String trigger = message.header().trigger();
    if (!AdtToMerge.triggers().contains(trigger)) {
      if (pids > 1) {
        problems.add(secondPatient());
      }
      return;
    }
    boolean links = AdtToMerge.links(trigger);
    List<AdtToMerge.Pair> pairs = AdtToMerge.pairs(message);
    MappingRules rules = new MappingRules(name -> java.util.Optional.of(name));
    for (int i = 0; i < pairs.size(); i++) {
      AdtToMerge.Pair pair = pairs.get(i);
      if (pair.other() == null) {
        problems.add(
            links
                ? missing("PID", "two are linked or unlinked; send two PID")
                : missing("MRG", "send one after each PID"));
      } else if (pair.prior("-", rules).isEmpty()) {
        problems.add(
            wrong(
                "MRG",
                i + 1,
                1,
                MessageProblem.REQUIRED_FIELD_MISSING,
                "no prior patient number; send a local number or a valid NHS number"));
      } else if (isSame(pair, rules)) {
        problems.add(
            wrong(
                pair.other().getName(),
                links ? 2 : i + 1,
                links ? 3 : 1,
                MessageProblem.DATA_TYPE,
                "the number of PID again; send that of the other record"));
      }
    }
  }

  /** Whether both records have one local number: there is nothing to do, or a slip. */
  private static boolean isSame(AdtToMerge.Pair pair, MappingRules rules) {
    PatientKey surviving =
        PatientFields.read(pair.pid(), "-", rules.issuers(), Patient.Source.ADT).identity().key();
    return surviving != null
        && pair.prior("-", rules).stream().anyMatch(prior -> surviving.equals(prior.key()));
  }

  private static MessageProblem secondPatient() {
    return wrong(
        "PID",
        2,
        0,
        MessageProblem.SEGMENT_SEQUENCE,
        "a second patient; send one message for each");
  }

  private static void orders(
      Hl7Message message, String required, int pids, List<MessageProblem> problems) {
    List<OrderGroup> groups =
        OrderGroup.of(message).stream().filter(g -> !g.isPriorResult()).toList();
    if (message.first(required) == null || groups.isEmpty()) {
      problems.add(missing(required, "send one for each order"));
    }
    // Results of before (OMG) have a PID of their own; an order of a second patient would be
    // misfiled.
    if (groups.stream().anyMatch(g -> g.patient() > 1)
        || pids > 1 && !message.header().type().equals("OMG")) {
      problems.add(secondPatient());
    }
    for (int i = 0; i < groups.size(); i++) {
      OrderGroup group = groups.get(i);
      if (group.filler() == null && group.placer() == null) {
        problems.add(
            wrong(
                required,
                i + 1,
                2,
                MessageProblem.REQUIRED_FIELD_MISSING,
                "neither placer nor filler order number; send one"));
      }
      length(group, required, i + 1, problems);
      if (group.orc() != group.ownOrc() && sharesNumbers(groups, i)) {
        problems.add(
            wrong(
                "OBR",
                i + 1,
                3,
                MessageProblem.DATA_TYPE,
                "several OBR share an order's numbers; give each its own"));
      }
    }
  }

  /** Whether an earlier OBR has the same placer number, or filler number where it has none. */
  private static boolean sharesNumbers(List<OrderGroup> groups, int index) {
    Set<String> earlier = new HashSet<>();
    groups.subList(0, index).forEach(g -> earlier.add(key(g)));
    return earlier.contains(key(groups.get(index)));
  }

  private static String key(OrderGroup g) {
    return g.placer() != null ? "P" + g.placer() : "F" + g.filler();
  }

  private static void results(Hl7Message message, List<MessageProblem> problems) {
    if (message.first("OBR") == null) {
      problems.add(missing("OBR", "send one for each result"));
    }
    int sequence = 0;
    for (OrderGroup group : OrderGroup.of(message)) {
      sequence++;
      if (group.filler() == null) {
        problems.add(
            wrong(
                "OBR",
                sequence,
                3,
                MessageProblem.REQUIRED_FIELD_MISSING,
                "filler order number is missing"));
      }
      length(group, "OBR", sequence, problems);
    }
    documents(message, problems);
  }

  private static void length(
      OrderGroup group, String segment, int sequence, List<MessageProblem> problems) {
    if (tooLong(group.placer()) || tooLong(group.filler())) {
      problems.add(
          wrong(
              segment,
              sequence,
              2,
              MessageProblem.DATA_TYPE,
              "an order number is longer than 64 characters"));
    }
  }

  private static boolean tooLong(String number) {
    return number != null && number.length() > MAX_ID;
  }

  private static void documents(Hl7Message message, List<MessageProblem> problems) {
    int sequence = 0;
    for (Segment segment : message.segments()) {
      if (!segment.getName().equals("OBX")) {
        continue;
      }
      sequence++;
      if (ReportContent.isBroken(segment)) {
        problems.add(
            wrong(
                "OBX",
                sequence,
                5,
                MessageProblem.DATA_TYPE,
                "the document cannot be decoded; send it as Base64"));
      }
    }
  }

  private static void document(Hl7Message message, List<MessageProblem> problems) {
    Segment txa = message.first("TXA");
    if (txa == null) {
      problems.add(missing("TXA", "say which document it is"));
      return;
    }
    String filler = MdmToReport.fillerNumber(message);
    String number = MdmToReport.documentNumber(txa);
    if (filler == null && number == null) {
      problems.add(
          wrong(
              "TXA",
              1,
              12,
              MessageProblem.REQUIRED_FIELD_MISSING,
              "neither document number nor filler order number; send one"));
    }
    if (tooLong(filler)
        || tooLong(Hl7Message.get(txa, 14, 1))
        || number != null && number.length() > MAX_UNREGISTERED) {
      problems.add(
          wrong("TXA", 1, 12, MessageProblem.DATA_TYPE, "a number is longer than 64 characters"));
    }
    if (OrderGroup.of(message).size() > 1) {
      problems.add(
          wrong(
              "OBR",
              2,
              0,
              MessageProblem.SEGMENT_SEQUENCE,
              "a document for several orders; send one message for each"));
    }
    documents(message, problems);
  }

  private static void appointment(Hl7Message message, List<MessageProblem> problems) {
    Segment sch = message.first("SCH");
    if (sch == null) {
      problems.add(missing("SCH", "say which appointment it is"));
      return;
    }
    String placer = Hl7Message.get(sch, 1, 1);
    String filler = Hl7Message.get(sch, 2, 1);
    if (placer == null && filler == null) {
      problems.add(
          wrong(
              "SCH",
              1,
              1,
              MessageProblem.REQUIRED_FIELD_MISSING,
              "neither placer nor filler appointment ID; send one"));
    }
    if (tooLong(placer) || tooLong(filler)) {
      problems.add(
          wrong("SCH", 1, 1, MessageProblem.DATA_TYPE, "an ID is longer than 64 characters"));
    }
    if (!message.header().trigger().equals("S15") && SiuToSchedule.start(message) == null) {
      problems.add(
          wrong(
              "SCH",
              1,
              11,
              MessageProblem.REQUIRED_FIELD_MISSING,
              "no start; send it in SCH-11.4, TQ1-7 or AIS-4"));
    }
  }
}
