package org.isocentre.dicom.image;

/** The arithmetic decoder of JPEG 2000 (ITU-T T.800 Annex C). Past the end it reads ones. */
final class MqDecoder {
  private static final int[] QE = {
    0x5601, 0x3401, 0x1801, 0x0ac1, 0x0521, 0x0221, 0x5601, 0x5401, 0x4801, 0x3801, 0x3001, 0x2401,
    0x1c01, 0x1601, 0x5601, 0x5401, 0x5101, 0x4801, 0x3801, 0x3401, 0x3001, 0x2801, 0x2401, 0x2201,
    0x1c01, 0x1801, 0x1601, 0x1401, 0x1201, 0x1101, 0x0ac1, 0x09c1, 0x08a1, 0x0521, 0x0441, 0x02a1,
    0x0221, 0x0141, 0x0111, 0x0085, 0x0049, 0x0025, 0x0015, 0x0009, 0x0005, 0x0001, 0x5601
  };
  private static final int[] NEXT_MPS = {
    1, 2, 3, 4, 5, 38, 7, 8, 9, 10, 11, 12, 13, 29, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 45, 46
  };
  private static final int[] NEXT_LPS = {
    1, 6, 9, 12, 29, 33, 6, 14, 14, 14, 17, 18, 20, 21, 14, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22,
    23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 46
  };
  static final int CONTEXTS = 19;
  static final int RUN_LENGTH = 17;
  static final int UNIFORM = 18;

  private final int[] state = new int[CONTEXTS];
  private final int[] mps = new int[CONTEXTS];
  private byte[] in;
  private int at;
  private int a;
  private int c;
  private int ct;

  /** Initial states of contexts (Table D.7). */
  void resetContexts() {
    java.util.Arrays.fill(state, 0);
    java.util.Arrays.fill(mps, 0);
    state[0] = 4;
    state[RUN_LENGTH] = 3;
    state[UNIFORM] = 46;
  }

  /** A new codeword segment (§C.3.5); contexts stay. */
  void start(byte[] segment) {
    in = segment;
    at = 0;
    c = octet(0) << 16;
    byteIn();
    c <<= 7;
    ct -= 7;
    a = 0x8000;
  }

  private int octet(int index) {
    return index < in.length ? in[index] & 0xff : 0xff;
  }

  private void byteIn() {
    if (octet(at) == 0xff) {
      if (octet(at + 1) > 0x8f) {
        c += 0xff00;
        ct = 8;
      } else {
        at++;
        c += octet(at) << 9;
        ct = 7;
      }
    } else {
      at++;
      c += octet(at) << 8;
      ct = 8;
    }
  }

  int decode(int context) {
    int s = state[context];
    int qe = QE[s];
    int d = mps[context];
    a -= qe;
    if (c >>> 16 < qe) {
      boolean more = a < qe;
      a = qe;
      d = exchange(context, s, more);
      renormalize();
    } else {
      c -= qe << 16;
      if ((a & 0x8000) == 0) {
        d = exchange(context, s, a >= qe);
        renormalize();
      }
    }
    return d;
  }

  /** The decision and the next state of a context: of the more probable symbol, or the other. */
  private int exchange(int context, int s, boolean more) {
    if (more) {
      state[context] = NEXT_MPS[s];
      return mps[context];
    }
    int d = 1 - mps[context];
    if (s == 0 || s == 6 || s == 14) {
      mps[context] = d;
    }
    state[context] = NEXT_LPS[s];
    return d;
  }

  private void renormalize() {
    do {
      if (ct == 0) {
        byteIn();
      }
      a <<= 1;
      c <<= 1;
      ct--;
    } while ((a & 0x8000) == 0);
  }
}
