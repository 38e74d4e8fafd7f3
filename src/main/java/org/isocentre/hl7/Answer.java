package org.isocentre.hl7;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a receiver answered (HL7 v2 §2.9): read leniently, since many answer with little more than
 * MSH and MSA. Texts of MSA-3 and ERR are left out: they may hold what the message said.
 *
 * @param code MSA-1, such as AA
 * @param controlId MSA-2
 * @param error ERR-3.1 or, before version 2.5, ERR-1.4: a code of HL7 table 0357, or null
 */
public record Answer(String code, String controlId, String error) {
  private static final Pattern CODE = Pattern.compile("[A-Z0-9]{1,8}");

  /** What is to be done about a message. */
  public enum Verdict {
    /** AA, CA: the receiver has it. */
    ACCEPTED,
    /** AE, CE, or a code that is none: may be sent again. */
    ERROR,
    /** AR, CR: the receiver will never take it as it is. */
    REJECTED
  }

  /** Empty if the bytes hold no MSA. */
  public static Optional<Answer> read(byte[] raw) {
    String text = new String(raw, StandardCharsets.ISO_8859_1);
    int start = text.indexOf("MSH");
    if (start < 0 || text.length() < start + 5) {
      return Optional.empty();
    }
    String separator = Pattern.quote(text.substring(start + 3, start + 4));
    String component = Pattern.quote(text.substring(start + 4, start + 5));
    Answer answer = null;
    for (String line : text.substring(start).split("[\r\n]+")) {
      String[] fields = line.split(separator, -1);
      if (fields[0].equals("MSA") && answer == null) {
        answer = new Answer(at(fields, 1), at(fields, 2), null);
      } else if (fields[0].equals("ERR") && answer != null && answer.error() == null) {
        answer = new Answer(answer.code(), answer.controlId(), error(fields, component));
      }
    }
    return Optional.ofNullable(answer);
  }

  private static String error(String[] fields, String component) {
    String modern = at(at(fields, 3).split(component, -1), 0);
    String old = at(at(fields, 1).split(component, -1), 3);
    String code = modern.isEmpty() ? old.split("&", -1)[0] : modern;
    return CODE.matcher(code).matches() ? code : null;
  }

  private static String at(String[] parts, int index) {
    return index < parts.length ? parts[index].strip() : "";
  }

  /** Whether it is an accept acknowledgement (CA, CE, CR), not one of an application. */
  public boolean isOfAccept() {
    return code.startsWith("C");
  }

  public Verdict verdict() {
    return switch (code) {
      case "AA", "CA" -> Verdict.ACCEPTED;
      case "AR", "CR" -> Verdict.REJECTED;
      default -> Verdict.ERROR;
    };
  }

  /** The code, if it looks like one. */
  public String shownCode() {
    return CODE.matcher(code).matches() ? code : "?";
  }
}
