package org.isocentre.dicom.image;

/**
 * Where samples lie in a native frame, by Planar Configuration (PS3.3 §C.7.6.3.1.3). For frames
 * whose bytes are known to fit an int.
 */
record SampleLayout(int pixels, int sampleBytes, int step, int sampleDistance) {
  SampleLayout(ImagePixel pixel) {
    this(
        (int) pixel.pixels(),
        pixel.sampleBytes(),
        pixel.planar() ? pixel.sampleBytes() : pixel.sampleBytes() * pixel.samplesPerPixel(),
        pixel.planar() ? (int) pixel.pixels() * pixel.sampleBytes() : pixel.sampleBytes());
  }

  /** First byte of the sample of the first pixel; that of the next is {@link #step} on. */
  int first(int sample) {
    return sample * sampleDistance;
  }
}
