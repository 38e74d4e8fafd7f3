package org.isocentre.dicom.image;

/** Makes native pixels of one frame's code stream. */
@FunctionalInterface
interface FrameDecoder {
  /**
   * @param encoded the whole code stream; what comes after its end is passed over
   * @param pixel what the attributes say; a code stream that says otherwise is an error
   * @param length bytes of the decoded frame, {@code pixel.frameBytes()}, checked against the limit
   * @return samples of {@code pixel.bitsAllocated()}, little endian, by {@code pixel.planar()}
   */
  byte[] decode(byte[] encoded, ImagePixel pixel, int length) throws ImageException;
}
