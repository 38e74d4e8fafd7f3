package org.isocentre.dicomweb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Bytes on their way from the store to an answer. */
final class Bytes {
  private static final int BUFFER = 128 * 1024;

  private Bytes() {}

  static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      out.write(buffer, 0, n);
    }
  }

  /**
   * @throws EOFException if there are fewer
   */
  static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long left = length;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        throw new EOFException("ISO-WADO-004: an object ended before its value did");
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }
}
