package org.isocentre.dicom.image;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * Bytes that can be read from any place, as often as wanted: a file, a part of an object in a
 * store. Whoever made it closes what it reads from.
 */
@FunctionalInterface
public interface SeekableSource {
  /**
   * @param offset from 0; may be more than 2 GiB. At or after the end the stream is empty or an
   *     {@link IOException} is thrown.
   */
  InputStream open(long offset) throws IOException;

  /** What comes after the first {@code bytes}, such as the data set of a Part 10 file. */
  default SeekableSource after(long bytes) {
    return offset -> open(Math.addExact(bytes, offset));
  }

  /** Exactly {@code length} bytes; the caller has checked it against its limit. */
  default byte[] read(long offset, int length) throws IOException {
    try (InputStream in = open(offset)) {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException(
            "ISO-IMAGE-203: the object ends at byte %d, %d bytes more were expected"
                .formatted(offset + bytes.length, length - bytes.length));
      }
      return bytes;
    }
  }

  /** The channel's position is not used nor changed, so several may read from it at a time. */
  static SeekableSource of(FileChannel channel) {
    return offset -> new ChannelInputStream(channel, offset);
  }

  static SeekableSource of(byte[] bytes) {
    return offset -> {
      int from = (int) Objects.checkIndex(offset, bytes.length + 1L);
      return new ByteArrayInputStream(bytes, from, bytes.length - from);
    };
  }
}
