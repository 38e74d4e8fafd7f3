package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.StreamCache;
import org.isocentre.dicom.dimse.ReceivedDataSet;

/**
 * A received object as a Part 10 file that can be read again and again until the exchange is done.
 */
public final class DicomStreamCache extends InputStream implements StreamCache {
  private final ReceivedDataSet object;
  private InputStream in;
  private long position;

  DicomStreamCache(ReceivedDataSet object) {
    this.object = object;
  }

  public ReceivedDataSet object() {
    return object;
  }

  private InputStream in() throws IOException {
    if (in == null) {
      in = object.openPart10();
    }
    return in;
  }

  @Override
  public int read() throws IOException {
    int value = in().read();
    position += value < 0 ? 0 : 1;
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int got = in().read(target, offset, count);
    position += Math.max(got, 0);
    return got;
  }

  @Override
  public void reset() {
    try {
      close();
    } catch (IOException e) {
      throw new RuntimeCamelException(e);
    }
    position = 0;
  }

  /** Ends this reading; the object stays until the exchange is done. */
  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
      in = null;
    }
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    try (InputStream all = object.openPart10()) {
      all.transferTo(out);
    }
  }

  @Override
  public StreamCache copy(Exchange exchange) {
    return new DicomStreamCache(object);
  }

  @Override
  public boolean inMemory() {
    return false;
  }

  @Override
  public long length() {
    return object.part10Length();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public String toString() {
    return "DicomStreamCache[" + object.info().sopInstanceUid() + "]";
  }
}
