package org.isocentre.hl7;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.isocentre.hl7.OutboundSegment.Position;

/** One thing that a destination wants otherwise. */
sealed interface OutboundRule {
  /** Changes the message. */
  void apply(OutboundMessage message);

  /**
   * A rule that is for some messages only.
   *
   * @param kinds empty for all
   * @param when a field that must have one of some values, or null
   */
  record Conditional(Set<OutboundKind> kinds, When when, OutboundRule rule)
      implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      if ((kinds.isEmpty() || kinds.contains(message.kind()))
          && (when == null || when.holds(message))) {
        rule.apply(message);
      }
    }
  }

  /** True if the first value of a field is one of these; the empty text stands for no value. */
  record When(FieldPath field, Set<String> is) {
    boolean holds(OutboundMessage message) {
      String value =
          field.segments(message).stream()
              .findFirst()
              .map(s -> first(s, field).values().stream().findFirst().orElse(""))
              .orElse("");
      return is.contains(value);
    }
  }

  /** Writes a value in each repetition that is there, else in the first. */
  record SetValue(FieldPath field, String value) implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      for (OutboundSegment segment : field.segments(message)) {
        if (field.depth() == 0 && field.repetition() == 0) {
          remove(segment, field);
          segment.put(field.at(1), value);
          continue;
        }
        int last =
            field.repetition() > 0
                ? field.repetition()
                : Math.max(1, segment.repetitions(field.field()));
        for (int r = Math.max(field.repetition(), 1); r <= last; r++) {
          write(segment, field, r, value);
        }
      }
    }

    private static void write(OutboundSegment segment, FieldPath field, int r, String value) {
      segment.positions().stream()
          .filter(p -> field.covers(p) && p.repetition() == r)
          .forEach(p -> segment.put(p, null));
      segment.put(field.at(r), value);
    }
  }

  /** Replaces values by a table. @param otherwise for what the table has not; null to keep it */
  record MapValues(FieldPath field, Map<String, String> values, String otherwise)
      implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      for (OutboundSegment segment : field.segments(message)) {
        for (Position p : segment.positions()) {
          if (field.covers(p) && (field.component() > 0 || p.component() == 1)) {
            String old = segment.get(p);
            segment.put(p, values.getOrDefault(old, otherwise == null ? old : otherwise));
          }
        }
      }
    }
  }

  /** Takes values away. */
  record Remove(FieldPath field) implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      field.segments(message).forEach(s -> remove(s, field));
    }
  }

  /** Takes segments away. */
  record RemoveSegment(String name) implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      message.segments().removeIf(s -> s.name().equals(name));
    }
  }

  /**
   * Copies a field or a part of one, to a place of the same depth. From the same segment where both
   * are in one, else from the first of its name. @param move whether it is taken away from where it
   * was
   */
  record Copy(FieldPath from, FieldPath to, boolean move) implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      List<OutboundSegment> sources = from.segments(message);
      List<Taken> taken = new ArrayList<>();
      for (OutboundSegment target : sources.isEmpty() ? sources : to.segments(message)) {
        OutboundSegment source = sources.contains(target) ? target : sources.get(0);
        taken.add(new Taken(source, target, values(source)));
      }
      taken.removeIf(t -> t.values().isEmpty());
      if (move) {
        taken.forEach(t -> t.values().keySet().forEach(p -> t.source().put(p, null)));
      }
      for (Taken t : taken) {
        remove(t.target(), to);
        t.values().forEach((p, value) -> t.target().put(moved(p), value));
      }
    }

    private record Taken(
        OutboundSegment source, OutboundSegment target, Map<Position, String> values) {}

    /** A whole field with all of its repetitions; of a part, the first that is there. */
    private Map<Position, String> values(OutboundSegment source) {
      return from.depth() == 0 && from.repetition() == 0
          ? source.ofField(from.field())
          : first(source, from);
    }

    private Position moved(Position p) {
      boolean whole = from.depth() == 0 && from.repetition() == 0 && to.repetition() == 0;
      return new Position(
          to.field(),
          whole ? p.repetition() : Math.max(to.repetition(), 1),
          to.component() == 0 ? (from.component() == 0 ? p.component() : 1) : to.component(),
          to.subcomponent() == 0
              ? (from.subcomponent() == 0 ? p.subcomponent() : 1)
              : to.subcomponent());
    }
  }

  /**
   * Adds a segment.
   *
   * @param after name of the segment that it follows, the last of this name; at the end if there is
   *     none
   */
  record AddSegment(String name, String after, TreeMap<FieldPath, Content> fields)
      implements OutboundRule {
    @Override
    public void apply(OutboundMessage message) {
      OutboundSegment added = new OutboundSegment(name);
      fields.forEach(
          (path, content) ->
              added.put(path.at(Math.max(path.repetition(), 1)), content.of(message)));
      if (added.positions().isEmpty()) {
        return;
      }
      int at = message.segments().size();
      for (int i = 0; i < message.segments().size(); i++) {
        if (message.segments().get(i).name().equals(after)) {
          at = i + 1;
        }
      }
      message.segments().add(at, added);
    }
  }

  /** Text, or the first value of a field. */
  record Content(String text, FieldPath from) {
    String of(OutboundMessage message) {
      return from == null
          ? text
          : from.segments(message).stream()
              .findFirst()
              .map(s -> first(s, from).values().stream().findFirst().orElse(null))
              .orElse(null);
    }
  }

  /** Values of a place in its first repetition that has some. */
  private static Map<Position, String> first(OutboundSegment segment, FieldPath path) {
    TreeMap<Position, String> found = new TreeMap<>();
    for (Position p : segment.positions()) {
      if (path.covers(p) && (found.isEmpty() || found.firstKey().repetition() == p.repetition())) {
        found.put(p, segment.get(p));
      }
    }
    return found;
  }

  private static void remove(OutboundSegment segment, FieldPath path) {
    for (Position p : segment.positions()) {
      if (path.covers(p)) {
        segment.put(p, null);
      }
    }
  }
}
