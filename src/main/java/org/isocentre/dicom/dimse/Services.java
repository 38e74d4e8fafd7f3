package org.isocentre.dicom.dimse;

import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;

/**
 * What an application entity offers as service class provider: for each SOP class and operation who
 * does it, or null if nobody. Looked up when a request has arrived.
 */
public interface Services {
  /** Verification alone. */
  Services NONE = new Services() {};

  /** Where data sets of C-STORE go as they arrive; not null where {@link #storage} is not. */
  default DataSetSink.Factory sinks(String sopClassUid) {
    return null;
  }

  /** C-STORE (PS3.4 Annex B). */
  default StorageHandler storage(String sopClassUid) {
    return null;
  }

  /** C-FIND (PS3.4 §C.4.1, Annex K). */
  default QueryHandler query(String sopClassUid) {
    return null;
  }

  /**
   * C-MOVE or C-GET (PS3.4 §C.4.2, §C.4.3).
   *
   * @param move which of the two
   */
  default RetrieveHandler retrieve(String sopClassUid, boolean move) {
    return null;
  }

  /** Opens the associations that C-MOVE sends on; not null where {@link #retrieve} serves moves. */
  default MoveSender mover() {
    return null;
  }

  /** DIMSE-N (PS3.7 §10). */
  default NormalizedHandler normalized(String sopClassUid, Operation operation) {
    return null;
  }

  /**
   * An association is established. On the event loop: must not wait.
   *
   * @param peer to ask the other end with, for as long as the association lasts
   */
  default void begun(ServiceUser peer) {
    // Most ask nothing of whoever asks them.
  }

  /** An association is over, after all that it had asked for was taken in. */
  default void ended(Association association) {
    // Most keep nothing for an association.
  }

  /** Storage alone, of every SOP class. */
  static Services storage(DataSetSink.Factory sinks, StorageHandler storage) {
    return new Services() {
      @Override
      public DataSetSink.Factory sinks(String sopClassUid) {
        return sinks;
      }

      @Override
      public StorageHandler storage(String sopClassUid) {
        return storage;
      }
    };
  }
}
