package org.isocentre.dicom.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * RLE Lossless (PS3.5 Annex G): for each sample a segment for each of its bytes, the highest first;
 * a segment is packed bits.
 */
final class RleDecoder implements FrameDecoder {
  static final int HEADER_BYTES = 64;
  static final int MAX_SEGMENTS = 15;

  @Override
  public byte[] decode(byte[] encoded, ImagePixel pixel, int length) throws ImageException {
    int[] offsets = offsets(encoded, pixel);
    byte[] frame = new byte[length];
    int sampleBytes = pixel.sampleBytes();
    SampleLayout layout = new SampleLayout(pixel);
    for (int segment = 0; segment < offsets.length - 1; segment++) {
      int sample = segment / sampleBytes;
      int at = layout.first(sample) + sampleBytes - 1 - segment % sampleBytes;
      unpack(encoded, offsets[segment], offsets[segment + 1], frame, at, layout, segment);
    }
    return frame;
  }

  /** Where each segment begins, and where the last one ends. */
  private static int[] offsets(byte[] encoded, ImagePixel pixel) throws ImageException {
    int expected = pixel.samplesPerPixel() * pixel.sampleBytes();
    if (encoded.length < HEADER_BYTES || pixel.bitsAllocated() % 8 != 0) {
      throw corrupt("a frame of %d bytes has no header".formatted(encoded.length));
    }
    ByteBuffer header = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    int segments = header.getInt();
    if (segments != expected || segments > MAX_SEGMENTS) {
      throw corrupt("%d segments, expected %d".formatted(segments, expected));
    }
    int[] offsets = new int[segments + 1];
    int before = HEADER_BYTES;
    for (int i = 0; i < segments; i++) {
      offsets[i] = header.getInt();
      if (offsets[i] < before || offsets[i] > encoded.length) {
        throw corrupt(
            "segment %d is said to begin at byte %d"
                .formatted(i + 1, Integer.toUnsignedLong(offsets[i])));
      }
      before = offsets[i];
    }
    offsets[segments] = encoded.length;
    return offsets;
  }

  private static void unpack(
      byte[] in, int from, int to, byte[] frame, int first, SampleLayout layout, int segment)
      throws ImageException {
    int step = layout.step();
    int pixels = layout.pixels();
    int done = 0;
    int at = from;
    while (done < pixels && at < to) {
      int control = in[at++];
      if (control == -128) {
        continue;
      }
      boolean literal = control >= 0;
      int count = literal ? control + 1 : 1 - control;
      int wanted = Math.min(count, pixels - done);
      if (at + (literal ? wanted : 1) > to || count - wanted > 1) {
        // One byte too many is a row of odd length that its encoder padded.
        break;
      }
      for (int i = 0; i < wanted; i++) {
        frame[first + (done + i) * step] = in[literal ? at + i : at];
      }
      done += wanted;
      at += literal ? count : 1;
    }
    if (done < pixels) {
      throw corrupt("segment %d gives %d of %d bytes".formatted(segment + 1, done, pixels));
    }
  }

  private static ImageException corrupt(String what) {
    return new ImageException(
        "ISO-IMAGE-310", "not an RLE frame of this image (PS3.5 Annex G): " + what);
  }
}
