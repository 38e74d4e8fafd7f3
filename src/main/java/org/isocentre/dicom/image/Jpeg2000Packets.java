package org.isocentre.dicom.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Hands the bytes of a tile's packets to its code-blocks (ITU-T T.800 §B.9, §B.10, §B.12). */
final class Jpeg2000Packets {
  private static final int SOP = 0xff91;
  private static final int EPH = 0xff92;

  private final Jpeg2000Tile tile;
  private final byte[] in;
  private int at;

  /** What a packet brings to a code-block. */
  private record Contribution(CodeBlock.Segment segment, int length) {}

  /**
   * @param in bodies of all tile-parts of the tile
   */
  Jpeg2000Packets(Jpeg2000Tile tile, byte[] in) {
    this.tile = tile;
    this.in = in;
  }

  void read() throws ImageException {
    List<Jpeg2000Tile.Precinct> order = new ArrayList<>(tile.precincts);
    Comparator<Jpeg2000Tile.Precinct> c = Comparator.comparingInt(Jpeg2000Tile.Precinct::component);
    Comparator<Jpeg2000Tile.Precinct> r =
        Comparator.comparingInt(Jpeg2000Tile.Precinct::resolution);
    Comparator<Jpeg2000Tile.Precinct> p =
        Comparator.comparingLong(Jpeg2000Tile.Precinct::y)
            .thenComparingLong(Jpeg2000Tile.Precinct::x);
    Comparator<Jpeg2000Tile.Precinct> i = Comparator.comparingInt(Jpeg2000Tile.Precinct::index);
    switch (tile.header.progression) {
      case 0 -> {
        order.sort(r.thenComparing(c).thenComparing(i));
        layersFirst(order);
      }
      case 1 -> {
        order.sort(r.thenComparing(c).thenComparing(i));
        int levels = order.stream().mapToInt(Jpeg2000Tile.Precinct::resolution).max().orElse(0);
        for (int level = 0; level <= levels; level++) {
          int wanted = level;
          layersFirst(order.stream().filter(o -> o.resolution() == wanted).toList());
        }
      }
      case 2 -> layersLast(order, r.thenComparing(p).thenComparing(c).thenComparing(i));
      case 3 -> layersLast(order, p.thenComparing(c).thenComparing(r).thenComparing(i));
      default -> layersLast(order, c.thenComparing(p).thenComparing(r).thenComparing(i));
    }
  }

  private void layersFirst(List<Jpeg2000Tile.Precinct> order) throws ImageException {
    for (int layer = 0; layer < tile.header.layers; layer++) {
      for (Jpeg2000Tile.Precinct precinct : order) {
        packet(precinct, layer);
      }
    }
  }

  private void layersLast(List<Jpeg2000Tile.Precinct> order, Comparator<Jpeg2000Tile.Precinct> by)
      throws ImageException {
    order.sort(by);
    for (Jpeg2000Tile.Precinct precinct : order) {
      for (int layer = 0; layer < tile.header.layers; layer++) {
        packet(precinct, layer);
      }
    }
  }

  private boolean isAt(int marker) {
    return at + 1 < in.length && ((in[at] & 0xff) << 8 | in[at + 1] & 0xff) == marker;
  }

  private void packet(Jpeg2000Tile.Precinct precinct, int layer) throws ImageException {
    if (isAt(SOP)) {
      at += 6;
    }
    PacketBits bits = new PacketBits(in, at, in.length);
    List<Contribution> body = new ArrayList<>();
    if (bits.bit() == 1) {
      int style = tile.header.styles[precinct.component()].style();
      for (Jpeg2000Tile.BandPart part : precinct.parts()) {
        for (int i = 0; i < part.blocks().size(); i++) {
          block(part, i, layer, style, bits, body);
        }
      }
    }
    at = bits.align();
    if (isAt(EPH)) {
      at += 2;
    }
    for (Contribution contribution : body) {
      if (contribution.length > in.length - at) {
        throw Jpeg2000Decoder.corrupt("a packet ends early");
      }
      contribution.segment.bytes.write(in, at, contribution.length);
      at += contribution.length;
    }
  }

  private static void block(
      Jpeg2000Tile.BandPart part,
      int index,
      int layer,
      int style,
      PacketBits bits,
      List<Contribution> body)
      throws ImageException {
    CodeBlock block = part.blocks().get(index);
    boolean now =
        block.included ? bits.bit() == 1 : part.inclusion().isBelow(index, layer + 1, bits);
    if (!now) {
      return;
    }
    if (!block.included) {
      block.included = true;
      block.zeroPlanes = part.zeroPlanes().value(index, bits);
    }
    int passes = passes(bits);
    if (block.passes + passes > 3 * (part.band().planes() - block.zeroPlanes) - 2) {
      throw Jpeg2000Decoder.corrupt("more coding passes than bit planes");
    }
    while (bits.bit() == 1) {
      block.lengthBits++;
    }
    while (passes > 0) {
      CodeBlock.Segment segment = block.open(style);
      int here = Math.min(passes, segment.mostPasses - segment.passes);
      int width = block.lengthBits + 31 - Integer.numberOfLeadingZeros(here);
      if (width > 31) {
        throw Jpeg2000Decoder.corrupt("a length of %d bits".formatted(width));
      }
      body.add(new Contribution(segment, bits.bits(width)));
      segment.passes += here;
      block.passes += here;
      passes -= here;
    }
  }

  /** Table B.4. */
  private static int passes(PacketBits bits) throws ImageException {
    if (bits.bit() == 0) {
      return 1;
    }
    if (bits.bit() == 0) {
      return 2;
    }
    int two = bits.bits(2);
    if (two < 3) {
      return 3 + two;
    }
    int five = bits.bits(5);
    return five < 31 ? 6 + five : 37 + bits.bits(7);
  }
}
