package org.isocentre.dicom.image;

import org.isocentre.dicom.data.DataSet;

/** Overlay planes, drawn white on a frame (PS3.3 §C.9.2). */
final class Overlays {
  private static final int ROWS = 0x60000010;
  private static final int COLUMNS = 0x60000011;
  private static final int FRAMES = 0x60000015;
  private static final int ORIGIN = 0x60000050;
  private static final int FRAME_ORIGIN = 0x60000051;
  private static final int BIT_POSITION = 0x60000102;
  private static final int DATA = 0x60003000;
  private static final int FIRST_GROUP = 0x6000;
  private static final int LAST_GROUP = 0x601e;
  private static final byte WHITE = (byte) 255;

  private final DataSet top;
  private final ImagePixel pixel;

  Overlays(DataSet top, ImagePixel pixel) {
    this.top = top;
    this.pixel = pixel;
  }

  /**
   * @param image changed
   * @param bands bytes a pixel of it
   * @param frame from 0
   * @param samples of the first sample, for planes in bits that are not stored
   */
  void draw(byte[] image, int bands, int frame, Samples samples) {
    for (int group = FIRST_GROUP; group <= LAST_GROUP; group += 2) {
      int offset = group - FIRST_GROUP << 16;
      Integer rows = top.integer(ROWS + offset);
      Integer columns = top.integer(COLUMNS + offset);
      if (rows != null && columns != null && rows > 0 && columns > 0) {
        plane(image, bands, frame, samples, offset, rows, columns);
      }
    }
  }

  private void plane(
      byte[] image, int bands, int frame, Samples samples, int offset, int rows, int columns) {
    byte[] data = top.bytes(DATA + offset);
    Integer position = top.integer(BIT_POSITION + offset);
    boolean embedded =
        data == null
            && position != null
            && position < pixel.bitsAllocated()
            && rows == pixel.rows()
            && columns == pixel.columns();
    if (data == null && !embedded) {
      return;
    }
    long[] origin = top.longs(ORIGIN + offset);
    long top0 = origin.length == 2 ? origin[0] - 1 : 0;
    long left = origin.length == 2 ? origin[1] - 1 : 0;
    Integer frames = top.integer(FRAMES + offset);
    Integer first = top.integer(FRAME_ORIGIN + offset);
    int plane = frames == null || frames <= 1 ? 0 : frame - (first == null ? 0 : first - 1);
    if (plane < 0 || frames != null && plane >= Math.max(1, frames)) {
      return;
    }
    // What lies beside the image is not looked at, however large the plane says it is.
    int firstRow = (int) Math.max(0, -top0);
    int firstColumn = (int) Math.max(0, -left);
    int endRow = (int) Math.min(rows, pixel.rows() - top0);
    int endColumn = (int) Math.min(columns, pixel.columns() - left);
    for (int row = firstRow; row < endRow; row++) {
      for (int column = firstColumn; column < endColumn; column++) {
        long bit = ((long) plane * rows + row) * columns + column;
        boolean set =
            embedded
                ? (samples.raw(row * columns + column) >> position & 1) == 1
                : bit / 8 < data.length && (data[(int) (bit / 8)] >> bit % 8 & 1) == 1;
        if (set) {
          paint(image, bands, row + top0, column + left);
        }
      }
    }
  }

  private void paint(byte[] image, int bands, long row, long column) {
    int at = (int) (row * pixel.columns() + column) * bands;
    for (int i = 0; i < bands; i++) {
      image[at + i] = WHITE;
    }
  }
}
