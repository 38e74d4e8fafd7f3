package org.isocentre.dicom.web;

import org.isocentre.dicom.data.Uid;

/**
 * A study, one of its series, or one of its instances (PS3.18 §10.1).
 *
 * @param series or null
 * @param instance or null
 */
public record DicomWebPath(String study, String series, String instance) {
  /**
   * @throws IllegalArgumentException for what is no UID, or has a gap
   */
  public DicomWebPath {
    check(study);
    if (series != null) {
      check(series);
    }
    if (instance != null) {
      check(instance);
      if (series == null) {
        throw new IllegalArgumentException(
            "ISO-DICOMWEB-001: an instance is named by its study and series, too");
      }
    }
  }

  private static void check(String uid) {
    if (!Uid.isTolerable(uid)) {
      throw new IllegalArgumentException("ISO-DICOMWEB-001: a UID is digits and dots, at most 64");
    }
  }

  /** Below the base of the service, such as {@code /studies/1.2/series/3.4}. */
  @Override
  public String toString() {
    return "/studies/"
        + study
        + (series == null ? "" : "/series/" + series)
        + (instance == null ? "" : "/instances/" + instance);
  }
}
