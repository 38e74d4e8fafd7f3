package org.isocentre.dicom.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * JPEG 2000 Part 1 (ITU-T T.800), reversible and not, up to 16 bits. Not decoded: regions of
 * interest, changes of progression order, packed packet headers, components of different sampling,
 * high throughput block coding. A tile's coefficients are in memory, four bytes each.
 */
final class Jpeg2000Decoder implements FrameDecoder {
  private static final int SOC = 0xff4f;
  private static final int SIZ = 0xff51;
  private static final int SOT = 0xff90;
  private static final int SOD = 0xff93;
  private static final int EOC = 0xffd9;
  private static final int SOT_BYTES = 12;
  private static final int CODE_STREAM_BOX = 0x6a703263;
  private static final int MAX_PRECISION = 16;

  private final boolean lossless;

  /**
   * @param lossless whether the transfer syntax promises that nothing was lost, so that a wavelet
   *     that is not reversible is an error
   */
  Jpeg2000Decoder(boolean lossless) {
    this.lossless = lossless;
  }

  static ImageException corrupt(String what) {
    return new ImageException(
        "ISO-IMAGE-340", "not a JPEG 2000 code stream (ITU-T T.800): " + what);
  }

  static ImageException unsupported(String what) {
    return new ImageException("ISO-IMAGE-341", "JPEG 2000 with " + what + ", not decoded here");
  }

  @Override
  public byte[] decode(byte[] encoded, ImagePixel pixel, int length) throws ImageException {
    byte[] in = codeStream(encoded);
    try {
      Jpeg2000Header header = new Jpeg2000Header(ByteBuffer.wrap(in));
      if (header.u16(0) != SOC || header.u16(2) != SIZ) {
        throw corrupt("it does not begin with SOC and SIZ");
      }
      int at = header.read(2, SOT);
      header.size.check(pixel);
      if (header.size.precision() > MAX_PRECISION) {
        throw unsupported("samples of %d bits".formatted(header.size.precision()));
      }
      byte[] frame = new byte[length];
      SampleWriter writer = new SampleWriter(frame, pixel, header.size);
      Map<Integer, TilePart> tiles = tileParts(header, in, at);
      int expected = header.tilesAcross() * header.tilesDown();
      if (tiles.size() != expected) {
        throw corrupt("%d tiles of %d".formatted(tiles.size(), expected));
      }
      for (Map.Entry<Integer, TilePart> tile : tiles.entrySet()) {
        tile(tile.getKey(), tile.getValue(), writer);
      }
      return frame;
    } catch (IndexOutOfBoundsException e) {
      throw corrupt("it ends early");
    }
  }

  private static byte[] codeStream(byte[] encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    int at = 0;
    while (at + 8 <= encoded.length && in.getInt(at) != (SOC << 16 | SIZ)) {
      long length = Integer.toUnsignedLong(in.getInt(at));
      boolean code = in.getInt(at + 4) == CODE_STREAM_BOX;
      if (length == 0) {
        length = encoded.length - at;
      }
      if (length < 8 || length > encoded.length - at) {
        break;
      }
      at += code ? 8 : (int) length;
    }
    return at == 0 ? encoded : Arrays.copyOfRange(encoded, at, encoded.length);
  }

  /** Bodies of a tile's parts, and its header. */
  private record TilePart(Jpeg2000Header header, ByteArrayOutputStream body) {}

  private static Map<Integer, TilePart> tileParts(Jpeg2000Header main, byte[] in, int from)
      throws ImageException {
    Map<Integer, TilePart> tiles = new TreeMap<>();
    int at = from;
    while (main.u16(at) == SOT) {
      int index = main.u16(at + 4);
      long length = Integer.toUnsignedLong(main.in.getInt(at + 6));
      int end = length == 0 ? endOfLast(in, at) : (int) Math.min(at + length, in.length);
      if (length != 0 && length < SOT_BYTES + 2 || at + length > in.length) {
        throw corrupt("a tile-part of %d bytes at byte %d".formatted(length, at));
      }
      if (index >= main.tilesAcross() * main.tilesDown()) {
        throw corrupt("tile %d".formatted(index));
      }
      TilePart tile =
          tiles.computeIfAbsent(
              index, i -> new TilePart(main.forTile(), new ByteArrayOutputStream()));
      int body = tile.header.read(at + SOT_BYTES, SOD) + 2;
      if (body > end) {
        throw corrupt("a tile-part header over its end");
      }
      tile.body.write(in, body, end - body);
      at = end;
    }
    if (main.u16(at) != EOC) {
      throw corrupt("no tile-part and no EOC at byte " + at);
    }
    return tiles;
  }

  /** The last tile-part may leave its length out: it ends where EOC stands, before any padding. */
  private static int endOfLast(byte[] in, int from) {
    int at = in.length - 2;
    while (at > from && (in[at] != -1 || in[at + 1] != (byte) EOC) && in[at + 1] == 0) {
      at--;
    }
    return at;
  }

  private void tile(int index, TilePart part, SampleWriter writer) throws ImageException {
    Jpeg2000Header header = part.header;
    header.checkComplete();
    for (Jpeg2000Header.CodingStyle style : header.styles) {
      if (lossless && !style.reversible()) {
        throw unsupported("a wavelet that is not reversible, against its transfer syntax");
      }
    }
    Jpeg2000Tile tile = new Jpeg2000Tile(header, index);
    new Jpeg2000Packets(tile, part.body.toByteArray()).read();
    float[][] components = new float[header.size.components()][];
    for (int c = 0; c < components.length; c++) {
      components[c] = component(tile, c);
    }
    boolean reversible = header.styles[0].reversible();
    if (header.transformsComponents) {
      if (components.length < 3) {
        throw corrupt("a transform of fewer than three components");
      }
      transform(components, reversible);
    }
    write(tile, components, writer);
  }

  private static float[] component(Jpeg2000Tile tile, int c) {
    Jpeg2000Header.CodingStyle style = tile.header.styles[c];
    InverseWavelet wavelet = new InverseWavelet(style.reversible());
    CodeBlockDecoder decoder = new CodeBlockDecoder(style.style());
    float[] below = {};
    Jpeg2000Tile.Resolution lower = null;
    for (Jpeg2000Tile.Resolution resolution : tile.resolutions[c]) {
      int width = resolution.x1() - resolution.x0();
      float[] samples = new float[width * (resolution.y1() - resolution.y0())];
      if (lower != null) {
        interleave(below, lower.x0(), lower.y0(), lower.x1(), 0, 0, samples, resolution);
      }
      for (Jpeg2000Tile.Band band : resolution.bands()) {
        float[] coefficients = coefficients(band, decoder, style.reversible());
        if (lower == null) {
          samples = coefficients;
        } else {
          interleave(
              coefficients,
              band.x0(),
              band.y0(),
              band.x1(),
              band.horizontalHigh() ? 1 : 0,
              band.verticalHigh() ? 1 : 0,
              samples,
              resolution);
        }
      }
      if (lower != null && samples.length > 0) {
        wavelet.apply(samples, width, samples.length / width, resolution.x0(), resolution.y0());
      }
      below = samples;
      lower = resolution;
    }
    return below;
  }

  private static void interleave(
      float[] band,
      int x0,
      int y0,
      int x1,
      int highX,
      int highY,
      float[] target,
      Jpeg2000Tile.Resolution resolution) {
    int width = x1 - x0;
    int stride = resolution.x1() - resolution.x0();
    for (int i = 0; i < band.length; i++) {
      int x = 2 * (x0 + i % width) + highX - resolution.x0();
      int y = 2 * (y0 + i / width) + highY - resolution.y0();
      target[y * stride + x] = band[i];
    }
  }

  private static float[] coefficients(
      Jpeg2000Tile.Band band, CodeBlockDecoder decoder, boolean reversible) {
    int width = band.x1() - band.x0();
    float[] coefficients = new float[Math.max(0, width) * Math.max(0, band.y1() - band.y0())];
    for (CodeBlock block : band.blocks()) {
      if (block.passes == 0) {
        continue;
      }
      decoder.decode(
          block, band.horizontalHigh(), band.verticalHigh(), band.planes() - block.zeroPlanes);
      for (int y = block.y0; y < block.y1; y++) {
        int row = (y - band.y0()) * width - band.x0();
        for (int x = block.x0; x < block.x1; x++) {
          coefficients[row + x] =
              decoder.coefficient(x - block.x0, y - block.y0, reversible) * band.step();
        }
      }
    }
    return coefficients;
  }

  /** Annex G. */
  private static void transform(float[][] c, boolean reversible) {
    for (int i = 0; i < c[0].length; i++) {
      float y = c[0][i];
      float u = c[1][i];
      float v = c[2][i];
      if (reversible) {
        float green = (int) y - ((int) u + (int) v >> 2);
        c[0][i] = v + green;
        c[1][i] = green;
        c[2][i] = u + green;
      } else {
        c[0][i] = y + 1.402f * v;
        c[1][i] = y - 0.344136f * u - 0.714136f * v;
        c[2][i] = y + 1.772f * u;
      }
    }
  }

  private static void write(Jpeg2000Tile tile, float[][] components, SampleWriter writer) {
    Jpeg2000Header header = tile.header;
    int width = tile.x1 - tile.x0;
    int half = 1 << header.size.precision() - 1;
    int shift = header.signed ? 0 : half;
    for (int c = 0; c < components.length; c++) {
      for (int i = 0; i < components[c].length; i++) {
        int value = Math.round(components[c][i]) + shift;
        int least = shift - half;
        int clamped = Math.max(least, Math.min(least + 2 * half - 1, value));
        int y = tile.y0 - header.y0 + i / width;
        int x = tile.x0 - header.x0 + i % width;
        writer.put(c, y * header.size.columns() + x, clamped);
      }
    }
  }
}
