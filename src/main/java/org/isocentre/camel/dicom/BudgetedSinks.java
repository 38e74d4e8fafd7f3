package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.ReceivedDataSet;

/**
 * Holds a limited number of objects in memory at once, from their first byte until they are closed;
 * the others go to files. For collections, whose objects are all held until the last one is there.
 */
final class BudgetedSinks implements DataSetSink.Factory {
  private static final int BUDGET = 16 * 1024 * 1024;
  private final DataSetSink.Factory memory;
  private final DataSetSink.Factory files;
  private final Semaphore free;

  /**
   * @param bytesEach that an object of {@code memory} takes there at most; all together have 16 MiB
   */
  BudgetedSinks(DataSetSink.Factory memory, int bytesEach, DataSetSink.Factory files) {
    this.memory = memory;
    this.files = files;
    this.free = new Semaphore(BUDGET / Math.max(bytesEach, 8192));
  }

  @Override
  public DataSetSink open(DataSetInfo info) throws IOException {
    if (!free.tryAcquire()) {
      return files.open(info);
    }
    Place place = new Place();
    try {
      return new Sink(memory.open(info), place);
    } catch (IOException | RuntimeException e) {
      place.leave();
      throw e;
    }
  }

  /** Room for one object, left once. */
  private final class Place {
    private final AtomicBoolean left = new AtomicBoolean();

    void leave() {
      if (left.compareAndSet(false, true)) {
        free.release();
      }
    }
  }

  private record Sink(DataSetSink sink, Place place) implements DataSetSink {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
      sink.write(bytes);
    }

    @Override
    public ReceivedDataSet complete() throws IOException {
      return new Held(sink.complete(), place);
    }

    @Override
    public void abandon() {
      sink.abandon();
      place.leave();
    }
  }

  private record Held(ReceivedDataSet object, Place place) implements ReceivedDataSet {
    @Override
    public DataSetInfo info() {
      return object.info();
    }

    @Override
    public long dataSetLength() {
      return object.dataSetLength();
    }

    @Override
    public long part10Length() {
      return object.part10Length();
    }

    @Override
    public InputStream openPart10() throws IOException {
      return object.openPart10();
    }

    @Override
    public InputStream openDataSet() throws IOException {
      return object.openDataSet();
    }

    @Override
    public void close() throws IOException {
      try {
        object.close();
      } finally {
        place.leave();
      }
    }
  }
}
