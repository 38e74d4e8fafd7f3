package org.isocentre.hl7;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import org.isocentre.model.MessageStored;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of a message: can it be filed, whose is it, is it durable; and the answer for
 * either case.
 */
public final class MessageReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(MessageReceiver.class);
  private final BiFunction<String, String, Optional<String>> facilities;
  private final Keeper keeper;
  private final Acknowledgement acknowledgement;
  private final Clock clock;
  private final MessageCheck check;

  /** Stores a raw message. */
  @FunctionalInterface
  public interface Keeper {
    /**
     * @return its key; it is durable when this returns
     */
    String keep(byte[] raw) throws IOException;
  }

  /**
   * What came of a message.
   *
   * @param event to be queued before the answer is sent, or null if the message is refused
   * @param queue where to
   * @param answer to send once the event is queued
   * @param unavailable to send if it cannot be queued
   */
  public record Received(MessageStored event, String queue, byte[] answer, byte[] unavailable) {
    public boolean isAccepted() {
      return event != null;
    }
  }

  /**
   * @param facilities ODS code of (sending application, sending facility)
   */
  public MessageReceiver(
      BiFunction<String, String, Optional<String>> facilities,
      Keeper keeper,
      Acknowledgement acknowledgement,
      Clock clock,
      MessageCheck check) {
    this.check = check;
    this.facilities = facilities;
    this.keeper = keeper;
    this.acknowledgement = acknowledgement;
    this.clock = clock;
  }

  /** Never throws for what a sender sends. */
  public Received receive(byte[] raw) {
    Optional<Hl7Message.Header> found = Hl7Message.header(raw);
    if (found.isEmpty()) {
      LOG.warn("Refused {} bytes that do not begin with MSH", raw.length);
      return new Received(null, null, acknowledgement.notAMessage(), null);
    }
    Hl7Message.Header header = found.get();
    Optional<String> custodian =
        facilities.apply(header.sendingApplication(), header.sendingFacility());
    List<MessageProblem> problems = problems(raw, header, custodian.isPresent());
    if (!problems.isEmpty()) {
      LOG.warn(
          "Refused {} {} from {}: {}",
          header.messageType(),
          header.version(),
          header.sendingFacility(),
          problems);
      return new Received(null, null, acknowledgement.refuse(header, problems), null);
    }
    try {
      return accepted(header, custodian.get(), keeper.keep(raw));
    } catch (IOException e) {
      LOG.error(
          "A {} from {} could not be stored and was answered AE",
          header.messageType(),
          header.sendingFacility(),
          e);
      return new Received(null, null, unavailable(header), null);
    }
  }

  private List<MessageProblem> problems(byte[] raw, Hl7Message.Header header, boolean known) {
    List<MessageProblem> problems = new ArrayList<>(check.check(header));
    if (!known) {
      problems.add(
          new MessageProblem(
              "MSH",
              1,
              4,
              MessageProblem.UNKNOWN_KEY,
              true,
              "sending facility belongs to no trust of the directory; add it to isocentre.trusts"));
    }
    if (problems.isEmpty()) {
      try {
        problems.addAll(check.check(Hl7Message.parse(raw)));
      } catch (UnreadableTextException e) {
        problems.add(e.problem());
      } catch (HL7Exception | RuntimeException e) {
        problems.add(
            new MessageProblem(
                "MSH",
                1,
                0,
                MessageProblem.SEGMENT_SEQUENCE,
                false,
                "the message cannot be parsed: " + e.getClass().getSimpleName()));
      }
    }
    return problems;
  }

  private Received accepted(Hl7Message.Header header, String custodian, String key) {
    MessageStored event =
        new MessageStored(
            UUID.randomUUID().toString(),
            custodian,
            header.messageType(),
            header.controlId(),
            key,
            header.charset().name(),
            clock.instant());
    String queue =
        switch (header.type()) {
          case "ADT" -> "patient.received";
          case "ORM", "OMG", "OMI", "SIU" -> "order.received";
          default -> "report.received";
        };
    return new Received(event, queue, acknowledgement.accept(header), unavailable(header));
  }

  private byte[] unavailable(Hl7Message.Header header) {
    return acknowledgement.refuse(
        header,
        List.of(
            new MessageProblem(
                "MSH",
                1,
                0,
                MessageProblem.INTERNAL,
                false,
                "could not be stored now; send it again")));
  }
}
