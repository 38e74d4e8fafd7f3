package org.isocentre.outbound;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.isocentre.hl7.Answer;

/**
 * Writing one message and reading its answers: one in original mode; in enhanced mode the accept
 * acknowledgement and, where it comes on the same connection, that of the application.
 */
final class Exchange {
  private final OutgoingConnection connection;
  private final Acknowledging mode;
  private final Listener listener;
  private boolean other;
  private Answer taken;

  /** Hears of what comes before the end. */
  interface Listener {
    /** The destination has taken the message (CA); its application's answer is awaited. */
    void taken(Answer answer);

    /** An application acknowledgement of another message. */
    void other(Answer answer, byte[] raw);

    /**
     * @return what is to be sent in return for an application acknowledgement; of length 0 for
     *     nothing
     */
    byte[] inReturn(byte[] raw);
  }

  /**
   * What came of it.
   *
   * @param answer null if none came
   * @param raw of the answer, or null
   * @param why there was no answer, or none of the application; or null
   * @param taken whether {@link Listener#taken} was told and nothing came after it
   */
  record Result(Answer answer, byte[] raw, String why, boolean taken) {}

  Exchange(OutgoingConnection connection, Acknowledging mode, Listener listener) {
    this.connection = connection;
    this.mode = mode;
    this.listener = listener;
  }

  /**
   * Answers that name another message came late, and say nothing of this one.
   *
   * @param controlId MSH-10 of the message
   */
  Result run(InputStream message, String controlId) {
    try {
      connection.write(message);
      while (true) {
        byte[] raw = connection.read();
        Optional<Answer> answer = Answer.read(raw);
        Result result = answer.isPresent() ? read(answer.get(), raw, controlId) : null;
        other |= result == null && taken == null;
        if (result != null) {
          return result;
        }
      }
    } catch (IOException e) {
      return new Result(taken, null, why(e), taken != null);
    }
  }

  /**
   * @return null if more has to come
   */
  private Result read(Answer answer, byte[] raw, String controlId) throws IOException {
    boolean own = answer.controlId().equals(controlId);
    if (mode.isEnhanced() && !answer.isOfAccept()) {
      if (!own) {
        listener.other(answer, raw);
      }
      byte[] reply = listener.inReturn(raw);
      if (reply.length > 0) {
        connection.write(new ByteArrayInputStream(reply));
      }
    }
    if (!own || taken != null && answer.isOfAccept()) {
      return null;
    }
    boolean first = answer.isOfAccept() && answer.verdict() == Answer.Verdict.ACCEPTED;
    if (first && mode.awaitsApplication()) {
      taken = answer;
      listener.taken(answer);
      if (mode.by() == Acknowledging.Way.OWN_CONNECTION) {
        return new Result(answer, raw, null, true);
      }
      connection.begin(mode.applicationTimeout());
      return null;
    }
    return new Result(answer, raw, null, false);
  }

  private String why(IOException e) {
    if (connection.isLate()) {
      return other
          ? "ISO-OUTBOUND-011: the answers in ack-timeout named other messages (MSA-2)"
          : "ISO-OUTBOUND-010: no answer in ack-timeout";
    }
    return "ISO-OUTBOUND-012: the connection ended before an answer ("
        + e.getClass().getSimpleName()
        + ")";
  }
}
