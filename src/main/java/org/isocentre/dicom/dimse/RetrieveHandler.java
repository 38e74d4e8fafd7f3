package org.isocentre.dicom.dimse;

import java.util.Iterator;
import java.util.OptionalInt;

/**
 * Says which objects a C-MOVE or C-GET is about (PS3.4 §C.4.2, §C.4.3). Called off the event loop;
 * may wait.
 */
@FunctionalInterface
public interface RetrieveHandler {
  /**
   * @throws DimseStatusException for a certain status, such as A801 for a move destination that is
   *     not known; any other exception answers C001
   */
  Retrieval retrieve(RetrieveRequest request);

  /**
   * The objects, in the order in which they are sent.
   *
   * @param destination where to; null for C-GET
   * @param count exactly how many {@code objects} gives
   * @param objects read once, by one thread
   * @param ending told when it is over
   */
  record Retrieval(
      Destination destination, int count, Iterator<StoredObject> objects, Ending ending) {
    /** Of which nobody is told when it is over. */
    public Retrieval(Destination destination, int count, Iterator<StoredObject> objects) {
      this(destination, count, objects, status -> {});
    }

    /** The same, and one more is told when it is over. */
    public Retrieval endingWith(Ending next) {
      return new Retrieval(
          destination,
          count,
          objects,
          status -> {
            try {
              ending.ended(status);
            } finally {
              next.ended(status);
            }
          });
    }
  }

  /** Is told once, by the thread that sent the objects. Must return soon. */
  @FunctionalInterface
  interface Ending {
    /**
     * All sub-operations are over.
     *
     * @param status of the final response, which has gone out; empty if none could be sent
     */
    void ended(OptionalInt status);
  }

  /** A move destination. */
  record Destination(String aeTitle, String host, int port, boolean tls) {
    /** Without TLS. */
    public Destination(String aeTitle, String host, int port) {
      this(aeTitle, host, port, false);
    }
  }
}
