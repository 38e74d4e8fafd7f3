package org.isocentre.dicom.image;

import java.util.ArrayList;
import java.util.List;

/** One tile: its resolutions, sub-bands, precincts and code-blocks (ITU-T T.800 Annex B). */
final class Jpeg2000Tile {
  private static final int MAX_PARTS = 1 << 20;

  final Jpeg2000Header header;
  final int x0;
  final int y0;
  final int x1;
  final int y1;
  final List<Precinct> precincts = new ArrayList<>();
  final Resolution[][] resolutions;
  private int parts;

  /** A resolution level of a component, by its place on its own grid. */
  record Resolution(int x0, int y0, int x1, int y1, List<Band> bands) {}

  /**
   * A sub-band.
   *
   * @param planes magnitude bits of its coefficients
   * @param step of quantization; 1 if reversible
   */
  record Band(
      int x0,
      int y0,
      int x1,
      int y1,
      boolean horizontalHigh,
      boolean verticalHigh,
      int planes,
      float step,
      List<CodeBlock> blocks) {}

  /** Code-blocks of one sub-band in one precinct. */
  record BandPart(Band band, List<CodeBlock> blocks, TagTree inclusion, TagTree zeroPlanes) {}

  /**
   * @param index of the precinct in its resolution
   * @param x on the reference grid, as progression by position has it
   */
  record Precinct(int component, int resolution, int index, long x, long y, List<BandPart> parts) {}

  Jpeg2000Tile(Jpeg2000Header header, int index) throws ImageException {
    this.header = header;
    int p = index % header.tilesAcross();
    int q = index / header.tilesAcross();
    x0 = (int) Math.max(header.tileX + (long) p * header.tileWidth, header.x0);
    y0 = (int) Math.max(header.tileY + (long) q * header.tileHeight, header.y0);
    x1 = (int) Math.min(header.tileX + (p + 1L) * header.tileWidth, header.x1);
    y1 = (int) Math.min(header.tileY + (q + 1L) * header.tileHeight, header.y1);
    resolutions = new Resolution[header.size.components()][];
    for (int c = 0; c < resolutions.length; c++) {
      int levels = header.styles[c].levels();
      resolutions[c] = new Resolution[levels + 1];
      for (int r = 0; r <= levels; r++) {
        resolutions[c][r] = resolution(c, r);
        precincts(c, r);
      }
    }
  }

  private static int ceilShift(long value, int shift) {
    return (int) (value + (1L << shift) - 1 >> shift);
  }

  private Resolution resolution(int c, int r) throws ImageException {
    int levels = header.styles[c].levels();
    int down = levels - r;
    List<Band> bands = new ArrayList<>();
    if (r == 0) {
      bands.add(band(c, 0, levels, 0, 0));
    } else {
      bands.add(band(c, 3 * r - 2, down + 1, 1, 0));
      bands.add(band(c, 3 * r - 1, down + 1, 0, 1));
      bands.add(band(c, 3 * r, down + 1, 1, 1));
    }
    return new Resolution(
        ceilShift(x0, down), ceilShift(y0, down), ceilShift(x1, down), ceilShift(y1, down), bands);
  }

  private Band band(int c, int index, int level, int highX, int highY) throws ImageException {
    Jpeg2000Header.CodingStyle style = header.styles[c];
    int step = header.quantizations[c].step(index, level, style.levels());
    int exponent = step >> 11;
    int planes = header.quantizations[c].guardBits() + exponent - 1;
    if (planes > 31 || exponent < 0) {
      throw Jpeg2000Decoder.unsupported("coefficients of %d bits".formatted(planes));
    }
    int range = header.size.precision() + highX + highY;
    float size =
        style.reversible()
            ? 1
            : (float) (Math.pow(2, range - exponent) * (1 + (step & 0x7ff) / 2048.0));
    long offX = level == 0 ? 0 : (long) highX << level - 1;
    long offY = level == 0 ? 0 : (long) highY << level - 1;
    return new Band(
        ceilShift(x0 - offX, level),
        ceilShift(y0 - offY, level),
        ceilShift(x1 - offX, level),
        ceilShift(y1 - offY, level),
        highX == 1,
        highY == 1,
        planes,
        size,
        new ArrayList<>());
  }

  private void precincts(int c, int r) throws ImageException {
    Resolution of = resolutions[c][r];
    if (of.x1 <= of.x0 || of.y1 <= of.y0) {
      return;
    }
    Jpeg2000Header.CodingStyle style = header.styles[c];
    int width = style.precinctWidth(r);
    int height = style.precinctHeight(r);
    int across = ceilShift(of.x1, width) - (of.x0 >> width);
    int down = ceilShift(of.y1, height) - (of.y0 >> height);
    int up = style.levels() - r;
    for (int i = 0; i < (long) across * down; i++) {
      long left = (long) (of.x0 >> width) + i % across << width;
      long top = (long) (of.y0 >> height) + i / across << height;
      count(1);
      List<BandPart> bandParts = new ArrayList<>();
      for (Band band : of.bands) {
        int half = r == 0 ? 0 : 1;
        bandParts.add(part(band, style, left >> half, top >> half, width - half, height - half));
      }
      precincts.add(
          new Precinct(c, r, i, Math.max(left << up, x0), Math.max(top << up, y0), bandParts));
    }
  }

  private void count(long more) throws ImageException {
    if (parts + more > MAX_PARTS) {
      throw Jpeg2000Decoder.unsupported(
          "more than %d precincts and code-blocks".formatted(MAX_PARTS));
    }
    parts += (int) more;
  }

  private BandPart part(
      Band band, Jpeg2000Header.CodingStyle style, long left, long top, int width, int height)
      throws ImageException {
    int px0 = (int) Math.max(left, band.x0);
    int py0 = (int) Math.max(top, band.y0);
    int px1 = (int) Math.min(left + (1L << width), band.x1);
    int py1 = (int) Math.min(top + (1L << height), band.y1);
    int w = Math.min(style.blockWidth(), width);
    int h = Math.min(style.blockHeight(), height);
    boolean empty = px1 <= px0 || py1 <= py0;
    int across = empty ? 0 : ceilShift(px1, w) - (px0 >> w);
    int down = empty ? 0 : ceilShift(py1, h) - (py0 >> h);
    count((long) across * down);
    List<CodeBlock> blocks = new ArrayList<>();
    for (int i = 0; i < across * down; i++) {
      int bx = (px0 >> w) + i % across << w;
      int by = (py0 >> h) + i / across << h;
      blocks.add(
          new CodeBlock(
              Math.max(bx, px0),
              Math.max(by, py0),
              Math.min(bx + (1 << w), px1),
              Math.min(by + (1 << h), py1)));
    }
    band.blocks.addAll(blocks);
    return new BandPart(
        band,
        blocks,
        empty ? null : new TagTree(across, down),
        empty ? null : new TagTree(across, down));
  }
}
