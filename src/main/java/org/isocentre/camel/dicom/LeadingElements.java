package org.isocentre.camel.dicom;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;

/** The elements of an object up to a tag; the object can be read from its start again after. */
final class LeadingElements {
  private LeadingElements() {}

  /**
   * @param from a data set or request, a received object, or a Part 10 file: its path, its bytes,
   *     or a stream that can be read again
   * @param last tag that is needed
   */
  static DataSet of(Object from, int last, Exchange exchange) throws IOException {
    if (from instanceof DataSet whole) {
      return whole;
    }
    if (from instanceof DicomStreamCache received) {
      return of(received.object(), last);
    }
    if (from instanceof byte[] bytes) {
      return read(new ByteArrayInputStream(bytes), last);
    }
    Path path = path(from);
    if (path != null) {
      try (InputStream in = Files.newInputStream(path)) {
        return read(in, last);
      }
    }
    if (from instanceof InputStream in) {
      return again(in, last);
    }
    return exchange.getContext().getTypeConverter().convertTo(DataSet.class, exchange, from);
  }

  private static Path path(Object from) {
    if (from instanceof org.apache.camel.WrappedFile<?> file
        && file.getFile() instanceof java.io.File local) {
      return local.toPath();
    }
    return from instanceof java.io.File file ? file.toPath() : from instanceof Path p ? p : null;
  }

  static DataSet of(ReceivedDataSet object, int last) throws IOException {
    try (InputStream in = object.openDataSet()) {
      return read(in, object.info().transferSyntaxUid(), last);
    }
  }

  private static DataSet again(InputStream in, int last) throws IOException {
    if (!(in instanceof StreamCache cache)) {
      throw new IllegalArgumentException(
          "ISO-DICOM-649: %s can be read once only; switch stream caching on"
              .formatted(in.getClass().getName()));
    }
    cache.reset();
    try {
      return read(in, last);
    } finally {
      cache.reset();
    }
  }

  private static DataSet read(InputStream part10, int last) throws IOException {
    return read(part10, FileMetaInformation.read(part10).meta().transferSyntaxUid(), last);
  }

  private static DataSet read(InputStream in, String transferSyntaxUid, int last)
      throws IOException {
    return new DataSetReader(in, TransferSyntax.of(transferSyntaxUid), ReaderLimits.DEFAULT)
        .readUntil(last + 1);
  }
}
