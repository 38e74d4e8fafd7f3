package org.isocentre.hl7;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers in original mode (HL7 v2 §2.9.2): MSH, MSA, and an ERR for each problem in the form of
 * the message's version.
 */
public final class Acknowledgement {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss.SSSZ");
  private final Clock clock;
  private final AtomicLong number;

  public Acknowledgement(Clock clock) {
    this.clock = clock;
    this.number = new AtomicLong(clock.millis());
  }

  /** AA. */
  public byte[] accept(Hl7Message.Header to) {
    return build(to, "AA", List.of());
  }

  /** AR if one of the problems can never be mended by sending again, else AE. */
  public byte[] refuse(Hl7Message.Header to, List<MessageProblem> problems) {
    return build(to, problems.stream().anyMatch(MessageProblem::rejected) ? "AR" : "AE", problems);
  }

  /** AR for bytes that are no message at all. */
  public byte[] notAMessage() {
    Hl7Message.Header nobody =
        new Hl7Message.Header(
            '|', "^~\\&", "", "", "", "", "", "", "", "", "P", "2.5.1", StandardCharsets.UTF_8);
    return refuse(
        nobody,
        List.of(
            new MessageProblem(
                "MSH",
                1,
                0,
                MessageProblem.SEGMENT_SEQUENCE,
                true,
                "no MSH segment at the start; is this HL7 v2 with vertical bars?")));
  }

  /**
   * AE for a message that was not read to its end.
   *
   * @param head its first bytes
   */
  public byte[] tooMuch(byte[] head, String why) {
    return Hl7Message.header(head)
        .map(
            to ->
                refuse(
                    to,
                    List.of(new MessageProblem("MSH", 1, 0, MessageProblem.INTERNAL, false, why))))
        .orElseGet(this::notAMessage);
  }

  private byte[] build(Hl7Message.Header to, String code, List<MessageProblem> problems) {
    char f = to.fieldSeparator();
    String c = to.encodingCharacters().isEmpty() ? "^" : to.encodingCharacters().substring(0, 1);
    String event = to.trigger().isEmpty() ? "ACK" : "ACK" + c + to.trigger();
    StringBuilder out = new StringBuilder();
    join(
        out,
        f,
        "MSH",
        to.encodingCharacters(),
        to.receivingApplication(),
        to.receivingFacility(),
        to.sendingApplication(),
        to.sendingFacility(),
        TIME.format(clock.instant().atOffset(ZoneOffset.UTC)),
        "",
        event,
        Long.toString(number.incrementAndGet()),
        to.processingId().isEmpty() ? "P" : to.processingId(),
        to.version());
    boolean modern = to.version().startsWith("2.5") || to.version().compareTo("2.5") > 0;
    String text = problems.isEmpty() || modern ? "" : problems.get(0).text();
    join(out, f, "MSA", code, to.controlId(), text);
    for (MessageProblem p : problems) {
      String place = p.segment() + c + p.sequence() + (p.field() == 0 ? "" : c + p.field());
      if (modern) {
        join(
            out,
            f,
            "ERR",
            "",
            place,
            p.code() + c + name(p.code()) + c + "HL70357",
            "E",
            "",
            "",
            "",
            p.text());
      } else {
        join(out, f, "ERR", place + c + p.code());
      }
    }
    return out.toString().getBytes(to.charset());
  }

  private static void join(StringBuilder out, char separator, String... fields) {
    out.append(String.join(String.valueOf(separator), fields)).append('\r');
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
      default -> "Application internal error";
    };
  }
}
