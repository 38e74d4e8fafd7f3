package org.isocentre.dicom.image;

import java.util.Arrays;

/** Sequential DCT scans of 8 or 12 bits (ITU-T T.81 Annexes A, F). */
final class JpegDctScans implements JpegScans {
  private static final int SIDE = 8;
  private static final int[] ZIGZAG = zigzag();

  private final SampleWriter writer;
  private final int rows;
  private final int columns;
  private final int precision;
  private final int maxH;
  private final int maxV;
  private final JpegDecoder.Component[] components;
  private final short[][] planes;
  private final InverseDct transform = new InverseDct();

  JpegDctScans(
      SampleWriter writer, int rows, int columns, int precision, JpegDecoder.Component[] components)
      throws ImageException {
    if (precision != 8 && precision != 12) {
      throw JpegDecoder.corrupt("DCT with %d bits".formatted(precision));
    }
    this.writer = writer;
    this.rows = rows;
    this.columns = columns;
    this.precision = precision;
    this.components = components;
    this.maxH = Arrays.stream(components).mapToInt(JpegDecoder.Component::h).max().orElse(1);
    this.maxV = Arrays.stream(components).mapToInt(JpegDecoder.Component::v).max().orElse(1);
    this.planes = new short[components.length][];
    for (JpegDecoder.Component component : components) {
      long size = (long) stride(component) * mcuRows() * component.v() * SIDE;
      if (size > Integer.MAX_VALUE - 8) {
        throw new ImageException("ISO-IMAGE-202", "a JPEG component of %d samples".formatted(size));
      }
      planes[component.index()] = new short[(int) size];
    }
  }

  private static int[] zigzag() {
    int[] order = new int[SIDE * SIDE];
    int at = 0;
    for (int diagonal = 0; diagonal < 2 * SIDE - 1; diagonal++) {
      for (int i = 0; i <= diagonal; i++) {
        int y = diagonal % 2 == 0 ? diagonal - i : i;
        int x = diagonal - y;
        if (x < SIDE && y < SIDE) {
          order[at++] = y * SIDE + x;
        }
      }
    }
    return order;
  }

  private int mcuColumns() {
    return ceil(columns, SIDE * maxH);
  }

  private int mcuRows() {
    return ceil(rows, SIDE * maxV);
  }

  private int stride(JpegDecoder.Component component) {
    return mcuColumns() * component.h() * SIDE;
  }

  private static int ceil(int a, int b) {
    return (a + b - 1) / b;
  }

  @Override
  public boolean needsAc() {
    return true;
  }

  @Override
  public void decode(
      JpegBits bits,
      JpegDecoder.ScanComponent[] selected,
      int[][] quantization,
      int restartInterval,
      int selection,
      int pointTransform)
      throws ImageException {
    Block[] blocks = new Block[selected.length];
    for (int i = 0; i < blocks.length; i++) {
      int number = selected[i].component().quantization();
      if (number >= quantization.length || quantization[number] == null) {
        throw JpegDecoder.corrupt("a scan without its quantization table");
      }
      blocks[i] = new Block(bits, selected[i], quantization[number]);
    }
    boolean alone = selected.length == 1;
    JpegDecoder.Component only = selected[0].component();
    int across = alone ? ceil(ceil(columns * only.h(), maxH), SIDE) : mcuColumns();
    int down = alone ? ceil(ceil(rows * only.v(), maxV), SIDE) : mcuRows();
    long units = (long) across * down;
    for (long unit = 0; unit < units; unit++) {
      if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0) {
        bits.restart();
        Arrays.stream(blocks).forEach(b -> b.prediction = 0);
      }
      unit(blocks, (int) (unit % across), (int) (unit / across), alone);
    }
  }

  /** A minimum coded unit (T.81 §A.2). */
  private void unit(Block[] blocks, int x, int y, boolean alone) throws ImageException {
    for (Block block : blocks) {
      int h = alone ? 1 : block.of.component().h();
      int v = alone ? 1 : block.of.component().v();
      for (int i = 0; i < h * v; i++) {
        block.decode(x * h + i % h, y * v + i / h);
      }
    }
  }

  /** Blocks of one component in a scan. */
  private final class Block {
    final JpegBits bits;
    final JpegDecoder.ScanComponent of;
    final int[] quantization;
    final float[] coefficients = new float[SIDE * SIDE];
    int prediction;

    Block(JpegBits bits, JpegDecoder.ScanComponent of, int[] quantization) {
      this.bits = bits;
      this.of = of;
      this.quantization = quantization;
    }

    void decode(int blockX, int blockY) throws ImageException {
      Arrays.fill(coefficients, 0);
      prediction += bits.difference(length(of.dc().decode(bits)));
      coefficients[0] = (float) prediction * quantization[0];
      int k = 1;
      while (k < SIDE * SIDE) {
        int symbol = of.ac().decode(bits);
        int length = symbol & 15;
        k += symbol >> 4;
        if (length != 0) {
          if (k >= SIDE * SIDE) {
            throw JpegDecoder.corrupt("a block of more than 64 coefficients");
          }
          coefficients[ZIGZAG[k]] = (float) bits.difference(length) * quantization[k];
        } else if (symbol >> 4 != 15) {
          break;
        }
        k++;
      }
      store(blockX, blockY);
    }

    private int length(int length) throws ImageException {
      if (length > 15) {
        throw JpegDecoder.corrupt("a difference of %d bits".formatted(length));
      }
      return length;
    }

    private void store(int blockX, int blockY) {
      transform.apply(coefficients);
      short[] plane = planes[of.component().index()];
      int stride = stride(of.component());
      int at = blockY * SIDE * stride + blockX * SIDE;
      int middle = 1 << precision - 1;
      int most = (1 << precision) - 1;
      for (int i = 0; i < SIDE * SIDE; i++) {
        int value = Math.round(coefficients[i]) + middle;
        plane[at + i / SIDE * stride + i % SIDE] = (short) Math.max(0, Math.min(most, value));
      }
    }
  }

  /** Chrominance that pixels share is repeated for each of them. */
  @Override
  public void finish() {
    for (JpegDecoder.Component component : components) {
      short[] plane = planes[component.index()];
      int stride = stride(component);
      for (int y = 0; y < rows; y++) {
        int line = y * component.v() / maxV * stride;
        for (int x = 0; x < columns; x++) {
          int value = plane[line + x * component.h() / maxH];
          writer.put(component.index(), y * columns + x, value);
        }
      }
    }
  }
}
