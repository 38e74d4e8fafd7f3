package org.isocentre.store;

import java.io.IOException;

/**
 * The store has no room for another object. Nothing was lost; the sender should try again after
 * space was made.
 */
public class StoreFullException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreFullException(long usableBytes, long reserveBytes) {
    super(
        "ISO-STORE-001: the object store has %,d bytes left, less than the reserve of %,d; add space or lower isocentre.store.reserve"
            .formatted(usableBytes, reserveBytes));
  }
}
