package org.isocentre.dicom.image;

/**
 * One level of the inverse wavelet transform (ITU-T T.800 Annex F): reversible 5-3, whose whole
 * numbers a float holds up to 24 bits, or irreversible 9-7.
 */
final class InverseWavelet {
  private static final float ALPHA = -1.586134342059924f;
  private static final float BETA = -0.052980118572961f;
  private static final float GAMMA = 0.882911075530934f;
  private static final float DELTA = 0.443506852043971f;
  private static final float K = 1.230174104914001f;
  private static final int BORDER = 5;

  private final boolean reversible;

  InverseWavelet(boolean reversible) {
    this.reversible = reversible;
  }

  /**
   * @param samples interleaved sub-bands, low-pass where a coordinate is even; transformed in place
   * @param x0 coordinate of the first column
   * @param y0 coordinate of the first row
   */
  void apply(float[] samples, int width, int height, int x0, int y0) {
    float[] line = new float[Math.max(width, height) + 2 * BORDER + 2];
    for (int y = 0; y < height; y++) {
      transform(samples, y * width, 1, width, x0 & 1, line);
    }
    for (int x = 0; x < width; x++) {
      transform(samples, x, width, height, y0 & 1, line);
    }
  }

  /**
   * @param parity of the first coordinate
   */
  private void transform(
      float[] samples, int from, int step, int length, int parity, float[] line) {
    if (length == 1) {
      // A single high-pass sample stands for twice its value (§F.3.6).
      samples[from] = parity == 0 ? samples[from] : samples[from] / 2;
      return;
    }
    int start = BORDER + 1 + parity;
    for (int i = 0; i < length; i++) {
      line[start + i] = samples[from + i * step];
    }
    extend(line, start, length);
    if (reversible) {
      reversible(line, start, length);
    } else {
      irreversible(line, start, length);
    }
    for (int i = 0; i < length; i++) {
      samples[from + i * step] = line[start + i];
    }
  }

  /** Mirrors at both ends (§F.3.7). */
  private static void extend(float[] line, int start, int length) {
    int period = 2 * (length - 1);
    for (int i = 1; i <= BORDER - 1; i++) {
      int left = i % period;
      line[start - i] = line[start + Math.min(left, period - left)];
      int right = (length - 1 + i) % period;
      line[start + length - 1 + i] = line[start + Math.min(right, period - right)];
    }
  }

  /** Even places of the line are low-pass. */
  private static void reversible(float[] line, int start, int length) {
    int end = start + length;
    for (int i = start - (start & 1); i <= end; i += 2) {
      line[i] -= (int) line[i - 1] + (int) line[i + 1] + 2 >> 2;
    }
    for (int i = start - 1 | 1; i < end; i += 2) {
      line[i] += (int) line[i - 1] + (int) line[i + 1] >> 1;
    }
  }

  private static void irreversible(float[] line, int start, int length) {
    int from = start - 4;
    int to = start + length + 3;
    for (int i = from; i <= to; i++) {
      line[i] *= (i & 1) == 0 ? K : 1 / K;
    }
    lift(line, from + 1, to - 1, 0, DELTA);
    lift(line, from + 2, to - 2, 1, GAMMA);
    lift(line, from + 3, to - 3, 0, BETA);
    lift(line, from + 4, to - 4, 1, ALPHA);
  }

  private static void lift(float[] line, int from, int to, int parity, float factor) {
    for (int i = (from & 1) == parity ? from : from + 1; i <= to; i += 2) {
      line[i] -= factor * (line[i - 1] + line[i + 1]);
    }
  }
}
