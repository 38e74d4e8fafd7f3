package org.isocentre.dicom.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file from a place on, read without the channel's own position; skips without reading. */
final class ChannelInputStream extends InputStream {
  private final FileChannel channel;
  private long position;

  ChannelInputStream(FileChannel channel, long position) {
    this.channel = channel;
    this.position = position;
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
    int got = channel.read(ByteBuffer.wrap(target, offset, length), position);
    position += Math.max(got, 0);
    return got;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = Math.max(0, Math.min(count, channel.size() - position));
    position += skipped;
    return skipped;
  }
}
