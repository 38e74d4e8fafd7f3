package org.isocentre.dicom.image;

import org.isocentre.dicom.data.Dictionary;

/** Nothing here decodes, or makes, pixel data of this transfer syntax. Names the syntax. */
public final class UnsupportedTransferSyntaxException extends ImageException {
  private static final long serialVersionUID = 1L;

  private final String transferSyntaxUid;

  /**
   * @param action what was asked, such as {@code decoded}
   */
  public UnsupportedTransferSyntaxException(String transferSyntaxUid, String action) {
    super(
        "ISO-IMAGE-301",
        "pixel data of transfer syntax %s (%s) cannot be %s; send it as it is, or convert it at its source"
            .formatted(transferSyntaxUid, Dictionary.name(transferSyntaxUid), action));
    this.transferSyntaxUid = transferSyntaxUid;
  }

  public String transferSyntaxUid() {
    return transferSyntaxUid;
  }
}
