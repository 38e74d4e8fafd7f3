package org.isocentre.dicom.image;

/**
 * JPEG-LS, lossless and near-lossless (ITU-T T.87), 2 to 16 bits, components apart or interleaved
 * by line or sample. Not decoded: mapping tables, restart intervals, colour transforms, none of
 * which DICOM allows or is known to have.
 */
final class JpegLsDecoder implements FrameDecoder {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int DRI = 0xdd;
  private static final int APP8 = 0xe8;
  private static final int SOF55 = 0xf7;
  private static final int LSE = 0xf8;

  private final boolean lossless;

  /**
   * @param lossless whether the transfer syntax promises that nothing was lost, so that a
   *     near-lossless scan is an error
   */
  JpegLsDecoder(boolean lossless) {
    this.lossless = lossless;
  }

  @Override
  public byte[] decode(byte[] encoded, ImagePixel pixel, int length) throws ImageException {
    byte[] frame = new byte[length];
    new Stream(encoded, pixel, frame).decode();
    return frame;
  }

  static ImageException corrupt(String what) {
    return new ImageException("ISO-IMAGE-330", "not a JPEG-LS code stream (ITU-T T.87): " + what);
  }

  private static ImageException unsupported(String what) {
    return new ImageException("ISO-IMAGE-331", "JPEG-LS with " + what + ", not decoded here");
  }

  private final class Stream {
    private final byte[] in;
    private final ImagePixel pixel;
    private final byte[] frame;
    private int at;
    private JpegLsParameters preset = new JpegLsParameters(0, 0, 0, 0, 0, 0);
    private CodeStreamSize size;
    private SampleWriter writer;
    private int[] ids;
    private int decoded;

    Stream(byte[] in, ImagePixel pixel, byte[] frame) {
      this.in = in;
      this.pixel = pixel;
      this.frame = frame;
    }

    void decode() throws ImageException {
      if (in.length < 4 || u16() != (0xff00 | SOI)) {
        throw corrupt("it does not begin with SOI");
      }
      while (size == null || decoded < size.components()) {
        if (u8() != 0xff) {
          throw corrupt("no marker at byte " + (at - 1));
        }
        int marker = u8();
        while (marker == 0xff) {
          marker = u8();
        }
        if (marker == EOI) {
          throw corrupt("it ends before all components were decoded");
        }
        segment(marker);
      }
    }

    private void segment(int marker) throws ImageException {
      int end = at + u16();
      if (end > in.length || end < at) {
        throw corrupt("a segment over the end, at byte " + at);
      }
      switch (marker) {
        case SOF55 -> frame();
        case LSE -> preset();
        case SOS -> {
          scan();
          return;
        }
        case DRI -> throw unsupported("restart intervals");
        case APP8 -> {
          if (end - at >= 5 && in[at] == 'm' && in[at + 1] == 'r' && in[at + 4] != 0) {
            throw unsupported("a colour transform");
          }
        }
        default -> {
          // Comments and application data.
        }
      }
      at = end;
    }

    private int u8() throws ImageException {
      if (at >= in.length) {
        throw corrupt("it ends at byte " + at);
      }
      return in[at++] & 0xff;
    }

    private int u16() throws ImageException {
      int high = u8();
      return high << 8 | u8();
    }

    private void frame() throws ImageException {
      if (size != null) {
        throw corrupt("a second frame header");
      }
      int precision = u8();
      int rows = u16();
      int columns = u16();
      int components = u8();
      CodeStreamSize found = new CodeStreamSize(rows, columns, components, precision);
      if (precision < 2 || precision > 16) {
        throw corrupt("samples of %d bits".formatted(precision));
      }
      writer = new SampleWriter(frame, pixel, found);
      ids = new int[components];
      for (int i = 0; i < components; i++) {
        ids[i] = u8();
        if (u8() != 0x11) {
          throw unsupported("components of different sampling");
        }
        u8();
      }
      size = found;
    }

    private void preset() throws ImageException {
      if (u8() != 1) {
        throw unsupported("mapping tables");
      }
      preset = new JpegLsParameters(u16(), 0, u16(), u16(), u16(), u16());
    }

    private void scan() throws ImageException {
      int count = u8();
      if (size == null || count < 1 || decoded + count > size.components()) {
        throw corrupt("a scan of %d components".formatted(count));
      }
      int[] selected = new int[count];
      for (int i = 0; i < count; i++) {
        selected[i] = component(u8());
        if (u8() != 0) {
          throw unsupported("mapping tables");
        }
      }
      int near = u8();
      int interleave = u8();
      int pointTransform = u8() & 15;
      if (interleave > 2 || count > 1 != interleave > 0 && count > 1) {
        throw corrupt("interleave mode %d of %d components".formatted(interleave, count));
      }
      if (lossless && (near > 0 || pointTransform > 0)) {
        throw unsupported("loss, against its transfer syntax");
      }
      JpegLsBits bits = new JpegLsBits(in, at);
      JpegLsScan scan = new JpegLsScan(bits, preset.complete(size.precision(), near));
      samples(scan, selected, interleave == 2 && count > 1, pointTransform);
      decoded += count;
      at = bits.toMarker();
    }

    private int component(int id) throws ImageException {
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] == id) {
          return i;
        }
      }
      throw corrupt("a scan of a component that the frame has not");
    }

    private void samples(JpegLsScan scan, int[] selected, boolean bySample, int pointTransform)
        throws ImageException {
      int width = size.columns();
      int[][] above = new int[selected.length][width + 2];
      int[][] line = new int[selected.length][width + 2];
      int[] runIndex = new int[selected.length];
      for (int y = 0; y < size.rows(); y++) {
        for (int c = 0; c < selected.length; c++) {
          above[c][width + 1] = above[c][width];
          line[c][0] = above[c][1];
          if (!bySample) {
            runIndex[c] = scan.line(above[c], line[c], runIndex[c]);
          }
        }
        if (bySample) {
          runIndex[0] = scan.samples(above, line, runIndex[0]);
        }
        for (int c = 0; c < selected.length; c++) {
          for (int x = 0; x < width; x++) {
            writer.put(selected[c], y * width + x, line[c][x + 1] << pointTransform);
          }
        }
        int[][] swap = above;
        above = line;
        line = swap;
      }
    }
  }
}
