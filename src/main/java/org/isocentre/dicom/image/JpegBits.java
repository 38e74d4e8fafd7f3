package org.isocentre.dicom.image;

/** Bits of entropy-coded segments: zero bytes after FF are left out (ITU-T T.81 §B.1.1.5). */
final class JpegBits {
  private final byte[] in;
  private int at;
  private long held;
  private int count;
  private int padding;

  JpegBits(byte[] in, int at) {
    this.in = in;
    this.at = at;
  }

  /** The next 16 bits, as zeros after the end. */
  int peek() {
    while (count < 16) {
      held = held << 8 | next();
      count += 8;
    }
    return (int) (held >>> count - 16) & 0xffff;
  }

  private int next() {
    if (at >= in.length) {
      padding += 8;
      return 0;
    }
    int b = in[at] & 0xff;
    if (b == 0xff) {
      if (at + 1 >= in.length || in[at + 1] != 0) {
        padding += 8;
        return 0;
      }
      at++;
    }
    at++;
    return b;
  }

  void skip(int bits) throws ImageException {
    count -= bits;
    if (count < padding) {
      throw JpegDecoder.corrupt("the entropy-coded data end early, at byte " + at);
    }
  }

  /** Up to 16 bits as an unsigned number. */
  int bits(int length) throws ImageException {
    int value = length == 0 ? 0 : peek() >>> 16 - length;
    skip(length);
    return value;
  }

  /** A difference of {@code length} bits, the first of which tells its sign (T.81 §F.2.2.1). */
  int difference(int length) throws ImageException {
    int value = bits(length);
    return length == 0 || value >>> length - 1 != 0 ? value : value - (1 << length) + 1;
  }

  /** Passes over what is left of a byte and a restart marker (T.81 §F.2.2.5). */
  void restart() throws ImageException {
    toMarker();
    if (at + 1 >= in.length || (in[at + 1] & 0xf8) != 0xd0) {
      throw JpegDecoder.corrupt("no restart marker at byte " + at);
    }
    at += 2;
  }

  /** Where the marker after the entropy-coded data is, or the end. */
  int toMarker() {
    // Whole bytes that were looked at but not used are data too: at worst the stream lies.
    count = 0;
    held = 0;
    padding = 0;
    while (at < in.length && !(in[at] == -1 && at + 1 < in.length && in[at + 1] != 0)) {
      at++;
    }
    return at;
  }
}
