package org.isocentre.dicom.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Numbers of binary VRs, little endian, and of IS and DS (PS3.5 §6.2). */
final class Numbers {
  private static final int MAX_DS_LENGTH = 16;

  private Numbers() {}

  /** Each number in decimal; AT as eight hex digits. */
  static List<String> texts(Element.Value value) {
    ByteBuffer in = ByteBuffer.wrap(value.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    List<String> numbers = new ArrayList<>();
    while (in.remaining() >= size(value.vr())) {
      numbers.add(
          switch (value.vr()) {
            case US -> Integer.toString(Short.toUnsignedInt(in.getShort()));
            case SS -> Short.toString(in.getShort());
            case UL -> Integer.toUnsignedString(in.getInt());
            case SL -> Integer.toString(in.getInt());
            case UV -> Long.toUnsignedString(in.getLong());
            case SV -> Long.toString(in.getLong());
            case FL -> Float.toString(in.getFloat());
            case FD -> Double.toString(in.getDouble());
            default -> "%04X%04X".formatted(in.getShort(), in.getShort());
          });
    }
    return numbers;
  }

  private static int size(Vr vr) {
    return vr == Vr.AT ? 4 : vr.unit();
  }

  /**
   * @throws IllegalArgumentException if a text is no number of this VR; the message does not show
   *     it
   */
  static byte[] bytes(int tag, Vr vr, String... values) {
    if (vr.kind() != Vr.Kind.BINARY) {
      throw new IllegalArgumentException(
          "ISO-DICOM-201: " + vr + " cannot be set from text, at " + Tags.format(tag));
    }
    ByteBuffer out = ByteBuffer.allocate(values.length * size(vr)).order(ByteOrder.LITTLE_ENDIAN);
    for (String value : values) {
      try {
        put(out, vr, value);
      } catch (NumberFormatException e) {
        // Not as the cause: its message has the value.
        throw new IllegalArgumentException(
            "ISO-DICOM-203: a text is no number of VR "
                + vr
                + ", or beyond it, at "
                + Tags.format(tag));
      }
    }
    return out.array();
  }

  private static void put(ByteBuffer out, Vr vr, String text) {
    switch (vr) {
      case US -> out.putShort((short) within(text, 0, 0xffff));
      case SS -> out.putShort((short) within(text, Short.MIN_VALUE, Short.MAX_VALUE));
      case UL -> out.putInt((int) within(text, 0, 0xffffffffL));
      case SL -> out.putInt((int) within(text, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UV -> out.putLong(Long.parseUnsignedLong(text));
      case SV -> out.putLong(Long.parseLong(text));
      case FL -> out.putFloat(Float.parseFloat(text));
      case FD -> out.putDouble(Double.parseDouble(text));
      default -> {
        int tag = Integer.parseUnsignedInt(text, 16);
        out.putShort((short) (tag >>> 16)).putShort((short) tag);
      }
    }
  }

  private static long within(String text, long least, long most) {
    long number = Long.parseLong(text);
    if (number < least || number > most) {
      throw new NumberFormatException();
    }
    return number;
  }

  /** A number as DS: the most digits that 16 characters hold (PS3.5 §6.2). */
  static String decimalString(double number) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("ISO-DICOM-204: DS has no infinity and no NaN");
    }
    BigDecimal exact = BigDecimal.valueOf(number);
    // Rounding up the largest numbers would make them infinite.
    RoundingMode rounding = Math.abs(number) > 1e308 ? RoundingMode.DOWN : RoundingMode.HALF_EVEN;
    for (int digits = Math.min(exact.precision(), MAX_DS_LENGTH); digits > 1; digits--) {
      String text = shortest(exact.round(new MathContext(digits, rounding)));
      if (text.length() <= MAX_DS_LENGTH) {
        return text;
      }
    }
    return shortest(exact.round(new MathContext(1, rounding)));
  }

  private static String shortest(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    String plain = Math.abs(stripped.scale()) > 40 ? null : stripped.toPlainString();
    String scientific = stripped.toString();
    return plain != null && plain.length() <= scientific.length() ? plain : scientific;
  }
}
