package org.isocentre.dicom.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** RLE Lossless (PS3.5 Annex G), one frame at a time. Each row is packed by itself (§G.3.1). */
final class RleEncoder {
  private static final int MAX_RUN = 128;

  private final ImagePixel pixel;
  private final SampleLayout layout;
  private byte[] out;
  private int size;

  private RleEncoder(ImagePixel pixel, int frameBytes) {
    this.pixel = pixel;
    this.layout = new SampleLayout(pixel);
    this.out = new byte[RleDecoder.HEADER_BYTES + frameBytes / 2 + 1024];
  }

  /** Whether this encoding can hold such pixels: whole bytes, 15 segments at most. */
  static boolean canEncode(ImagePixel pixel) {
    return pixel.bitsAllocated() % 8 == 0
        && pixel.samplesPerPixel() * pixel.sampleBytes() <= RleDecoder.MAX_SEGMENTS
        && pixel.isFullySampled();
  }

  /**
   * @param frame native pixels, little endian, as {@link Frames#read} gives them; its bytes count
   *     is within the limit
   * @return header and segments, of even length
   * @throws ImageException if the frame grows beyond 2 GiB
   */
  static byte[] encode(byte[] frame, ImagePixel pixel) throws ImageException {
    return new RleEncoder(pixel, frame.length).encode(frame);
  }

  private byte[] encode(byte[] frame) throws ImageException {
    int sampleBytes = pixel.sampleBytes();
    int segments = pixel.samplesPerPixel() * sampleBytes;
    int[] offsets = new int[segments];
    size = RleDecoder.HEADER_BYTES;
    for (int segment = 0; segment < segments; segment++) {
      offsets[segment] = size;
      int highest = layout.first(segment / sampleBytes) + sampleBytes - 1;
      segment(frame, highest - segment % sampleBytes);
    }
    ByteBuffer header = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putInt(segments);
    for (int offset : offsets) {
      header.putInt(offset);
    }
    return Arrays.copyOf(out, size);
  }

  private void segment(byte[] frame, int first) throws ImageException {
    byte[] row = new byte[pixel.columns()];
    int at = first;
    for (int y = 0; y < pixel.rows(); y++) {
      for (int x = 0; x < row.length; x++) {
        row[x] = frame[at];
        at += layout.step();
      }
      need(row.length + row.length / MAX_RUN + 2);
      pack(row);
    }
    if (size % 2 != 0) {
      out[size++] = 0;
    }
  }

  private void need(int more) throws ImageException {
    if (size > Integer.MAX_VALUE - 16 - more) {
      throw new ImageException("ISO-IMAGE-202", "an RLE frame of more than 2 GiB");
    }
    if (size + more > out.length) {
      long grown = Math.max(size + (long) more, out.length * 3L / 2);
      out = Arrays.copyOf(out, (int) Math.min(grown, Integer.MAX_VALUE - 16));
    }
  }

  private void pack(byte[] row) {
    int at = 0;
    int literal = 0;
    while (at < row.length) {
      int run = run(row, at);
      // Two alike are worth a run only where no literal has to be broken for them.
      if (run > 2 || run == 2 && literal == at) {
        literal(row, literal, at);
        out[size++] = (byte) (1 - run);
        out[size++] = row[at];
        at += run;
        literal = at;
      } else {
        at++;
      }
    }
    literal(row, literal, at);
  }

  private static int run(byte[] row, int from) {
    int most = Math.min(row.length - from, MAX_RUN);
    int run = 1;
    while (run < most && row[from + run] == row[from]) {
      run++;
    }
    return run;
  }

  private void literal(byte[] row, int from, int to) {
    for (int at = from; at < to; at += MAX_RUN) {
      int count = Math.min(to - at, MAX_RUN);
      out[size++] = (byte) (count - 1);
      System.arraycopy(row, at, out, size, count);
      size += count;
    }
  }
}
