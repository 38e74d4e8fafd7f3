package org.isocentre.dicom.dimse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the data set of a request goes. */
sealed interface Intake {
  void write(ByteBuffer bytes) throws IOException;

  void abandon();

  /** As a C-STORE arrives. */
  record ToSink(DataSetSink sink) implements Intake {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
      sink.write(bytes);
    }

    @Override
    public void abandon() {
      sink.abandon();
    }
  }

  /** Of any other request, up to {@code limit} bytes. */
  record ToMemory(ByteArrayOutputStream bytes, int limit) implements Intake {
    @Override
    public void write(ByteBuffer more) {
      if (more.remaining() > limit - bytes.size()) {
        throw new DimseStatusException(
            Status.OUT_OF_RESOURCES, "the data set is longer than " + limit + " bytes");
      }
      byte[] copy = new byte[more.remaining()];
      more.get(copy);
      bytes.writeBytes(copy);
    }

    @Override
    public void abandon() {
      bytes.reset();
    }
  }
}
