package org.isocentre.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Queue;

/** What takes the slices: the hub, a peer, or the machine itself. */
interface Contender extends AutoCloseable {
  String name();

  /** Whether a success means that the object would be there after the power failed. */
  boolean durable();

  /** Listens when this returns. */
  void start(Path directory) throws Exception;

  /**
   * Sends until the queue is empty, over one connection.
   *
   * @throws IOException if one slice was not acknowledged with success
   */
  void send(Queue<Slices.Slice> slices) throws Exception;

  /** How many rounds it takes to be at its full speed, given how many a virtual machine needs. */
  default int warmUp(int virtualMachine) {
    return Math.min(2, virtualMachine);
  }

  /** The process that takes the slices, or 0 if it is this one. */
  long pid();

  @Override
  void close() throws IOException;
}
