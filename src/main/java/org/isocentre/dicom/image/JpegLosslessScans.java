package org.isocentre.dicom.image;

/** Lossless scans (ITU-T T.81 Annex H). Two rows of each component are in memory. */
final class JpegLosslessScans implements JpegScans {
  private final SampleWriter writer;
  private final int rows;
  private final int columns;
  private final int precision;

  JpegLosslessScans(
      SampleWriter writer, int rows, int columns, int precision, JpegDecoder.Component[] components)
      throws ImageException {
    for (JpegDecoder.Component component : components) {
      if (component.h() != components[0].h() || component.v() != components[0].v()) {
        throw new ImageException(
            "ISO-IMAGE-321",
            "lossless JPEG with components of different sampling, not decoded here");
      }
    }
    this.writer = writer;
    this.rows = rows;
    this.columns = columns;
    this.precision = precision;
  }

  @Override
  public boolean needsAc() {
    return false;
  }

  @Override
  public void decode(
      JpegBits bits,
      JpegDecoder.ScanComponent[] components,
      int[][] quantization,
      int restartInterval,
      int selection,
      int pointTransform)
      throws ImageException {
    if (selection < 1 || selection > 7 || pointTransform >= precision) {
      throw JpegDecoder.corrupt("a lossless scan with predictor %d".formatted(selection));
    }
    if (restartInterval % columns != 0) {
      throw JpegDecoder.corrupt("a restart interval that is no whole row (T.81 §H.1.1)");
    }
    int restartRows = restartInterval / columns;
    int start = 1 << precision - pointTransform - 1;
    int[][] above = new int[components.length][columns];
    int[][] row = new int[components.length][columns];
    for (int y = 0; y < rows; y++) {
      boolean first = y == 0;
      if (restartRows > 0 && y > 0 && y % restartRows == 0) {
        bits.restart();
        first = true;
      }
      row(bits, components, row, above, first ? -start : selection);
      for (int c = 0; c < components.length; c++) {
        write(components[c].component().index(), y, row[c], pointTransform);
      }
      int[][] swap = above;
      above = row;
      row = swap;
    }
  }

  /**
   * @param rule predictor, or minus the first prediction where no row is above
   */
  private void row(
      JpegBits bits, JpegDecoder.ScanComponent[] components, int[][] row, int[][] above, int rule)
      throws ImageException {
    for (int x = 0; x < columns; x++) {
      for (int c = 0; c < components.length; c++) {
        int[] r = row[c];
        int prediction;
        if (x == 0) {
          prediction = rule < 0 ? -rule : above[c][0];
        } else {
          prediction = rule < 0 ? r[x - 1] : predict(rule, r[x - 1], above[c][x], above[c][x - 1]);
        }
        r[x] = prediction + difference(bits, components[c].dc()) & 0xffff;
      }
    }
  }

  /** Table H.1. */
  private static int predict(int rule, int a, int b, int c) {
    return switch (rule) {
      case 1 -> a;
      case 2 -> b;
      case 3 -> c;
      case 4 -> a + b - c;
      case 5 -> a + (b - c >> 1);
      case 6 -> b + (a - c >> 1);
      default -> a + b >> 1;
    };
  }

  private static int difference(JpegBits bits, HuffmanTable table) throws ImageException {
    int length = table.decode(bits);
    if (length > 16) {
      throw JpegDecoder.corrupt("a difference of %d bits".formatted(length));
    }
    return length == 16 ? 1 << 15 : bits.difference(length);
  }

  private void write(int sample, int y, int[] row, int pointTransform) {
    for (int x = 0; x < columns; x++) {
      writer.put(sample, y * columns + x, row[x] << pointTransform);
    }
  }

  @Override
  public void finish() {
    // Each row was written when it was decoded.
  }
}
