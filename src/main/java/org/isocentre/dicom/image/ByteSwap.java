package org.isocentre.dicom.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.isocentre.dicom.io.DataSetReader;

/** Numbers of one byte order made into the other, in a stream. Reads whole numbers at a time. */
final class ByteSwap extends FilterInputStream {
  private final int unit;
  private final byte[] buffer = new byte[8 * 1024];
  private int at;
  private int end;

  /**
   * @param unit bytes of a number: 2, 4 or 8. What is left over at the end stays as it is.
   */
  ByteSwap(InputStream in, int unit) {
    super(in);
    this.unit = unit;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = in.readNBytes(buffer, 0, buffer.length);
    DataSetReader.swap(buffer, end, unit);
    return end > 0;
  }

  @Override
  public int read() throws IOException {
    return at < end || fill() ? buffer[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at == end && !fill()) {
      return -1;
    }
    int count = Math.min(length, end - at);
    System.arraycopy(buffer, at, target, offset, count);
    at += count;
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    long left = count;
    while (left > 0 && (at < end || fill())) {
      int step = (int) Math.min(left, end - at);
      at += step;
      left -= step;
    }
    return count - left;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
