package org.isocentre.dicom.dimse;

import org.isocentre.dicom.data.DataSet;

/**
 * A C-MOVE-RQ or C-GET-RQ (PS3.7 §9.1.3, §9.1.4).
 *
 * @param sopClassUid information model, such as Study Root Query/Retrieve – MOVE
 * @param identifier Query/Retrieve Level and unique keys (PS3.4 §C.4.2.1.4)
 * @param relational whether the unique keys above the level may be left out
 * @param moveDestination AE title, or null for C-GET
 * @param peer who asks
 */
public record RetrieveRequest(
    String sopClassUid, DataSet identifier, boolean relational, String moveDestination, Peer peer) {
  /** Who asks. */
  public String callingAeTitle() {
    return peer.callingAeTitle();
  }

  /** Which local AE is asked. */
  public String calledAeTitle() {
    return peer.calledAeTitle();
  }
}
