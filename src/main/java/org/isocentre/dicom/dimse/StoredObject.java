package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** An object that can be sent. Holds no bytes itself. */
public interface StoredObject {
  String sopClassUid();

  String sopInstanceUid();

  /** Of the bytes as they are. */
  String transferSyntaxUid();

  /**
   * Other transfer syntaxes that {@link #openDataSet} can give without losing anything, best first;
   * none if it is never altered.
   */
  default List<String> losslessAlternatives() {
    return List.of();
  }

  /**
   * The data set from its first byte, without File Meta Information.
   *
   * @param transferSyntaxUid {@link #transferSyntaxUid()} for the bytes as they are, or one of
   *     {@link #losslessAlternatives()}
   */
  InputStream openDataSet(String transferSyntaxUid) throws IOException;
}
