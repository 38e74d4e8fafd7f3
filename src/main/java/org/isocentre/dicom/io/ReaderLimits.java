package org.isocentre.dicom.io;

/**
 * How much a data set may ask of its reader.
 *
 * @param maxDepth nested sequences
 * @param maxElements elements and items in all
 * @param maxValueBytes longest value that is held in memory; a longer one is left where it is
 * @param maxTotalBytes of all values held in memory
 * @param maxFragments of encapsulated Pixel Data
 */
public record ReaderLimits(
    int maxDepth, int maxElements, int maxValueBytes, long maxTotalBytes, int maxFragments) {
  public static final ReaderLimits DEFAULT =
      new ReaderLimits(64, 1_000_000, 1 << 20, 64L << 20, 1_000_000);

  /** For one value: {@code bytes} instead of the default. */
  public ReaderLimits withMaxValueBytes(int bytes) {
    return new ReaderLimits(maxDepth, maxElements, bytes, maxTotalBytes, maxFragments);
  }
}
