package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.isocentre.index.StudyField;

/** Addresses that answers name. */
final class Addresses {
  private Addresses() {}

  /** Where the caller found this service, without a slash at the end. */
  static String base(HttpServletRequest request) {
    String url = request.getRequestURL().toString();
    String path = request.getRequestURI();
    return url.substring(0, url.length() - path.length()) + request.getContextPath() + "/dicomweb";
  }

  /** Below {@link #base}, of what a row is about. */
  static String path(Map<StudyField, Object> row) {
    String study = "/studies/" + row.get(StudyField.STUDY_INSTANCE_UID);
    Object series = row.get(StudyField.SERIES_INSTANCE_UID);
    Object instance = row.get(StudyField.SOP_INSTANCE_UID);
    return study
        + (series == null ? "" : "/series/" + series)
        + (instance == null ? "" : "/instances/" + instance);
  }
}
