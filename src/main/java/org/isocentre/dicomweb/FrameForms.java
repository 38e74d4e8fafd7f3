package org.isocentre.dicomweb;

import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.image.PixelDecoder;

/** In what forms frames of a transfer syntax are sent (PS3.18 Tables 8.7.3-4 and -5). */
final class FrameForms {
  static final String OCTETS = "application/octet-stream";
  private static final String JPEG = "1.2.840.10008.1.2.4.";

  private FrameForms() {}

  /**
   * The stored code stream first, then decoded pixels, which are meant where a client names no
   * transfer syntax of {@code application/octet-stream}.
   *
   * @param single whether one frame may go without multipart
   */
  static List<Acceptable.Form> of(String stored, boolean single) {
    List<Acceptable.Form> forms = new ArrayList<>();
    boolean encapsulated = TransferSyntax.of(stored).encapsulated();
    for (boolean multipart : single ? new boolean[] {true, false} : new boolean[] {true}) {
      if (encapsulated) {
        forms.add(new Acceptable.Form(OCTETS, multipart, stored, false));
      }
      if (PixelDecoder.canDecode(stored)) {
        forms.add(new Acceptable.Form(OCTETS, multipart, Uid.EXPLICIT_VR_LITTLE_ENDIAN, true));
      }
      if (encapsulated) {
        forms.add(new Acceptable.Form(mediaType(stored), multipart, stored, true));
      }
    }
    return forms;
  }

  /**
   * What a media type stands for where no transfer syntax is named (PS3.18 Table 8.7.3-5); null for
   * one that is none of pixel data. Of {@code image/jpeg} the code stream tells more.
   */
  static String transferSyntax(String mediaType) {
    return switch (mediaType) {
      case "image/jpeg" -> JPEG + "70";
      case "image/jls" -> JPEG + "80";
      case "image/jp2" -> JPEG + "90";
      case "image/jpx" -> JPEG + "92";
      case "image/jphc" -> JPEG + "201";
      case "image/jxl" -> JPEG + "110";
      case "image/dicom-rle" -> "1.2.840.10008.1.2.5";
      case "video/mpeg" -> JPEG + "100";
      case "video/mp4" -> JPEG + "102";
      default -> null;
    };
  }

  /** Of the code stream of an encapsulated transfer syntax. */
  static String mediaType(String transferSyntaxUid) {
    return switch (transferSyntaxUid) {
      case JPEG + "50", JPEG + "51", JPEG + "57", JPEG + "70" -> "image/jpeg";
      case JPEG + "80", JPEG + "81" -> "image/jls";
      case JPEG + "90", JPEG + "91" -> "image/jp2";
      case JPEG + "92", JPEG + "93" -> "image/jpx";
      case JPEG + "201", JPEG + "202", JPEG + "203" -> "image/jphc";
      case JPEG + "110", JPEG + "111" -> "image/jxl";
      case JPEG + "112" -> "image/jxl";
      case "1.2.840.10008.1.2.5" -> "image/dicom-rle";
      case JPEG + "100", JPEG + "100.1", JPEG + "101", JPEG + "101.1" -> "video/mpeg";
      case JPEG + "102",
          JPEG + "102.1",
          JPEG + "103",
          JPEG + "103.1",
          JPEG + "104",
          JPEG + "104.1",
          JPEG + "105",
          JPEG + "105.1",
          JPEG + "106",
          JPEG + "106.1" ->
          "video/mp4";
      default -> OCTETS;
    };
  }
}
