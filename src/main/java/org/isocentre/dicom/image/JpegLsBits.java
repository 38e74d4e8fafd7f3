package org.isocentre.dicom.image;

/** Bits of a JPEG-LS scan: after a byte FF come seven bits (ITU-T T.87 §A.1). */
final class JpegLsBits {
  private final byte[] in;
  private int at;
  private long held;
  private int count;

  JpegLsBits(byte[] in, int at) {
    this.in = in;
    this.at = at;
  }

  private void need(int bits) throws ImageException {
    while (count < bits) {
      int before = at > 0 ? in[at - 1] & 0xff : 0;
      if (at >= in.length || before == 0xff && (in[at] & 0x80) != 0) {
        throw JpegLsDecoder.corrupt("the scan ends early, at byte " + at);
      }
      int width = before == 0xff ? 7 : 8;
      held = held << width | in[at++] & 0xff;
      count += width;
    }
  }

  /** Up to 32 bits as an unsigned number; the caller knows that it fits. */
  int bits(int length) throws ImageException {
    need(length);
    count -= length;
    return (int) (held >>> count & (1L << length) - 1);
  }

  /** How many zeros come before a one, which is read too. */
  int zeros(int most) throws ImageException {
    for (int zeros = 0; zeros <= most; zeros++) {
      if (bits(1) == 1) {
        return zeros;
      }
    }
    throw JpegLsDecoder.corrupt("a code that is too long, at byte " + at);
  }

  /** Where the marker after the scan is, or the end. */
  int toMarker() {
    at = Math.max(0, at - 1);
    while (at < in.length && !(in[at] == -1 && at + 1 < in.length && (in[at + 1] & 0x80) != 0)) {
      at++;
    }
    return at;
  }
}
