package org.isocentre.dicom.image;

import java.util.Arrays;

/** A Huffman table of JPEG (ITU-T T.81 Annex C, §F.2.2.3). */
final class HuffmanTable {
  private static final int MAX_LENGTH = 16;
  private static final int FAST = 9;

  private final byte[] values;
  private final int[] firstValue = new int[MAX_LENGTH + 1];
  private final int[] firstCode = new int[MAX_LENGTH + 1];
  private final int[] endCode = new int[MAX_LENGTH + 1];
  private final short[] fast = new short[1 << FAST];

  /**
   * @param counts of codes of each length from 1 to 16, in 16 bytes from {@code at}
   * @param values as many as the counts add up to
   */
  HuffmanTable(byte[] counts, int at, byte[] values) throws ImageException {
    this.values = values;
    int code = 0;
    int value = 0;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      int count = counts[at + length - 1] & 0xff;
      firstValue[length] = value;
      firstCode[length] = code;
      endCode[length] = code + count;
      if (endCode[length] > 1 << length) {
        throw JpegDecoder.corrupt("a Huffman table has more codes than there are");
      }
      for (int i = 0; i < count && length <= FAST; i++) {
        int from = code + i << FAST - length;
        int entry = length << 8 | values[value + i] & 0xff;
        Arrays.fill(fast, from, from + (1 << FAST - length), (short) entry);
      }
      value += count;
      code = endCode[length] << 1;
    }
  }

  int decode(JpegBits bits) throws ImageException {
    int ahead = bits.peek();
    int entry = fast[ahead >>> 16 - FAST];
    if (entry != 0) {
      bits.skip(entry >>> 8);
      return entry & 0xff;
    }
    for (int length = FAST + 1; length <= MAX_LENGTH; length++) {
      int code = ahead >>> 16 - length;
      if (code < endCode[length] && code >= firstCode[length]) {
        bits.skip(length);
        return values[firstValue[length] + code - firstCode[length]] & 0xff;
      }
    }
    throw JpegDecoder.corrupt("a code that is in no Huffman table");
  }
}
