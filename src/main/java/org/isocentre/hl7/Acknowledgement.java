package org.isocentre.hl7;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Answers in original and enhanced mode (HL7 v2 §2.9): MSH, MSA, and what is wrong as ERR in the
 * form of the message's version. What is echoed from the message is the same bytes; a length of 0
 * means that no answer is wanted.
 */
public final class Acknowledgement {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss.SSSZ");
  private static final byte[] NONE = {};
  private final Clock clock;
  private final AtomicLong number;

  public Acknowledgement(Clock clock) {
    this.clock = clock;
    this.number = new AtomicLong(clock.millis());
  }

  /** The message is stored: AA, or CA. */
  public byte[] accept(Hl7Message.Header to, AcknowledgementMode mode) {
    if (!mode.enhanced()) {
      return build(to, "AA", List.of(), "", "");
    }
    return mode.accept().asksFor(true) ? build(to, "CA", List.of(), "", "") : NONE;
  }

  /**
   * The message is not taken: AR or CR if one of the problems can never be mended by sending again,
   * else AE or CE. If only an application acknowledgement is wanted, it is that.
   */
  public byte[] refuse(
      Hl7Message.Header to, AcknowledgementMode mode, List<MessageProblem> problems) {
    String severity = problems.stream().anyMatch(MessageProblem::rejected) ? "R" : "E";
    if (mode.enhanced() && mode.accept().asksFor(false)) {
      return build(to, "C" + severity, problems, "", "");
    }
    return mode.application().asksFor(false)
        ? build(to, "A" + severity, problems, mode.enhanced() ? "NE" : "", "")
        : NONE;
  }

  /**
   * The application acknowledgement of enhanced mode, a message of its own: AA, or AE with what is
   * wrong.
   *
   * @param acceptAcknowledgement whether its receiver is to acknowledge it (MSH-15 AL)
   */
  public byte[] application(
      Hl7Message.Header to, List<MessageProblem> problems, boolean acceptAcknowledgement) {
    return build(
        to, problems.isEmpty() ? "AA" : "AE", problems, acceptAcknowledgement ? "AL" : "NE", "NE");
  }

  /**
   * What an application acknowledgement is to be answered with: CA if it asks for that. An
   * acknowledgement is never answered otherwise.
   *
   * @return of length 0 for nothing
   */
  public byte[] inReturn(byte[] acknowledgement) {
    return Hl7Message.header(acknowledgement)
        .filter(header -> !header.acceptAcknowledgement().isEmpty())
        .map(header -> accept(header, AcknowledgementMode.of(header, true)))
        .orElse(NONE);
  }

  /** As {@link #inReturn(byte[])}, where it could not be taken: CE, or CR if it never can. */
  public byte[] inReturn(byte[] acknowledgement, MessageProblem problem) {
    return Hl7Message.header(acknowledgement)
        .filter(header -> !header.acceptAcknowledgement().isEmpty())
        .map(header -> refusedAcknowledgement(header, problem))
        .orElse(NONE);
  }

  private byte[] refusedAcknowledgement(Hl7Message.Header header, MessageProblem problem) {
    AcknowledgementMode mode = AcknowledgementMode.of(header, true);
    return mode.accept().asksFor(false) ? refuse(header, mode, List.of(problem)) : NONE;
  }

  /** AR for bytes that are no message at all. */
  public byte[] notAMessage() {
    Hl7Message.Header nobody =
        new Hl7Message.Header(
            '|',
            "^~\\&",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "P",
            "2.5.1",
            StandardCharsets.UTF_8,
            "",
            "",
            "");
    return build(
        nobody,
        "AR",
        List.of(
            new MessageProblem(
                "MSH",
                1,
                0,
                MessageProblem.SEGMENT_SEQUENCE,
                true,
                "no MSH segment at the start; is this HL7 v2 with vertical bars?")),
        "",
        "");
  }

  /**
   * AE or CE for a message that was not read to its end.
   *
   * @param head its first bytes
   */
  public byte[] notWhole(byte[] head, String why) {
    return Hl7Message.header(head)
        .map(
            to ->
                isAcknowledgement(to)
                    ? NONE
                    : refuse(
                        to,
                        AcknowledgementMode.of(to, true),
                        List.of(
                            new MessageProblem("MSH", 1, 0, MessageProblem.INTERNAL, false, why))))
        .orElseGet(this::notAMessage);
  }

  /** An acknowledgement is never acknowledged, or two systems would never end. */
  static boolean isAcknowledgement(Hl7Message.Header header) {
    return header.type().equals("ACK") || header.type().equals("MCF");
  }

  private byte[] build(
      Hl7Message.Header to,
      String code,
      List<MessageProblem> problems,
      String acceptAcknowledgement,
      String applicationAcknowledgement) {
    char f = to.fieldSeparator();
    Separators s = Separators.of(to);
    StringBuilder out = new StringBuilder();
    join(
        out,
        f,
        withoutEmptyEnd(
            "MSH",
            to.encodingCharacters(),
            to.receivingApplication(),
            to.receivingFacility(),
            to.sendingApplication(),
            to.sendingFacility(),
            TIME.format(clock.instant().atOffset(ZoneOffset.UTC)),
            "",
            to.trigger().isEmpty() ? "ACK" : "ACK" + s.component() + to.trigger(),
            Long.toString(number.incrementAndGet()),
            to.processingId().isEmpty() ? "P" : to.processingId(),
            to.version(),
            "",
            "",
            acceptAcknowledgement,
            applicationAcknowledgement,
            "",
            to.characterSets()));
    boolean severity = to.version().compareTo("2.5") >= 0;
    if (problems.isEmpty() || severity) {
      join(out, f, "MSA", code, to.controlId(), "");
    } else {
      MessageProblem first = problems.get(0);
      String text = s.escape(first.text(), f);
      join(out, f, "MSA", code, to.controlId(), text, "", "", s.coded(first, s.component()));
    }
    errors(out, f, s, problems, severity);
    return out.toString().getBytes(echoed(to.charset()));
  }

  /**
   * What is echoed was read byte for byte as Latin-1, but in UTF-16; what is said here is ASCII.
   */
  private static Charset echoed(Charset charset) {
    return charset.name().startsWith("UTF-16") ? charset : StandardCharsets.ISO_8859_1;
  }

  private static void errors(
      StringBuilder out, char f, Separators s, List<MessageProblem> problems, boolean severity) {
    if (problems.isEmpty()) {
      return;
    }
    if (!severity) {
      // Before 2.5 one segment, its first field repeated: segment, sequence, field, code.
      join(
          out,
          f,
          "ERR",
          problems.stream().map(s::place).collect(Collectors.joining(s.repetition())));
      return;
    }
    for (MessageProblem p : problems) {
      String coded = s.coded(p, s.component());
      String text = s.escape(p.text(), f);
      join(out, f, "ERR", "", s.location(p), coded, "E", "", "", "", text);
    }
  }

  private static void join(StringBuilder out, char separator, String... fields) {
    out.append(String.join(String.valueOf(separator), fields)).append('\r');
  }

  private static String[] withoutEmptyEnd(String... fields) {
    int count = fields.length;
    while (fields[count - 1].isEmpty()) {
      count--;
    }
    return Arrays.copyOf(fields, count);
  }

  /** The encoding characters of a message; where it names none, the usual ones. */
  private record Separators(String component, String repetition, String escape, String sub) {
    static Separators of(Hl7Message.Header to) {
      String given = to.encodingCharacters();
      String usual = "^~\\&";
      String all = given + usual.substring(Math.min(given.length(), usual.length()));
      return new Separators(
          all.substring(0, 1), all.substring(1, 2), all.substring(2, 3), all.substring(3, 4));
    }

    String location(MessageProblem p) {
      return p.segment() + component + p.sequence() + (p.field() == 0 ? "" : component + p.field());
    }

    /** ELD of versions before 2.5. */
    String place(MessageProblem p) {
      return String.join(
          component,
          p.segment(),
          Integer.toString(p.sequence()),
          p.field() == 0 ? "" : Integer.toString(p.field()),
          coded(p, sub));
    }

    String coded(MessageProblem p, String between) {
      return p.code() + between + name(p.code()) + between + "HL70357";
    }

    String escape(String text, char field) {
      StringBuilder out = new StringBuilder(text.length());
      for (char c : text.toCharArray()) {
        String one = String.valueOf(c);
        if (c == field) {
          out.append(escape).append('F').append(escape);
        } else if (one.equals(component)) {
          out.append(escape).append('S').append(escape);
        } else if (one.equals(repetition)) {
          out.append(escape).append('R').append(escape);
        } else if (one.equals(sub)) {
          out.append(escape).append('T').append(escape);
        } else if (one.equals(escape)) {
          out.append(escape).append('E').append(escape);
        } else {
          out.append(c);
        }
      }
      return out.toString();
    }
  }

  private static String name(int code) {
    return switch (code) {
      case MessageProblem.SEGMENT_SEQUENCE -> "Segment sequence error";
      case MessageProblem.REQUIRED_FIELD_MISSING -> "Required field missing";
      case MessageProblem.DATA_TYPE -> "Data type error";
      case MessageProblem.UNSUPPORTED_MESSAGE_TYPE -> "Unsupported message type";
      case MessageProblem.UNSUPPORTED_EVENT -> "Unsupported event code";
      case MessageProblem.UNSUPPORTED_PROCESSING_ID -> "Unsupported processing id";
      case MessageProblem.UNSUPPORTED_VERSION -> "Unsupported version id";
      case MessageProblem.UNKNOWN_KEY -> "Unknown key identifier";
      case MessageProblem.DUPLICATE_KEY -> "Duplicate key identifier";
      default -> "Application internal error";
    };
  }
}
