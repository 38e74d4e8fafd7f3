package org.isocentre.app;

import java.util.Optional;
import org.isocentre.exchange.Hl7Senders;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.hl7.Answer;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.MessageProblem;
import org.isocentre.model.MessageSender;
import org.isocentre.model.MessageSource;
import org.isocentre.outbound.ApplicationAnswers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Application acknowledgements of what the hub sent that come in by its own MLLP port (HL7 v2
 * §2.9.3.2): ACK, or a response such as ORR^O02. They are never filed. One that asks for an accept
 * acknowledgement gets it once what it says is in the index.
 */
final class AnswersByDoor {
  private static final Logger LOG = LoggerFactory.getLogger(AnswersByDoor.class);

  /** MSH is short; what comes after 4 KiB is not looked for. */
  private static final int HEAD = 4096;

  private final Hl7Senders senders;
  private final ApplicationAnswers answers;
  private final Acknowledgement acknowledgement;

  AnswersByDoor(Hl7Senders senders, ApplicationAnswers answers, Acknowledgement acknowledgement) {
    this.senders = senders;
    this.answers = answers;
    this.acknowledgement = acknowledgement;
  }

  /** Whether MSA is the second segment: of no message that is filed it is. */
  static boolean isAnswer(byte[] raw) {
    int most = Math.min(raw.length, HEAD) - 3;
    for (int i = 0; i < most; i++) {
      if (raw[i] == '\r' || raw[i] == '\n') {
        int next = raw[i] == '\r' && raw[i + 1] == '\n' ? i + 2 : i + 1;
        return next + 2 < raw.length
            && raw[next] == 'M'
            && raw[next + 1] == 'S'
            && raw[next + 2] == 'A';
      }
    }
    return false;
  }

  /**
   * @return the accept acknowledgement, if it is asked for; else of length 0
   */
  byte[] receive(byte[] raw, MessageSource source) {
    Optional<Hl7Message.Header> header = Hl7Message.header(raw);
    Optional<Answer> answer = Answer.read(raw);
    if (header.isEmpty() || answer.isEmpty()) {
      return new byte[0];
    }
    Optional<MessageSender> sender =
        senders.find(header.get().sendingApplication(), header.get().sendingFacility(), source);
    try {
      boolean known =
          sender.isPresent() && answers.receive(answer.get(), raw, sender.get().odsCode());
      return known ? acknowledgement.inReturn(raw) : unknown(raw, header.get());
    } catch (RuntimeException e) {
      LOG.error(
          "ISO-OUTBOUND-018: an application acknowledgement from {} could not be noted ({}); its sender is told so if it asks",
          header.get().sendingFacility(),
          e.getClass().getName());
      return acknowledgement.inReturn(
          raw,
          new MessageProblem(
              "MSA",
              1,
              0,
              MessageProblem.INTERNAL,
              false,
              "could not be noted now; send it again"));
    }
  }

  private byte[] unknown(byte[] raw, Hl7Message.Header header) {
    LOG.info(
        "An acknowledgement from {} names no message that was sent to that trust",
        header.sendingFacility());
    return acknowledgement.inReturn(
        raw,
        new MessageProblem(
            "MSA",
            1,
            2,
            MessageProblem.UNKNOWN_KEY,
            true,
            "no message with this control ID was sent to the trust that this comes from"));
  }
}
