package org.isocentre.dicom.image;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** Small code streams, and damage to them. */
final class CodeStreams {
  /** 4 rows of 6 pixels of 16 bits: {@link #ramp}, coded by DCMTK. */
  static final byte[] JPEG_LOSSLESS =
      hex(
          "ffd8ffe000104a46494600010100000100010000ffc3000b100004000601011100ffc40018000101010101"
              + "00000000000000000000000c0b0a0d10ffda0008010100010000f6ea77e743da438cf1171565ad7d7e49"
              + "5d68de9905c86ed6620bff00a127bb108dd3c925c5376a05ffffd9");

  /** The same in JPEG-LS, coded by DCMTK. */
  static final byte[] JPEG_LS =
      hex(
          "ffd8fff7000b100004000601011100fff8000d01ffff0012004301140040ffda00080101000000009d45f9"
              + "48ee909131815c0d94b5c5f70351006c70e3af1d3b30bbc006a042500582235886b169e4d9940affd9");

  /** The example of ITU-T T.87 §H.3: {@link #T87_PIXELS}. */
  static final byte[] JPEG_LS_OF_T87 =
      hex(
          "ffd8fff7000b080004000401011100ffda0008010100000000c000006c80208e01c0000057400000"
              + "6ee6000001bc18000005d800009160ffd9");

  static final byte[] T87_PIXELS = {
    0,
    0,
    90,
    74,
    68,
    50,
    43,
    (byte) 205,
    64,
    (byte) 145,
    (byte) 145,
    (byte) 145,
    100,
    (byte) 145,
    (byte) 145,
    (byte) 145
  };

  static final ImagePixel RAMP = TestImages.pixel(4, 6, 1, 16, false, 1);

  private CodeStreams() {}

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  /** Pixels of {@link #JPEG_LOSSLESS} and {@link #JPEG_LS}. */
  static byte[] ramp() {
    byte[] pixels = new byte[48];
    for (int i = 0; i < 24; i++) {
      int value = i * i * 37 + i % 5 * 900;
      pixels[2 * i] = (byte) value;
      pixels[2 * i + 1] = (byte) (value >> 8);
    }
    return pixels;
  }

  /** Cut short, or some bytes changed, more often near the start where the headers are. */
  static byte[] damaged(byte[] codeStream, long seed) {
    Random random = new Random(seed);
    byte[] damaged =
        random.nextInt(4) == 0
            ? Arrays.copyOf(codeStream, random.nextInt(codeStream.length))
            : codeStream.clone();
    for (int i = random.nextInt(4); i >= 0 && damaged.length > 0; i--) {
      int near = random.nextBoolean() ? Math.min(damaged.length, 80) : damaged.length;
      damaged[random.nextInt(near)] =
          random.nextInt(3) == 0 ? (byte) -1 : (byte) random.nextInt(256);
    }
    return damaged;
  }
}
