package org.isocentre.dicom.association;

import java.util.List;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.pdu.Pdu;

/**
 * What a requestor asks for (PS3.8 §7.1.1, PS3.7 Annex D.3).
 *
 * @param proposals 1 to 128 presentation contexts; their ids are 1, 3, 5, … in this order
 * @param roles where this end wants another role than SCU alone; at most one a SOP class
 * @param extendedNegotiations at most one a SOP class
 * @param commonExtendedNegotiations at most one a SOP class
 * @param userIdentity or null
 * @param asyncWindow or null: as the settings say, and nothing is proposed if they allow but one
 *     operation at a time
 */
public record AssociationRequest(
    String host,
    int port,
    String callingAeTitle,
    String calledAeTitle,
    List<Proposal> proposals,
    List<Pdu.RoleSelection> roles,
    List<Pdu.ExtendedNegotiation> extendedNegotiations,
    List<Pdu.CommonExtendedNegotiation> commonExtendedNegotiations,
    Pdu.UserIdentity userIdentity,
    Pdu.AsyncWindow asyncWindow) {
  private static final int MAX_CONTEXTS = 128;

  public AssociationRequest {
    proposals = List.copyOf(proposals);
    roles = List.copyOf(roles);
    extendedNegotiations = List.copyOf(extendedNegotiations);
    commonExtendedNegotiations = List.copyOf(commonExtendedNegotiations);
    if (proposals.isEmpty() || proposals.size() > MAX_CONTEXTS) {
      throw new IllegalArgumentException(
          "ISO-DICOM-404: an association takes 1 to 128 presentation contexts, found "
              + proposals.size());
    }
  }

  /** Presentation contexts alone. */
  public AssociationRequest(
      String host,
      int port,
      String callingAeTitle,
      String calledAeTitle,
      List<Proposal> proposals) {
    this(
        host,
        port,
        callingAeTitle,
        calledAeTitle,
        proposals,
        List.of(),
        List.of(),
        List.of(),
        null,
        null);
  }

  public AssociationRequest withRoles(List<Pdu.RoleSelection> wanted) {
    return new AssociationRequest(
        host,
        port,
        callingAeTitle,
        calledAeTitle,
        proposals,
        wanted,
        extendedNegotiations,
        commonExtendedNegotiations,
        userIdentity,
        asyncWindow);
  }

  public AssociationRequest withExtendedNegotiations(
      List<Pdu.ExtendedNegotiation> extended, List<Pdu.CommonExtendedNegotiation> common) {
    return new AssociationRequest(
        host,
        port,
        callingAeTitle,
        calledAeTitle,
        proposals,
        roles,
        extended,
        common,
        userIdentity,
        asyncWindow);
  }

  public AssociationRequest withUserIdentity(Pdu.UserIdentity identity) {
    return new AssociationRequest(
        host,
        port,
        callingAeTitle,
        calledAeTitle,
        proposals,
        roles,
        extendedNegotiations,
        commonExtendedNegotiations,
        identity,
        asyncWindow);
  }

  public AssociationRequest withAsyncWindow(Pdu.AsyncWindow window) {
    return new AssociationRequest(
        host,
        port,
        callingAeTitle,
        calledAeTitle,
        proposals,
        roles,
        extendedNegotiations,
        commonExtendedNegotiations,
        userIdentity,
        window);
  }
}
