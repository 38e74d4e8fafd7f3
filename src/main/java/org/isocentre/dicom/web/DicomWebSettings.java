package org.isocentre.dicom.web;

import java.net.URI;
import java.time.Duration;

/**
 * Where a DICOMweb service is, and how long it is waited for.
 *
 * @param base absolute http or https URI, such as {@code https://pacs.example/dicomweb}
 * @param connectTimeout for a connection
 * @param stallTimeout for an answer's beginning, and for each byte that moves in either direction:
 *     an object may take long, but not stand still
 */
public record DicomWebSettings(URI base, Duration connectTimeout, Duration stallTimeout) {
  public DicomWebSettings {
    String scheme = base.getScheme();
    if (base.getHost() == null
        || !("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))
        || base.getRawQuery() != null
        || base.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "ISO-DICOMWEB-002: the base of a DICOMweb service is http(s)://host[:port]/path, without"
              + " user or query");
    }
    if (!positive(connectTimeout) || !positive(stallTimeout)) {
      throw new IllegalArgumentException("ISO-DICOMWEB-002: times to wait are above zero");
    }
    String text = base.toString();
    base = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }

  private static boolean positive(Duration time) {
    return !time.isNegative() && !time.isZero();
  }

  /** Ten seconds to connect, a minute without a byte. */
  public DicomWebSettings(URI base) {
    this(base, Duration.ofSeconds(10), Duration.ofSeconds(60));
  }

  /** Whether what is sent can be read on the way: not by TLS, and to another machine. */
  public boolean isExposed() {
    String host = base.getHost();
    boolean here =
        host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
    return !here && !"https".equalsIgnoreCase(base.getScheme());
  }
}
