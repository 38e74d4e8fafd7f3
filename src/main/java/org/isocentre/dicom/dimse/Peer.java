package org.isocentre.dicom.dimse;

import org.isocentre.dicom.association.Association;

/**
 * Who is at the other end of an association.
 *
 * @param associationId number of the association in this process
 * @param callingAeTitle as negotiated; the peer's own where the peer associated
 * @param calledAeTitle as negotiated; the local one where the peer associated
 * @param remoteAddress the peer's IP address as text
 */
public record Peer(
    long associationId, String callingAeTitle, String calledAeTitle, String remoteAddress) {
  /** Of an established association. */
  public static Peer of(Association association) {
    return new Peer(
        association.id(),
        association.callingAeTitle(),
        association.calledAeTitle(),
        association.remoteAddress().getAddress().getHostAddress());
  }
}
