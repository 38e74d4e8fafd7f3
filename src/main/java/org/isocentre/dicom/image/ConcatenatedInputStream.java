package org.isocentre.dicom.image;

import java.io.IOException;
import java.io.InputStream;

/**
 * Streams one after the other, each opened when the one before has ended, so nothing is made before
 * it is read. Closing closes the one that is open and opens no more.
 */
final class ConcatenatedInputStream extends InputStream {
  private final Parts parts;
  private InputStream current = InputStream.nullInputStream();
  private boolean ended;

  /** Opens the next stream; null after the last. */
  @FunctionalInterface
  interface Parts {
    InputStream next() throws IOException;
  }

  ConcatenatedInputStream(Parts parts) {
    this.parts = parts;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      int got = current.read(target, offset, length);
      if (got > 0) {
        return got;
      }
      current.close();
      current = parts.next();
      if (current == null) {
        current = InputStream.nullInputStream();
        ended = true;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    ended = true;
    current.close();
  }
}
