package org.isocentre.dicom.dimse;

/** Status codes of DIMSE responses (PS3.7 Annex C, PS3.4 Table B.2-1). */
public final class Status {
  public static final int SUCCESS = 0x0000;
  public static final int PENDING = 0xff00;

  /** Pending, with keys that were neither matched nor returned (PS3.4 §C.4.1.1.4). */
  public static final int PENDING_UNSUPPORTED_KEYS = 0xff01;

  public static final int CANCEL = 0xfe00;
  public static final int PROCESSING_FAILURE = 0x0110;
  public static final int NO_SUCH_SOP_CLASS = 0x0118;
  public static final int SOP_CLASS_NOT_SUPPORTED = 0x0122;
  public static final int NOT_AUTHORIZED = 0x0124;
  public static final int DUPLICATE_INVOCATION = 0x0210;
  public static final int UNRECOGNIZED_OPERATION = 0x0211;
  public static final int DUPLICATE_SOP_INSTANCE = 0x0111;
  public static final int NO_SUCH_SOP_INSTANCE = 0x0112;
  public static final int INVALID_ATTRIBUTE_VALUE = 0x0106;

  /** A warning: some attributes were not set (PS3.7 §C.4.2). */
  public static final int ATTRIBUTE_LIST_ERROR = 0x0107;

  public static final int NO_SUCH_EVENT_TYPE = 0x0113;
  public static final int RESOURCE_LIMITATION = 0x0213;

  /** Out of resources: the number of matches of a C-MOVE or C-GET cannot be told. */
  public static final int UNABLE_TO_CALCULATE_MATCHES = 0xa701;

  public static final int MISSING_ATTRIBUTE = 0x0120;
  public static final int MISSING_ATTRIBUTE_VALUE = 0x0121;
  public static final int NO_SUCH_ACTION = 0x0123;
  public static final int CLASS_INSTANCE_CONFLICT = 0x0119;
  public static final int OUT_OF_RESOURCES = 0xa700;

  /** Out of resources: the sub-operations of a C-MOVE or C-GET cannot be performed. */
  public static final int UNABLE_TO_PERFORM_SUB_OPERATIONS = 0xa702;

  public static final int MOVE_DESTINATION_UNKNOWN = 0xa801;

  /** Of a C-MOVE or C-GET: complete, but for some that failed. */
  public static final int SUB_OPERATIONS_WITH_FAILURES = 0xb000;

  public static final int UNABLE_TO_PROCESS = 0xc001;
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

  /** FF00 or FF01: more responses follow. */
  public static boolean isPending(int status) {
    return status == PENDING || status == PENDING_UNSUPPORTED_KEYS;
  }

  /**
   * Whether the same request may succeed later unchanged: the peer lacks resources, or was
   * cancelled.
   */
  public static boolean isRetryable(int status) {
    return (status & 0xff00) == 0xa700 || status == CANCEL || status == RESOURCE_LIMITATION;
  }

  /** Such as {@code A700H out of resources}. */
  public static String text(int status) {
    String name =
        switch (status) {
          case SUCCESS -> "success";
          case PENDING -> "pending";
          case CANCEL -> "cancelled";
          case PROCESSING_FAILURE -> "processing failure";
          case PENDING_UNSUPPORTED_KEYS -> "pending, some keys are not supported";
          case INVALID_ATTRIBUTE_VALUE -> "invalid attribute value";
          case DUPLICATE_SOP_INSTANCE -> "duplicate SOP instance";
          case NO_SUCH_SOP_INSTANCE -> "no such SOP instance";
          case CLASS_INSTANCE_CONFLICT -> "class-instance conflict";
          case MISSING_ATTRIBUTE -> "missing attribute";
          case MISSING_ATTRIBUTE_VALUE -> "missing attribute value";
          case NO_SUCH_ACTION -> "no such action";
          case UNABLE_TO_PERFORM_SUB_OPERATIONS -> "unable to perform sub-operations";
          case MOVE_DESTINATION_UNKNOWN -> "move destination unknown";
          case 0x0117 -> "invalid SOP instance";
          case NO_SUCH_SOP_CLASS -> "no such SOP class";
          case SOP_CLASS_NOT_SUPPORTED -> "SOP class not supported";
          case NOT_AUTHORIZED -> "not authorized";
          case DUPLICATE_INVOCATION -> "duplicate invocation";
          case UNRECOGNIZED_OPERATION -> "unrecognized operation";
          case RESOURCE_LIMITATION -> "resource limitation";
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
