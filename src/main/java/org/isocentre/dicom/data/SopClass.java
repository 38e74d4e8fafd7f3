package org.isocentre.dicom.data;

import java.util.List;

/** Service-object pair classes (PS3.4 §B.5, §GG.3). */
public final class SopClass {
  private static final String STORAGE = "Storage SOP Class";

  private SopClass() {}

  /**
   * Whether PS3.4 lists it for the Storage Service Class or for Non-Patient Object Storage, retired
   * ones included.
   */
  public static boolean isStorage(String uid) {
    return Dictionary.uid(uid).filter(e -> e.kind().equals(STORAGE)).isPresent();
  }

  /** Every storage SOP class, retired ones included. */
  public static List<String> storage() {
    return Dictionary.uids(STORAGE).stream().map(Dictionary.UidEntry::uid).toList();
  }
}
