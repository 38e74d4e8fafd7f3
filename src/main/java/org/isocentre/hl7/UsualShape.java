package org.isocentre.hl7;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells from the text of a message that {@link MessageCheck} finds nothing wrong with it: one
 * patient, one order or result with a number, the usual delimiters, nothing escaped where it
 * matters. Most messages are so, and their senders wait; what is not so is parsed and checked,
 * which takes several times as long.
 */
final class UsualShape {
  private static final String ENCODING = "^~\\&";

  /** Segments that stand in a message once or many times and mean what they mean anywhere. */
  private static final Set<String> SEGMENTS =
      Set.of(
          "EVN", "PID", "PD1", "NK1", "PV1", "PV2", "ORC", "OBR", "OBX", "NTE", "TQ1", "IPC", "ZDS",
          "AL1", "DG1", "IN1", "GT1", "ROL");

  /** Types whose check needs no more than one patient and one order. */
  private static final Set<String> TYPES = Set.of("ADT", "ORM", "OMG", "OMI", "ORU");

  private static final Pattern MESSAGE_TYPE =
      Pattern.compile("[A-Z]{3}\\^[A-Z0-9]{3}(\\^[A-Z]{3}_[A-Z0-9]{3})?");

  private static final int SHORTEST_DATE = 8;
  private final String type;
  private Line patient;
  private Line order;
  private Line request;

  private UsualShape(String type) {
    this.type = type;
  }

  /** One segment; most are never split. */
  private static final class Line {
    private final String text;
    private final String name;
    private String[] fields;

    Line(String text) {
      this.text = text;
      int end = text.indexOf('|');
      this.name = end < 0 ? text : text.substring(0, end);
    }

    /**
     * @param number 0 is the name of the segment
     */
    String field(int number) {
      if (fields == null) {
        fields = Delimiters.split(text, '|');
      }
      return number < fields.length ? fields[number] : "";
    }

    /** Whether the field is as it reads: no escape sequence, no {@code ""}. */
    boolean isPlain(int number) {
      String text = field(number);
      return text.indexOf('\\') < 0 && text.indexOf('"') < 0;
    }

    /** The first component of the first repetition. */
    String first(int number) {
      return component(Delimiters.split(field(number), '~')[0], 1);
    }

    static String component(String repetition, int number) {
      String[] components = Delimiters.split(repetition, '^');
      return number > components.length
          ? ""
          : Delimiters.split(components[number - 1], '&')[0].strip();
    }
  }

  /**
   * @return false if it takes a parser to say
   * @throws UnreadableTextException if its text cannot be read without a guess
   */
  static boolean isClear(byte[] raw, Hl7Message.Header header) throws UnreadableTextException {
    String name = header.type();
    return TYPES.contains(name)
        && header.fieldSeparator() == '|'
        && header.encodingCharacters().equals(ENCODING)
        && !(name.equals("ADT") && AdtToMerge.triggers().contains(header.trigger()))
        && new UsualShape(name).isClear(lines(Hl7Message.text(raw, header)), header);
  }

  private static List<Line> lines(String text) {
    List<Line> lines = new ArrayList<>();
    for (String line : Delimiters.split(text, '\r')) {
      lines.add(new Line(line));
    }
    // Its last segment is ended, too.
    int last = lines.size() - 1;
    return lines.get(last).text.isEmpty() ? lines.subList(0, last) : lines;
  }

  private boolean isClear(List<Line> lines, Hl7Message.Header header) {
    Line msh = lines.get(0);
    boolean usual =
        msh.name.equals("MSH")
            && MESSAGE_TYPE.matcher(msh.field(8)).matches()
            && msh.field(11).equals(header.version());
    for (Line line : lines.subList(1, lines.size())) {
      usual = usual && SEGMENTS.contains(line.name) && take(line);
    }
    return usual && patient != null && isKnown() && (type.equals("ADT") || isNumbered());
  }

  /**
   * @return false if it stands where another would say something else
   */
  private boolean take(Line line) {
    switch (line.name) {
      case "PID" -> {
        boolean first = patient == null && order == null && request == null;
        patient = line;
        return first;
      }
      case "ORC" -> {
        boolean first = patient != null && order == null && request == null;
        order = line;
        return first;
      }
      case "OBR" -> {
        boolean first = patient != null && request == null;
        request = line;
        return first;
      }
      case "OBX" -> {
        // Documents are looked at.
        return line.isPlain(2) && !Set.of("ED", "RP").contains(line.first(2));
      }
      default -> {
        return true;
      }
    }
  }

  /** The patient has a local number, and a birth date that is one. */
  private boolean isKnown() {
    String birth = patient.first(7);
    return patient.isPlain(3)
        && patient.isPlain(7)
        && (birth.length() < SHORTEST_DATE || Hl7Time.date(birth) != null)
        && Arrays.stream(Delimiters.split(patient.field(3), '~')).anyMatch(UsualShape::isLocal);
  }

  private static boolean isLocal(String number) {
    return isId(Line.component(number, 1))
        && !PatientFields.isOfAnotherKind(Line.component(number, 5), Line.component(number, 4));
  }

  private static boolean isId(String value) {
    return !value.isEmpty() && value.length() <= MessageCheck.MAX_ID;
  }

  private boolean isNumbered() {
    boolean results = type.equals("ORU");
    if ((type.equals("ORM") ? order : request) == null) {
      return false;
    }
    Line none = new Line("");
    Line orc = order == null ? none : order;
    Line obr = request == null ? none : request;
    for (int field : new int[] {1, 2, 3}) {
      if (!orc.isPlain(field) || !obr.isPlain(field)) {
        return false;
      }
    }
    String placer = either(orc, obr, 2);
    String filler = either(orc, obr, 3);
    return !orc.first(1).equals("PR")
        && (isId(filler) || filler.isEmpty() && !results && isId(placer))
        && placer.length() <= MessageCheck.MAX_ID;
  }

  private static String either(Line orc, Line obr, int field) {
    String value = orc.first(field);
    return value.isEmpty() ? obr.first(field) : value;
  }
}
