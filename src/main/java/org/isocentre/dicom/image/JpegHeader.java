package org.isocentre.dicom.image;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/**
 * What a JPEG code stream says of itself before its first sample (ITU-T T.81 Annex B): enough to
 * know its transfer syntax, and to describe its pixels where nobody has.
 *
 * @param process n of the frame header SOFn
 * @param precision bits of a sample
 * @param predictor of a lossless process, 1 to 7
 * @param transform of an Adobe APP14 segment (0 none, 1 YCbCr), or -1
 */
public record JpegHeader(
    int process,
    int precision,
    int rows,
    int columns,
    int components,
    int predictor,
    int transform) {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP14 = 0xee;
  private static final int ADOBE_LENGTH = 12;
  private static final String SYNTAX = "1.2.840.10008.1.2.4.";

  /**
   * @throws ImageException ISO-IMAGE-320 if it is no JPEG code stream
   */
  public static JpegHeader read(InputStream stream) throws IOException, ImageException {
    try {
      return read(new DataInputStream(stream));
    } catch (EOFException e) {
      throw JpegDecoder.corrupt("it ends before its first scan");
    }
  }

  private static JpegHeader read(DataInputStream in) throws IOException, ImageException {
    if (in.readUnsignedShort() != (0xff00 | SOI)) {
      throw JpegDecoder.corrupt("it does not begin with SOI");
    }
    JpegHeader frame = null;
    int transform = -1;
    for (int marker = marker(in); ; marker = marker(in)) {
      int length = in.readUnsignedShort() - 2;
      if (length < 0 || marker == EOI) {
        throw JpegDecoder.corrupt("it has no scan");
      }
      if (isFrame(marker) && length >= 6) {
        frame =
            new JpegHeader(
                marker & 15,
                in.readUnsignedByte(),
                in.readUnsignedShort(),
                in.readUnsignedShort(),
                in.readUnsignedByte(),
                0,
                transform);
        in.skipNBytes(length - 6L);
      } else if (marker == APP14 && length >= ADOBE_LENGTH) {
        transform = adobe(in.readNBytes(ADOBE_LENGTH));
        in.skipNBytes(length - (long) ADOBE_LENGTH);
      } else if (marker == SOS) {
        return scan(in, frame, transform);
      } else {
        in.skipNBytes(length);
      }
    }
  }

  private static int marker(DataInputStream in) throws IOException, ImageException {
    if (in.readUnsignedByte() != 0xff) {
      throw JpegDecoder.corrupt("a marker was expected");
    }
    int code = in.readUnsignedByte();
    while (code == 0xff) {
      code = in.readUnsignedByte();
    }
    return code;
  }

  /** All of C0 to CF but DHT, JPG and DAC. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static int adobe(byte[] segment) {
    boolean is =
        segment.length == ADOBE_LENGTH
            && segment[0] == 'A'
            && segment[1] == 'd'
            && segment[2] == 'o'
            && segment[3] == 'b'
            && segment[4] == 'e';
    return is ? segment[ADOBE_LENGTH - 1] & 0xff : -1;
  }

  private static JpegHeader scan(DataInputStream in, JpegHeader frame, int transform)
      throws IOException, ImageException {
    if (frame == null) {
      throw JpegDecoder.corrupt("a scan without a frame");
    }
    in.skipNBytes(2L * in.readUnsignedByte());
    int first = in.readUnsignedByte();
    return new JpegHeader(
        frame.process(),
        frame.precision(),
        frame.rows(),
        frame.columns(),
        frame.components(),
        frame.process() == 3 ? first : 0,
        transform);
  }

  /**
   * @return null for a process that no transfer syntax in use has, such as a progressive one
   */
  public String transferSyntaxUid() {
    return switch (process) {
      case 0 -> SYNTAX + "50";
      case 1 -> SYNTAX + "51";
      case 3 -> SYNTAX + (predictor == 1 ? "70" : "57");
      default -> null;
    };
  }

  public boolean isLossless() {
    return process == 3;
  }

  /** Sets the attributes of the Image Pixel Module (PS3.3 §C.7.6.3) that it tells. */
  public void describe(DataSet image) {
    image.setLongs(Tag.SamplesPerPixel, components);
    image.set(Tag.PhotometricInterpretation, photometric());
    if (components > 1) {
      image.setLongs(Tag.PlanarConfiguration, 0);
    }
    image.setLongs(Tag.Rows, rows);
    image.setLongs(Tag.Columns, columns);
    image.setLongs(Tag.BitsAllocated, precision > 8 ? 16 : 8);
    image.setLongs(Tag.BitsStored, precision);
    image.setLongs(Tag.HighBit, precision - 1L);
    image.setLongs(Tag.PixelRepresentation, 0);
  }

  private String photometric() {
    if (components == 1) {
      return "MONOCHROME2";
    }
    return transform == 0 || isLossless() ? "RGB" : "YBR_FULL_422";
  }
}
