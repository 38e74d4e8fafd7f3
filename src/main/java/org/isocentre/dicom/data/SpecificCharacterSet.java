package org.isocentre.dicom.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Decodes and encodes text by Specific Character Set (PS3.3 §C.12.1.1.2, PS3.5 §6.1.2), with
 * ISO/IEC 2022 escapes. A term that is not defined is read as the default repertoire and told by
 * {@link #unknownTerms()}.
 */
public final class SpecificCharacterSet {
  private static final int ESC = 0x1b;

  /**
   * A code element: what 7-bit (G0) or 8-bit (G1) codes mean, and whether a character takes two
   * bytes.
   *
   * @param escape what designates it, without ESC
   */
  record Codes(String escape, Charset charset, boolean twoBytes, boolean g1) {}

  private static final Codes ASCII = new Codes("(B", StandardCharsets.ISO_8859_1, false, false);

  /** ISO-IR 14 as ASCII: its yen sign stands where DICOM has the delimiter between values. */
  private static final Codes ROMAJI = new Codes("(J", StandardCharsets.ISO_8859_1, false, false);

  private static final Codes KATAKANA = new Codes(")I", Charset.forName("JIS_X0201"), false, true);
  private static final Codes KANJI = new Codes("$B", Charset.forName("x-JIS0208"), true, false);
  private static final Codes KANJI_SUPPLEMENT =
      new Codes("$(D", Charset.forName("JIS_X0212-1990"), true, false);
  private static final Codes HANGUL = new Codes("$)C", Charset.forName("EUC-KR"), true, true);
  private static final Codes HANZI = new Codes("$)A", Charset.forName("GB2312"), true, true);

  private static final List<Codes> LATIN =
      List.of(
          latin("-A", "ISO-8859-1"),
          latin("-B", "ISO-8859-2"),
          latin("-C", "ISO-8859-3"),
          latin("-D", "ISO-8859-4"),
          latin("-L", "ISO-8859-5"),
          latin("-G", "ISO-8859-6"),
          latin("-F", "ISO-8859-7"),
          latin("-H", "ISO-8859-8"),
          latin("-M", "ISO-8859-9"),
          latin("-b", "ISO-8859-15"),
          latin("-T", "TIS-620"));

  /** What an escape sequence (without ESC) invokes (PS3.3 Tables C.12-3 and C.12-4). */
  private static final Map<String, Codes> ESCAPES = escapes();

  /**
   * What the number of a defined term means at the start of a value (PS3.3 Tables C.12-2 to
   * C.12-4).
   */
  private static final Map<String, Codes> TERMS =
      Map.ofEntries(
          Map.entry("6", ASCII),
          Map.entry("100", ESCAPES.get("-A")),
          Map.entry("101", ESCAPES.get("-B")),
          Map.entry("109", ESCAPES.get("-C")),
          Map.entry("110", ESCAPES.get("-D")),
          Map.entry("144", ESCAPES.get("-L")),
          Map.entry("127", ESCAPES.get("-G")),
          Map.entry("126", ESCAPES.get("-F")),
          Map.entry("138", ESCAPES.get("-H")),
          Map.entry("148", ESCAPES.get("-M")),
          Map.entry("203", ESCAPES.get("-b")),
          Map.entry("166", ESCAPES.get("-T")),
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
  public static final SpecificCharacterSet DEFAULT = of(List.of());

  private final List<String> terms;
  private final Charset whole;
  private final Codes initialG0;
  private final Codes initialG1;
  private final List<Codes> extensions;
  private final List<String> unknownTerms;

  private SpecificCharacterSet(List<String> terms, List<String> unknownTerms) {
    this.terms = List.copyOf(terms);
    this.unknownTerms = List.copyOf(unknownTerms);
    String first = terms.isEmpty() ? "" : terms.get(0);
    Codes codes = TERMS.getOrDefault(number(first), ASCII);
    this.whole = WHOLE.get(first);
    this.initialG0 = codes == KATAKANA ? ROMAJI : ASCII;
    this.initialG1 = codes.g1() ? codes : ASCII;
    this.extensions =
        terms.size() > 1 || first.startsWith("ISO 2022")
            ? terms.stream().map(t -> TERMS.get(number(t))).filter(Objects::nonNull).toList()
            : List.of();
  }

  private static Codes latin(String escape, String name) {
    return new Codes(escape, Charset.forName(name), false, true);
  }

  private static Map<String, Codes> escapes() {
    Map<String, Codes> escapes = new HashMap<>();
    List.of(ASCII, ROMAJI, KATAKANA, KANJI, KANJI_SUPPLEMENT, HANGUL, HANZI)
        .forEach(c -> escapes.put(c.escape(), c));
    LATIN.forEach(c -> escapes.put(c.escape(), c));
    // JIS C 6226-1978, the older edition of the same characters.
    escapes.put("$@", KANJI);
    return Map.copyOf(escapes);
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
    return new SpecificCharacterSet(terms, unknown);
  }

  private static String number(String term) {
    for (String prefix : List.of("ISO_IR ", "ISO 2022 IR ", "ISO-IR ", "ISO_IR", "ISO2022 IR ")) {
      if (term.startsWith(prefix)) {
        return term.substring(prefix.length());
      }
    }
    return "";
  }

  /** The values of (0008,0005). */
  public List<String> terms() {
    return terms;
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

  /**
   * Encodes a value with its delimiters, without padding. Where the first term has no code for a
   * character, the code elements of the further terms are invoked by escape sequences, and left
   * again before each delimiter and the end (PS3.5 §6.1.2.5.3).
   *
   * @throws CharacterCodingException if a character has no code in any of the terms; nothing is
   *     ever replaced
   */
  public byte[] encode(String text, Vr vr) throws CharacterCodingException {
    if (whole == null) {
      return new TextEncoder(initialG0, initialG1, extensions, vr).encode(text);
    }
    ByteBuffer bytes = whole.newEncoder().encode(CharBuffer.wrap(text));
    return Arrays.copyOf(bytes.array(), bytes.limit());
  }

  /** Where code elements go back to their initial state (PS3.5 §6.1.2.5.3). */
  static boolean isDelimiter(int c, Vr vr) {
    return c == '\n'
        || c == '\r'
        || c == '\f'
        || c == '\t'
        || c == '\\' && !vr.isSingleText()
        || vr == Vr.PN && (c == '^' || c == '=');
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
        if (!codes.twoBytes() && isDelimiter(bytes[at], vr)) {
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
          && !isDelimiter(bytes[end], vr)) {
        end++;
      }
      return end;
    }

    private boolean isControl(byte b) {
      return b >= 0 && b < 0x20;
    }
  }
}
