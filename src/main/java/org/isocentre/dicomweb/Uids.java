package org.isocentre.dicomweb;

import org.isocentre.dicom.data.Uid;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** UIDs that paths name. */
final class Uids {
  private Uids() {}

  /**
   * @throws ResponseStatusException 400 for what cannot be a UID
   */
  static String checked(String uid) {
    if (!Uid.isTolerable(uid)) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-WADO-007: the path names no UID (PS3.5 §9.1)");
    }
    return uid;
  }
}
