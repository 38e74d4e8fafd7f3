package org.isocentre.dicom.association;

import java.util.Optional;
import org.isocentre.dicom.pdu.Pdu;

/** Tells whether a user is who the requestor says (PS3.7 §D.3.3.7): a directory, a key, a list. */
@FunctionalInterface
public interface UserIdentityVerifier {
  /**
   * Called on a worker: may wait, but is given up after the time limit of {@link
   * UserIdentityPolicy}.
   *
   * @param identity credentials: not to be logged or kept
   * @return nothing when the identity is refused
   * @throws Exception when it could not be told; the requestor is told to try again
   */
  Optional<VerifiedIdentity> verify(
      Pdu.UserIdentity identity, AssociationPolicy.Candidate candidate) throws Exception;
}
