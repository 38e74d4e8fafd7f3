package org.isocentre.dicom.dimse;

/** Status codes of DIMSE responses (PS3.7 Annex C, PS3.4 Table B.2-1). */
public final class Status {
  public static final int SUCCESS = 0x0000;
  public static final int PENDING = 0xff00;
  public static final int CANCEL = 0xfe00;
  public static final int PROCESSING_FAILURE = 0x0110;
  public static final int NO_SUCH_SOP_CLASS = 0x0118;
  public static final int SOP_CLASS_NOT_SUPPORTED = 0x0122;
  public static final int NOT_AUTHORIZED = 0x0124;
  public static final int UNRECOGNIZED_OPERATION = 0x0211;
  public static final int OUT_OF_RESOURCES = 0xa700;
  public static final int DATA_SET_DOES_NOT_MATCH_SOP_CLASS = 0xa900;
  public static final int CANNOT_UNDERSTAND = 0xc000;

  private Status() {}

  /** B000 to BFFF, 0001, 0107 and 0116: done, with a remark (PS3.7 §C.1). */
  public static boolean isWarning(int status) {
    return (status & 0xf000) == 0xb000 || status == 0x0001 || status == 0x0107 || status == 0x0116;
  }

  public static boolean isSuccess(int status) {
    return status == SUCCESS;
  }

  /**
   * Whether the same request may succeed later unchanged: the peer lacks resources, or was
   * cancelled.
   */
  public static boolean isRetryable(int status) {
    return (status & 0xff00) == 0xa700 || status == CANCEL || status == 0x0213;
  }

  /** Such as {@code A700H out of resources}. */
  public static String text(int status) {
    String name =
        switch (status) {
          case SUCCESS -> "success";
          case PENDING -> "pending";
          case CANCEL -> "cancelled";
          case PROCESSING_FAILURE -> "processing failure";
          case 0x0111 -> "duplicate SOP instance";
          case 0x0117 -> "invalid SOP instance";
          case NO_SUCH_SOP_CLASS -> "no such SOP class";
          case SOP_CLASS_NOT_SUPPORTED -> "SOP class not supported";
          case NOT_AUTHORIZED -> "not authorized";
          case UNRECOGNIZED_OPERATION -> "unrecognized operation";
          case 0x0213 -> "resource limitation";
          default -> range(status);
        };
    return "%04XH %s".formatted(status, name);
  }

  private static String range(int status) {
    return switch (status & 0xff00) {
      case 0xa700 -> "out of resources";
      case 0xa900 -> "data set does not match SOP class";
      default ->
          switch (status & 0xf000) {
            case 0xc000 -> "cannot understand";
            case 0xb000 -> "warning";
            default -> "failure";
          };
    };
  }
}
