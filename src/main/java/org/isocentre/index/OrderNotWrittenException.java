package org.isocentre.index;

/** An order was not written, and nothing of it is filed. */
public final class OrderNotWrittenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why not. */
  public enum Why {
    /** Another order of its custodian has one of its numbers. */
    NUMBER_TAKEN,
    /** It is not as its writer saw it last. */
    CHANGED
  }

  private final Why why;

  OrderNotWrittenException(Why why) {
    super("ISO-INDEX-034: order not written: " + why);
    this.why = why;
  }

  public Why why() {
    return why;
  }
}
