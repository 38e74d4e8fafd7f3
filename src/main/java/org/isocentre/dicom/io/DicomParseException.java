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
    this(code, "byte", position, message);
  }

  private DicomParseException(String code, String unit, long position, String message) {
    super("%s: at %s %d: %s".formatted(code, unit, position, message));
    this.code = code;
    this.position = position;
  }

  /**
   * In a text such as JSON or XML.
   *
   * @param position number of the character
   */
  static DicomParseException inText(String code, long position, String message) {
    return new DicomParseException(code, "character", position, message);
  }

  public String code() {
    return code;
  }

  /** Byte offset, or number of the character in a text. */
  public long position() {
    return position;
  }
}
