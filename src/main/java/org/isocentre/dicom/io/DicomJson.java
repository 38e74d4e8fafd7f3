package org.isocentre.dicom.io;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;

/**
 * The DICOM JSON model (PS3.18 Annex F), written as it goes. {@link DicomJsonReader} is the way
 * back. The text is for UTF-8, so Specific Character Set (0008,0005) is written as ISO_IR 192.
 */
public final class DicomJson {
  private static final String HEX = "0123456789ABCDEF";
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final List<String> PN_GROUPS = List.of("Alphabetic", "Ideographic", "Phonetic");

  private final Appendable out;
  private final BulkUri bulk;

  /** Says where a client gets a value that is not written inline (PS3.18 §F.2.6). */
  @FunctionalInterface
  public interface BulkUri {
    /**
     * @return a URI, or null to leave the value out
     */
    String of(Element element);

    /** Leaves bulk values out. */
    BulkUri NONE = element -> null;
  }

  public DicomJson(Appendable out, BulkUri bulk) {
    this.out = out;
    this.bulk = bulk;
  }

  /** One object. Group lengths are left out (PS3.18 §F.2.2). */
  public void write(DataSet dataSet) throws IOException {
    out.append('{');
    boolean first = true;
    for (Element element : dataSet.elements()) {
      if (Tags.isGroupLength(element.tag())) {
        continue;
      }
      if (!first) {
        out.append(',');
      }
      first = false;
      out.append('"');
      tag(element.tag());
      Vr vr = element.vr() == Vr.UN && element instanceof Element.Sequence ? Vr.SQ : element.vr();
      out.append("\":{\"vr\":\"").append(vr.name()).append('"');
      value(dataSet, element);
      out.append('}');
    }
    out.append('}');
  }

  /** Eight hex digits. */
  private void tag(int tag) throws IOException {
    for (int shift = 28; shift >= 0; shift -= 4) {
      out.append(HEX.charAt(tag >>> shift & 0xf));
    }
  }

  private void value(DataSet dataSet, Element element) throws IOException {
    if (element instanceof Element.Sequence sequence) {
      items(sequence);
    } else if (element instanceof Element.Value value) {
      if (value.bytes().length > 0) {
        inMemory(dataSet, value);
      }
    } else {
      String uri = bulk.of(element);
      if (uri == null && element instanceof Element.Remote remote) {
        uri = remote.uri();
      }
      if (uri != null) {
        out.append(",\"BulkDataURI\":");
        string(uri);
      }
    }
  }

  private void items(Element.Sequence sequence) throws IOException {
    if (sequence.items().isEmpty()) {
      return;
    }
    out.append(",\"Value\":[");
    for (int i = 0; i < sequence.items().size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      write(sequence.items().get(i));
    }
    out.append(']');
  }

  /** What a model that is in Unicode shows: Specific Character Set (0008,0005) is that of UTF-8. */
  static List<String> values(DataSet dataSet, Element.Value value) {
    return value.tag() == Tag.SpecificCharacterSet
        ? List.of("ISO_IR 192")
        : dataSet.strings(value.tag());
  }

  private void inMemory(DataSet dataSet, Element.Value value) throws IOException {
    if (value.vr().kind() == Vr.Kind.BYTES) {
      out.append(",\"InlineBinary\":\"")
          .append(Base64.getEncoder().encodeToString(value.bytes()))
          .append('"');
      return;
    }
    List<String> values = values(dataSet, value);
    if (values.isEmpty() || values.size() == 1 && values.get(0).isEmpty()) {
      return;
    }
    out.append(",\"Value\":[");
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      one(value.vr(), values.get(i));
    }
    out.append(']');
  }

  private void one(Vr vr, String text) throws IOException {
    if (text.isEmpty()) {
      out.append("null");
    } else if (vr == Vr.PN) {
      personName(text);
    } else if (isNumber(vr) && asNumber(text) != null && isExactEverywhere(vr, text)) {
      out.append(asNumber(text));
    } else {
      string(text);
    }
  }

  private static boolean isNumber(Vr vr) {
    return switch (vr) {
      case DS, IS, FL, FD, SL, SS, UL, US, SV, UV -> true;
      default -> false;
    };
  }

  /** Many readers keep 53 bits of a number; then 64-bit ones are safer as strings. */
  private static boolean isExactEverywhere(Vr vr, String text) {
    return vr != Vr.SV && vr != Vr.UV || text.length() <= 15;
  }

  /**
   * The text as JSON writes numbers, or null if it is none (then it is written as a string, PS3.18
   * §F.2.3).
   */
  private static String asNumber(String text) {
    String number = text.startsWith("+") ? text.substring(1) : text;
    try {
      return new java.math.BigDecimal(number).scale() > 400 ? null : canonical(number);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String canonical(String number) {
    return NUMBER.matcher(number).matches() ? number : new java.math.BigDecimal(number).toString();
  }

  private void personName(String text) throws IOException {
    out.append('{');
    String[] groups = text.split("=", PN_GROUPS.size());
    boolean first = true;
    for (int i = 0; i < groups.length; i++) {
      if (!groups[i].isEmpty()) {
        if (!first) {
          out.append(',');
        }
        first = false;
        out.append('"').append(PN_GROUPS.get(i)).append("\":");
        string(groups[i]);
      }
    }
    out.append('}');
  }

  private void string(String text) throws IOException {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x2028 || c == 0x2029) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
