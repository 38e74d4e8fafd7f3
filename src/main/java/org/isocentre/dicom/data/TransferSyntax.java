package org.isocentre.dicom.data;

/**
 * How a data set is encoded (PS3.5 §10).
 *
 * @param explicitVr whether each element names its VR
 * @param bigEndian retired, but stored data is in it
 * @param deflated whether the data set is compressed as a whole (PS3.5 §A.5)
 * @param encapsulated whether Pixel Data is in fragments (PS3.5 §A.4)
 */
public record TransferSyntax(
    String uid, boolean explicitVr, boolean bigEndian, boolean deflated, boolean encapsulated) {
  public static final TransferSyntax IMPLICIT_VR_LITTLE_ENDIAN = of(Uid.IMPLICIT_VR_LITTLE_ENDIAN);
  public static final TransferSyntax EXPLICIT_VR_LITTLE_ENDIAN = of(Uid.EXPLICIT_VR_LITTLE_ENDIAN);

  /**
   * A UID that is not known is taken for an encapsulated one, as every syntax since 1993 that is
   * not below is explicit little endian.
   */
  public static TransferSyntax of(String uid) {
    return switch (uid) {
      case Uid.IMPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.20" ->
          new TransferSyntax(uid, false, false, false, false);
      case Uid.EXPLICIT_VR_LITTLE_ENDIAN -> new TransferSyntax(uid, true, false, false, false);
      case Uid.EXPLICIT_VR_BIG_ENDIAN -> new TransferSyntax(uid, true, true, false, false);
      case Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
          "1.2.840.10008.1.2.4.95",
          "1.2.840.10008.1.2.4.205" ->
          new TransferSyntax(uid, true, false, true, false);
      case "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.204" ->
          new TransferSyntax(uid, true, false, false, false);
      default -> new TransferSyntax(uid, true, false, false, true);
    };
  }

  /** Whether PS3.6 names it. */
  public boolean isStandard() {
    return Dictionary.uid(uid).filter(e -> e.kind().equals("Transfer Syntax")).isPresent();
  }
}
