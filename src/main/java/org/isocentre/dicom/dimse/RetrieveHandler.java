package org.isocentre.dicom.dimse;

import java.util.Iterator;

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
   */
  record Retrieval(Destination destination, int count, Iterator<StoredObject> objects) {}

  /** A move destination. */
  record Destination(String aeTitle, String host, int port, boolean tls) {
    /** Without TLS. */
    public Destination(String aeTitle, String host, int port) {
      this(aeTitle, host, port, false);
    }
  }
}
