package org.isocentre.dicom.dimse;

/**
 * Answers DIMSE-N requests of one SOP class (PS3.7 §10): MPPS, Storage Commitment, Instance
 * Availability Notification. Called off the event loop; may wait.
 */
@FunctionalInterface
public interface NormalizedHandler {
  /**
   * @throws DimseStatusException for a certain status; any other exception answers 0110
   */
  NormalizedResponse handle(NormalizedRequest request);
}
