package org.isocentre.outbound;

import java.time.Duration;
import org.isocentre.hl7.AcknowledgementMode.Condition;

/**
 * How a destination is asked to acknowledge (HL7 v2 §2.9): in original mode, or in enhanced mode by
 * what MSH-15 and MSH-16 ask for.
 *
 * @param accept MSH-15: AL or NE; null for original mode
 * @param application MSH-16: AL, ER or NE; null for original mode
 * @param by where an application acknowledgement comes after an accept acknowledgement
 * @param applicationTimeout how long it is awaited after that
 */
public record Acknowledging(
    Condition accept, Condition application, Way by, Duration applicationTimeout) {
  /** MSH-15 and MSH-16 are empty; one answer is owed. */
  public static final Acknowledging ORIGINAL =
      new Acknowledging(null, null, Way.SAME_CONNECTION, Duration.ZERO);

  /** Where application acknowledgements come. */
  public enum Way {
    /** On the connection that the message went by. */
    SAME_CONNECTION,
    /** On a connection that the destination opens to the hub's MLLP port. */
    OWN_CONNECTION
  }

  /**
   * @throws IllegalArgumentException if by such answers it would never be known whether a message
   *     has arrived
   */
  public Acknowledging {
    boolean original = accept == null && application == null;
    if (!original) {
      check(accept, application, by);
    }
  }

  private static void check(Condition accept, Condition application, Way by) {
    if (accept != Condition.AL && accept != Condition.NE) {
      throw new IllegalArgumentException(
          "accept-acknowledgement: must be AL or NE where application-acknowledgement is set; found "
              + accept);
    }
    if (application == null || application == Condition.SU) {
      throw new IllegalArgumentException(
          "application-acknowledgement: must be AL, ER or NE where accept-acknowledgement is set; found "
              + application);
    }
    if (accept == Condition.NE && (application != Condition.AL || by == Way.OWN_CONNECTION)) {
      throw new IllegalArgumentException(
          "accept-acknowledgement: NE needs application-acknowledgement AL on the SAME_CONNECTION, else nothing says that a message has arrived; use AL");
    }
  }

  /** MSH-15, or null. */
  String acceptField() {
    return accept == null ? null : accept.name();
  }

  /** MSH-16, or null. */
  String applicationField() {
    return application == null ? null : application.name();
  }

  /** Whether a message is not done before its application acknowledgement has come. */
  boolean awaitsApplication() {
    return application == Condition.AL;
  }

  boolean isEnhanced() {
    return accept != null;
  }
}
