package org.isocentre.dicom.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * A deflated data set (PS3.5 §A.5) by the offsets of what it inflates to. Reading forwards inflates
 * each byte once; going back starts again. For one reader at a time.
 */
final class InflatedSource implements SeekableSource, java.io.Closeable {
  private final SeekableSource deflated;
  private Inflater inflater;
  private InputStream inflated;
  private long position;

  InflatedSource(SeekableSource deflated) {
    this.deflated = deflated;
  }

  @Override
  public InputStream open(long offset) throws IOException {
    if (inflated == null || offset < position) {
      close();
      inflater = new Inflater(true);
      inflated = new InflaterInputStream(deflated.open(0), inflater, 16 * 1024);
      position = 0;
    }
    try {
      inflated.skipNBytes(offset - position);
    } catch (ZipException e) {
      throw new ImageException("ISO-IMAGE-204", "the deflated data set cannot be inflated");
    }
    position = offset;
    return new Counted(inflated);
  }

  /** Moves {@link #position} along; its close leaves the source open for what comes next. */
  private final class Counted extends FilterInputStream {
    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = in.read();
      position += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int got = in.read(target, offset, length);
      position += Math.max(got, 0);
      return got;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = in.skip(count);
      position += skipped;
      return skipped;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    @Override
    public void close() {
      // The inflater goes on from here.
    }
  }

  @Override
  public void close() throws IOException {
    if (inflated != null) {
      inflated.close();
      inflater.end();
      inflated = null;
    }
  }
}
