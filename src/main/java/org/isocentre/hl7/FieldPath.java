package org.isocentre.hl7;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.isocentre.hl7.OutboundSegment.Position;

/**
 * A place in messages as people write it: {@code PID-3}, {@code PID-3.1}, {@code PID-3[2].4.1},
 * {@code OBX[2]-5}. Counts from 1.
 *
 * @param occurrence which segment of this name; 0 for each
 * @param repetition which repetition of the field; 0 for each
 * @param component 0 for the whole field
 * @param subcomponent 0 for the whole component
 */
record FieldPath(
    String segment, int occurrence, int field, int repetition, int component, int subcomponent) {
  private static final Pattern FORM =
      Pattern.compile(
          "([A-Z][A-Z0-9]{2})(?:\\[([1-9]\\d?)])?-([1-9]\\d{0,2})(?:\\[([1-9]\\d?)])?"
              + "(?:\\.([1-9]\\d?))?(?:\\.([1-9]\\d?))?");

  /** Empty if it is none. */
  static Optional<FieldPath> parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches() || Integer.parseInt(m.group(3)) > OutboundSegment.MAX_FIELD) {
      return Optional.empty();
    }
    return Optional.of(
        new FieldPath(
            m.group(1),
            number(m.group(2)),
            Integer.parseInt(m.group(3)),
            number(m.group(4)),
            number(m.group(5)),
            number(m.group(6))));
  }

  private static int number(String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  /** The segments of a message that this names. */
  List<OutboundSegment> segments(OutboundMessage message) {
    List<OutboundSegment> all = message.segments(segment);
    if (occurrence == 0) {
      return all;
    }
    return occurrence > all.size() ? List.of() : List.of(all.get(occurrence - 1));
  }

  /** Whether a value of a segment lies in this. */
  boolean covers(Position p) {
    return p.field() == field
        && (repetition == 0 || p.repetition() == repetition)
        && (component == 0 || p.component() == component)
        && (subcomponent == 0 || p.subcomponent() == subcomponent);
  }

  /** Where a single value goes that is written in one repetition. */
  Position at(int repetitionOfField) {
    return new Position(
        field, repetitionOfField, Math.max(component, 1), Math.max(subcomponent, 1));
  }

  /** 0 for a field, 1 for a component, 2 for a subcomponent. */
  int depth() {
    return component == 0 ? 0 : subcomponent == 0 ? 1 : 2;
  }
}
