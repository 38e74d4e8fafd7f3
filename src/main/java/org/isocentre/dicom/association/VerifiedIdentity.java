package org.isocentre.dicom.association;

/**
 * What came of user identity negotiation (PS3.7 §D.3.3.7). Neither part is ever shown.
 *
 * @param name on the acceptor, who the user is as far as the verifier could tell (for audit); on
 *     the requestor empty
 * @param response server response: empty for user names, else the server's ticket, assertion or
 *     token; of the acceptor it is sent only where the requestor asked for it
 */
public record VerifiedIdentity(String name, byte[] response) {
  @Override
  public String toString() {
    return "VerifiedIdentity[]";
  }
}
