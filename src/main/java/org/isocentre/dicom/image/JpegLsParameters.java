package org.isocentre.dicom.image;

/**
 * Coding parameters of a JPEG-LS scan (ITU-T T.87 §C.2.4.1.1, §A.2.1).
 *
 * @param maxVal greatest sample
 * @param near greatest difference from the original; 0 is lossless
 * @param t1 first threshold of gradients
 * @param reset count of occurrences at which statistics are halved
 */
record JpegLsParameters(int maxVal, int near, int t1, int t2, int t3, int reset) {
  private static final int DEFAULT_RESET = 64;

  /** Every zero becomes its default. */
  JpegLsParameters complete(int precision, int nearOfScan) throws ImageException {
    int max = maxVal == 0 ? (1 << precision) - 1 : maxVal;
    int first = t1;
    int second = t2;
    int third = t3;
    if (max >= 128) {
      int factor = (Math.min(max, 4095) + 128) / 256;
      first = t1 == 0 ? clamp(factor + 2 + 3 * nearOfScan, nearOfScan + 1, max) : t1;
      second = t2 == 0 ? clamp(factor * 4 + 3 + 5 * nearOfScan, first, max) : t2;
      third = t3 == 0 ? clamp(factor * 17 + 4 + 7 * nearOfScan, second, max) : t3;
    } else {
      int factor = 256 / (max + 1);
      first = t1 == 0 ? clamp(Math.max(2, 3 / factor + 3 * nearOfScan), nearOfScan + 1, max) : t1;
      second = t2 == 0 ? clamp(Math.max(3, 7 / factor + 5 * nearOfScan), first, max) : t2;
      third = t3 == 0 ? clamp(Math.max(4, 21 / factor + 7 * nearOfScan), second, max) : t3;
    }
    JpegLsParameters complete =
        new JpegLsParameters(
            max, nearOfScan, first, second, third, reset == 0 ? DEFAULT_RESET : reset);
    complete.check(precision);
    return complete;
  }

  private static int clamp(int value, int least, int most) {
    return value > most || value < least ? least : value;
  }

  private void check(int precision) throws ImageException {
    if (maxVal >= 1 << precision
        || near > Math.min(255, maxVal / 2)
        || t1 < near + 1
        || t2 < t1
        || t3 < t2
        || t3 > maxVal
        || reset < 3) {
      throw JpegLsDecoder.corrupt("coding parameters that cannot be");
    }
  }

  int range() {
    return (maxVal + 2 * near) / (2 * near + 1) + 1;
  }

  /** Bits of a mapped error. */
  int qbpp() {
    return bitsFor(range());
  }

  /** Longest code. */
  int limit() {
    int bpp = Math.max(2, bitsFor(maxVal + 1));
    return 2 * (bpp + Math.max(8, bpp));
  }

  private static int bitsFor(int values) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(values - 1);
  }
}
