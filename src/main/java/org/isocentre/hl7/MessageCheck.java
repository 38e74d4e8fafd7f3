package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a message can be filed: what is missing is said before it is acknowledged, never after.
 */
public final class MessageCheck {
  /** Message types and their trigger events. */
  private static final Map<String, Set<String>> SUPPORTED =
      Map.of(
          "ADT",
          Set.of("A01", "A04", "A08", "A28", "A31"),
          "ORM",
          Set.of("O01"),
          "ORU",
          Set.of("R01"));

  private static final Set<String> VERSIONS = Set.of("2.3", "2.3.1", "2.4", "2.5", "2.5.1");

  private MessageCheck() {}

  /** What MSH alone shows. */
  public static List<MessageProblem> check(Hl7Message.Header header) {
    List<MessageProblem> problems = new ArrayList<>();
    if (header.controlId().isEmpty()) {
      problems.add(
          new MessageProblem(
              "MSH",
              1,
              10,
              MessageProblem.REQUIRED_FIELD_MISSING,
              true,
              "message control ID is missing; give each message its own"));
    }
    if (!VERSIONS.contains(header.version())) {
      problems.add(
          new MessageProblem(
              "MSH",
              1,
              12,
              MessageProblem.UNSUPPORTED_VERSION,
              true,
              "version is not supported; send 2.3 to 2.5.1"));
    }
    if (!SUPPORTED.containsKey(header.type())) {
      problems.add(
          new MessageProblem(
              "MSH",
              1,
              9,
              MessageProblem.UNSUPPORTED_MESSAGE_TYPE,
              true,
              "message type is not supported; send ADT, ORM or ORU"));
    } else if (!SUPPORTED.get(header.type()).contains(header.trigger())) {
      problems.add(
          new MessageProblem(
              "MSH",
              1,
              9,
              MessageProblem.UNSUPPORTED_EVENT,
              true,
              "trigger event is not supported; send one of "
                  + new java.util.TreeSet<>(SUPPORTED.get(header.type()))));
    }
    return problems;
  }

  /** What the segments show. */
  public static List<MessageProblem> check(Hl7Message message) {
    List<MessageProblem> problems = new ArrayList<>();
    Segment pid = message.first("PID");
    if (pid == null) {
      problems.add(
          new MessageProblem(
              "PID",
              1,
              0,
              MessageProblem.SEGMENT_SEQUENCE,
              false,
              "PID segment is missing; say who the patient is"));
    } else {
      patient(pid, problems);
    }
    if (message.header().type().equals("ORM")) {
      numbers(message, "ORC", problems);
    } else if (message.header().type().equals("ORU")) {
      numbers(message, "OBR", problems);
    }
    return problems;
  }

  private static void patient(Segment pid, List<MessageProblem> problems) {
    if (!PatientFields.hasAnyId(pid)) {
      problems.add(
          new MessageProblem(
              "PID",
              1,
              3,
              MessageProblem.REQUIRED_FIELD_MISSING,
              false,
              "no patient number; send a local number or a valid NHS number"));
    }
    String birth = Hl7Message.get(pid, 7, 1);
    if (birth != null && birth.length() >= 8 && Hl7Time.date(birth) == null) {
      problems.add(
          new MessageProblem(
              "PID",
              1,
              7,
              MessageProblem.DATA_TYPE,
              false,
              "date of birth is no date; send YYYYMMDD"));
    }
  }

  private static void numbers(Hl7Message message, String required, List<MessageProblem> problems) {
    List<Segment> found =
        message.segments().stream().filter(s -> s.getName().equals(required)).toList();
    if (found.isEmpty()) {
      problems.add(
          new MessageProblem(
              required,
              1,
              0,
              MessageProblem.SEGMENT_SEQUENCE,
              false,
              required + " segment is missing"));
    }
    List<OrderGroup> groups = OrderGroup.of(message);
    for (int i = 0; i < groups.size(); i++) {
      boolean report = required.equals("OBR");
      OrderGroup group = groups.get(i);
      if (group.filler() == null && (report || group.placer() == null)) {
        problems.add(
            new MessageProblem(
                required,
                i + 1,
                report ? 3 : 2,
                MessageProblem.REQUIRED_FIELD_MISSING,
                false,
                report
                    ? "filler order number is missing"
                    : "neither placer nor filler order number; send one"));
      }
      if (tooLong(group.placer()) || tooLong(group.filler())) {
        problems.add(
            new MessageProblem(
                required,
                i + 1,
                2,
                MessageProblem.DATA_TYPE,
                false,
                "an order number is longer than 64 characters"));
      }
    }
  }

  private static boolean tooLong(String number) {
    return number != null && number.length() > 64;
  }
}
