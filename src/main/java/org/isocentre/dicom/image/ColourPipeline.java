package org.isocentre.dicom.image;

import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/** From stored values to red, green and blue (PS3.3 §C.7.6.3.1.2). */
final class ColourPipeline {
  private final ImagePixel pixel;
  private final DataSet top;
  private final byte[] frame;
  private final int highBit;

  ColourPipeline(DataSet top, byte[] frame, ImagePixel pixel, int highBit) {
    this.pixel = pixel;
    this.top = top;
    this.frame = frame;
    this.highBit = highBit;
  }

  /** Makes three bytes of three samples. */
  @FunctionalInterface
  private interface ToRgb {
    void put(double a, double b, double c, byte[] out, int at);
  }

  /** Three bytes a pixel: red, green, blue. */
  byte[] render() throws ImageException {
    return switch (pixel.photometricInterpretation()) {
      case "PALETTE COLOR" -> palette();
      case "RGB" -> samples(ColourPipeline::rgb);
      case "YBR_FULL" -> samples(ColourPipeline::full);
      case "YBR_PARTIAL" -> samples(ColourPipeline::partial);
      case "YBR_FULL_422" -> shared(ColourPipeline::full);
      case "YBR_PARTIAL_422" -> shared(ColourPipeline::partial);
      default ->
          throw new ImageException(
              "ISO-IMAGE-504",
              "pixels of Photometric Interpretation %s cannot be shown; ask for the object itself"
                  .formatted(
                      pixel.photometricInterpretation().matches("[A-Z0-9_ ]{1,16}")
                          ? pixel.photometricInterpretation()
                          : "(0028,0004)"));
    };
  }

  private byte[] samples(ToRgb conversion) throws ImageException {
    if (pixel.samplesPerPixel() != 3) {
      throw new ImageException(
          "ISO-IMAGE-505",
          "%d samples a pixel, 3 were expected".formatted(pixel.samplesPerPixel()));
    }
    Samples first = new Samples(frame, pixel, highBit, 0);
    Samples second = new Samples(frame, pixel, highBit, 1);
    Samples third = new Samples(frame, pixel, highBit, 2);
    byte[] out = new byte[Math.multiplyExact(first.count(), 3)];
    double scale = 255.0 / ((1L << pixel.bitsStored()) - 1);
    for (int i = 0; i < first.count(); i++) {
      conversion.put(
          first.value(i) * scale, second.value(i) * scale, third.value(i) * scale, out, 3 * i);
    }
    return out;
  }

  /** Two pixels share chrominance: Y Y Cb Cr. */
  private byte[] shared(ToRgb conversion) throws ImageException {
    if (pixel.bitsAllocated() != 8 || pixel.columns() % 2 != 0) {
      throw new ImageException(
          "ISO-IMAGE-506", "chrominance that pixels share is taken of 8 bits and even columns");
    }
    int pixels = (int) pixel.pixels();
    byte[] out = new byte[Math.multiplyExact(pixels, 3)];
    for (int i = 0; i < pixels; i++) {
      int pair = i / 2 * 4;
      conversion.put(
          frame[pair + i % 2] & 0xff, frame[pair + 2] & 0xff, frame[pair + 3] & 0xff, out, 3 * i);
    }
    return out;
  }

  private static void rgb(double r, double g, double b, byte[] out, int at) {
    out[at] = (byte) Math.round(r);
    out[at + 1] = (byte) Math.round(g);
    out[at + 2] = (byte) Math.round(b);
  }

  private static void full(double y, double cb, double cr, byte[] out, int at) {
    double blue = cb - 128;
    double red = cr - 128;
    out[at] = clamp(y + 1.402 * red);
    out[at + 1] = clamp(y - 0.344136 * blue - 0.714136 * red);
    out[at + 2] = clamp(y + 1.772 * blue);
  }

  private static void partial(double y, double cb, double cr, byte[] out, int at) {
    double luminance = 1.1644 * (y - 16);
    double blue = cb - 128;
    double red = cr - 128;
    out[at] = clamp(luminance + 1.5960 * red);
    out[at + 1] = clamp(luminance - 0.3917 * blue - 0.8130 * red);
    out[at + 2] = clamp(luminance + 2.0173 * blue);
  }

  private static byte clamp(double value) {
    return (byte) Math.round(Math.min(255, Math.max(0, value)));
  }

  private byte[] palette() throws ImageException {
    LookupTable red =
        table(
            Tag.RedPaletteColorLookupTableDescriptor,
            Tag.RedPaletteColorLookupTableData,
            Tag.SegmentedRedPaletteColorLookupTableData);
    LookupTable green =
        table(
            Tag.GreenPaletteColorLookupTableDescriptor,
            Tag.GreenPaletteColorLookupTableData,
            Tag.SegmentedGreenPaletteColorLookupTableData);
    LookupTable blue =
        table(
            Tag.BluePaletteColorLookupTableDescriptor,
            Tag.BluePaletteColorLookupTableData,
            Tag.SegmentedBluePaletteColorLookupTableData);
    Samples samples = new Samples(frame, pixel, highBit, 0);
    byte[] out = new byte[Math.multiplyExact(samples.count(), 3)];
    for (int i = 0; i < samples.count(); i++) {
      long value = samples.value(i);
      out[3 * i] = (byte) red.scaled(value);
      out[3 * i + 1] = (byte) green.scaled(value);
      out[3 * i + 2] = (byte) blue.scaled(value);
    }
    return out;
  }

  private LookupTable table(int descriptor, int data, int segments) throws ImageException {
    LookupTable table = LookupTable.of(top, descriptor, data, pixel.signed());
    if (table == null) {
      table = LookupTable.segmented(top, descriptor, segments);
    }
    if (table == null) {
      throw new ImageException("ISO-IMAGE-507", "PALETTE COLOR without its palette");
    }
    return table;
  }
}
