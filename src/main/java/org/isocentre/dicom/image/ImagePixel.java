package org.isocentre.dicom.image;

import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;

/**
 * How the pixels of an object are laid out: attributes of the Image Pixel and Multi-frame modules
 * (PS3.3 §C.7.6.3, §C.7.6.6).
 *
 * @param bitsAllocated of a sample: 1, or a multiple of 8 up to 64
 * @param bitsStored of a sample, 1 to {@code bitsAllocated}
 * @param signed Pixel Representation 1
 * @param planar Planar Configuration 1: all of one sample before the next, within a frame
 * @param numberOfFrames 1 if the object does not say
 */
public record ImagePixel(
    int rows,
    int columns,
    int samplesPerPixel,
    int bitsAllocated,
    int bitsStored,
    boolean signed,
    boolean planar,
    String photometricInterpretation,
    int numberOfFrames) {
  private static final int MAX_SIDE = 65535;
  private static final int MAX_SAMPLES = 4;

  /**
   * @throws ImageException ISO-IMAGE-101 if an attribute is missing or cannot be
   */
  public static ImagePixel of(DataSet dataSet) throws ImageException {
    int samples = number(dataSet, Tag.SamplesPerPixel, 1, MAX_SAMPLES, 1);
    int allocated = number(dataSet, Tag.BitsAllocated, 1, 64, null);
    if (allocated != 1 && allocated % 8 != 0) {
      throw wrong(Tag.BitsAllocated, Integer.toString(allocated), "1 or a multiple of 8");
    }
    String photometric = dataSet.string(Tag.PhotometricInterpretation);
    return new ImagePixel(
        number(dataSet, Tag.Rows, 1, MAX_SIDE, null),
        number(dataSet, Tag.Columns, 1, MAX_SIDE, null),
        samples,
        allocated,
        number(dataSet, Tag.BitsStored, 1, allocated, allocated),
        number(dataSet, Tag.PixelRepresentation, 0, 1, 0) == 1,
        samples > 1 && number(dataSet, Tag.PlanarConfiguration, 0, 1, 0) == 1,
        photometric == null ? "" : photometric,
        number(dataSet, Tag.NumberOfFrames, 1, Integer.MAX_VALUE, 1));
  }

  private static int number(DataSet dataSet, int tag, int least, int most, Integer absent)
      throws ImageException {
    Integer value = dataSet.integer(tag);
    if (value == null) {
      value = absent;
    }
    if (value == null || value < least || value > most) {
      throw wrong(tag, String.valueOf(value), least + " to " + most);
    }
    return value;
  }

  private static ImageException wrong(int tag, String found, String expected) {
    return new ImageException(
        "ISO-IMAGE-101",
        "%s is %s, expected %s: the image cannot be laid out (PS3.3 §C.7.6.3)"
            .formatted(Tags.format(tag), found, expected));
  }

  /** Pixels of one frame. */
  public long pixels() {
    return (long) rows * columns;
  }

  /** Bytes of one sample; 1 for packed bits. */
  public int sampleBytes() {
    return Math.max(1, bitsAllocated / 8);
  }

  /**
   * Bits of one native frame. Chrominance that is shared by two pixels, or by four, counts once
   * (PS3.3 §C.7.6.3.1.2).
   */
  public long frameBits() {
    return switch (photometricInterpretation) {
      case "YBR_FULL_422", "YBR_PARTIAL_422" -> pixels() * 2 * bitsAllocated;
      case "YBR_PARTIAL_420" -> pixels() * 3 / 2 * bitsAllocated;
      default -> pixels() * samplesPerPixel * bitsAllocated;
    };
  }

  /** Bytes of one native frame that begins on a byte. */
  public long frameBytes() {
    return (frameBits() + 7) / 8;
  }

  /**
   * Bytes of all native frames, without padding; {@link Long#MAX_VALUE} if no object has so many.
   */
  public long totalBytes() {
    long bits = frameBits();
    return bits > (Long.MAX_VALUE - 7) / numberOfFrames
        ? Long.MAX_VALUE
        : (bits * numberOfFrames + 7) / 8;
  }

  /** Whether chrominance has a sample for each pixel, as all encoders here need. */
  boolean isFullySampled() {
    return !photometricInterpretation.endsWith("_422")
        && !photometricInterpretation.endsWith("_420");
  }

  /** The same pixels by another Photometric Interpretation. */
  public ImagePixel withPhotometricInterpretation(String photometric) {
    return new ImagePixel(
        rows,
        columns,
        samplesPerPixel,
        bitsAllocated,
        bitsStored,
        signed,
        planar,
        photometric,
        numberOfFrames);
  }
}
