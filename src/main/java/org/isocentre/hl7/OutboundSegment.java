package org.isocentre.hl7;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One segment that is being made: the values of its fields, unescaped. Nothing is null in it. */
final class OutboundSegment {
  /** Highest field number that is written; the largest segment of HL7 v2.8 has fewer. */
  static final int MAX_FIELD = 250;

  /** Where a value stands; each part counts from 1. */
  record Position(int field, int repetition, int component, int subcomponent)
      implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
        Comparator.comparingInt(Position::field)
            .thenComparingInt(Position::repetition)
            .thenComparingInt(Position::component)
            .thenComparingInt(Position::subcomponent);

    @Override
    public int compareTo(Position other) {
      return ORDER.compare(this, other);
    }
  }

  private final String name;
  private final TreeMap<Position, String> values = new TreeMap<>();

  OutboundSegment(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /** Sets a field's components in its first repetition; null and empty ones are left out. */
  OutboundSegment field(int field, String... components) {
    return repetition(field, 1, components);
  }

  OutboundSegment repetition(int field, int repetition, String... components) {
    for (int i = 0; i < components.length; i++) {
      put(new Position(field, repetition, i + 1, 1), components[i]);
    }
    return this;
  }

  String get(Position position) {
    return values.get(position);
  }

  /** Null or empty takes the value away. */
  void put(Position position, String value) {
    if (value == null || value.isEmpty()) {
      values.remove(position);
    } else {
      values.put(position, value);
    }
  }

  /** Values of a field in order, with where they stand. */
  Map<Position, String> ofField(int field) {
    return new TreeMap<>(
        values.subMap(
            new Position(field, Integer.MIN_VALUE, 0, 0),
            new Position(field + 1, Integer.MIN_VALUE, 0, 0)));
  }

  /** How often a field is repeated; 0 if it is empty. */
  int repetitions(int field) {
    return ofField(field).keySet().stream().mapToInt(Position::repetition).max().orElse(0);
  }

  void write(Writer out) throws IOException {
    out.write(name);
    boolean header = name.equals("MSH");
    int[] at = {header ? 2 : 0, 1, 1, 1};
    out.write(header ? "|^~\\&" : "");
    for (Map.Entry<Position, String> entry : values.entrySet()) {
      delimiters(out, at, entry.getKey());
      String value = entry.getValue();
      if (OutboundText.isPlain(value)) {
        out.write(value);
      } else {
        StringBuilder escaped = new StringBuilder(value.length() + 64);
        OutboundText.escape(value, escaped);
        out.append(escaped);
      }
    }
    out.write('\r');
  }

  private static void delimiters(Writer out, int[] at, Position to) throws IOException {
    int[] target = {to.field(), to.repetition(), to.component(), to.subcomponent()};
    String delimiters = "|~^&";
    for (int level = 0; level < target.length; level++) {
      if (target[level] > at[level]) {
        for (; at[level] < target[level]; at[level]++) {
          out.write(delimiters.charAt(level));
        }
        java.util.Arrays.fill(at, level + 1, at.length, 1);
      }
    }
  }

  List<Position> positions() {
    return new ArrayList<>(values.keySet());
  }
}
