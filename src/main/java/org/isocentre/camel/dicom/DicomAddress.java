package org.isocentre.camel.dicom;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code AET@host:port}.
 *
 * @param aeTitle 1 to 16 characters (PS3.5 §6.2 AE)
 * @param port 0 to 65535; 0 is any free port for a consumer
 */
public record DicomAddress(String aeTitle, String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("([^@]{1,16})@(\\[[^\\]]+\\]|[^:]+):(\\d{1,5})");

  static DicomAddress parse(String text) {
    Matcher matcher = FORM.matcher(text.startsWith("//") ? text.substring(2) : text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65535) {
      throw new IllegalArgumentException(
          "ISO-DICOM-601: found dicom:"
              + text
              + ", expected dicom:AET@host:port with an AE title of 1 to 16 characters");
    }
    return new DicomAddress(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)));
  }
}
