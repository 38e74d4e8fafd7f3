package org.isocentre.dicom.data;

import java.util.HashMap;
import java.util.Map;

/** Value representations (PS3.5 §6.2). */
public enum Vr {
  AE(Kind.TEXT, 2),
  AS(Kind.TEXT, 2),
  AT(Kind.BINARY, 2, 2),
  CS(Kind.TEXT, 2),
  DA(Kind.TEXT, 2),
  DS(Kind.TEXT, 2),
  DT(Kind.TEXT, 2),
  FD(Kind.BINARY, 2, 8),
  FL(Kind.BINARY, 2, 4),
  IS(Kind.TEXT, 2),
  LO(Kind.LOCAL_TEXT, 2),
  LT(Kind.LOCAL_TEXT, 2),
  OB(Kind.BYTES, 4, 1),
  OD(Kind.BYTES, 4, 8),
  OF(Kind.BYTES, 4, 4),
  OL(Kind.BYTES, 4, 4),
  OV(Kind.BYTES, 4, 8),
  OW(Kind.BYTES, 4, 2),
  PN(Kind.LOCAL_TEXT, 2),
  SH(Kind.LOCAL_TEXT, 2),
  SL(Kind.BINARY, 2, 4),
  SQ(Kind.SEQUENCE, 4),
  SS(Kind.BINARY, 2, 2),
  ST(Kind.LOCAL_TEXT, 2),
  SV(Kind.BINARY, 4, 8),
  TM(Kind.TEXT, 2),
  UC(Kind.LOCAL_TEXT, 4),
  UI(Kind.TEXT, 2),
  UL(Kind.BINARY, 2, 4),
  UN(Kind.BYTES, 4, 1),
  UR(Kind.TEXT, 4),
  US(Kind.BINARY, 2, 2),
  UT(Kind.LOCAL_TEXT, 4),
  UV(Kind.BINARY, 4, 8);

  /** How the value is made up. */
  public enum Kind {
    /** Characters of the default repertoire. */
    TEXT,
    /** Characters of Specific Character Set (PS3.5 §6.1.2). */
    LOCAL_TEXT,
    /** Numbers of fixed size. */
    BINARY,
    /** A stream of bytes or words. */
    BYTES,
    SEQUENCE
  }

  private static final Map<Integer, Vr> BY_CODE = new HashMap<>();

  static {
    for (Vr vr : values()) {
      BY_CODE.put(vr.code(), vr);
    }
  }

  private final Kind kind;
  private final int lengthBytes;
  private final int unit;

  Vr(Kind kind, int lengthBytes) {
    this(kind, lengthBytes, 1);
  }

  Vr(Kind kind, int lengthBytes, int unit) {
    this.kind = kind;
    this.lengthBytes = lengthBytes;
    this.unit = unit;
  }

  /**
   * The VR of two ASCII characters in explicit encoding, high byte first, or null if there is none
   * such.
   */
  public static Vr of(int code) {
    return BY_CODE.get(code);
  }

  /** By name, or null. */
  public static Vr of(String name) {
    return name.length() == 2 ? BY_CODE.get(name.charAt(0) << 8 | name.charAt(1)) : null;
  }

  /** Its two characters, high byte first. */
  public int code() {
    return name().charAt(0) << 8 | name().charAt(1);
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the explicit encoding has a 32-bit length after two reserved bytes (PS3.5 §7.1.2). */
  public boolean hasLongLength() {
    return lengthBytes == 4;
  }

  /** Bytes of one number or word, which change places in big endian; 1 for text. */
  public int unit() {
    return unit;
  }

  public boolean isText() {
    return kind == Kind.TEXT || kind == Kind.LOCAL_TEXT;
  }

  /**
   * Whether a backslash is part of the text rather than a delimiter between values (PS3.5 §6.2).
   */
  public boolean isSingleText() {
    return this == LT || this == ST || this == UT || this == UR;
  }

  /** What makes the value's length even (PS3.5 §6.2). */
  public byte padding() {
    return this == UI || !isText() ? (byte) 0 : (byte) ' ';
  }
}
