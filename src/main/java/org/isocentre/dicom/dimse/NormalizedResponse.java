package org.isocentre.dicom.dimse;

import org.isocentre.dicom.data.DataSet;

/**
 * The answer to a DIMSE-N request.
 *
 * @param comment Error Comment (0000,0902), at most 64 characters, never patient data; or null
 * @param sopInstanceUid the instance that N-CREATE made, where the request named none; or null
 * @param dataSet attributes, event reply or action reply; or null
 */
public record NormalizedResponse(
    int status, String comment, String sopInstanceUid, DataSet dataSet) {
  public static final NormalizedResponse SUCCESS =
      new NormalizedResponse(Status.SUCCESS, null, null, null);

  public boolean isFailure() {
    return !Status.isSuccess(status) && !Status.isWarning(status);
  }
}
