package org.isocentre.dicom.dimse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * Holds a data set in memory up to a threshold, and in a temporary file beyond it, until it is
 * closed.
 */
public final class SpoolSink implements DataSetSink {
  private final DataSetInfo info;
  private final int threshold;
  private final Path directory;
  private byte[] memory = new byte[8192];
  private int inMemory;
  private Path file;
  private FileChannel channel;
  private long length;

  private SpoolSink(DataSetInfo info, int threshold, Path directory) {
    this.info = info;
    this.threshold = threshold;
    this.directory = directory;
  }

  /**
   * @param threshold bytes of one data set that are held in memory at most
   * @param directory for temporary files; null for the system's
   */
  public static DataSetSink.Factory factory(int threshold, Path directory) {
    return info -> new SpoolSink(info, threshold, directory);
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    if (channel == null && length + count > threshold) {
      toFile();
    }
    length += count;
    if (channel != null) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      return;
    }
    if (inMemory + count > memory.length) {
      memory =
          java.util.Arrays.copyOf(
              memory, Math.min(threshold, Math.max(2 * memory.length, inMemory + count)));
    }
    bytes.get(memory, inMemory, count);
    inMemory += count;
  }

  private void toFile() throws IOException {
    file =
        directory == null
            ? Files.createTempFile("dicom-", ".spool")
            : Files.createTempFile(directory, "dicom-", ".spool");
    channel = FileChannel.open(file, StandardOpenOption.WRITE);
    ByteBuffer start = ByteBuffer.wrap(memory, 0, inMemory);
    while (start.hasRemaining()) {
      channel.write(start);
    }
    memory = null;
  }

  @Override
  public ReceivedDataSet complete() throws IOException {
    if (channel != null) {
      channel.close();
    }
    return new Spooled();
  }

  @Override
  public void abandon() {
    delete();
  }

  private void delete() {
    memory = null;
    if (file == null) {
      return;
    }
    try {
      if (channel != null) {
        channel.close();
      }
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  private final class Spooled implements ReceivedDataSet {
    private final byte[] meta =
        new FileMetaInformation(
                info.sopClassUid(),
                info.sopInstanceUid(),
                info.transferSyntaxUid(),
                info.callingAeTitle())
            .encode();

    @Override
    public DataSetInfo info() {
      return info;
    }

    @Override
    public long dataSetLength() {
      return length;
    }

    @Override
    public long part10Length() {
      return meta.length + length;
    }

    @Override
    public InputStream openPart10() throws IOException {
      return new SequenceInputStream(new ByteArrayInputStream(meta), openDataSet());
    }

    @Override
    public InputStream openDataSet() throws IOException {
      return file == null
          ? new ByteArrayInputStream(memory, 0, inMemory)
          : Files.newInputStream(file);
    }

    @Override
    public void close() {
      delete();
    }
  }
}
