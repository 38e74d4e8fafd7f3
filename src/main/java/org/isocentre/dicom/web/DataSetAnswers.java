package org.isocentre.dicom.web;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.io.BulkData;
import org.isocentre.dicom.io.DicomJsonReader;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * The data sets of an answer in DICOM JSON, read as they come, one at a time in memory. Closed by
 * who asked, also before the last: the connection goes with it.
 */
public final class DataSetAnswers implements Iterator<DataSet>, Closeable {
  private final InputStream body;
  private final DicomJsonReader reader;
  private final String where;
  private final boolean more;
  private DataSet next;
  private boolean closed;

  /**
   * @param body null for an answer without any
   */
  DataSetAnswers(InputStream body, String where, boolean more) {
    this.body = body;
    this.where = where;
    this.more = more;
    this.reader =
        body == null ? null : new DicomJsonReader(body, ReaderLimits.DEFAULT, BulkData.KEEP);
  }

  /** Whether the server has more than it sent (PS3.18 §8.3.4.4): ask again with an offset. */
  public boolean isCut() {
    return more;
  }

  /**
   * @throws UncheckedIOException of {@link DicomWebException} if the answer breaks off or is none
   */
  @Override
  public boolean hasNext() {
    if (next == null && !closed && reader != null) {
      try {
        next = reader.read();
      } catch (DicomParseException e) {
        throw failed(
            new DicomWebException(
                DicomWebException.Kind.MALFORMED,
                200,
                "ISO-DICOMWEB-005: %s sent what is no DICOM JSON: %s".formatted(where, e.code()),
                e));
      } catch (IOException e) {
        throw failed(e);
      }
      if (next == null) {
        close();
      }
    }
    return next != null;
  }

  private UncheckedIOException failed(IOException cause) {
    close();
    return new UncheckedIOException(cause);
  }

  @Override
  public DataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException("ISO-DICOMWEB-007: no more data sets");
    }
    DataSet one = next;
    next = null;
    return one;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (body != null) {
        DicomWebClient.closeQuietly(body);
      }
    }
  }
}
