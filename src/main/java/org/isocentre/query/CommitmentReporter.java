package org.isocentre.query;

import java.util.UUID;

/**
 * Tells the peer what became of its storage commitment request: on the association that asked,
 * while it is open, else on a new one to the peer's address in the directory (PS3.4 §J.3.3).
 */
@FunctionalInterface
public interface CommitmentReporter {
  /**
   * Called before the N-ACTION-RQ is answered, so it must only note or queue the work; what it
   * throws fails the N-ACTION. The work: ask {@link StorageCommitment#result} until it gives a
   * result, send that, and call {@link StorageCommitment#reported} once the peer has confirmed it.
   *
   * @param commitmentId to ask by
   * @param associationId the association that asked, see {@link org.isocentre.dicom.dimse.Peer}
   */
  void requested(UUID commitmentId, long associationId);
}
