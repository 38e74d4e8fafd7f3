package org.isocentre.dicom.dimse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.ReaderLimits;

/** Data sets that are held whole: identifiers, attribute lists, event information. */
final class Identifiers {
  private static final ReaderLimits LIMITS = new ReaderLimits(16, 100_000, 1 << 20, 4L << 20, 0);

  private Identifiers() {}

  static DataSet decode(byte[] bytes, String transferSyntaxUid) throws IOException {
    return new DataSetReader(
            new ByteArrayInputStream(bytes), TransferSyntax.of(transferSyntaxUid), LIMITS)
        .read();
  }

  static byte[] encode(DataSet dataSet, String transferSyntaxUid) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream(512);
      new DataSetWriter(out, TransferSyntax.of(transferSyntaxUid), DataSetWriter.BulkSource.NONE)
          .write(dataSet);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
