package org.isocentre.dicom.image;

/**
 * What a code stream says of its image.
 *
 * @param precision bits of a sample
 */
record CodeStreamSize(int rows, int columns, int components, int precision) {
  private static final int MAX_BITS = 32;

  /**
   * @throws ImageException ISO-IMAGE-302 if the attributes say otherwise: then neither can be
   *     trusted
   */
  void check(ImagePixel pixel) throws ImageException {
    if (rows != pixel.rows()
        || columns != pixel.columns()
        || components != pixel.samplesPerPixel()
        || precision < 1
        || precision > pixel.bitsAllocated()
        || pixel.bitsAllocated() > MAX_BITS) {
      throw new ImageException(
          "ISO-IMAGE-302",
          "the code stream has %d rows, %d columns, %d samples of %d bits, but the attributes say %d, %d, %d of %d"
              .formatted(
                  rows,
                  columns,
                  components,
                  precision,
                  pixel.rows(),
                  pixel.columns(),
                  pixel.samplesPerPixel(),
                  pixel.bitsAllocated()));
    }
  }
}
