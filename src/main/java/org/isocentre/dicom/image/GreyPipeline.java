package org.isocentre.dicom.image;

import java.util.function.DoubleUnaryOperator;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/**
 * From stored values to grey: Modality LUT, VOI LUT, polarity (PS3.4 §N.2.1). Makes a table of all
 * values where they have at most 16 bits.
 */
final class GreyPipeline {
  private static final int MAX_TABLE_BITS = 16;

  private final FrameAttributes attributes;
  private final Samples samples;
  private final DoubleUnaryOperator modality;
  private final DoubleUnaryOperator grey;
  private final boolean inverse;
  private final boolean presented;
  private final LookupTable presentation;
  private final long paddingFrom;
  private final long paddingUntil;

  /**
   * @param window or null for what the object says, or else all values of the frame
   * @param which of the object's windows, from 0
   */
  GreyPipeline(FrameAttributes attributes, Samples samples, Window window, int which)
      throws ImageException {
    this.attributes = attributes;
    this.samples = samples;
    DataSet top = attributes.top();
    String shape = top.string(Tag.PresentationLUTShape);
    this.presented = attributes.isPresented();
    this.inverse =
        presented
            ? "INVERSE".equals(shape)
            : samples.pixel().photometricInterpretation().equals("MONOCHROME1");
    this.presentation =
        presented && top.item(Tag.PresentationLUTSequence).isPresent()
            ? LookupTable.of(
                top.item(Tag.PresentationLUTSequence).get(), Tag.LUTDescriptor, Tag.LUTData, false)
            : null;
    long[] padding = top.longs(Tag.PixelPaddingValue);
    long[] limit = top.longs(Tag.PixelPaddingRangeLimit);
    if (padding.length == 1) {
      long from = samples.stored(padding[0]);
      long until = limit.length == 1 ? samples.stored(limit[0]) : from;
      paddingFrom = Math.min(from, until);
      paddingUntil = Math.max(from, until);
    } else {
      paddingFrom = 1;
      paddingUntil = 0;
    }
    this.modality = modality();
    this.grey = window != null ? window.grey() : ofObject(which);
  }

  private DoubleUnaryOperator modality() throws ImageException {
    DataSet top = attributes.top();
    if (top.item(Tag.ModalityLUTSequence).isPresent()) {
      LookupTable table =
          LookupTable.of(
              top.item(Tag.ModalityLUTSequence).get(),
              Tag.LUTDescriptor,
              Tag.LUTData,
              samples.pixel().signed());
      if (table != null) {
        return x -> table.entry((long) x);
      }
    }
    DataSet rescale = attributes.with(Tag.RescaleSlope, Tag.PixelValueTransformationSequence);
    double[] slope = rescale.doubles(Tag.RescaleSlope);
    double[] intercept = rescale.doubles(Tag.RescaleIntercept);
    double times = slope.length > 0 && slope[0] != 0 ? slope[0] : 1;
    double plus = intercept.length > 0 ? intercept[0] : 0;
    return x -> x * times + plus;
  }

  private DoubleUnaryOperator ofObject(int which) throws ImageException {
    DataSet voi = attributes.with(Tag.WindowCenter, Tag.FrameVOILUTSequence);
    double[] center = voi.doubles(Tag.WindowCenter);
    double[] width = voi.doubles(Tag.WindowWidth);
    int n = which < Math.min(center.length, width.length) ? which : 0;
    if (center.length > n && width.length > n && width[n] > 0) {
      Window.Function function = function(voi.string(Tag.VOILUTFunction));
      double reach = function == Window.Function.LINEAR ? Math.max(1, width[n]) : width[n];
      return new Window(center[n], reach, function).grey();
    }
    if (attributes.top().item(Tag.VOILUTSequence).isPresent()) {
      LookupTable table =
          LookupTable.of(
              attributes.top().item(Tag.VOILUTSequence).get(),
              Tag.LUTDescriptor,
              Tag.LUTData,
              samples.pixel().signed());
      if (table != null) {
        return x -> table.entry(Math.round(x)) / (double) table.greatest();
      }
    }
    return presented ? identity() : allValues();
  }

  /** All values that there can be. */
  private DoubleUnaryOperator identity() {
    int bits = samples.pixel().bitsStored();
    double least = samples.pixel().signed() ? -Math.pow(2, bits - 1.0) : 0;
    double one = modality.applyAsDouble(least);
    double other = modality.applyAsDouble(least + Math.pow(2, bits) - 1);
    DataSet table = attributes.top().item(Tag.ModalityLUTSequence).orElse(null);
    if (table != null && table.longs(Tag.LUTDescriptor).length == 3) {
      one = 0;
      other = Math.pow(2, table.longs(Tag.LUTDescriptor)[2]) - 1;
    }
    double from = Math.min(one, other);
    double reach = Math.max(1, Math.abs(other - one));
    return x -> Math.min(1, Math.max(0, (x - from) / reach));
  }

  /** What a function is called; LINEAR where nothing is said. */
  static Window.Function function(String text) {
    for (Window.Function function : Window.Function.values()) {
      if (function.name().equals(text)) {
        return function;
      }
    }
    return Window.Function.LINEAR;
  }

  /** From the least value of the frame to the greatest, without padding. */
  private DoubleUnaryOperator allValues() {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < samples.count(); i++) {
      long stored = samples.value(i);
      if (!isPadding(stored)) {
        double value = modality.applyAsDouble(stored);
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
    }
    double from = least;
    double reach = greatest - least;
    return reach > 0 ? x -> Math.min(1, Math.max(0, (x - from) / reach)) : x -> 0;
  }

  private boolean isPadding(long stored) {
    return stored >= paddingFrom && stored <= paddingUntil;
  }

  private byte of(long stored) {
    if (isPadding(stored)) {
      return 0;
    }
    double value = grey.applyAsDouble(modality.applyAsDouble(stored));
    if (presentation != null) {
      // Its entries are for all of the input range (PS3.3 §C.11.6.1).
      return (byte)
          Math.round(presentation.entry(presentation.at(value)) * 255.0 / presentation.greatest());
    }
    return (byte) Math.round((inverse ? 1 - value : value) * 255);
  }

  /** A byte a pixel. */
  byte[] render() {
    byte[] out = new byte[samples.count()];
    int bits = samples.pixel().bitsStored();
    if (bits > MAX_TABLE_BITS) {
      for (int i = 0; i < out.length; i++) {
        out[i] = of(samples.value(i));
      }
      return out;
    }
    int least = samples.pixel().signed() ? -(1 << bits - 1) : 0;
    byte[] table = new byte[1 << bits];
    for (int i = 0; i < table.length; i++) {
      table[i] = of(i + least);
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = table[(int) samples.value(i) - least];
    }
    return out;
  }
}
