package org.isocentre.dicom.image;

/** Palette data in segments, expanded (PS3.3 §C.7.9.2). */
final class PaletteSegments {
  private static final int MAX_DEPTH = 2;

  /** Segments in all: as many as there may be entries. */
  private static final int MAX_SEGMENTS = 1 << 16;

  private final int[] words;
  private final boolean wide;
  private int[] out;
  private int filled;
  private int read;

  /**
   * @param words of 8 or 16 bits
   * @param wide whether they are of 16
   */
  PaletteSegments(int[] words, boolean wide) {
    this.words = words;
    this.wide = wide;
  }

  /**
   * @throws ImageException if the segments do not make so many entries
   */
  int[] expand(int count) throws ImageException {
    out = new int[count];
    filled = 0;
    run(0, words.length, Integer.MAX_VALUE, 1);
    if (filled != count) {
      throw wrong("make %d entries of %d".formatted(filled, count));
    }
    return out;
  }

  private void run(int from, int until, int segments, int depth) throws ImageException {
    int at = from;
    for (int n = 0; n < segments && at + 1 < until; n++) {
      int opcode = words[at];
      int length = words[at + 1];
      if (opcode == 0 && length == 0) {
        return;
      }
      if (++read > MAX_SEGMENTS) {
        throw wrong("are more than " + MAX_SEGMENTS);
      }
      at += 2;
      switch (opcode) {
        case 0 -> at = discrete(at, length);
        case 1 -> at = linear(at, length);
        case 2 -> at = indirect(at, length, depth);
        default -> throw wrong("have an opcode " + opcode);
      }
    }
  }

  private int discrete(int at, int length) throws ImageException {
    need(at, length);
    for (int i = 0; i < length; i++) {
      put(words[at + i]);
    }
    return at + length;
  }

  private int linear(int at, int length) throws ImageException {
    need(at, 1);
    if (filled == 0) {
      throw wrong("begin with a line, which needs a value before it");
    }
    int first = out[filled - 1];
    for (int i = 1; i <= length; i++) {
      put((int) Math.round(first + (double) (words[at] - first) * i / length));
    }
    return at + 1;
  }

  private int indirect(int at, int segments, int depth) throws ImageException {
    int size = wide ? 2 : 4;
    need(at, size);
    long offset = 0;
    for (int i = size - 1; i >= 0; i--) {
      offset = offset << (wide ? 16 : 8) | words[at + i];
    }
    if (depth == MAX_DEPTH || offset >= at) {
      throw wrong("lead to segments that are not before them");
    }
    run((int) offset, at - 2, segments, depth + 1);
    return at + size;
  }

  private void need(int at, int count) throws ImageException {
    if (at + count > words.length) {
      throw wrong("end in the middle of one");
    }
  }

  private void put(int value) throws ImageException {
    if (filled == out.length) {
      throw wrong("make more than %d entries".formatted(out.length));
    }
    out[filled++] = value;
  }

  private static ImageException wrong(String what) {
    return new ImageException("ISO-IMAGE-503", "the segments of a palette " + what);
  }
}
