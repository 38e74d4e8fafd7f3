package org.isocentre.dicom.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text of one element and its values (PS3.5 §6.2, §6.4). */
final class TextValues {
  private TextValues() {}

  /** The values of a text without padding. */
  static List<String> split(Vr vr, String text) {
    if (vr.isSingleText()) {
      return List.of(trimRight(text));
    }
    List<String> values = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
      values.add(trim(text.substring(from, at)));
      from = at + 1;
    }
    values.add(trim(text.substring(from)));
    return values;
  }

  private static String trim(String text) {
    int from = 0;
    while (from < text.length() && text.charAt(from) == ' ') {
      from++;
    }
    return trimRight(text.substring(from));
  }

  private static String trimRight(String text) {
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == 0)) {
      end--;
    }
    return text.substring(0, end);
  }

  /**
   * The bytes of a text with its delimiters, of even length.
   *
   * @throws IllegalArgumentException if a character has no code; the message does not show it
   */
  static byte[] bytes(SpecificCharacterSet characterSet, int tag, Vr vr, String text) {
    byte[] bytes;
    try {
      bytes = vr.kind() == Vr.Kind.LOCAL_TEXT ? characterSet.encode(text, vr) : latin(text);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "ISO-DICOM-202: a character for %s has no code in the character set %s; ISO_IR 192 has all"
              .formatted(
                  Tags.format(tag),
                  vr.kind() == Vr.Kind.LOCAL_TEXT ? characterSet.terms() : "of VR " + vr));
    }
    if (bytes.length % 2 == 0) {
      return bytes;
    }
    byte[] padded = Arrays.copyOf(bytes, bytes.length + 1);
    padded[bytes.length] = vr.padding();
    return padded;
  }

  /**
   * Such VRs have the default repertoire only. Bytes beyond it, which some devices write, are read
   * as Latin-1, so they must go back too.
   */
  private static byte[] latin(String text) throws CharacterCodingException {
    ByteBuffer bytes = StandardCharsets.ISO_8859_1.newEncoder().encode(CharBuffer.wrap(text));
    return Arrays.copyOf(bytes.array(), bytes.limit());
  }
}
