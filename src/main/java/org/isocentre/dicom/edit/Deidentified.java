package org.isocentre.dicom.edit;

import org.isocentre.dicom.data.DataSet;

/**
 * What de-identification made. The counts are of elements at all levels.
 *
 * @param dataSet without what identifies the patient; values that are not in memory are still those
 *     of the original's source
 * @param cleaned by the caller's cleaner
 * @param privateRemoved private elements, with their creators
 * @param unknownRemoved elements of even groups that PS3.6 does not name, or whose content cannot
 *     be looked into
 */
public record Deidentified(
    DataSet dataSet,
    int removed,
    int emptied,
    int replaced,
    int uidsReplaced,
    int datesShifted,
    int cleaned,
    int privateRemoved,
    int unknownRemoved,
    BurnedIn burnedIn,
    boolean recognizableVisualFeatures) {

  /** Whether the pixels may show the patient's identity; they are never changed. */
  public enum BurnedIn {
    /** Burned In Annotation (0028,0301) is YES. */
    YES,
    /** It is not stated, and images of this kind often have it: a person must look. */
    SUSPECTED,
    /** It is not stated. */
    NOT_STATED,
    /** It is NO. */
    NO
  }

  /** Whether a person must look at the pixels before they go out. */
  public boolean needsReview() {
    return burnedIn == BurnedIn.YES || burnedIn == BurnedIn.SUSPECTED || recognizableVisualFeatures;
  }
}
