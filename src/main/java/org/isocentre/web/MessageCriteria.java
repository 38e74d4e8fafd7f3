package org.isocentre.web;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TrackedMessage;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageLabels.Kind;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Criteria as callers write them, in a query or as JSON. One that is not known is an error: a
 * search that leaves it out would find, and a replay would touch, more than was meant.
 */
final class MessageCriteria {
  private static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              "patient",
              "accession",
              "order",
              "controlId",
              "application",
              "facility",
              "destination",
              "direction",
              "type",
              "state",
              "error",
              "step",
              "from",
              "until"));
  private static final int MOST_VALUES = 20;
  private static final int LONGEST = 200;
  private final Map<String, List<String>> values;

  private MessageCriteria(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * @param json values are text, or lists of text
   * @throws ResponseStatusException 400
   */
  static MessageCriteria of(Map<String, ?> json) {
    Map<String, List<String>> values = new HashMap<>();
    json.forEach((name, value) -> values.put(name, texts(name, value)));
    return new MessageCriteria(values);
  }

  private static List<String> texts(String name, Object value) {
    if (!NAMES.contains(name)) {
      throw bad("there is no criterion of this name; there are " + NAMES);
    }
    Collection<?> all = value instanceof Collection<?> list ? list : Arrays.asList(value);
    List<String> texts = new ArrayList<>();
    for (Object one : all) {
      if (!(one instanceof String text) || text.isBlank() || text.length() > LONGEST) {
        throw bad(name + " must be text of 1 to " + LONGEST + " characters");
      }
      texts.add(text.strip());
    }
    boolean many = name.equals("state") || name.equals("patient");
    if (texts.isEmpty() || texts.size() > (many ? MOST_VALUES : 1)) {
      throw bad(name + " must be given " + (many ? "1 to " + MOST_VALUES + " times" : "once"));
    }
    return texts;
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /**
   * @param custodian that the caller is limited to, or null
   * @param states where none is asked for, or null for any
   * @param numbersOf every number of a patient of the index
   */
  MessageQuery query(
      String custodian,
      Set<MessageIndex.State> states,
      Function<UUID, Collection<MessageLabels.Number>> numbersOf) {
    return new MessageQuery(
        custodian,
        one("direction", text -> constant("direction", TrackedMessage.Direction.class, text)),
        patients(numbersOf),
        one("accession", text -> number(Kind.ACCESSION, text)),
        one("order", text -> number(Kind.ORDER, text)),
        text("controlId"),
        text("application"),
        text("facility"),
        text("destination"),
        text("type"),
        states(states),
        text("error"),
        text("step"),
        new TimeRange(one("from", MessageCriteria::time), one("until", MessageCriteria::time)));
  }

  private String text(String name) {
    return one(name, Function.identity());
  }

  private <T> T one(String name, Function<String, T> read) {
    return values.containsKey(name) ? read.apply(values.get(name).get(0)) : null;
  }

  private Set<MessageIndex.State> states(Set<MessageIndex.State> otherwise) {
    if (!values.containsKey("state")) {
      return otherwise;
    }
    Set<MessageIndex.State> states = EnumSet.noneOf(MessageIndex.State.class);
    for (String value : values.get("state")) {
      for (String name : value.split(",")) {
        states.add(constant("state", MessageIndex.State.class, name.strip()));
      }
    }
    return states;
  }

  /** A number with or without its issuer, or the id of a FHIR Patient: then all its numbers. */
  private List<MessageLabels.Number> patients(
      Function<UUID, Collection<MessageLabels.Number>> numbersOf) {
    if (!values.containsKey("patient")) {
      return null;
    }
    List<MessageLabels.Number> numbers = new ArrayList<>();
    for (String text : values.get("patient")) {
      UUID id = uuid(text.startsWith("Patient/") ? text.substring(8) : text);
      if (id == null) {
        numbers.add(number(Kind.PATIENT, text));
      } else {
        numbers.addAll(numbersOf.apply(id));
        // Of a patient without a number there is nothing to be found.
        numbers.add(new MessageLabels.Number(Kind.PATIENT, "", id.toString()));
      }
    }
    return numbers;
  }

  private static UUID uuid(String text) {
    try {
      return text.length() == 36 ? UUID.fromString(text) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** {@code issuer|value}, {@code |value} or {@code value}. */
  private static MessageLabels.Number number(Kind kind, String text) {
    int bar = text.indexOf('|');
    String issuer = bar <= 0 ? null : text.substring(0, bar);
    String value = text.substring(bar + 1);
    if (value.isEmpty()) {
      throw bad("a number must be written issuer|value, or value alone");
    }
    boolean nhs = kind == Kind.PATIENT && "NHS".equals(issuer);
    return new MessageLabels.Number(kind, issuer, nhs ? value.replace(" ", "") : value);
  }

  private static <E extends Enum<E>> E constant(String name, Class<E> type, String text) {
    try {
      return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw bad(name + " must be one of " + List.of(type.getEnumConstants()));
    }
  }

  private static Instant time(String text) {
    try {
      return text.length() == 10
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : java.time.OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw bad("from and until must be written 2026-11-01 or 2026-11-01T09:00:00Z");
    }
  }

  /** Where the next page begins. */
  static String cursor(TrackedMessage last) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((last.receivedAt() + "/" + last.id()).getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * @throws ResponseStatusException 400
   */
  static MessageQuery.Cursor cursor(String text) {
    if (text == null) {
      return null;
    }
    try {
      String[] parts =
          new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII).split("/", 2);
      return new MessageQuery.Cursor(Instant.parse(parts[0]), UUID.fromString(parts[1]));
    } catch (IllegalArgumentException | DateTimeParseException | ArrayIndexOutOfBoundsException e) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST,
          "ISO-MESSAGE-013: the cursor is none that this hub gave out; begin without one",
          e);
    }
  }

  static ResponseStatusException bad(String what) {
    return new ResponseStatusException(HttpStatus.BAD_REQUEST, "ISO-MESSAGE-012: " + what);
  }
}
