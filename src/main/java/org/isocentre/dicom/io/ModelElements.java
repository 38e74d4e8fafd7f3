package org.isocentre.dicom.io;

import java.math.BigDecimal;
import java.util.Base64;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;

/**
 * Makes elements of what JSON and XML say, within limits. The text comes as Unicode, so the data
 * set is in ISO_IR 192 whatever Specific Character Set (0008,0005) was.
 */
final class ModelElements {
  private static final String UTF_8 = "ISO_IR 192";
  private static final int VALUE_OVERHEAD = 16;
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,20}");
  private static final int MAX_NUMBER_LENGTH = 64;
  private static final int MAX_EXPONENT = 20;

  private final String area;
  private final ReaderLimits limits;
  private final LongSupplier position;
  private int elements;
  private long held;
  private boolean hasCharacterSet;
  private boolean isAscii = true;

  /**
   * @param area first part of the error codes, such as {@code ISO-JSON}
   */
  ModelElements(String area, ReaderLimits limits, LongSupplier position) {
    this.area = area;
    this.limits = limits;
    this.position = position;
  }

  /** A new top-level data set; the limits hold for each one. */
  DataSet begin() {
    elements = 0;
    held = 0;
    hasCharacterSet = false;
    isAscii = true;
    return new DataSet().set(Tag.SpecificCharacterSet, UTF_8);
  }

  /** Takes (0008,0005) away again if nothing asks for it. */
  DataSet end(DataSet top) {
    if (isAscii && !hasCharacterSet) {
      top.remove(Tag.SpecificCharacterSet);
    }
    return top;
  }

  DicomParseException error(int number, String message) {
    return DicomParseException.inText(
        "%s-%03d".formatted(area, number), position.getAsLong(), message);
  }

  /** One more element or item, at this depth. */
  void count(int depth) throws DicomParseException {
    if (++elements > limits.maxElements()) {
      throw error(10, "more elements than the limit of " + limits.maxElements());
    }
    if (depth > limits.maxDepth()) {
      throw error(11, "sequences are nested deeper than the limit of " + limits.maxDepth());
    }
  }

  /** One more value of this length. */
  void hold(long length) throws DicomParseException {
    held += length + VALUE_OVERHEAD;
    if (held > limits.maxTotalBytes()) {
      throw error(
          12, "values add up to more than the limit of " + limits.maxTotalBytes() + " bytes");
    }
  }

  int maxTextLength() {
    return (int) Math.min(Integer.MAX_VALUE - 8, limits.maxValueBytes() / 3L * 4 + 8);
  }

  int tag(String text) throws DicomParseException {
    if (text.length() != 8 || !text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
      throw error(13, "found a name that is no tag; expected eight hex digits (PS3.18 §F.2.2)");
    }
    return Integer.parseUnsignedInt(text, 16);
  }

  Vr vr(String text, int tag) throws DicomParseException {
    Vr vr = Vr.of(text);
    if (vr == null) {
      throw error(14, "unknown VR at " + Tags.format(tag));
    }
    return vr;
  }

  void items(DataSet target, int tag, List<DataSet> items) {
    target.put(new Element.Sequence(tag, List.copyOf(items)));
  }

  /** Text, or numbers in decimal; an empty list is an empty element. */
  void values(DataSet target, int tag, Vr vr, List<String> values) throws DicomParseException {
    if (tag == Tag.SpecificCharacterSet) {
      hasCharacterSet = true;
      target.set(tag, UTF_8);
      return;
    }
    if (vr.kind() == Vr.Kind.BYTES || vr.kind() == Vr.Kind.SEQUENCE) {
      if (!values.isEmpty()) {
        throw error(15, "found text values with VR " + vr + " at " + Tags.format(tag));
      }
      target.put(
          vr == Vr.SQ
              ? new Element.Sequence(tag, List.of())
              : new Element.Value(tag, vr, new byte[0]));
      return;
    }
    String[] texts = new String[values.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = isWhole(vr) ? whole(values.get(i), vr, tag) : values.get(i);
      check(texts[i], tag, vr, texts.length);
    }
    try {
      target.set(tag, vr, texts);
    } catch (IllegalArgumentException e) {
      throw error(16, e.getMessage());
    }
  }

  private void check(String text, int tag, Vr vr, int count) throws DicomParseException {
    if (vr.isSingleText() ? count > 1 : text.indexOf('\\') >= 0) {
      throw error(
          17,
          "one value at %s has the delimiter of values, or VR %s has more than one value"
              .formatted(Tags.format(tag), vr));
    }
    isAscii = isAscii && text.chars().allMatch(c -> c < 0x80);
  }

  private static boolean isWhole(Vr vr) {
    return switch (vr) {
      case IS, US, SS, UL, SL, UV, SV -> true;
      default -> false;
    };
  }

  /** JSON may write a whole number as 1.0 or 1e3. */
  private String whole(String text, Vr vr, int tag) throws DicomParseException {
    if (WHOLE.matcher(text).matches()) {
      return text;
    }
    try {
      BigDecimal number =
          new BigDecimal(text.length() <= MAX_NUMBER_LENGTH ? text.strip() : "too long");
      if (Math.abs((long) number.scale()) <= MAX_EXPONENT) {
        return number.toBigIntegerExact().toString();
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Not as the cause: its message may have the value.
    }
    if (vr == Vr.IS) {
      // A text in the file, that breaks its rule there too.
      return text;
    }
    throw error(
        18,
        "found a value that is no whole number for VR %s at %s".formatted(vr, Tags.format(tag)));
  }

  void inlineBinary(DataSet target, int tag, Vr vr, String base64) throws DicomParseException {
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw error(19, "InlineBinary at " + Tags.format(tag) + " is no base64");
    }
    target.put(new Element.Value(tag, vr, bytes));
  }
}
