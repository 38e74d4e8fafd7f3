package org.isocentre.dicom.dimse;

/**
 * Sub-operations of a C-MOVE or C-GET (PS3.4 §C.4.2.1.6 to §C.4.2.1.9).
 *
 * @param remaining not begun
 * @param completed answered with success
 * @param failed answered with a failure, or not sent
 * @param warning answered with a warning: the peer has the object
 */
public record Progress(int remaining, int completed, int failed, int warning) {
  public int total() {
    return remaining + completed + failed + warning;
  }
}
