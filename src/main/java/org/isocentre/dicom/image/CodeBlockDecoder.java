package org.isocentre.dicom.image;

/** Coefficient bit modelling (ITU-T T.800 Annex D). */
final class CodeBlockDecoder {
  private static final int RESET = 2;
  private static final int CAUSAL = 8;
  private static final int SEGMENTATION_SYMBOLS = 0x20;
  private static final int STRIPE = 4;
  private static final byte SIGNIFICANT = 1;
  private static final byte VISITED = 2;
  private static final byte REFINED = 4;
  private static final byte NEGATIVE = 8;

  private final MqDecoder mq = new MqDecoder();
  private final int style;
  private int width;
  private int height;
  private int stride;
  private byte[] flags = {};
  private int[] magnitude = {};
  private byte[] lowest = {};
  private RawBits raw;
  private boolean diagonal;
  private boolean swapped;
  private int horizontal;
  private int vertical;
  private int crossing;

  /** Bits that bypass the arithmetic coder (§D.6). */
  private static final class RawBits {
    private final byte[] in;
    private int at;
    private int left;
    private int current;

    RawBits(byte[] in) {
      this.in = in;
    }

    int next() {
      if (left == 0) {
        left = current == 0xff ? 7 : 8;
        current = at < in.length ? in[at++] & 0xff : 0xff;
      }
      left--;
      return current >> left & 1;
    }
  }

  /**
   * @param style of code-blocks (Table A.19)
   */
  CodeBlockDecoder(int style) {
    this.style = style;
  }

  /**
   * @param horizontalHigh whether the sub-band is high-pass across (HL, HH)
   * @param verticalHigh whether it is high-pass down (LH, HH)
   * @param planes magnitude bits of the block, 1 to 31
   */
  void decode(CodeBlock block, boolean horizontalHigh, boolean verticalHigh, int planes) {
    width = block.x1 - block.x0;
    height = block.y1 - block.y0;
    stride = width + 2;
    flags = new byte[stride * (height + 2)];
    magnitude = new int[width * height];
    lowest = new byte[width * height];
    diagonal = horizontalHigh && verticalHigh;
    swapped = horizontalHigh && !verticalHigh;
    mq.resetContexts();
    for (CodeBlock.Segment segment : block.segments) {
      byte[] bytes = segment.bytes.toByteArray();
      boolean isRaw = CodeBlock.isRaw(style, segment.firstPass);
      raw = isRaw ? new RawBits(bytes) : null;
      if (!isRaw) {
        mq.start(bytes);
      }
      for (int pass = segment.firstPass; pass < segment.firstPass + segment.passes; pass++) {
        pass(pass % 3, planes - 1 - (pass + 2) / 3);
      }
    }
  }

  /**
   * The signed coefficient, in units of bit plane 0, with half of what was not decoded of it as the
   * best guess (§E.1.1.2).
   *
   * @param exact whether nothing is missing below bit plane 0
   */
  float coefficient(int x, int y, boolean exact) {
    int at = y * width + x;
    if (magnitude[at] == 0) {
      return 0;
    }
    float value = magnitude[at] + (exact && lowest[at] == 0 ? 0 : (1 << lowest[at]) / 2f);
    return (flags[at(x, y)] & NEGATIVE) != 0 ? -value : value;
  }

  private int at(int x, int y) {
    return (y + 1) * stride + x + 1;
  }

  private void pass(int kind, int plane) {
    for (int top = 0; top < height; top += STRIPE) {
      int bottom = Math.min(height, top + STRIPE);
      for (int x = 0; x < width; x++) {
        switch (kind) {
          case 1 -> significance(x, top, bottom, plane);
          case 2 -> refinement(x, top, bottom, plane);
          default -> cleanup(x, top, bottom, plane);
        }
      }
    }
    if (kind == 0) {
      endPlane();
    }
    if ((style & RESET) != 0) {
      mq.resetContexts();
    }
  }

  private void endPlane() {
    for (int i = 0; i < flags.length; i++) {
      flags[i] &= ~VISITED;
    }
    if ((style & SEGMENTATION_SYMBOLS) != 0) {
      for (int i = 0; i < 4; i++) {
        mq.decode(MqDecoder.UNIFORM);
      }
    }
  }

  /** Counts significant neighbours; those of the stripe below count not where that is causal. */
  private void neighbours(int at, int y) {
    boolean below = (style & CAUSAL) == 0 || y % STRIPE != STRIPE - 1;
    horizontal = (flags[at - 1] & SIGNIFICANT) + (flags[at + 1] & SIGNIFICANT);
    vertical = flags[at - stride] & SIGNIFICANT;
    crossing = (flags[at - stride - 1] & SIGNIFICANT) + (flags[at - stride + 1] & SIGNIFICANT);
    if (below) {
      vertical += flags[at + stride] & SIGNIFICANT;
      crossing += (flags[at + stride - 1] & SIGNIFICANT) + (flags[at + stride + 1] & SIGNIFICANT);
    }
  }

  /** Table D.1. */
  private int zeroContext() {
    if (diagonal) {
      int straight = horizontal + vertical;
      return switch (crossing) {
        case 0 -> Math.min(straight, 2);
        case 1 -> 3 + Math.min(straight, 2);
        case 2 -> straight > 0 ? 7 : 6;
        default -> 8;
      };
    }
    int h = swapped ? vertical : horizontal;
    int v = swapped ? horizontal : vertical;
    if (h == 2) {
      return 8;
    }
    if (h == 1) {
      return v > 0 ? 7 : crossing > 0 ? 6 : 5;
    }
    return v > 0 ? 2 + v : Math.min(crossing, 2);
  }

  private void significance(int x, int top, int bottom, int plane) {
    for (int y = top; y < bottom; y++) {
      int at = at(x, y);
      if ((flags[at] & SIGNIFICANT) != 0) {
        continue;
      }
      neighbours(at, y);
      if (horizontal + vertical + crossing == 0) {
        continue;
      }
      int bit = raw != null ? raw.next() : mq.decode(zeroContext());
      if (bit == 1) {
        becomeSignificant(x, y, at, plane);
      }
      flags[at] |= VISITED;
    }
  }

  private void becomeSignificant(int x, int y, int at, int plane) {
    int negative = raw != null ? raw.next() : sign(at, y);
    flags[at] |= (byte) (SIGNIFICANT | negative * NEGATIVE);
    magnitude[y * width + x] = 1 << plane;
    lowest[y * width + x] = (byte) plane;
  }

  private int contribution(int at) {
    if ((flags[at] & SIGNIFICANT) == 0) {
      return 0;
    }
    return (flags[at] & NEGATIVE) != 0 ? -1 : 1;
  }

  /** Tables D.2 and D.3. */
  private int sign(int at, int y) {
    boolean below = (style & CAUSAL) == 0 || y % STRIPE != STRIPE - 1;
    int h = Integer.signum(contribution(at - 1) + contribution(at + 1));
    int v = Integer.signum(contribution(at - stride) + (below ? contribution(at + stride) : 0));
    int flip = h < 0 || h == 0 && v < 0 ? 1 : 0;
    int context = h == 0 ? 9 + Math.abs(v) : 12 + h * v;
    return mq.decode(context) ^ flip;
  }

  private void refinement(int x, int top, int bottom, int plane) {
    for (int y = top; y < bottom; y++) {
      int at = at(x, y);
      if ((flags[at] & (SIGNIFICANT | VISITED)) != SIGNIFICANT) {
        continue;
      }
      int bit = raw != null ? raw.next() : mq.decode(refinementContext(at, y));
      magnitude[y * width + x] |= bit << plane;
      lowest[y * width + x] = (byte) plane;
      flags[at] |= REFINED;
    }
  }

  /** Table D.4. */
  private int refinementContext(int at, int y) {
    if ((flags[at] & REFINED) != 0) {
      return 16;
    }
    neighbours(at, y);
    return horizontal + vertical + crossing > 0 ? 15 : 14;
  }

  private void cleanup(int x, int top, int bottom, int plane) {
    int y = top;
    if (bottom - top == STRIPE && isQuiet(x, top)) {
      if (mq.decode(MqDecoder.RUN_LENGTH) == 0) {
        return;
      }
      int high = mq.decode(MqDecoder.UNIFORM);
      y += high << 1 | mq.decode(MqDecoder.UNIFORM);
      becomeSignificant(x, y, at(x, y), plane);
      y++;
    }
    for (; y < bottom; y++) {
      int at = at(x, y);
      if ((flags[at] & (SIGNIFICANT | VISITED)) == 0) {
        neighbours(at, y);
        if (mq.decode(zeroContext()) == 1) {
          becomeSignificant(x, y, at, plane);
        }
      }
    }
  }

  /** Whether nothing in or around the four samples is significant or visited (§D.3.4). */
  private boolean isQuiet(int x, int top) {
    for (int y = top; y < top + STRIPE; y++) {
      int at = at(x, y);
      neighbours(at, y);
      if ((flags[at] & (SIGNIFICANT | VISITED)) != 0 || horizontal + vertical + crossing > 0) {
        return false;
      }
    }
    return true;
  }
}
