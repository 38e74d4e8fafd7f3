package org.isocentre.dicom.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterInputStream;

/** A stream deflated, and made even with a null byte (PS3.5 §A.5). */
final class DeflatedStream extends DeflaterInputStream {
  private boolean padded;
  private boolean closed;

  DeflatedStream(InputStream in) {
    super(in, new Deflater(Deflater.DEFAULT_COMPRESSION, true), 16 * 1024);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int got = super.read(target, offset, length);
    if (got < 0 && !padded && length > 0) {
      padded = true;
      if (def.getBytesWritten() % 2 != 0) {
        target[offset] = 0;
        return 1;
      }
    }
    return got;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      def.end();
      super.close();
    }
  }
}
