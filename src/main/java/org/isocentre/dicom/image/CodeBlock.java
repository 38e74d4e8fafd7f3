package org.isocentre.dicom.image;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A code-block of JPEG 2000: where it lies in its sub-band, and what packets have given of it
 * (ITU-T T.800 §B.7, §B.10.7).
 */
final class CodeBlock {
  static final int BYPASS = 1;
  static final int TERMINATE_ALL = 4;
  private static final int FIRST_BYPASS = 10;

  final int x0;
  final int y0;
  final int x1;
  final int y1;
  final List<Segment> segments = new ArrayList<>();
  boolean included;
  int zeroPlanes;
  int lengthBits = 3;
  int passes;

  /** A codeword segment: passes that one run of a decoder reads. */
  static final class Segment {
    final int firstPass;
    final int mostPasses;
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int passes;

    Segment(int firstPass, int mostPasses) {
      this.firstPass = firstPass;
      this.mostPasses = mostPasses;
    }
  }

  CodeBlock(int x0, int y0, int x1, int y1) {
    this.x0 = x0;
    this.y0 = y0;
    this.x1 = x1;
    this.y1 = y1;
  }

  /** The segment that the next pass belongs to (Tables D.8, D.9). */
  Segment open(int style) {
    Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
    if (last != null && last.passes < last.mostPasses) {
      return last;
    }
    int most = Integer.MAX_VALUE;
    if ((style & TERMINATE_ALL) != 0) {
      most = 1;
    } else if ((style & BYPASS) != 0) {
      most = passes < FIRST_BYPASS ? FIRST_BYPASS - passes : passes % 3 == 1 ? 2 : 1;
    }
    Segment next = new Segment(passes, most);
    segments.add(next);
    return next;
  }

  /** Whether a pass is raw bits (§D.6). */
  static boolean isRaw(int style, int pass) {
    return (style & BYPASS) != 0 && pass >= FIRST_BYPASS && pass % 3 != 0;
  }
}
