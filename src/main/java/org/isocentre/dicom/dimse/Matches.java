package org.isocentre.dicom.dimse;

import java.util.Iterator;
import org.isocentre.dicom.data.DataSet;

/**
 * What a query found, one identifier at a time as it is asked for; never all in memory. Closed by
 * whoever asked, also when not read to its end. For one thread at a time.
 */
public interface Matches extends Iterator<DataSet>, AutoCloseable {
  /** Frees the cursor behind it. Idempotent; never throws. */
  @Override
  void close();

  /**
   * Whether a key of the identifier was neither matched nor returned: the pending status is FF01
   * then, else FF00 (PS3.4 §C.4.1.1.4).
   */
  default boolean hasUnsupportedKeys() {
    return false;
  }

  /** Of what is in memory. */
  static Matches of(Iterator<DataSet> matches) {
    return new Matches() {
      @Override
      public boolean hasNext() {
        return matches.hasNext();
      }

      @Override
      public DataSet next() {
        return matches.next();
      }

      @Override
      public void close() {
        // Nothing is held.
      }
    };
  }
}
