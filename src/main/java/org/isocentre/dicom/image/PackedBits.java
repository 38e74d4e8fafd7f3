package org.isocentre.dicom.image;

import java.util.Arrays;

/** Pixels of one bit, the first in the lowest bit of a byte (PS3.5 §8.1.1, Annex D). */
final class PackedBits {
  private PackedBits() {}

  /**
   * The {@code bits} from {@code firstBit} on, moved to begin on a byte; bits after the last are 0.
   *
   * @param length bytes of the answer
   */
  static byte[] move(byte[] bytes, int firstBit, long bits, int length) {
    int from = firstBit / 8;
    int shift = firstBit % 8;
    if (shift == 0 && from == 0 && length == bytes.length && bits % 8 == 0) {
      return bytes;
    }
    byte[] moved = Arrays.copyOfRange(bytes, from, from + length);
    if (shift != 0) {
      for (int i = 0; i < length; i++) {
        int high = from + i + 1 < bytes.length ? bytes[from + i + 1] & 0xff : 0;
        moved[i] = (byte) ((bytes[from + i] & 0xff) >> shift | high << 8 - shift);
      }
    }
    if (bits % 8 != 0) {
      moved[length - 1] &= (byte) ((1 << bits % 8) - 1);
    }
    return moved;
  }
}
