package org.isocentre.dicom.data;

import java.math.BigInteger;
import java.util.UUID;

/** Unique identifiers (PS3.5 §9). */
public final class Uid {
  public static final String IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2";
  public static final String EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
  public static final String DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99";
  public static final String EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2";
  public static final String VERIFICATION = "1.2.840.10008.1.1";
  public static final String CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2";
  public static final String DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION =
      "1.2.840.10008.5.1.4.1.1.1.1";
  public static final String APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1";
  private static final int MAX_LENGTH = 64;

  private Uid() {}

  /**
   * Whether {@code uid} is digits and single dots, 1 to 64 characters, no component with a leading
   * zero (PS3.5 §9.1).
   */
  public static boolean isValid(String uid) {
    if (!isTolerable(uid)) {
      return false;
    }
    for (String part : uid.split("\\.")) {
      if (part.length() > 1 && part.charAt(0) == '0') {
        return false;
      }
    }
    return true;
  }

  /** As {@link #isValid} but for leading zeros, which some devices write and everybody stores. */
  public static boolean isTolerable(String uid) {
    if (uid == null || uid.isEmpty() || uid.length() > MAX_LENGTH) {
      return false;
    }
    char before = '.';
    for (int i = 0; i < uid.length(); i++) {
      char c = uid.charAt(i);
      if (c != '.' && (c < '0' || c > '9') || c == '.' && before == '.') {
        return false;
      }
      before = c;
    }
    return before != '.';
  }

  /** A new UID under 2.25 (PS3.5 §B.2). */
  public static String random() {
    return of(UUID.randomUUID());
  }

  /** The UID of a UUID under 2.25 (PS3.5 §B.2). */
  public static String of(UUID uuid) {
    BigInteger high = BigInteger.valueOf(uuid.getMostSignificantBits()).shiftLeft(Long.SIZE);
    BigInteger low = new BigInteger(Long.toUnsignedString(uuid.getLeastSignificantBits()));
    BigInteger value =
        high.and(BigInteger.ONE.shiftLeft(2 * Long.SIZE).subtract(BigInteger.ONE)).or(low);
    return "2.25." + value;
  }
}
