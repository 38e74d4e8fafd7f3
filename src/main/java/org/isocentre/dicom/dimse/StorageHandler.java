package org.isocentre.dicom.dimse;

import org.isocentre.dicom.association.Association;

/** What becomes of a stored object. Called off the event loop; may wait. */
@FunctionalInterface
public interface StorageHandler {
  /**
   * Takes the object over; the C-STORE-RSP is sent when this returns.
   *
   * @param object closed by the caller afterwards, unless the result says that it is kept
   * @throws DimseStatusException for a certain status; any other exception answers 0110 processing
   *     failure
   */
  Result store(Association association, ReceivedDataSet object);

  /**
   * What to answer.
   *
   * @param comment Error Comment (0000,0902), or null
   * @param kept whether the handler goes on with the object and closes it itself
   */
  record Result(int status, String comment, boolean kept) {
    public static final Result SUCCESS = new Result(Status.SUCCESS, null);
    public static final Result KEPT = new Result(Status.SUCCESS, null, true);

    public Result(int status, String comment) {
      this(status, comment, false);
    }
  }
}
