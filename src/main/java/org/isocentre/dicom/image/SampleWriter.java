package org.isocentre.dicom.image;

/** Puts decoded samples where they belong in a native frame. */
final class SampleWriter {
  private final byte[] frame;
  private final SampleLayout layout;
  private final int signShift;

  /**
   * @param precision bits of a sample in the code stream. Signed samples that fill Bits Stored but
   *     not Bits Allocated get their sign extended.
   * @throws ImageException ISO-IMAGE-302 if the code stream is not of this image
   */
  SampleWriter(byte[] frame, ImagePixel pixel, CodeStreamSize size) throws ImageException {
    size.check(pixel);
    this.frame = frame;
    this.layout = new SampleLayout(pixel);
    boolean extend =
        pixel.signed()
            && size.precision() == pixel.bitsStored()
            && size.precision() < pixel.bitsAllocated();
    this.signShift = extend ? Integer.SIZE - size.precision() : 0;
  }

  /**
   * @param index of the pixel, row by row from the top left
   */
  void put(int sample, int index, int value) {
    int signed = value << signShift >> signShift;
    int at = layout.first(sample) + index * layout.step();
    for (int i = 0; i < layout.sampleBytes(); i++) {
      frame[at + i] = (byte) (signed >> 8 * i);
    }
  }
}
