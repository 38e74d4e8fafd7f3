package org.isocentre.dicom.dimse;

/** Answers C-FIND (PS3.4 §C.4.1, §K.4). Called off the event loop; may wait. */
@FunctionalInterface
public interface QueryHandler {
  /**
   * @throws DimseStatusException for a certain status, such as A900 for an identifier that does not
   *     fit its SOP class; any other exception answers C001
   */
  Matches find(Query query);
}
