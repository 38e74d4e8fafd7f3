package org.isocentre.dicom.image;

/** A tag tree (ITU-T T.800 §B.10.2): the least of four is told once, for all of them. */
final class TagTree {
  private final int width;
  private final int[][] values;
  private final int[][] lows;
  private final int[] widths;

  TagTree(int width, int height) {
    this.width = width;
    int levels = 1;
    for (int w = width, h = height; w > 1 || h > 1; w = w + 1 >> 1, h = h + 1 >> 1) {
      levels++;
    }
    values = new int[levels][];
    lows = new int[levels][];
    widths = new int[levels];
    int w = width;
    int h = height;
    for (int level = 0; level < levels; level++) {
      values[level] = new int[w * h];
      java.util.Arrays.fill(values[level], Integer.MAX_VALUE);
      lows[level] = new int[w * h];
      widths[level] = w;
      w = w + 1 >> 1;
      h = h + 1 >> 1;
    }
  }

  /** Whether the leaf's value is below {@code threshold}, reading what has to be known for that. */
  boolean isBelow(int leaf, int threshold, PacketBits bits) throws ImageException {
    int x = leaf % width;
    int y = leaf / width;
    int low = 0;
    for (int level = values.length - 1; level >= 0; level--) {
      int node = (y >> level) * widths[level] + (x >> level);
      low = Math.max(low, lows[level][node]);
      while (low < threshold && low < values[level][node]) {
        if (bits.bit() == 1) {
          values[level][node] = low;
        } else {
          low++;
        }
      }
      lows[level][node] = low;
    }
    return values[0][leaf] < threshold;
  }

  /** The leaf's value, read to the end. */
  int value(int leaf, PacketBits bits) throws ImageException {
    int threshold = 1;
    while (!isBelow(leaf, threshold, bits)) {
      threshold++;
    }
    return values[0][leaf];
  }
}
