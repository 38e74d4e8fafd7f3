package org.isocentre.store;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** Reads a buffer's remaining bytes. */
final class BufferInputStream extends InputStream {
  private final ByteBuffer bytes;

  BufferInputStream(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read() {
    return bytes.hasRemaining() ? bytes.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int count) {
    if (count > 0 && !bytes.hasRemaining()) {
      return -1;
    }
    int got = Math.min(count, bytes.remaining());
    bytes.get(target, offset, got);
    return got;
  }

  @Override
  public long skip(long count) {
    int skipped = (int) Math.max(0, Math.min(count, bytes.remaining()));
    bytes.position(bytes.position() + skipped);
    return skipped;
  }

  @Override
  public int available() {
    return bytes.remaining();
  }
}
