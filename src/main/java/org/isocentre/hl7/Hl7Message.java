package org.isocentre.hl7;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.model.Segment;
import ca.uhn.hl7v2.model.Structure;
import ca.uhn.hl7v2.model.Type;
import ca.uhn.hl7v2.parser.EncodingCharacters;
import ca.uhn.hl7v2.parser.Escaping;
import ca.uhn.hl7v2.parser.GenericModelClassFactory;
import ca.uhn.hl7v2.parser.PipeParser;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A parsed message as its segments in order, whatever its version: the mappers look at segments and
 * fields, which 2.1 to 2.8 share. Values come unescaped ({@link Delimiters#decode}); {@code ""}
 * (delete) comes as it is.
 */
public final class Hl7Message {
  private static final String DELETE = "\"\"";
  private static final int HEAD_BYTES = 4096;
  private static final Charset WINDOWS = Charset.forName("windows-1252");

  /** A parser for each character set, because escape sequences may hold bytes in it. */
  private static final Map<Charset, PipeParser> PARSERS = new ConcurrentHashMap<>();

  /** HL7 table 0211. */
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
          Map.entry("UNICODE", StandardCharsets.UTF_8),
          Map.entry("UNICODE UTF-8", StandardCharsets.UTF_8),
          Map.entry("UTF-8", StandardCharsets.UTF_8),
          Map.entry("UNICODE UTF-16", StandardCharsets.UTF_16),
          Map.entry("UTF-16", StandardCharsets.UTF_16));

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

    /** What parts the message. */
    public Delimiters delimiters() {
      return Delimiters.of(fieldSeparator, encodingCharacters);
    }
  }

  private Hl7Message(List<Segment> segments, Header header) {
    this.segments = segments;
    this.header = header;
  }

  private static PipeParser parser(Charset charset) {
    HapiContext context = new DefaultHapiContext(new GenericModelClassFactory());
    context.setValidationContext(ValidationContextFactory.noValidation());
    context
        .getParserConfiguration()
        .setEscaping(
            new Escaping() {
              @Override
              public String escape(String text, EncodingCharacters with) {
                return delimiters(with).encode(text);
              }

              @Override
              public String unescape(String text, EncodingCharacters with) {
                return text == null ? null : delimiters(with).decode(text, charset);
              }
            });
    return context.getPipeParser();
  }

  private static Delimiters delimiters(EncodingCharacters with) {
    return Delimiters.of(with.getFieldSeparator(), with.toString());
  }

  /**
   * MSH of raw bytes, or empty if they do not begin with one. A message type that stands alone, as
   * 2.1 allows, gets its trigger event: that of EVN-1 for ADT, else the type's first one.
   */
  public static Optional<Header> header(byte[] raw) {
    Charset wide = wide(raw);
    String head =
        withoutStart(
            new String(
                raw,
                0,
                Math.min(raw.length, HEAD_BYTES),
                wide == null ? StandardCharsets.ISO_8859_1 : wide),
            "\ufeff",
            "\u00ef\u00bb\u00bf");
    if (head.length() < 9 || !head.startsWith("MSH")) {
      return Optional.empty();
    }
    char separator = head.charAt(3);
    if (Character.isLetterOrDigit(separator) || separator < ' ') {
      return Optional.empty();
    }
    String[] lines = lines(head);
    String[] f = Delimiters.split(lines[0], separator);
    String encoding = at(f, 1);
    char component = encoding.isEmpty() ? '^' : encoding.charAt(0);
    String[] type = Delimiters.split(at(f, 8), component);
    String trigger = at(type, 1);
    return Optional.of(
        new Header(
            separator,
            encoding,
            Delimiters.split(at(f, 2), component)[0],
            Delimiters.split(at(f, 3), component)[0],
            at(f, 4),
            at(f, 5),
            at(f, 6),
            at(type, 0),
            trigger.isEmpty() ? impliedTrigger(at(type, 0), lines, separator) : trigger,
            at(f, 9),
            Delimiters.split(at(f, 10), component)[0],
            Delimiters.split(at(f, 11), component)[0],
            wide != null ? wide : charset(Delimiters.split(at(f, 17), '~')[0].trim(), raw),
            at(f, 14),
            at(f, 15),
            at(f, 17)));
  }

  /** Without a byte order mark and the space after it. */
  private static String withoutStart(String text, String... marks) {
    int from = 0;
    for (String mark : marks) {
      if (text.startsWith(mark)) {
        from = mark.length();
        break;
      }
    }
    while (from < text.length() && " \t\n\u000b\f\r".indexOf(text.charAt(from)) >= 0) {
      from++;
    }
    return from == 0 ? text : text.substring(from);
  }

  /** The first line, and the second if there is one. */
  private static String[] lines(String head) {
    int end = lineEnd(head, 0);
    int next = end;
    while (next < head.length() && isLineEnd(head.charAt(next))) {
      next++;
    }
    return next == head.length()
        ? new String[] {head.substring(0, end)}
        : new String[] {head.substring(0, end), head.substring(next, lineEnd(head, next))};
  }

  private static int lineEnd(String text, int from) {
    int end = from;
    while (end < text.length() && !isLineEnd(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isLineEnd(char c) {
    return c == '\r' || c == '\n';
  }

  private static String impliedTrigger(String type, String[] lines, char separator) {
    return switch (type) {
      case "ORM" -> "O01";
      case "ORU" -> "R01";
      case "ADT" ->
          lines.length > 1 && lines[1].startsWith("EVN" + separator)
              ? at(Delimiters.split(lines[1], separator), 1)
              : "";
      default -> "";
    };
  }

  private static String at(String[] fields, int index) {
    return index < fields.length ? fields[index].trim() : "";
  }

  /** UTF-16, by its byte order mark or by the zeros of "MSH"; null for anything else. */
  private static Charset wide(byte[] raw) {
    if (raw.length < 4) {
      return null;
    }
    int first = (raw[0] & 0xff) << 8 | raw[1] & 0xff;
    return switch (first) {
      case 0xfeff, 'M' -> StandardCharsets.UTF_16BE;
      case 0xfffe, 'M' << 8 -> StandardCharsets.UTF_16LE;
      default -> null;
    };
  }

  /** MSH-18; without it, UTF-8 if the bytes are, else what Windows takes for Latin-1. */
  private static Charset charset(String name, byte[] raw) {
    Charset named = CHARSETS.get(name.toUpperCase(Locale.ROOT));
    if (named != null && named != StandardCharsets.US_ASCII && named != StandardCharsets.UTF_16) {
      return named;
    }
    return holds(StandardCharsets.UTF_8, raw)
        ? StandardCharsets.UTF_8
        : holds(WINDOWS, raw) ? WINDOWS : StandardCharsets.ISO_8859_1;
  }

  private static boolean holds(Charset charset, byte[] raw) {
    try {
      decode(charset, raw);
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static String decode(Charset charset, byte[] raw) throws CharacterCodingException {
    return charset
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(raw))
        .toString();
  }

  /**
   * @throws UnreadableTextException if its text cannot be read without a guess
   * @throws HL7Exception if HAPI cannot make segments of it
   */
  public static Hl7Message parse(byte[] raw) throws HL7Exception {
    Header header = header(raw).orElseThrow(() -> new HL7Exception("no MSH segment"));
    String text = withTrigger(text(raw, header), header);
    Message message = PARSERS.computeIfAbsent(header.charset(), Hl7Message::parser).parse(text);
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
   * The whole text, segments ended by CR.
   *
   * @throws UnreadableTextException if it cannot be read without a guess
   */
  static String text(byte[] raw, Header header) throws UnreadableTextException {
    String text;
    try {
      text = decode(header.charset(), raw);
    } catch (CharacterCodingException e) {
      throw new UnreadableTextException(
          "bytes that are no " + header.charset().name() + "; name the character set that is sent");
    }
    text = withoutStart(text, "\ufeff").replace("\r\n", "\r").replace('\n', '\r');
    if (text.indexOf('\0') >= 0) {
      throw new UnreadableTextException("a NUL character; send text without it");
    }
    int end = text.indexOf('\r');
    String[] msh =
        Delimiters.split(end < 0 ? text : text.substring(0, end), header.fieldSeparator());
    String named = Delimiters.split(at(msh, 17), header.delimiters().repetition())[0];
    if (!named.isBlank() && !CHARSETS.containsKey(named.trim().toUpperCase(Locale.ROOT))) {
      throw new UnreadableTextException(
          "character set is not supported; send UNICODE UTF-8, 8859/1 to 8859/9, 8859/15 or ASCII");
    }
    return text;
  }

  /** HAPI takes no message type without its trigger event. */
  private static String withTrigger(String text, Header header) {
    int end = text.indexOf('\r');
    String[] msh =
        Delimiters.split(end < 0 ? text : text.substring(0, end), header.fieldSeparator());
    String component = String.valueOf(header.delimiters().component());
    if (msh.length <= 8 || header.trigger().isEmpty() || msh[8].contains(component)) {
      return text;
    }
    msh[8] = header.type() + component + header.trigger();
    return String.join(String.valueOf(header.fieldSeparator()), msh)
        + (end < 0 ? "" : text.substring(end));
  }

  /**
   * HAPI keeps repetitions of a segment together; this puts all back in the order of the message.
   */
  private static List<Segment> ordered(List<Segment> grouped, String text) {
    Map<String, List<Segment>> byName = new HashMap<>();
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
      return value == null || value.isBlank() || value.equals(DELETE) ? null : value.strip();
    } catch (HL7Exception e) {
      return null;
    }
  }

  static String get(Segment segment, int field, int component) {
    return get(segment, field, 0, component);
  }

  /**
   * A whole value of text, its leading space kept, or null. A sender that does not escape component
   * separators in text has them here again.
   */
  static String line(Segment segment, int field, int repetition) {
    StringBuilder line = new StringBuilder();
    try {
      Type value = segment.getField(field, repetition);
      Terser.get(segment, field, repetition, 1, 1);
      Segment msh = (Segment) segment.getMessage().get("MSH");
      String encoding = Terser.get(msh, 2, 0, 1, 1);
      Delimiters with = Delimiters.of('|', encoding == null ? "" : encoding);
      for (int c = 1; c <= Terser.numComponents(value); c++) {
        line.append(c == 1 ? "" : String.valueOf(with.component()));
        for (int s = 1; s <= Terser.numSubComponents(value, c); s++) {
          String part = Terser.get(segment, field, repetition, c, s);
          line.append(s == 1 ? "" : String.valueOf(with.subcomponent()))
              .append(part == null ? "" : part);
        }
      }
    } catch (HL7Exception e) {
      return null;
    }
    return line.isEmpty() || line.toString().equals(DELETE) ? null : line.toString();
  }

  /** Whether a field is {@code ""}: what was known is to be deleted (HL7 v2 §2.5.3). */
  static boolean isDeleted(Segment segment, int field) {
    return isDeleted(segment, field, 1);
  }

  static boolean isDeleted(Segment segment, int field, int component) {
    if (segment == null) {
      return false;
    }
    try {
      return DELETE.equals(Terser.get(segment, field, 0, component, 1));
    } catch (HL7Exception e) {
      return false;
    }
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
