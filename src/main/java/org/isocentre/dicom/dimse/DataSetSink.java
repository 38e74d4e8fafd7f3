package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes one incoming data set as it arrives, in order, off the event loop, by one thread at a time.
 * Exactly one of {@link #complete()} and {@link #abandon()} ends it. An implementation bounds what
 * it holds in memory.
 */
public interface DataSetSink {
  /**
   * The next bytes of the data set, in the transfer syntax of {@link DataSetInfo}; valid during the
   * call only.
   */
  void write(ByteBuffer bytes) throws IOException;

  /**
   * All bytes came. The result can be read any number of times until it is closed. Nothing is
   * durable yet unless it says so.
   */
  ReceivedDataSet complete() throws IOException;

  /** The association ended or the message was wrong: forget the bytes. Never throws. */
  void abandon();

  /** Makes a sink for each incoming data set. Called off the event loop. */
  @FunctionalInterface
  interface Factory {
    DataSetSink open(DataSetInfo info) throws IOException;
  }
}
