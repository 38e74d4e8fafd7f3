package org.isocentre.hl7;

import ca.uhn.hl7v2.HL7Exception;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A message that is written field by field. */
final class DraftMessage {
  private final String type;
  private String trigger;

  /** Segments in order; field to component to value. */
  private final Map<String, TreeMap<Integer, TreeMap<Integer, String>>> segments =
      new LinkedHashMap<>();

  /**
   * @param type such as {@code ORM^O01}
   * @param segments after MSH, each once
   */
  DraftMessage(String type, String... segments) {
    this.type = type.substring(0, 3);
    this.trigger = type.substring(4);
    for (String segment : segments) {
      this.segments.put(segment, new TreeMap<>());
    }
  }

  /**
   * @param place such as {@code ORC-7.4}, or {@code MSH-9.2}
   * @param value may hold component separators if the place is a whole field
   */
  DraftMessage with(String place, String value) {
    if (place.equals("MSH-9.2")) {
      trigger = value;
      return this;
    }
    FieldLocation at = FieldLocation.parse(place);
    segments
        .get(at.segment())
        .computeIfAbsent(at.field(), f -> new TreeMap<>())
        .put(at.component(), value);
    return this;
  }

  DraftMessage with(Map<String, String> places) {
    places.forEach(this::with);
    return this;
  }

  boolean has(String segment) {
    return segments.containsKey(segment);
  }

  Hl7Message parse() throws HL7Exception {
    StringBuilder text =
        new StringBuilder("MSH|^~\\&|RIS|RTH|HUB|ISO|20261101093000+0000||")
            .append(type + "^" + trigger)
            .append("|M1|P|2.5.1\r");
    segments.forEach(
        (name, fields) -> {
          text.append(name);
          int last = fields.isEmpty() ? 1 : fields.lastKey();
          for (int f = 1; f <= last; f++) {
            text.append('|').append(joined(fields.getOrDefault(f, new TreeMap<>())));
          }
          text.append('\r');
        });
    return Hl7Message.parse(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String joined(TreeMap<Integer, String> components) {
    return components.isEmpty()
        ? ""
        : IntStream.rangeClosed(1, components.lastKey())
            .mapToObj(c -> components.getOrDefault(c, ""))
            .collect(Collectors.joining("^"));
  }
}
