package org.isocentre.dicom.dimse;

import java.util.List;
import org.isocentre.dicom.data.DataSet;

/**
 * A request of a DIMSE-N service (PS3.7 §10.1).
 *
 * @param sopClassUid affected or requested SOP class
 * @param sopInstanceUid affected or requested SOP instance; null where N-CREATE leaves it to the
 *     provider
 * @param typeId Event Type ID of N-EVENT-REPORT, Action Type ID of N-ACTION, else 0
 * @param attributes Attribute Identifier List of N-GET; empty for all
 * @param dataSet what came with it, or null
 * @param peer who asks; null in a request that is still to be sent
 */
public record NormalizedRequest(
    Operation operation,
    String sopClassUid,
    String sopInstanceUid,
    int typeId,
    List<Integer> attributes,
    DataSet dataSet,
    Peer peer) {
  public NormalizedRequest {
    attributes = List.copyOf(attributes);
  }

  /** Who asks. */
  public String callingAeTitle() {
    return peer.callingAeTitle();
  }

  /** Which local AE is asked. */
  public String calledAeTitle() {
    return peer.calledAeTitle();
  }

  /** PS3.7 Table 10.1-1. */
  public enum Operation {
    N_EVENT_REPORT,
    N_GET,
    N_SET,
    N_ACTION,
    N_CREATE,
    N_DELETE
  }
}
