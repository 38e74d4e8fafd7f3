package org.isocentre.dicom.dimse;

import org.isocentre.dicom.association.Association;

/** What becomes of a stored object. Called off the event loop; may wait. */
@FunctionalInterface
public interface StorageHandler {
  /**
   * Takes the object over; the C-STORE-RSP is sent when this returns.
   *
   * @param object closed by the caller afterwards
   * @throws DimseStatusException for a certain status; any other exception answers 0110 processing
   *     failure
   */
  Result store(Association association, ReceivedDataSet object);

  /** What to answer. */
  record Result(int status, String comment) {
    public static final Result SUCCESS = new Result(Status.SUCCESS, null);
  }
}
