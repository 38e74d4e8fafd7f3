package org.isocentre.dicom.web;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The parts of a multipart answer, read as they come: a part is a stream that ends when the next is
 * asked for. Closed by who asked, also before the last.
 */
public final class PartAnswers implements Iterator<InputStream>, Closeable {
  private final InputStream body;
  private final MultipartReader reader;
  private MultipartReader.Part next;
  private boolean over;

  PartAnswers(InputStream body, MultipartReader reader) {
    this.body = body;
    this.reader = reader;
  }

  /**
   * @throws UncheckedIOException if the answer breaks off or is malformed
   */
  @Override
  public boolean hasNext() {
    if (next == null && !over) {
      try {
        next = reader.next();
      } catch (IOException e) {
        close();
        throw new UncheckedIOException(e);
      }
      if (next == null) {
        close();
      }
    }
    return next != null;
  }

  /** A {@link MultipartReader.Part}, which has the headers of the part. */
  @Override
  public MultipartReader.Part next() {
    if (!hasNext()) {
      throw new NoSuchElementException("ISO-DICOMWEB-007: no more parts");
    }
    MultipartReader.Part one = next;
    next = null;
    return one;
  }

  @Override
  public void close() {
    if (!over) {
      over = true;
      DicomWebClient.closeQuietly(body);
    }
  }
}
