package org.isocentre.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.isocentre.hl7.Answer;

/** Writing one message and reading its answer. */
final class Exchange {
  private Exchange() {}

  /**
   * What came of it.
   *
   * @param answer null if none came
   * @param raw of the answer, or null
   * @param why there was no answer, or null
   */
  record Result(Answer answer, byte[] raw, String why) {}

  /**
   * Answers that name another message are passed over: they came late, and say nothing of this one.
   *
   * @param controlId MSH-10 of the message
   */
  static Result run(MllpConnection connection, InputStream message, String controlId) {
    boolean other = false;
    try {
      connection.write(message);
      while (true) {
        byte[] raw = connection.read();
        Optional<Answer> answer = Answer.read(raw);
        if (answer.isPresent() && answer.get().controlId().equals(controlId)) {
          return new Result(answer.get(), raw, null);
        }
        other = true;
      }
    } catch (IOException e) {
      return new Result(null, null, why(connection, other, e));
    }
  }

  private static String why(MllpConnection connection, boolean other, IOException e) {
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
