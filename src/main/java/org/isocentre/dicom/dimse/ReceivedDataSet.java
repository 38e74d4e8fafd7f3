package org.isocentre.dicom.dimse;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * A data set that has been received whole. Resettable: every {@link #openPart10()} starts at the
 * first byte. {@link #close()} frees what is held (temporary file, memory) and is idempotent.
 */
public interface ReceivedDataSet extends Closeable {
  DataSetInfo info();

  /** Bytes of the data set alone, without preamble and File Meta Information. */
  long dataSetLength();

  /** Bytes of {@link #openPart10()}. */
  long part10Length();

  /**
   * A Part 10 file (PS3.10 §7): preamble, DICM, File Meta Information, then the data set bit for
   * bit as it came.
   */
  InputStream openPart10() throws IOException;

  /** The data set alone, bit for bit. */
  InputStream openDataSet() throws IOException;
}
