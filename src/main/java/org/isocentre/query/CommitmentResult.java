package org.isocentre.query;

import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.index.CommitmentIndex.Item;

/**
 * What an N-EVENT-REPORT of Storage Commitment tells (PS3.4 §J.3.3.1).
 *
 * @param peerAeTitle whom to tell
 * @param transactionUid of the request
 * @param items each object, with the reason of failure where it is not committed
 */
public record CommitmentResult(String peerAeTitle, String transactionUid, List<Item> items) {
  /** Event Type ID: every object is committed. */
  public static final int SUCCESSFUL = 1;

  /** Event Type ID: some objects are not committed. */
  public static final int FAILURES_EXIST = 2;

  public CommitmentResult {
    items = List.copyOf(items);
  }

  public int eventTypeId() {
    return items.stream().allMatch(i -> i.failureReason() == null) ? SUCCESSFUL : FAILURES_EXIST;
  }

  /**
   * Event Information (PS3.4 Table J.3-2).
   *
   * @param retrieveAeTitle where the objects can be had
   */
  public DataSet dataSet(String retrieveAeTitle) {
    DataSet set =
        new DataSet()
            .set(Tag.TransactionUID, transactionUid)
            .set(Tag.RetrieveAETitle, retrieveAeTitle);
    for (Item item : items) {
      boolean committed = item.failureReason() == null;
      DataSet reference =
          set.addItem(committed ? Tag.ReferencedSOPSequence : Tag.FailedSOPSequence)
              .set(Tag.ReferencedSOPClassUID, item.sopClassUid())
              .set(Tag.ReferencedSOPInstanceUID, item.sopInstanceUid());
      if (!committed) {
        reference.set(Tag.FailureReason, Integer.toString(item.failureReason()));
      }
    }
    return set;
  }

  /** Action Information of an N-ACTION that asks for commitment (PS3.4 Table J.3-1). */
  public static DataSet request(String transactionUid, List<Item> items) {
    DataSet set = new DataSet().set(Tag.TransactionUID, transactionUid);
    for (Item item : items) {
      set.addItem(Tag.ReferencedSOPSequence)
          .set(Tag.ReferencedSOPClassUID, item.sopClassUid())
          .set(Tag.ReferencedSOPInstanceUID, item.sopInstanceUid());
    }
    return set;
  }
}
