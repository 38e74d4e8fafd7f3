package org.isocentre.dicom.data;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Decodes text by Specific Character Set (PS3.3 §C.12.1.1.2, PS3.5 §6.1.2), with ISO/IEC 2022
 * escapes. A term that is not defined is read as the default repertoire and told by {@link
 * #unknownTerms()}.
 */
public final class SpecificCharacterSet {
  private static final int ESC = 0x1b;

  /**
   * A code element: what 7-bit (G0) or 8-bit (G1) codes mean, and whether a character takes two
   * bytes.
   */
  private record Codes(Charset charset, boolean twoBytes, boolean g1) {}

  /** Also for ISO-IR 14: its yen sign stands where DICOM has the delimiter between values. */
  private static final Codes ASCII = new Codes(StandardCharsets.ISO_8859_1, false, false);

  private static final Codes KATAKANA = new Codes(Charset.forName("JIS_X0201"), false, true);
  private static final Codes KANJI = new Codes(Charset.forName("x-JIS0208"), true, false);
  private static final Codes KANJI_SUPPLEMENT =
      new Codes(Charset.forName("JIS_X0212-1990"), true, false);
  private static final Codes HANGUL = new Codes(Charset.forName("EUC-KR"), true, true);
  private static final Codes HANZI = new Codes(Charset.forName("GB2312"), true, true);

  /** What an escape sequence (without ESC) invokes (PS3.3 Tables C.12-3 and C.12-4). */
  private static final Map<String, Codes> ESCAPES =
      Map.ofEntries(
          Map.entry("(B", ASCII),
          Map.entry("(J", ASCII),
          Map.entry(")I", KATAKANA),
          Map.entry("$B", KANJI),
          Map.entry("$@", KANJI),
          Map.entry("$(D", KANJI_SUPPLEMENT),
          Map.entry("$)C", HANGUL),
          Map.entry("$)A", HANZI),
          Map.entry("-A", latin("ISO-8859-1")),
          Map.entry("-B", latin("ISO-8859-2")),
          Map.entry("-C", latin("ISO-8859-3")),
          Map.entry("-D", latin("ISO-8859-4")),
          Map.entry("-L", latin("ISO-8859-5")),
          Map.entry("-G", latin("ISO-8859-6")),
          Map.entry("-F", latin("ISO-8859-7")),
          Map.entry("-H", latin("ISO-8859-8")),
          Map.entry("-M", latin("ISO-8859-9")),
          Map.entry("-b", latin("ISO-8859-15")),
          Map.entry("-T", latin("TIS-620")));

  /**
   * What the number of a defined term means at the start of a value (PS3.3 Tables C.12-2 to
   * C.12-4).
   */
  private static final Map<String, Codes> TERMS =
      Map.ofEntries(
          Map.entry("6", ASCII),
          Map.entry("100", latin("ISO-8859-1")),
          Map.entry("101", latin("ISO-8859-2")),
          Map.entry("109", latin("ISO-8859-3")),
          Map.entry("110", latin("ISO-8859-4")),
          Map.entry("144", latin("ISO-8859-5")),
          Map.entry("127", latin("ISO-8859-6")),
          Map.entry("126", latin("ISO-8859-7")),
          Map.entry("138", latin("ISO-8859-8")),
          Map.entry("148", latin("ISO-8859-9")),
          Map.entry("203", latin("ISO-8859-15")),
          Map.entry("166", latin("TIS-620")),
          Map.entry("13", KATAKANA),
          Map.entry("87", KANJI),
          Map.entry("159", KANJI_SUPPLEMENT),
          Map.entry("149", HANGUL),
          Map.entry("58", HANZI));

  /** Terms without code extensions whose bytes are one charset of Java (PS3.3 Table C.12-5). */
  private static final Map<String, Charset> WHOLE =
      Map.of(
          "ISO_IR 192",
          StandardCharsets.UTF_8,
          "GB18030",
          Charset.forName("GB18030"),
          "GBK",
          Charset.forName("GBK"));

  /**
   * The default repertoire. Bytes above 127 are not part of it; they are shown as Latin-1 rather
   * than lost.
   */
  public static final SpecificCharacterSet DEFAULT =
      new SpecificCharacterSet(null, ASCII, ASCII, List.of());

  private final Charset whole;
  private final Codes initialG0;
  private final Codes initialG1;
  private final List<String> unknownTerms;

  private SpecificCharacterSet(Charset whole, Codes g0, Codes g1, List<String> unknownTerms) {
    this.whole = whole;
    this.initialG0 = g0;
    this.initialG1 = g1;
    this.unknownTerms = List.copyOf(unknownTerms);
  }

  private static Codes latin(String name) {
    return new Codes(Charset.forName(name), false, true);
  }

  /**
   * @param terms values of (0008,0005); an empty first value is the default repertoire
   */
  public static SpecificCharacterSet of(List<String> terms) {
    List<String> unknown = new ArrayList<>();
    for (String term : terms) {
      if (!term.isEmpty() && !WHOLE.containsKey(term) && !TERMS.containsKey(number(term))) {
        unknown.add(term);
      }
    }
    String first = terms.isEmpty() ? "" : terms.get(0);
    if (WHOLE.containsKey(first)) {
      return new SpecificCharacterSet(WHOLE.get(first), ASCII, ASCII, unknown);
    }
    Codes codes = TERMS.getOrDefault(number(first), ASCII);
    return new SpecificCharacterSet(null, ASCII, codes.g1() ? codes : ASCII, unknown);
  }

  private static String number(String term) {
    for (String prefix : List.of("ISO_IR ", "ISO 2022 IR ", "ISO-IR ", "ISO_IR", "ISO2022 IR ")) {
      if (term.startsWith(prefix)) {
        return term.substring(prefix.length());
      }
    }
    return "";
  }

  /** Terms that PS3.3 does not define. */
  public List<String> unknownTerms() {
    return unknownTerms;
  }

  /** The charset that new text is encoded in: one that the first term stands for. */
  public Charset encoding() {
    if (whole != null) {
      return whole;
    }
    return initialG1.twoBytes() || initialG1 == ASCII ? initialG0.charset() : initialG1.charset();
  }

  /** Decodes a value; the result still has its delimiters and padding. */
  public String decode(byte[] bytes, Vr vr) {
    if (whole != null) {
      return new String(bytes, whole);
    }
    if (isPlain(bytes)) {
      return new String(bytes, initialG0.charset());
    }
    return new Decoder(bytes, vr).run();
  }

  private boolean isPlain(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0 || b == ESC) {
        return false;
      }
    }
    return true;
  }

  private final class Decoder {
    private final byte[] bytes;
    private final Vr vr;
    private final StringBuilder text = new StringBuilder();
    private Codes g0 = initialG0;
    private Codes g1 = initialG1;
    private int at;

    Decoder(byte[] bytes, Vr vr) {
      this.bytes = bytes;
      this.vr = vr;
    }

    String run() {
      while (at < bytes.length) {
        if (bytes[at] == ESC && escape()) {
          continue;
        }
        Codes codes = bytes[at] < 0 ? g1 : g0;
        if (!codes.twoBytes() && isDelimiter(bytes[at])) {
          g0 = initialG0;
          g1 = initialG1;
        }
        int end = runEnd(codes);
        text.append(new String(bytes, at, end - at, codes.charset()));
        at = end;
      }
      return text.toString();
    }

    /**
     * @return false if no known escape sequence stands here; then ESC is passed on as it is
     */
    private boolean escape() {
      for (int length = 2; length <= 3 && at + length < bytes.length; length++) {
        Codes codes = ESCAPES.get(new String(bytes, at + 1, length, StandardCharsets.ISO_8859_1));
        if (codes != null) {
          if (codes.g1()) {
            g1 = codes;
          } else {
            g0 = codes;
          }
          at += 1 + length;
          return true;
        }
      }
      return false;
    }

    private int runEnd(Codes codes) {
      if (codes.twoBytes()) {
        int end = at;
        while (end < bytes.length
            && bytes[end] != ESC
            && bytes[end] < 0 == codes.g1()
            && !isControl(bytes[end])) {
          end += 2;
        }
        return Math.min(Math.max(end, at + 1), bytes.length);
      }
      int end = at + 1;
      while (end < bytes.length
          && bytes[end] != ESC
          && bytes[end] < 0 == bytes[at] < 0
          && !isDelimiter(bytes[end])) {
        end++;
      }
      return end;
    }

    private boolean isControl(byte b) {
      return b >= 0 && b < 0x20;
    }

    /** Where code elements go back to their initial state (PS3.5 §6.1.2.5.3). */
    private boolean isDelimiter(byte b) {
      return b == '\n'
          || b == '\r'
          || b == '\f'
          || b == '\t'
          || b == '\\' && !vr.isSingleText()
          || vr == Vr.PN && (b == '^' || b == '=');
    }
  }
}
