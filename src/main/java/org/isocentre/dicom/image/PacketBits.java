package org.isocentre.dicom.image;

/** Bits of a packet header: after a byte FF come seven (ITU-T T.800 §B.10.1). */
final class PacketBits {
  private final byte[] in;
  private final int end;
  private int at;
  private int current;
  private int left;

  PacketBits(byte[] in, int at, int end) {
    this.in = in;
    this.at = at;
    this.end = end;
  }

  int bit() throws ImageException {
    if (left == 0) {
      if (at >= end) {
        throw Jpeg2000Decoder.corrupt("a packet header ends early, at byte " + at);
      }
      left = current == 0xff ? 7 : 8;
      current = in[at++] & 0xff;
    }
    left--;
    return current >> left & 1;
  }

  int bits(int count) throws ImageException {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 1 | bit();
    }
    return value;
  }

  /** The byte after the header; a last FF is followed by one more. */
  int align() {
    return current == 0xff ? at + 1 : at;
  }
}
