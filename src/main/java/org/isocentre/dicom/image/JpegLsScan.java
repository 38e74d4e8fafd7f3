package org.isocentre.dicom.image;

/**
 * Decodes the samples of one JPEG-LS scan (ITU-T T.87 Annex A, Annex B for several components).
 * Names are those of the standard: Ra is left, Rb above, Rc above left, Rd above right.
 */
final class JpegLsScan {
  private static final int[] J = {
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15
  };
  private static final int CONTEXTS = 365;

  private final JpegLsBits bits;
  private final JpegLsParameters p;
  private final int range;
  private final int qbpp;
  private final int limit;
  private final int step;
  private final int[] sumA = new int[CONTEXTS + 2];
  private final int[] biasB = new int[CONTEXTS];
  private final int[] correctionC = new int[CONTEXTS];
  private final int[] countN = new int[CONTEXTS + 2];
  private final int[] negativeN = new int[2];

  JpegLsScan(JpegLsBits bits, JpegLsParameters parameters) {
    this.bits = bits;
    this.p = parameters;
    this.range = parameters.range();
    this.qbpp = parameters.qbpp();
    this.limit = parameters.limit();
    this.step = 2 * parameters.near() + 1;
    java.util.Arrays.fill(sumA, Math.max(2, (range + 32) / 64));
    java.util.Arrays.fill(countN, 1);
  }

  /**
   * One line of one component.
   *
   * @param above samples of the line above from index 1 on, with one more on each side (§A.2.1)
   * @param line to fill from index 1 on; index 0 is set
   * @param runIndex of this component before the line
   * @return and after it
   */
  int line(int[] above, int[] line, int runIndex) throws ImageException {
    int width = line.length - 2;
    int index = runIndex;
    for (int x = 1; x <= width; x++) {
      int context = context(above, line, x);
      if (context != 0) {
        line[x] = regular(context, line[x - 1], above[x], above[x - 1]);
        continue;
      }
      int run = run(index, width - x + 1);
      index = runIndexAfter;
      java.util.Arrays.fill(line, x, x + run, line[x - 1]);
      x += run;
      if (x <= width) {
        line[x] = interruption(line[x - 1], above[x], index, false);
        index = Math.max(0, index - 1);
      }
    }
    return index;
  }

  /** One line of all components, sample by sample (§B.3). */
  int samples(int[][] above, int[][] line, int runIndex) throws ImageException {
    int width = line[0].length - 2;
    int index = runIndex;
    for (int x = 1; x <= width; x++) {
      if (!flat(above, line, x)) {
        for (int c = 0; c < line.length; c++) {
          int[] up = above[c];
          line[c][x] = regular(context(up, line[c], x), line[c][x - 1], up[x], up[x - 1]);
        }
        continue;
      }
      int run = run(index, width - x + 1);
      index = runIndexAfter;
      for (int[] samples : line) {
        java.util.Arrays.fill(samples, x, x + run, samples[x - 1]);
      }
      x += run;
      if (x <= width) {
        for (int c = 0; c < line.length; c++) {
          line[c][x] = interruption(line[c][x - 1], above[c][x], index, true);
        }
        index = Math.max(0, index - 1);
      }
    }
    return index;
  }

  private boolean flat(int[][] above, int[][] line, int x) {
    for (int c = 0; c < line.length; c++) {
      if (context(above[c], line[c], x) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The context's number, negative if its sign is; 0 where the gradients are flat (§A.3). */
  private int context(int[] above, int[] line, int x) {
    int rb = above[x];
    int rc = above[x - 1];
    return 81 * quantized(above[x + 1] - rb) + 9 * quantized(rb - rc) + quantized(rc - line[x - 1]);
  }

  private int quantized(int gradient) {
    int size = Math.abs(gradient);
    int level;
    if (size <= p.near()) {
      return 0;
    } else if (size < p.t1()) {
      level = 1;
    } else if (size < p.t2()) {
      level = 2;
    } else {
      level = size < p.t3() ? 3 : 4;
    }
    return gradient < 0 ? -level : level;
  }

  private int regular(int signedContext, int ra, int rb, int rc) throws ImageException {
    int sign = signedContext < 0 ? -1 : 1;
    int q = Math.abs(signedContext);
    int median = predict(ra, rb, rc);
    int prediction = Math.max(0, Math.min(p.maxVal(), median + sign * correctionC[q]));
    int k = golomb(sumA[q], countN[q]);
    int mapped = code(k, limit);
    int error = mapped % 2 == 0 ? mapped / 2 : -(mapped + 1) / 2;
    if (p.near() == 0 && k == 0 && 2 * biasB[q] <= -countN[q]) {
      error = -error - 1;
    }
    update(q, error);
    return sample(prediction, sign * error);
  }

  private static int predict(int ra, int rb, int rc) {
    if (rc >= Math.max(ra, rb)) {
      return Math.min(ra, rb);
    }
    return rc <= Math.min(ra, rb) ? Math.max(ra, rb) : ra + rb - rc;
  }

  private static int golomb(int sum, int count) {
    int k = 0;
    while (count << k < sum) {
      k++;
    }
    return k;
  }

  /** A mapped error (§A.5.3). */
  private int code(int k, int longest) throws ImageException {
    int zeros = bits.zeros(longest);
    int mapped = zeros < longest - qbpp - 1 ? (zeros << k) + bits.bits(k) : bits.bits(qbpp) + 1;
    if (mapped > 2 * range) {
      throw JpegLsDecoder.corrupt("an error beyond the range of samples");
    }
    return mapped;
  }

  /** Statistics of a context (§A.6). */
  private void update(int q, int error) {
    biasB[q] += error * step;
    sumA[q] += Math.abs(error);
    if (countN[q] == p.reset()) {
      sumA[q] >>= 1;
      biasB[q] >>= 1;
      countN[q] >>= 1;
    }
    countN[q]++;
    int n = countN[q];
    if (biasB[q] <= -n) {
      biasB[q] = Math.max(biasB[q] + n, -n + 1);
      correctionC[q] = Math.max(-128, correctionC[q] - 1);
    } else if (biasB[q] > 0) {
      biasB[q] = Math.min(biasB[q] - n, 0);
      correctionC[q] = Math.min(127, correctionC[q] + 1);
    }
  }

  private int sample(int prediction, int error) {
    int value = prediction + error * step;
    if (value < -p.near()) {
      value += range * step;
    } else if (value > p.maxVal() + p.near()) {
      value -= range * step;
    }
    return Math.max(0, Math.min(p.maxVal(), value));
  }

  private int runIndexAfter;

  /** Length of a run of at most {@code left} samples (§A.7.1). */
  private int run(int runIndex, int left) throws ImageException {
    int index = runIndex;
    int run = 0;
    while (bits.bits(1) == 1) {
      int part = 1 << J[index];
      if (part > left - run) {
        runIndexAfter = index;
        return left;
      }
      run += part;
      index = Math.min(31, index + 1);
      if (run == left) {
        runIndexAfter = index;
        return left;
      }
    }
    run += bits.bits(J[index]);
    if (run >= left) {
      throw JpegLsDecoder.corrupt("a run over the end of its line");
    }
    runIndexAfter = index;
    return run;
  }

  /** The sample that ends a run (§A.7.2); of several components it is always of type 0 (§B.3). */
  private int interruption(int ra, int rb, int runIndex, boolean several) throws ImageException {
    int type = !several && Math.abs(ra - rb) <= p.near() ? 1 : 0;
    int q = CONTEXTS + type;
    int k = golomb(type == 0 ? sumA[q] : sumA[q] + (countN[q] >> 1), countN[q]);
    int mapped = code(k, limit - J[runIndex] - 1);
    int size = (mapped + type + 1) / 2;
    boolean odd = (mapped + type) % 2 != 0;
    boolean negative = (k != 0 || 2 * negativeN[type] >= countN[q]) == odd;
    if (negative && size > 0) {
      negativeN[type]++;
    }
    sumA[q] += mapped + 1 - type >> 1;
    if (countN[q] == p.reset()) {
      sumA[q] >>= 1;
      countN[q] >>= 1;
      negativeN[type] >>= 1;
    }
    countN[q]++;
    int error = negative ? -size : size;
    return type == 1 ? sample(ra, error) : sample(rb, ra > rb ? -error : error);
  }
}
