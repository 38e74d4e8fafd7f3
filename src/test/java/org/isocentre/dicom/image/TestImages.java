package org.isocentre.dicom.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.ReaderLimits;

/** Synthetic images. */
final class TestImages {
  private TestImages() {}

  /** Attributes without pixels. */
  static DataSet attributes(ImagePixel pixel) {
    DataSet set =
        new DataSet()
            .set(Tag.SOPInstanceUID, "1.2.3")
            .set(Tag.PatientName, "Phantom^Test")
            .set(Tag.SamplesPerPixel, Integer.toString(pixel.samplesPerPixel()))
            .set(Tag.PhotometricInterpretation, pixel.photometricInterpretation())
            .set(Tag.NumberOfFrames, Integer.toString(pixel.numberOfFrames()))
            .set(Tag.Rows, Integer.toString(pixel.rows()))
            .set(Tag.Columns, Integer.toString(pixel.columns()))
            .set(Tag.BitsAllocated, Integer.toString(pixel.bitsAllocated()))
            .set(Tag.BitsStored, Integer.toString(pixel.bitsStored()))
            .set(Tag.HighBit, Integer.toString(pixel.bitsStored() - 1))
            .set(Tag.PixelRepresentation, pixel.signed() ? "1" : "0");
    if (pixel.samplesPerPixel() > 1) {
      set.set(Tag.PlanarConfiguration, pixel.planar() ? "1" : "0");
    }
    return set;
  }

  static ImagePixel pixel(
      int rows, int columns, int samples, int bits, boolean planar, int frames) {
    return new ImagePixel(
        rows,
        columns,
        samples,
        bits,
        bits,
        false,
        samples > 1 && planar,
        samples == 1 ? "MONOCHROME2" : "RGB",
        frames);
  }

  /** Runs and noise, so that every path of a compressor is walked. */
  static byte[] pixels(int length, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[length];
    int at = 0;
    while (at < length) {
      int run = Math.min(length - at, random.nextInt(4) == 0 ? random.nextInt(300) : 1);
      byte value = (byte) random.nextInt(random.nextBoolean() ? 3 : 256);
      for (int i = 0; i < run; i++) {
        pixels[at++] = value;
      }
    }
    return pixels;
  }

  static DataSet withPixels(ImagePixel pixel, byte[] pixels) {
    DataSet set = attributes(pixel);
    set.put(new Element.Value(Tag.PixelData, pixel.bitsAllocated() > 8 ? Vr.OW : Vr.OB, pixels));
    return set;
  }

  static byte[] write(DataSet set, String syntax) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, TransferSyntax.of(syntax), DataSetWriter.BulkSource.NONE).write(set);
    return out.toByteArray();
  }

  static DataSet read(byte[] bytes, String syntax) throws IOException {
    return new DataSetReader(
            new ByteArrayInputStream(bytes), TransferSyntax.of(syntax), ReaderLimits.DEFAULT)
        .read();
  }
}
