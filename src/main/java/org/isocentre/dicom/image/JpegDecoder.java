package org.isocentre.dicom.image;

import java.util.Arrays;

/**
 * JPEG with Huffman coding (ITU-T T.81): baseline and extended sequential DCT of 8 and 12 bits, and
 * lossless (process 14, any predictor). Colours are not converted.
 */
final class JpegDecoder implements FrameDecoder {
  private final boolean lossless;

  /**
   * @param lossless whether the transfer syntax promises that nothing was lost, so that a frame of
   *     another process is an error
   */
  JpegDecoder(boolean lossless) {
    this.lossless = lossless;
  }

  @Override
  public byte[] decode(byte[] encoded, ImagePixel pixel, int length) throws ImageException {
    byte[] frame = new byte[length];
    new JpegStream(encoded, lossless).decode(size -> new SampleWriter(frame, pixel, size));
    return frame;
  }

  static ImageException corrupt(String what) {
    return new ImageException("ISO-IMAGE-320", "not a JPEG code stream (ITU-T T.81): " + what);
  }

  /**
   * A component of the frame (T.81 §B.2.2).
   *
   * @param index in the frame, from 0
   * @param h horizontal sampling factor
   * @param v vertical sampling factor
   */
  record Component(int index, int id, int h, int v, int quantization) {}

  /**
   * A component as a scan names it (T.81 §B.2.3).
   *
   * @param ac null in a lossless scan
   */
  record ScanComponent(Component component, HuffmanTable dc, HuffmanTable ac) {}

  /** Opens the frame that samples go to, once the size is known. */
  @FunctionalInterface
  interface Target {
    SampleWriter open(CodeStreamSize size) throws ImageException;
  }

  /** Reads segments (T.81 Annex B) and hands each scan to who decodes it. */
  private static final class JpegStream {
    private static final int MAX_TABLES = 4;
    private static final int SOF0 = 0xc0;
    private static final int SOF1 = 0xc1;
    private static final int SOF3 = 0xc3;
    private static final int DHT = 0xc4;
    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int DQT = 0xdb;
    private static final int DRI = 0xdd;

    private final byte[] in;
    private final boolean losslessOnly;
    private final HuffmanTable[] dc = new HuffmanTable[MAX_TABLES];
    private final HuffmanTable[] ac = new HuffmanTable[MAX_TABLES];
    private final int[][] quantization = new int[MAX_TABLES][];
    private int at;
    private int end;
    private int restartInterval;
    private Component[] components;
    private JpegScans scans;
    private int decoded;

    JpegStream(byte[] in, boolean losslessOnly) {
      this.in = in;
      this.losslessOnly = losslessOnly;
    }

    void decode(Target target) throws ImageException {
      end = in.length;
      if (in.length < 4 || u16() != (0xff00 | SOI)) {
        throw corrupt("it does not begin with SOI");
      }
      for (int marker = marker(); marker != EOI; marker = marker()) {
        segment(marker, target);
      }
      if (scans == null || decoded < components.length) {
        throw corrupt("it ends before all components were decoded");
      }
      scans.finish();
    }

    private int marker() throws ImageException {
      end = in.length;
      if (scans != null && decoded >= components.length && at >= in.length - 1) {
        // All samples are there: an encoder that forgot EOI is forgiven.
        return EOI;
      }
      if (u8() != 0xff) {
        throw corrupt("no marker at byte " + (at - 1));
      }
      int code = u8();
      while (code == 0xff) {
        code = u8();
      }
      return code;
    }

    private void segment(int marker, Target target) throws ImageException {
      int start = at;
      int length = u16();
      if (length < 2 || start + length > in.length) {
        throw corrupt("a segment of %d bytes at byte %d".formatted(length, start));
      }
      end = start + length;
      switch (marker) {
        case SOF0, SOF1 -> {
          if (losslessOnly) {
            throw unsupported(marker);
          }
          frame(false, target);
        }
        case SOF3 -> frame(true, target);
        case DHT -> huffmanTables();
        case DQT -> quantizationTables();
        case DRI -> restartInterval = u16();
        case SOS -> {
          scan();
          return;
        }
        default -> {
          if (marker >= SOF0 && marker <= 0xcf) {
            throw unsupported(marker);
          }
        }
      }
      at = end;
    }

    private ImageException unsupported(int marker) {
      return new ImageException(
          "ISO-IMAGE-321",
          "JPEG process SOF%d, which is not decoded in this transfer syntax; %s is"
              .formatted(
                  marker - SOF0, losslessOnly ? "only lossless" : "sequential Huffman coding"));
    }

    private int u8() throws ImageException {
      if (at >= end) {
        throw corrupt("it ends at byte " + at);
      }
      return in[at++] & 0xff;
    }

    private int u16() throws ImageException {
      int high = u8();
      return high << 8 | u8();
    }

    private void frame(boolean lossless, Target target) throws ImageException {
      if (components != null) {
        throw corrupt("a second frame header");
      }
      int precision = u8();
      int rows = u16();
      int columns = u16();
      Component[] found = new Component[u8()];
      SampleWriter writer = target.open(new CodeStreamSize(rows, columns, found.length, precision));
      for (int i = 0; i < found.length; i++) {
        int id = u8();
        int factors = u8();
        found[i] = new Component(i, id, factors >> 4, factors & 15, u8());
        if (found[i].h < 1 || found[i].h > 4 || found[i].v < 1 || found[i].v > 4) {
          throw corrupt("sampling factors of 1 to 4 expected");
        }
      }
      components = found;
      scans =
          lossless
              ? new JpegLosslessScans(writer, rows, columns, precision, components)
              : new JpegDctScans(writer, rows, columns, precision, components);
    }

    private void huffmanTables() throws ImageException {
      while (at < end) {
        int where = u8();
        int counts = at;
        int total = 0;
        for (int i = 0; i < 16; i++) {
          total += u8();
        }
        if (total > 256 || at + total > end || (where & 15) >= MAX_TABLES || where >> 4 > 1) {
          throw corrupt("a Huffman table that cannot be");
        }
        byte[] values = Arrays.copyOfRange(in, at, at + total);
        at += total;
        (where >> 4 == 0 ? dc : ac)[where & 15] = new HuffmanTable(in, counts, values);
      }
    }

    private void quantizationTables() throws ImageException {
      while (at < end) {
        int where = u8();
        if ((where & 15) >= MAX_TABLES) {
          throw corrupt("a quantization table that cannot be");
        }
        int[] table = new int[64];
        for (int i = 0; i < 64; i++) {
          table[i] = where >> 4 == 0 ? u8() : u16();
        }
        quantization[where & 15] = table;
      }
    }

    private void scan() throws ImageException {
      int count = u8();
      if (scans == null || count < 1 || decoded + count > components.length) {
        throw corrupt("a scan of %d components".formatted(count));
      }
      ScanComponent[] selected = new ScanComponent[count];
      for (int i = 0; i < count; i++) {
        selected[i] = scanComponent(u8(), u8());
      }
      int first = u8();
      u8();
      int approximation = u8();
      JpegBits bits = new JpegBits(in, at);
      scans.decode(bits, selected, quantization, restartInterval, first, approximation & 15);
      decoded += count;
      at = bits.toMarker();
    }

    private ScanComponent scanComponent(int id, int tables) throws ImageException {
      HuffmanTable dcTable = tables >> 4 < MAX_TABLES ? dc[tables >> 4] : null;
      HuffmanTable acTable = (tables & 15) < MAX_TABLES ? ac[tables & 15] : null;
      for (Component component : components) {
        if (component.id == id) {
          if (dcTable == null || scans.needsAc() && acTable == null) {
            throw corrupt("a scan without its Huffman tables");
          }
          return new ScanComponent(component, dcTable, acTable);
        }
      }
      throw corrupt("a scan of a component that the frame has not");
    }
  }
}
