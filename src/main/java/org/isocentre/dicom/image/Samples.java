package org.isocentre.dicom.image;

/** Samples of a decoded frame as numbers (PS3.5 §8.1.1). */
final class Samples {
  private final byte[] bytes;
  private final ImagePixel pixel;
  private final SampleLayout layout;
  private final int shift;
  private final int sample;

  /**
   * @param bytes little endian
   * @param highBit of Bits Stored
   * @param sample from 0
   */
  Samples(byte[] bytes, ImagePixel pixel, int highBit, int sample) {
    this.bytes = bytes;
    this.pixel = pixel;
    this.layout = new SampleLayout(pixel);
    this.shift = Math.max(0, highBit + 1 - pixel.bitsStored());
    this.sample = sample;
  }

  ImagePixel pixel() {
    return pixel;
  }

  int count() {
    return layout.pixels();
  }

  /** All bits that are allocated, unsigned. */
  long raw(int index) {
    if (pixel.bitsAllocated() == 1) {
      return bytes[index >> 3] >> (index & 7) & 1;
    }
    int at = layout.first(sample) + index * layout.step();
    long value = 0;
    for (int i = layout.sampleBytes() - 1; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xff;
    }
    return value;
  }

  long value(int index) {
    return stored(raw(index) >>> shift);
  }

  /** What Bits Stored of a number stand for. */
  long stored(long number) {
    int unused = 64 - pixel.bitsStored();
    return pixel.signed() ? number << unused >> unused : number << unused >>> unused;
  }
}
