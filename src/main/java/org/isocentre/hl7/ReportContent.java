package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What OBX segments hold of a report (HL7 v2 §7.4.2): its text and its document. */
final class ReportContent {
  private static final String PDF = "application/pdf";
  private static final String RTF = "application/rtf";
  private static final Set<String> TEXT = Set.of("TX", "FT", "ST");

  private ReportContent() {}

  /** A document within a message. */
  record Document(byte[] bytes, String type) {
    @Override
    public String toString() {
      return "Document[" + type + "]";
    }
  }

  private static List<Segment> observations(List<Segment> segments) {
    // OBX-11 D: deleted.
    return segments.stream()
        .filter(s -> s.getName().equals("OBX") && !"D".equals(Hl7Message.get(s, 11, 1)))
        .toList();
  }

  /** OBX-5 of TX, FT and ST, in order, a line each, also an empty one; null if there is none. */
  static String text(List<Segment> segments) {
    List<String> lines = new ArrayList<>();
    for (Segment obx : observations(segments)) {
      String type = Hl7Message.get(obx, 2, 1);
      if (type == null || !TEXT.contains(type)) {
        continue;
      }
      for (int i = 0; i < Math.max(1, Hl7Message.repetitions(obx, 5)); i++) {
        String line = Hl7Message.line(obx, 5, i);
        lines.add(line == null ? "" : line.stripTrailing());
      }
    }
    String text = String.join("\n", lines).strip();
    return text.isEmpty() ? null : text;
  }

  /**
   * The first PDF, else the first RTF, of OBX-5 ED (HL7 v2 §2A.2.24): type in .2 and .3, encoding
   * in .4, data in .5.
   *
   * @param maxBytes a larger one is left in the raw message
   */
  static Document document(List<Segment> segments, int maxBytes) {
    Document rtf = null;
    for (Segment obx : observations(segments)) {
      String type = type(obx);
      if (type == null || rtf != null && type.equals(RTF)) {
        continue;
      }
      byte[] bytes = bytes(obx, maxBytes);
      if (bytes != null && type.equals(PDF)) {
        return new Document(bytes, PDF);
      }
      rtf = bytes == null ? rtf : new Document(bytes, RTF);
    }
    return rtf;
  }

  private static String type(Segment obx) {
    if (!"ED".equals(Hl7Message.get(obx, 2, 1))) {
      return null;
    }
    for (int component : new int[] {3, 2}) {
      String said = Hl7Message.get(obx, 5, component);
      String type = said == null ? "" : said.toLowerCase(Locale.ROOT);
      if (type.equals("pdf") || type.equals(PDF) || type.equals("x-pdf")) {
        return PDF;
      }
      if (type.equals("rtf") || type.equals(RTF) || type.equals("text/rtf")) {
        return RTF;
      }
    }
    return null;
  }

  private static byte[] bytes(Segment obx, int maxBytes) {
    String data = Hl7Message.get(obx, 5, 5);
    if (data == null || data.length() / 4L * 3 > maxBytes) {
      return null;
    }
    String encoding = Hl7Message.get(obx, 5, 4);
    try {
      return switch (encoding == null ? "" : encoding.toLowerCase(Locale.ROOT)) {
        case "base64" -> nonEmpty(Base64.getMimeDecoder().decode(data));
        case "hex" -> HexFormat.of().parseHex(data.replaceAll("\\s", ""));
        // RTF is text of seven bits.
        case "a", "" -> data.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        default -> null;
      };
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static byte[] nonEmpty(byte[] bytes) {
    return bytes.length == 0 ? null : bytes;
  }

  /**
   * Whether an OBX holds a PDF or RTF that cannot be decoded: it would be lost, so its message is
   * not taken.
   */
  static boolean isBroken(Segment obx) {
    return type(obx) != null
        && !"D".equals(Hl7Message.get(obx, 11, 1))
        && Hl7Message.get(obx, 5, 5) != null
        && !decodes(Hl7Message.get(obx, 5, 4), Hl7Message.get(obx, 5, 5));
  }

  private static boolean decodes(String encoding, String data) {
    return switch (encoding == null ? "" : encoding.toLowerCase(Locale.ROOT)) {
      case "base64" -> isBase64(data);
      case "hex" -> isHex(data);
      case "a", "" -> true;
      default -> false;
    };
  }

  private static boolean isHex(String data) {
    return data.chars().allMatch(c -> Character.isWhitespace(c) || HexFormat.isHexDigit(c))
        && data.chars().filter(HexFormat::isHexDigit).count() % 2 == 0;
  }

  /** Without decoding it, for it may be large. */
  private static boolean isBase64(String data) {
    int digits = 0;
    int padding = 0;
    for (int i = 0; i < data.length(); i++) {
      char c = data.charAt(i);
      boolean digit =
          c >= 'A' && c <= 'Z'
              || c >= 'a' && c <= 'z'
              || c >= '0' && c <= '9'
              || c == '+'
              || c == '/';
      if (digit && padding > 0 || !digit && c != '=' && !Character.isWhitespace(c)) {
        return false;
      }
      digits += digit ? 1 : 0;
      padding += c == '=' ? 1 : 0;
    }
    return padding <= 2 && (digits + padding) % 4 == 0 || padding == 0 && digits % 4 > 1;
  }

  /**
   * FHIR DiagnosticReport.status of OBR-25 (HL7 table 0123); that of OBX-11 (table 0085) where it
   * says more: a correction, an amendment, an addition, the wrong patient.
   */
  static String status(String obr25, List<Segment> segments) {
    Set<String> seen = new java.util.HashSet<>();
    for (Segment s : segments) {
      String code = s.getName().equals("OBX") ? Hl7Message.get(s, 11, 1) : null;
      if (code != null) {
        seen.add(code);
      }
    }
    String said = ofReport(obr25);
    if (seen.equals(Set.of("W"))) {
      return "entered-in-error";
    }
    if (said.equals("final") || said.equals("unknown")) {
      String observed = ofObservations(seen);
      return observed != null && (said.equals("unknown") || !observed.equals("preliminary"))
          ? observed
          : said;
    }
    return said;
  }

  private static String ofReport(String code) {
    return switch (code == null ? "" : code) {
      case "F" -> "final";
      case "C" -> "corrected";
      case "A" -> "partial";
      case "P", "R" -> "preliminary";
      case "X" -> "cancelled";
      case "O", "S", "I" -> "registered";
      default -> "unknown";
    };
  }

  private static String ofObservations(Set<String> codes) {
    if (codes.contains("C")) {
      return "corrected";
    }
    if (codes.contains("A")) {
      return "amended";
    }
    if (codes.contains("B")) {
      return "appended";
    }
    if (codes.contains("P") || codes.contains("R") || codes.contains("S")) {
      return "preliminary";
    }
    if (codes.contains("F") || codes.contains("U") || codes.contains("V")) {
      return "final";
    }
    return codes.equals(Set.of("X")) ? "cancelled" : null;
  }
}
