package org.isocentre.model;

import java.util.Optional;

/**
 * NHS numbers: ten digits of which the last is a modulus 11 check digit (NHS Data Dictionary, NHS
 * NUMBER).
 */
public final class NhsNumber {
  private static final int LENGTH = 10;

  private NhsNumber() {}

  /** The ten digits without spaces or hyphens, if they are a number with a valid check digit. */
  public static Optional<String> parse(String text) {
    if (text == null || text.length() > 32) {
      return Optional.empty();
    }
    String digits = text.replace(" ", "").replace("-", "");
    return isValid(digits) ? Optional.of(digits) : Optional.empty();
  }

  /** Whether {@code digits} is exactly ten digits with a valid check digit. */
  public static boolean isValid(String digits) {
    if (digits == null || digits.length() != LENGTH) {
      return false;
    }
    int sum = 0;
    for (int i = 0; i < LENGTH; i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      if (i < LENGTH - 1) {
        sum += (c - '0') * (LENGTH - i);
      }
    }
    int check = 11 - sum % 11;
    return (check == 11 ? 0 : check) == digits.charAt(LENGTH - 1) - '0';
  }
}
