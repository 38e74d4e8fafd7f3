package org.isocentre.hl7;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.model.Segment;
import ca.uhn.hl7v2.model.Structure;
import ca.uhn.hl7v2.parser.GenericModelClassFactory;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A parsed message as its segments in order, whatever its version: the mappers look at segments and
 * fields, which 2.3 to 2.5.1 share. Values come unescaped; {@code ""} (delete) comes as it is.
 */
public final class Hl7Message {
  private static final HapiContext CONTEXT = context();
  private static final Map<String, Charset> CHARSETS =
      Map.ofEntries(
          Map.entry("ASCII", StandardCharsets.US_ASCII),
          Map.entry("8859/1", StandardCharsets.ISO_8859_1),
          Map.entry("8859/2", Charset.forName("ISO-8859-2")),
          Map.entry("8859/3", Charset.forName("ISO-8859-3")),
          Map.entry("8859/4", Charset.forName("ISO-8859-4")),
          Map.entry("8859/5", Charset.forName("ISO-8859-5")),
          Map.entry("8859/6", Charset.forName("ISO-8859-6")),
          Map.entry("8859/7", Charset.forName("ISO-8859-7")),
          Map.entry("8859/8", Charset.forName("ISO-8859-8")),
          Map.entry("8859/9", Charset.forName("ISO-8859-9")),
          Map.entry("8859/15", Charset.forName("ISO-8859-15")),
          Map.entry("UNICODE UTF-8", StandardCharsets.UTF_8),
          Map.entry("UTF-8", StandardCharsets.UTF_8));

  private final List<Segment> segments;
  private final Header header;

  /**
   * MSH, read without a parser, so that also a message that cannot be parsed can be answered.
   *
   * @param acceptAcknowledgement MSH-15
   * @param applicationAcknowledgement MSH-16
   * @param characterSets MSH-18 as it came
   */
  public record Header(
      char fieldSeparator,
      String encodingCharacters,
      String sendingApplication,
      String sendingFacility,
      String receivingApplication,
      String receivingFacility,
      String at,
      String type,
      String trigger,
      String controlId,
      String processingId,
      String version,
      Charset charset,
      String acceptAcknowledgement,
      String applicationAcknowledgement,
      String characterSets) {
    /** Such as {@code ORM^O01}. */
    public String messageType() {
      return type + "^" + trigger;
    }

    /** MSH-7, or null if it is no time. */
    public java.time.Instant sentAt() {
      return Hl7Time.instant(at);
    }
  }

  private Hl7Message(List<Segment> segments, Header header) {
    this.segments = segments;
    this.header = header;
  }

  private static HapiContext context() {
    HapiContext context = new DefaultHapiContext(new GenericModelClassFactory());
    context.setValidationContext(ValidationContextFactory.noValidation());
    return context;
  }

  /** MSH of raw bytes, or empty if they do not begin with one. */
  public static Optional<Header> header(byte[] raw) {
    String latin = new String(raw, 0, Math.min(raw.length, 4096), StandardCharsets.ISO_8859_1);
    if (latin.length() < 9 || !latin.startsWith("MSH")) {
      return Optional.empty();
    }
    int end = endOfLine(latin);
    char separator = latin.charAt(3);
    if (Character.isLetterOrDigit(separator) || separator < ' ') {
      return Optional.empty();
    }
    String[] f =
        (end < 0 ? latin : latin.substring(0, end))
            .split(java.util.regex.Pattern.quote(String.valueOf(separator)), -1);
    String encoding = at(f, 1);
    String component =
        java.util.regex.Pattern.quote(encoding.isEmpty() ? "^" : encoding.substring(0, 1));
    String[] type = at(f, 8).split(component, -1);
    return Optional.of(
        new Header(
            separator,
            encoding,
            at(f, 2).split(component, -1)[0],
            at(f, 3).split(component, -1)[0],
            at(f, 4),
            at(f, 5),
            at(f, 6),
            at(type, 0),
            at(type, 1),
            at(f, 9),
            at(f, 10).split(component, -1)[0],
            at(f, 11).split(component, -1)[0],
            charset(at(f, 17).split("~", -1)[0], raw),
            at(f, 14),
            at(f, 15),
            at(f, 17)));
  }

  private static int endOfLine(String text) {
    int cr = text.indexOf('\r');
    int lf = text.indexOf('\n');
    return cr < 0 || lf < 0 ? Math.max(cr, lf) : Math.min(cr, lf);
  }

  private static String at(String[] fields, int index) {
    return index < fields.length ? fields[index].trim() : "";
  }

  /** MSH-18; without it, UTF-8 if the bytes are, else Latin-1. */
  private static Charset charset(String name, byte[] raw) {
    Charset named = CHARSETS.get(name.toUpperCase(java.util.Locale.ROOT));
    if (named != null && named != StandardCharsets.US_ASCII) {
      return named;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
      return StandardCharsets.UTF_8;
    } catch (CharacterCodingException e) {
      return StandardCharsets.ISO_8859_1;
    }
  }

  /**
   * @throws HL7Exception if HAPI cannot make segments of it
   */
  public static Hl7Message parse(byte[] raw) throws HL7Exception {
    Header header = header(raw).orElseThrow(() -> new HL7Exception("no MSH segment"));
    String text = new String(raw, header.charset()).replace("\r\n", "\r").replace('\n', '\r');
    Message message = CONTEXT.getPipeParser().parse(text);
    List<Segment> segments = new ArrayList<>();
    for (String name : message.getNames()) {
      for (Structure structure : message.getAll(name)) {
        if (structure instanceof Segment segment) {
          segments.add(segment);
        }
      }
    }
    return new Hl7Message(ordered(segments, text), header);
  }

  /**
   * HAPI keeps repetitions of a segment together; this puts all back in the order of the message.
   */
  private static List<Segment> ordered(List<Segment> grouped, String text) {
    Map<String, List<Segment>> byName = new java.util.HashMap<>();
    grouped.forEach(s -> byName.computeIfAbsent(s.getName(), k -> new ArrayList<>()).add(s));
    List<Segment> ordered = new ArrayList<>(grouped.size());
    for (String line : text.split("\r")) {
      String name = line.length() >= 3 ? line.substring(0, 3) : "";
      List<Segment> next = byName.get(name);
      if (next != null && !next.isEmpty()) {
        ordered.add(next.remove(0));
      }
    }
    return ordered;
  }

  public Header header() {
    return header;
  }

  /** All segments in order. */
  public List<Segment> segments() {
    return segments;
  }

  /** The first segment of this name, or null. */
  public Segment first(String name) {
    return segments.stream().filter(s -> s.getName().equals(name)).findFirst().orElse(null);
  }

  /**
   * A component of a field without surrounding space, or null if the segment is null, or it is
   * empty or {@code ""}.
   */
  public static String get(Segment segment, int field, int repetition, int component) {
    return get(segment, field, repetition, component, 1);
  }

  static String get(Segment segment, int field, int repetition, int component, int subcomponent) {
    if (segment == null) {
      return null;
    }
    try {
      String value = Terser.get(segment, field, repetition, component, subcomponent);
      return value == null || value.isBlank() || value.equals("\"\"") ? null : value.strip();
    } catch (HL7Exception e) {
      return null;
    }
  }

  static String get(Segment segment, int field, int component) {
    return get(segment, field, 0, component);
  }

  /** How often a field is repeated. */
  public static int repetitions(Segment segment, int field) {
    try {
      return segment == null ? 0 : segment.getField(field).length;
    } catch (HL7Exception e) {
      return 0;
    }
  }
}
