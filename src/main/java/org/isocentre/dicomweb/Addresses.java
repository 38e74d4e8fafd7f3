package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;

/** Addresses that answers name. */
final class Addresses {
  private Addresses() {}

  /** Where the caller found this service, without a slash at the end. */
  static String base(HttpServletRequest request) {
    String url = request.getRequestURL().toString();
    String path = request.getRequestURI();
    return url.substring(0, url.length() - path.length()) + request.getContextPath() + "/dicomweb";
  }
}
