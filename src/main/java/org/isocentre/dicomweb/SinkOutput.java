package org.isocentre.dicomweb;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.isocentre.dicom.dimse.DataSetSink;

/** A stream into a sink; small pieces are to be collected before. */
final class SinkOutput extends OutputStream {
  private final DataSetSink sink;

  SinkOutput(DataSetSink sink) {
    this.sink = sink;
  }

  @Override
  public void write(int b) throws IOException {
    sink.write(ByteBuffer.wrap(new byte[] {(byte) b}));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    sink.write(ByteBuffer.wrap(bytes, offset, length));
  }
}
