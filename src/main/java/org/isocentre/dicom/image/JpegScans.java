package org.isocentre.dicom.image;

/** Decodes the scans of one JPEG frame. */
interface JpegScans {
  boolean needsAc();

  /**
   * @param quantization tables by number; null where none was given
   * @param restartInterval MCUs between restart markers, 0 for none
   * @param selection start of spectral selection, or the predictor of a lossless scan
   * @param pointTransform or successive approximation low
   */
  void decode(
      JpegBits bits,
      JpegDecoder.ScanComponent[] components,
      int[][] quantization,
      int restartInterval,
      int selection,
      int pointTransform)
      throws ImageException;

  /** After the last scan. */
  void finish();
}
