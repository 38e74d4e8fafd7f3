package org.isocentre.dicom.edit;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * Writes an edited copy of a Part 10 file in the same transfer syntax. Pixel Data and other long
 * values go from file to file, bit by bit, and are never in memory.
 */
public final class ObjectRewriter {
  private static final int CHUNK = 1 << 16;

  private final ReaderLimits limits;

  public ObjectRewriter(ReaderLimits limits) {
    this.limits = limits;
  }

  /** A file's two parts. */
  public record Parts(FileMetaInformation meta, DataSet dataSet) {}

  /** Makes the new parts of the old; long values keep their place in the old file. */
  @FunctionalInterface
  public interface Edit {
    Parts edit(Parts original);
  }

  /**
   * Reads, edits and writes; does not close {@code out}. The edit's transfer syntax must be the
   * file's.
   *
   * @throws IOException if the file cannot be read as DICOM, or not be written
   */
  public void rewrite(Path file, OutputStream out, Edit edit) throws IOException {
    FileMetaInformation.Opened opened;
    DataSet dataSet;
    TransferSyntax syntax;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      opened = FileMetaInformation.read(in);
      syntax = TransferSyntax.of(opened.meta().transferSyntaxUid());
      dataSet = new DataSetReader(in, syntax, limits).read();
    }
    Parts edited = edit.edit(new Parts(opened.meta(), dataSet));
    if (!edited.meta().transferSyntaxUid().equals(syntax.uid())) {
      throw new IOException(
          "ISO-EDIT-020: an edit cannot change the transfer syntax; transcode the object instead");
    }
    out.write(edited.meta().encode());
    try (Source source = new Source(file, opened.dataSetOffset(), syntax.deflated())) {
      new DataSetWriter(out, syntax, source).write(edited.dataSet());
    }
  }

  /** The old file's data set; places are asked for mostly in order. */
  private static final class Source implements DataSetWriter.BulkSource, AutoCloseable {
    private final Path file;
    private final long start;
    private final boolean deflated;
    private InputStream in;
    private long position;

    Source(Path file, long start, boolean deflated) {
      this.file = file;
      this.start = start;
      this.deflated = deflated;
    }

    @Override
    public void copy(long offset, long length, OutputStream out) throws IOException {
      if (in == null || offset < position) {
        open();
      }
      in.skipNBytes(offset - position);
      position = offset;
      byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
      for (long left = length; left > 0; ) {
        int got = in.read(chunk, 0, (int) Math.min(chunk.length, left));
        if (got < 0) {
          throw new EOFException("ISO-EDIT-021: the file has become shorter while it was copied");
        }
        out.write(chunk, 0, got);
        left -= got;
        position += got;
      }
    }

    private void open() throws IOException {
      close();
      InputStream raw = Files.newInputStream(file);
      raw.skipNBytes(start);
      in = deflated ? new InflaterInputStream(raw, new Inflater(true)) : raw;
      position = 0;
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }
}
