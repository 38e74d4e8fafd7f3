package org.isocentre.dicom.image;

import java.util.function.DoubleUnaryOperator;

/**
 * A window on values (PS3.3 §C.11.2.1.2).
 *
 * @param center in units of the values, after the Modality LUT
 * @param width more than 0; for {@link Function#LINEAR}, 1 or more
 */
public record Window(double center, double width, Function function) {
  /** How a window maps what lies in it (PS3.3 §C.11.2.1.3). */
  public enum Function {
    LINEAR,
    LINEAR_EXACT,
    SIGMOID
  }

  /**
   * @throws IllegalArgumentException if the width is none
   */
  public Window {
    if (!Double.isFinite(center) || !Double.isFinite(width) || !(width > 0)) {
      throw new IllegalArgumentException("ISO-IMAGE-501: a window's width must be more than 0");
    }
    if (function == Function.LINEAR && width < 1) {
      throw new IllegalArgumentException(
          "ISO-IMAGE-501: the width of a LINEAR window must be 1 or more");
    }
  }

  /** To grey from 0 to 1. */
  DoubleUnaryOperator grey() {
    return switch (function) {
      case LINEAR -> {
        double middle = center - 0.5;
        double reach = width - 1;
        yield x ->
            x <= middle - reach / 2 ? 0 : x > middle + reach / 2 ? 1 : (x - middle) / reach + 0.5;
      }
      case LINEAR_EXACT -> x -> Math.min(1, Math.max(0, (x - center) / width + 0.5));
      case SIGMOID -> x -> 1 / (1 + Math.exp(-4 * (x - center) / width));
    };
  }
}
