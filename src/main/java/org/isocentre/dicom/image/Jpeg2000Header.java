package org.isocentre.dicom.image;

import java.nio.ByteBuffer;

/**
 * What the main header, or that of a tile, says (ITU-T T.800 Annex A): size, and for each component
 * coding style and quantization.
 */
final class Jpeg2000Header {
  private static final int CAP = 0xff50;
  private static final int SIZ = 0xff51;
  private static final int COD = 0xff52;
  private static final int COC = 0xff53;
  private static final int QCD = 0xff5c;
  private static final int QCC = 0xff5d;
  private static final int RGN = 0xff5e;
  private static final int POC = 0xff5f;
  private static final int PPM = 0xff60;
  private static final int PPT = 0xff61;
  private static final int MAX_TILES = 65535;
  private static final int MAX_PLACE = 1 << 30;

  final ByteBuffer in;
  int x0;
  int y0;
  int x1;
  int y1;
  int tileWidth;
  int tileHeight;
  int tileX;
  int tileY;
  boolean signed;
  CodeStreamSize size;
  int progression;
  int layers;
  boolean transformsComponents;
  private boolean eachCoded;
  CodingStyle[] styles;
  Quantization[] quantizations;

  /**
   * Table A.20.
   *
   * @param precincts exponents of width (low four bits) and height, for each resolution
   */
  record CodingStyle(
      int levels, int blockWidth, int blockHeight, int style, boolean reversible, int[] precincts) {
    int precinctWidth(int resolution) {
      return precincts == null ? 15 : precincts[resolution] & 15;
    }

    int precinctHeight(int resolution) {
      return precincts == null ? 15 : precincts[resolution] >> 4;
    }
  }

  /**
   * Table A.28.
   *
   * @param kind 0 none, 1 derived from the lowest sub-band, 2 given for each
   */
  record Quantization(int kind, int guardBits, int[] steps) {
    /** Exponent (high bits from 11 on) and mantissa of a sub-band (§E.1.1). */
    int step(int band, int level, int levels) throws ImageException {
      int index = kind == 1 ? 0 : band;
      if (index >= steps.length) {
        throw Jpeg2000Decoder.corrupt("a sub-band without quantization");
      }
      int exponent = steps[index] >> 11;
      return (kind == 1 ? exponent + level - levels : exponent) << 11 | steps[index] & 0x7ff;
    }
  }

  Jpeg2000Header(ByteBuffer in) {
    this.in = in;
  }

  /** A copy for a tile, whose header may say otherwise. */
  Jpeg2000Header forTile() {
    Jpeg2000Header tile = new Jpeg2000Header(in);
    tile.x0 = x0;
    tile.y0 = y0;
    tile.x1 = x1;
    tile.y1 = y1;
    tile.tileWidth = tileWidth;
    tile.tileHeight = tileHeight;
    tile.tileX = tileX;
    tile.tileY = tileY;
    tile.signed = signed;
    tile.size = size;
    tile.progression = progression;
    tile.layers = layers;
    tile.transformsComponents = transformsComponents;
    tile.styles = styles.clone();
    tile.quantizations = quantizations.clone();
    return tile;
  }

  /**
   * @throws ImageException if coding style or quantization of a component was not said
   */
  void checkComplete() throws ImageException {
    for (int c = 0; c < styles.length; c++) {
      if (styles[c] == null || quantizations[c] == null || layers == 0) {
        throw Jpeg2000Decoder.corrupt("no coding style, or no quantization");
      }
    }
  }

  int tilesAcross() {
    return ceil(x1 - tileX, tileWidth);
  }

  int tilesDown() {
    return ceil(y1 - tileY, tileHeight);
  }

  static int ceil(int a, int b) {
    return (int) (((long) a + b - 1) / b);
  }

  /** Marker segments up to {@code stop}, whose place is the answer. */
  int read(int from, int stop) throws ImageException {
    int at = from;
    for (int marker = u16(at); marker != stop; marker = u16(at)) {
      int length = u16(at + 2);
      if (marker >>> 8 != 0xff || length < 2) {
        throw Jpeg2000Decoder.corrupt("no marker segment at byte " + at);
      }
      segment(marker, at + 4, at + 2 + length);
      at += 2 + length;
    }
    return at;
  }

  private void segment(int marker, int at, int end) throws ImageException {
    switch (marker) {
      case SIZ -> size(at);
      case COD -> codingStyle(at);
      case COC -> {
        int component = component(at);
        int after = at + componentBytes();
        styles[component] = style(after + 1, (u8(after) & 1) != 0);
        eachCoded = true;
      }
      case QCD -> java.util.Arrays.fill(quantizations, quantization(at, end));
      case QCC -> quantizations[component(at)] = quantization(at + componentBytes(), end);
      case CAP -> throw Jpeg2000Decoder.unsupported("high throughput coding or an extension");
      case RGN -> throw Jpeg2000Decoder.unsupported("a region of interest");
      case POC -> throw Jpeg2000Decoder.unsupported("changes of progression order");
      case PPM, PPT -> throw Jpeg2000Decoder.unsupported("packed packet headers");
      default -> {
        // Comments, and lengths that help to skip.
      }
    }
  }

  int u8(int at) {
    return in.get(at) & 0xff;
  }

  int u16(int at) {
    return in.getShort(at) & 0xffff;
  }

  /** A place on the reference grid. */
  private int place(int at) throws ImageException {
    int value = in.getInt(at);
    if (value < 0 || value > MAX_PLACE) {
      throw Jpeg2000Decoder.corrupt("a place beyond 2^30");
    }
    return value;
  }

  /** A tile may be larger than any image. */
  private int tileSide(int at) {
    return (int) Math.min(Integer.toUnsignedLong(in.getInt(at)), MAX_PLACE);
  }

  private void size(int at) throws ImageException {
    if (size != null) {
      throw Jpeg2000Decoder.corrupt("a second SIZ");
    }
    x1 = place(at + 2);
    y1 = place(at + 6);
    x0 = place(at + 10);
    y0 = place(at + 14);
    tileWidth = tileSide(at + 18);
    tileHeight = tileSide(at + 22);
    tileX = place(at + 26);
    tileY = place(at + 30);
    int components = u16(at + 34);
    int depth = u8(at + 36);
    for (int c = 0; c < components; c++) {
      int of = at + 36 + 3 * c;
      if (u8(of) != depth || u8(of + 1) != 1 || u8(of + 2) != 1) {
        throw Jpeg2000Decoder.unsupported("components of different depth or sampling");
      }
    }
    checkTiles();
    size = new CodeStreamSize(y1 - y0, x1 - x0, components, (depth & 0x7f) + 1);
    signed = depth >> 7 != 0;
    styles = new CodingStyle[components];
    quantizations = new Quantization[components];
  }

  private void checkTiles() throws ImageException {
    if (x1 <= x0
        || y1 <= y0
        || tileWidth == 0
        || tileHeight == 0
        || tileX > x0
        || tileY > y0
        || (long) tileX + tileWidth <= x0
        || (long) tileY + tileHeight <= y0
        || (long) tilesAcross() * tilesDown() > MAX_TILES) {
      throw Jpeg2000Decoder.corrupt("an image area or tiles that cannot be");
    }
  }

  private int componentBytes() {
    return size.components() < 257 ? 1 : 2;
  }

  private int component(int at) throws ImageException {
    int component = componentBytes() == 1 ? u8(at) : u16(at);
    if (component >= size.components()) {
      throw Jpeg2000Decoder.corrupt("a component that the image has not");
    }
    return component;
  }

  private void codingStyle(int at) throws ImageException {
    if (eachCoded) {
      throw Jpeg2000Decoder.unsupported("COD after COC");
    }
    progression = u8(at + 1);
    layers = u16(at + 2);
    transformsComponents = u8(at + 4) == 1;
    if (progression > 4 || layers == 0) {
      throw Jpeg2000Decoder.corrupt("progression order %d".formatted(progression));
    }
    java.util.Arrays.fill(styles, style(at + 5, (u8(at) & 1) != 0));
  }

  private CodingStyle style(int at, boolean givesPrecincts) throws ImageException {
    int levels = u8(at);
    int blockWidth = (u8(at + 1) & 15) + 2;
    int blockHeight = (u8(at + 2) & 15) + 2;
    int style = u8(at + 3);
    int transform = u8(at + 4);
    if (levels > 32
        || blockWidth > 10
        || blockHeight > 10
        || blockWidth + blockHeight > 12
        || transform > 1) {
      throw Jpeg2000Decoder.corrupt("a coding style that cannot be");
    }
    if ((style & 0xc0) != 0) {
      throw Jpeg2000Decoder.unsupported("high throughput block coding");
    }
    int[] precincts = null;
    if (givesPrecincts) {
      precincts = new int[levels + 1];
      for (int r = 0; r <= levels; r++) {
        precincts[r] = u8(at + 5 + r);
        if (r > 0 && ((precincts[r] & 15) == 0 || precincts[r] >> 4 == 0)) {
          throw Jpeg2000Decoder.corrupt("precincts of one sample");
        }
      }
    }
    return new CodingStyle(levels, blockWidth, blockHeight, style, transform == 1, precincts);
  }

  private Quantization quantization(int at, int end) throws ImageException {
    int kind = u8(at) & 31;
    if (kind > 2) {
      throw Jpeg2000Decoder.corrupt("quantization style %d".formatted(kind));
    }
    int width = kind == 0 ? 1 : 2;
    int[] steps = new int[Math.max(0, (end - at - 1) / width)];
    for (int i = 0; i < steps.length; i++) {
      int from = at + 1 + i * width;
      steps[i] = kind == 0 ? u8(from) >> 3 << 11 : u16(from);
    }
    return new Quantization(kind, u8(at) >> 5, steps);
  }
}
