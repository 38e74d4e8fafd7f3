package org.isocentre.dicom.dimse;

import java.util.List;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.dimse.RetrieveHandler.Destination;

/** Associates with the destination of a C-MOVE. Called off the event loop; may wait. */
@FunctionalInterface
public interface MoveSender {
  /**
   * @param callingAet the local AE that was asked to move
   * @throws AssociationException if there is no association
   */
  ServiceUser connect(Destination destination, String callingAet, List<Proposal> proposals);
}
