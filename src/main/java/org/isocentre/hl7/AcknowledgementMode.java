package org.isocentre.hl7;

/**
 * How a message is to be acknowledged (HL7 v2 §2.9). Original mode if MSH-15 and MSH-16 are both
 * empty: one answer, AA, AE or AR. Enhanced mode else: an accept acknowledgement, CA, CE or CR, at
 * once, and an application acknowledgement, AA, AE or AR, when the message has been filed; each if
 * its condition asks for it.
 *
 * @param enhanced whether it is enhanced mode
 * @param accept when an accept acknowledgement is wanted
 * @param application when an application acknowledgement is wanted
 */
public record AcknowledgementMode(boolean enhanced, Condition accept, Condition application) {
  private static final AcknowledgementMode ORIGINAL =
      new AcknowledgementMode(false, Condition.NE, Condition.AL);

  /** HL7 table 0155. */
  public enum Condition {
    /** Always. */
    AL(true, true),
    /** Never. */
    NE(false, false),
    /** On error or rejection only. */
    ER(false, true),
    /** On success only. */
    SU(true, false);

    private final boolean onSuccess;
    private final boolean onError;

    Condition(boolean onSuccess, boolean onError) {
      this.onSuccess = onSuccess;
      this.onError = onError;
    }

    /** Whether it asks for an acknowledgement of this outcome. */
    public boolean asksFor(boolean success) {
      return success ? onSuccess : onError;
    }

    /** What is not in the table asks for all: an answer too many harms less than none. */
    static Condition of(String value) {
      return switch (value) {
        case "", "NE" -> NE;
        case "ER" -> ER;
        case "SU" -> SU;
        default -> AL;
      };
    }
  }

  /**
   * @param obeyed false for senders that fill MSH-15 and MSH-16 and mean original mode
   */
  public static AcknowledgementMode of(Hl7Message.Header header, boolean obeyed) {
    if (!obeyed
        || header.acceptAcknowledgement().isEmpty()
            && header.applicationAcknowledgement().isEmpty()) {
      return ORIGINAL;
    }
    return new AcknowledgementMode(
        true,
        Condition.of(header.acceptAcknowledgement()),
        Condition.of(header.applicationAcknowledgement()));
  }

  /** Whether an application acknowledgement may be due after the message was accepted. */
  public boolean isApplicationAcknowledgementDue() {
    return enhanced && application != Condition.NE;
  }
}
