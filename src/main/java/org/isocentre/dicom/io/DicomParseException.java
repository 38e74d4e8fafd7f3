package org.isocentre.dicom.io;

import java.io.IOException;

/**
 * Bytes that are no data set, or one beyond the limits. Says where and what was expected; never a
 * value.
 */
public class DicomParseException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final long position;

  /**
   * @param code stable, such as {@code ISO-DICOM-301}
   * @param position byte offset in the data set or file
   */
  public DicomParseException(String code, long position, String message) {
    super("%s: at byte %d: %s".formatted(code, position, message));
    this.code = code;
    this.position = position;
  }

  public String code() {
    return code;
  }

  public long position() {
    return position;
  }
}
