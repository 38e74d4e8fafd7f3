package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a value stands in an order's group of segments, such as {@code OBR-18} or {@code ZDS-2.1}.
 *
 * @param field from 1
 * @param component from 1
 */
public record FieldLocation(String segment, int field, int component) {
  private static final Pattern TEXT =
      Pattern.compile("([A-Z][A-Z0-9]{2})-([1-9]\\d{0,2})(?:\\.([1-9]\\d?))?");

  /**
   * @throws IllegalArgumentException ISO-HL7-002 if it is none
   */
  public static FieldLocation parse(String text) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "ISO-HL7-002: \"" + text + "\" is no place of a field; write it like OBR-18 or ZDS-2.1");
    }
    return new FieldLocation(
        m.group(1),
        Integer.parseInt(m.group(2)),
        m.group(3) == null ? 1 : Integer.parseInt(m.group(3)));
  }

  /** What stands there, or null. */
  String in(OrderGroup group) {
    return in(of(group));
  }

  String in(Segment holder) {
    return Hl7Message.get(holder, field, component);
  }

  Segment of(OrderGroup group) {
    return switch (segment) {
      case "ORC" -> group.ownOrc();
      case "OBR" -> group.obr();
      default -> group.other(segment);
    };
  }

  boolean is(String otherSegment, int otherField) {
    return segment.equals(otherSegment) && field == otherField;
  }

  @Override
  public String toString() {
    return segment + "-" + field + (component == 1 ? "" : "." + component);
  }
}
