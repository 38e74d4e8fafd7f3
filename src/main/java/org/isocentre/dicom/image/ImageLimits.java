package org.isocentre.dicom.image;

import org.isocentre.dicom.io.ReaderLimits;

/**
 * How much pixel data may ask of its reader.
 *
 * @param maxFrameBytes of one frame, encoded and decoded alike; a few of that size are in memory
 * @param maxFrames of one object
 * @param reader for the data set around the pixel data
 */
public record ImageLimits(int maxFrameBytes, int maxFrames, ReaderLimits reader) {
  /** Frames of 256 MiB, as many as the reader takes fragments. */
  public static final ImageLimits DEFAULT =
      new ImageLimits(256 << 20, 1_000_000, ReaderLimits.DEFAULT);

  /** These limits with another {@code maxFrameBytes}. */
  public ImageLimits withMaxFrameBytes(int bytes) {
    return new ImageLimits(bytes, maxFrames, reader);
  }

  /** The length as an int, once it is known to be within {@code maxFrameBytes}. */
  int frameBytes(long length) throws ImageException {
    if (length < 0 || length > maxFrameBytes) {
      throw new ImageException(
          "ISO-IMAGE-202",
          "a frame of %d bytes, more than the limit of %d".formatted(length, maxFrameBytes));
    }
    return (int) length;
  }
}
