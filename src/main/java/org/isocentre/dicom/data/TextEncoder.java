package org.isocentre.dicom.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.UnmappableCharacterException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.SpecificCharacterSet.Codes;

/** Writes one value with the code extension techniques of ISO/IEC 2022 (PS3.5 §6.1.2.5). */
final class TextEncoder {
  private static final int ESC = 0x1b;

  private final Codes initialG0;
  private final Codes initialG1;
  private final List<Codes> extensions;
  private final Vr vr;
  private final Map<Codes, CharsetEncoder> encoders = new HashMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private Codes g0;
  private Codes g1;

  TextEncoder(Codes initialG0, Codes initialG1, List<Codes> extensions, Vr vr) {
    this.initialG0 = initialG0;
    this.initialG1 = initialG1;
    this.extensions = extensions;
    this.vr = vr;
    this.g0 = initialG0;
    this.g1 = initialG1;
  }

  byte[] encode(String text) throws CharacterCodingException {
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      int point = text.codePointAt(at);
      if (SpecificCharacterSet.isDelimiter(point, vr)) {
        goBack();
      }
      if (point < 0x80) {
        invoke(initialG0);
        out.write(point);
      } else {
        character(Character.toString(point));
      }
    }
    goBack();
    return out.toByteArray();
  }

  private void character(String character) throws CharacterCodingException {
    List<Codes> candidates = new ArrayList<>(List.of(g1, g0, initialG1));
    candidates.addAll(extensions);
    for (Codes codes : candidates) {
      byte[] code = code(codes, character);
      if (code != null) {
        invoke(codes);
        out.writeBytes(code);
        return;
      }
    }
    throw new UnmappableCharacterException(character.length());
  }

  /** The code of a character, or null if this code element has none. */
  private byte[] code(Codes codes, String character) throws CharacterCodingException {
    CharsetEncoder encoder = encoders.computeIfAbsent(codes, c -> c.charset().newEncoder());
    boolean isAscii = !codes.twoBytes() && !codes.g1();
    if (isAscii || !encoder.canEncode(character)) {
      return null;
    }
    ByteBuffer bytes = encoder.encode(CharBuffer.wrap(character));
    int length = codes.twoBytes() ? 2 : 1;
    // Charsets of Java also have ASCII and more, under codes that belong to other code elements.
    return bytes.limit() == length && bytes.get(0) < 0 == codes.g1()
        ? Arrays.copyOf(bytes.array(), length)
        : null;
  }

  private void goBack() {
    invoke(initialG0);
    if (initialG1.g1()) {
      invoke(initialG1);
    } else {
      g1 = initialG1;
    }
  }

  private void invoke(Codes codes) {
    if (codes.equals(codes.g1() ? g1 : g0)) {
      return;
    }
    out.write(ESC);
    codes.escape().chars().forEach(out::write);
    if (codes.g1()) {
      g1 = codes;
    } else {
      g0 = codes;
    }
  }
}
