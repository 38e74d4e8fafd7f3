package org.isocentre.dicom.image;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Frames that are native but for an envelope (PS3.5 §A.4.11, §A.4.13). */
final class PlainFrames {
  private PlainFrames() {}

  /** Encapsulated Uncompressed: a frame is a fragment. */
  static byte[] copy(byte[] encoded, ImagePixel pixel, int length) throws ImageException {
    if (encoded.length < length) {
      throw tooShort(encoded.length, length);
    }
    return Arrays.copyOf(encoded, length);
  }

  /** Deflated Image Frame Compression: a frame is deflated (RFC 1951). */
  static byte[] inflate(byte[] encoded, ImagePixel pixel, int length) throws ImageException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(encoded);
      byte[] frame = new byte[length];
      int done = 0;
      while (done < length) {
        int got = inflater.inflate(frame, done, length - done);
        if (got == 0) {
          throw tooShort(done, length);
        }
        done += got;
      }
      return frame;
    } catch (DataFormatException e) {
      throw new ImageException(
          "ISO-IMAGE-312", "a deflated frame cannot be inflated (PS3.5 §A.4.13)");
    } finally {
      inflater.end();
    }
  }

  private static ImageException tooShort(int found, int expected) {
    return new ImageException(
        "ISO-IMAGE-311", "a frame gives %d bytes of %d".formatted(found, expected));
  }
}
