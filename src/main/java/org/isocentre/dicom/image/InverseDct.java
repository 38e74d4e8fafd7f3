package org.isocentre.dicom.image;

/** The inverse discrete cosine transform of 8 x 8 coefficients (ITU-T T.81 §A.3.3). */
final class InverseDct {
  private static final int SIDE = 8;
  private static final float[] BASIS = basis();

  private final float[] work = new float[SIDE * SIDE];

  private static float[] basis() {
    float[] basis = new float[SIDE * SIDE];
    for (int u = 0; u < SIDE; u++) {
      double scale = u == 0 ? Math.sqrt(0.125) : 0.5;
      for (int x = 0; x < SIDE; x++) {
        basis[u * SIDE + x] = (float) (scale * Math.cos((2 * x + 1) * u * Math.PI / 16));
      }
    }
    return basis;
  }

  /** In place. */
  void apply(float[] block) {
    lines(block, work);
    lines(work, block);
  }

  /** Transforms each row and writes it as a column, so that twice is both directions. */
  private static void lines(float[] from, float[] to) {
    for (int line = 0; line < SIDE; line++) {
      int at = line * SIDE;
      for (int x = 0; x < SIDE; x++) {
        float sum = 0;
        for (int u = 0; u < SIDE; u++) {
          sum += from[at + u] * BASIS[u * SIDE + x];
        }
        to[x * SIDE + line] = sum;
      }
    }
  }
}
