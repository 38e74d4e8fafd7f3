package org.isocentre.dicom.web;

import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Status;

/**
 * What a server made of the objects of one Store transaction (PS3.18 §10.5.3).
 *
 * @param httpStatus 200, 202 or 409
 */
public record StoreResult(int httpStatus, List<Stored> stored, List<Failed> failed) {
  /**
   * @param warningReason (0008,1196), 0 for none
   * @param retrieveUrl (0008,1190), or null
   */
  public record Stored(
      String sopClassUid, String sopInstanceUid, int warningReason, String retrieveUrl) {}

  /**
   * @param sopInstanceUid null where the server could not tell
   * @param failureReason (0008,1197)
   */
  public record Failed(String sopClassUid, String sopInstanceUid, int failureReason) {}

  public StoreResult {
    stored = List.copyOf(stored);
    failed = List.copyOf(failed);
  }

  /**
   * @param answer the Store Instances Response Module (PS3.18 Table I.2.1-1)
   */
  static StoreResult of(int httpStatus, DataSet answer) {
    List<Stored> stored = new ArrayList<>();
    for (DataSet item : answer.items(Tag.ReferencedSOPSequence)) {
      stored.add(
          new Stored(
              item.string(Tag.ReferencedSOPClassUID),
              item.string(Tag.ReferencedSOPInstanceUID),
              code(item, Tag.WarningReason, 0),
              item.string(Tag.RetrieveURL)));
    }
    List<Failed> failed = new ArrayList<>();
    for (DataSet item : answer.items(Tag.FailedSOPSequence)) {
      failed.add(
          new Failed(
              item.string(Tag.ReferencedSOPClassUID),
              item.string(Tag.ReferencedSOPInstanceUID),
              code(item, Tag.FailureReason, Status.PROCESSING_FAILURE)));
    }
    for (DataSet item : answer.items(Tag.OtherFailuresSequence)) {
      failed.add(new Failed(null, null, code(item, Tag.FailureReason, Status.PROCESSING_FAILURE)));
    }
    return new StoreResult(httpStatus, stored, failed);
  }

  private static int code(DataSet item, int tag, int without) {
    Integer code = item.integer(tag);
    return code == null ? without : code;
  }
}
