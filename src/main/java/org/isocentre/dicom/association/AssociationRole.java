package org.isocentre.dicom.association;

/** Which side of an association this end is (PS3.8 §7.1). */
public enum AssociationRole {
  REQUESTOR,
  ACCEPTOR;

  AssociationRole other() {
    return this == REQUESTOR ? ACCEPTOR : REQUESTOR;
  }
}
