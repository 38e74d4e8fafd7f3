package org.isocentre.dicom.image;

import java.io.IOException;

/** Pixel data that cannot be found, decoded or encoded. Says where and why; never a value. */
public class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code stable, such as {@code ISO-IMAGE-201}
   */
  public ImageException(String code, String message) {
    super(code + ": " + message);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
