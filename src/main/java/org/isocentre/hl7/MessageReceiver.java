package org.isocentre.hl7;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.isocentre.model.MessageSender;
import org.isocentre.model.MessageSource;
import org.isocentre.model.MessageStored;
import org.isocentre.model.TimeUuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of a message: whose is it, can it be filed, did it come before, is it durable; and
 * the answer for each case. What is accepted is durable together with the event that files it: it
 * is never lost after it was acknowledged.
 */
public final class MessageReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(MessageReceiver.class);
  private static final int LARGE = 1024 * 1024;
  private final Senders senders;
  private final Keeper keeper;
  private final ControlIds controlIds;
  private final Incidents incidents;
  private final Acknowledgement acknowledgement;
  private final Clock clock;
  private final Refusals refusals;

  /** A parsed message takes many times its size: those that are large are parsed one at a time. */
  private static final Semaphore LARGE_ONES = new Semaphore(1, true);

  /** Hears of each message that is refused. Must not throw, and must not take long. */
  @FunctionalInterface
  public interface Refusals {
    /**
     * @param header null if there is no MSH
     * @param custodian ODS code, or null if the sender is of no trust
     */
    void refused(
        byte[] raw, Hl7Message.Header header, String custodian, List<MessageProblem> problems);
  }

  /** Whose a message is. */
  @FunctionalInterface
  public interface Senders {
    /**
     * @param application MSH-3
     * @param facility MSH-4
     * @return empty if nobody may send so from there
     */
    Optional<MessageSender> find(String application, String facility, MessageSource source);
  }

  /** Stores a raw message together with its event. */
  @FunctionalInterface
  public interface Keeper {
    /**
     * @param event of the key that the message is stored under
     * @return the event; both are durable when this returns
     */
    MessageStored keep(byte[] raw, Function<String, MessageStored> event) throws IOException;
  }

  /** Told of a message that was refused since another had its control ID. */
  @FunctionalInterface
  public interface Incidents {
    void controlIdReused(String custodian, String sender, String controlId);
  }

  /**
   * What came of a message.
   *
   * @param event that is durable with it, or null if nothing was stored
   * @param outcome of it
   * @param answer to send; of length 0 if none is wanted
   */
  public record Received(MessageStored event, Outcome outcome, byte[] answer) {
    public boolean isAccepted() {
      return outcome == Outcome.ACCEPTED || outcome == Outcome.DUPLICATE;
    }
  }

  /** What there is to say of a message at once. */
  public enum Outcome {
    /** It is durable, and will be filed. */
    ACCEPTED,
    /** It was accepted before. */
    DUPLICATE,
    /** It was not taken, and must not be sent again as it is. */
    REFUSED,
    /** It could not be stored now. */
    UNAVAILABLE,
    /** It is an acknowledgement, which is never answered. */
    ACKNOWLEDGEMENT
  }

  /**
   * @param incidents told of messages that are refused for their control ID; null to accept them
   */
  public MessageReceiver(
      Senders senders,
      Keeper keeper,
      ControlIds controlIds,
      Incidents incidents,
      Acknowledgement acknowledgement,
      Clock clock,
      Refusals refusals) {
    this.refusals = refusals;
    this.senders = senders;
    this.keeper = keeper;
    this.controlIds = controlIds;
    this.incidents = incidents;
    this.acknowledgement = acknowledgement;
    this.clock = clock;
  }

  /** Never throws for what a sender sends. */
  public Received receive(byte[] raw, MessageSource source) {
    Optional<Hl7Message.Header> found = Hl7Message.header(raw);
    if (found.isEmpty()) {
      LOG.warn("Refused {} bytes that do not begin with MSH", raw.length);
      refusals.refused(raw, null, null, List.of());
      return new Received(null, Outcome.REFUSED, acknowledgement.notAMessage());
    }
    Hl7Message.Header header = found.get();
    if (Acknowledgement.isAcknowledgement(header)) {
      return new Received(null, Outcome.ACKNOWLEDGEMENT, new byte[0]);
    }
    Optional<MessageSender> sender =
        senders.find(header.sendingApplication(), header.sendingFacility(), source);
    AcknowledgementMode mode =
        AcknowledgementMode.of(header, sender.map(MessageSender::enhanced).orElse(true));
    List<MessageProblem> problems = problems(raw, header, sender.isPresent());
    return problems.isEmpty()
        ? checked(raw, new Incoming(header, mode, sender.get().odsCode(), source))
        : refused(raw, header, mode, sender.map(MessageSender::odsCode).orElse(null), problems);
  }

  /** A message that can be filed. */
  private record Incoming(
      Hl7Message.Header header, AcknowledgementMode mode, String custodian, MessageSource source) {
    String sender() {
      return header.sendingApplication() + "|" + header.sendingFacility();
    }

    /** Under which its control ID is unique. */
    String key() {
      return custodian + "|" + sender();
    }
  }

  private Received refused(
      byte[] raw,
      Hl7Message.Header header,
      AcknowledgementMode mode,
      String custodian,
      List<MessageProblem> problems) {
    LOG.warn(
        "Refused {} {} from {}: {}",
        header.messageType(),
        header.version(),
        header.sendingFacility(),
        problems);
    refusals.refused(raw, header, custodian, problems);
    return new Received(null, Outcome.REFUSED, acknowledgement.refuse(header, mode, problems));
  }

  /**
   * What keeps a message from being filed; empty if nothing does.
   *
   * @param known whether its sender is of a trust
   */
  public static List<MessageProblem> problems(byte[] raw, Hl7Message.Header header, boolean known) {
    List<MessageProblem> problems = new ArrayList<>(MessageCheck.check(header));
    if (!known) {
      problems.add(
          new MessageProblem(
              "MSH",
              1,
              4,
              MessageProblem.UNKNOWN_KEY,
              true,
              "sending application and facility at this address belong to no trust of the directory;"
                  + " add them to isocentre.trusts"));
    }
    if (problems.isEmpty()) {
      problems.addAll(raw.length > LARGE ? alone(raw, header) : content(raw, header));
    }
    return problems;
  }

  private static List<MessageProblem> alone(byte[] raw, Hl7Message.Header header) {
    LARGE_ONES.acquireUninterruptibly();
    try {
      return content(raw, header);
    } finally {
      LARGE_ONES.release();
    }
  }

  private static List<MessageProblem> content(byte[] raw, Hl7Message.Header header) {
    try {
      return UsualShape.isClear(raw, header)
          ? List.of()
          : MessageCheck.check(Hl7Message.parse(raw));
    } catch (UnreadableTextException e) {
      return List.of(e.problem());
    } catch (HL7Exception | RuntimeException e) {
      return List.of(
          new MessageProblem(
              "MSH",
              1,
              0,
              MessageProblem.SEGMENT_SEQUENCE,
              false,
              "the message cannot be parsed: " + e.getClass().getSimpleName()));
    }
  }

  private Received checked(byte[] raw, Incoming in) {
    byte[] digest = ControlIds.sha256(raw);
    Instant now = clock.instant();
    switch (controlIds.find(in.key(), in.header().controlId(), digest, now)) {
      case SAME -> {
        if (in.mode().isApplicationAcknowledgementDue()) {
          // Perhaps it was lost. Filing it again changes nothing, and tells its sender again.
          return keep(raw, digest, in, now);
        }
        LOG.info("A {} from {} came again and was done once", in.header().messageType(), in.key());
        return new Received(
            null, Outcome.DUPLICATE, acknowledgement.accept(in.header(), in.mode()));
      }
      case OTHER -> {
        LOG.warn(
            "ISO-HL7-110: a {} from {} has the control ID of another message; control IDs must be"
                + " unique: look at the sender, or at isocentre.hl7-receive.control-id-window",
            in.header().messageType(),
            in.key());
        if (incidents != null) {
          tell(in);
          return refused(raw, in.header(), in.mode(), in.custodian(), List.of(reused()));
        }
      }
      case NEW -> {
        // The usual case.
      }
    }
    return keep(raw, digest, in, now);
  }

  /** The message is refused and answered all the same: its sender has it still. */
  private void tell(Incoming in) {
    try {
      incidents.controlIdReused(in.custodian(), in.sender(), in.header().controlId());
    } catch (RuntimeException e) {
      LOG.error(
          "ISO-HL7-114: that {} used a control ID again could not be put on the review list ({});"
              + " the message is refused all the same",
          in.key(),
          e.getClass().getName());
    }
  }

  private static MessageProblem reused() {
    return new MessageProblem(
        "MSH",
        1,
        10,
        MessageProblem.DUPLICATE_KEY,
        true,
        "another message of this sender had this control ID; give each message its own");
  }

  private Received keep(byte[] raw, byte[] digest, Incoming in, Instant now) {
    try {
      MessageStored event = keeper.keep(raw, key -> event(key, in, now));
      controlIds.remember(in.key(), in.header().controlId(), digest, now);
      return new Received(event, Outcome.ACCEPTED, acknowledgement.accept(in.header(), in.mode()));
    } catch (IOException | RuntimeException e) {
      LOG.error(
          "ISO-HL7-111: a {} from {} could not be stored and was answered so; the sender has it"
              + " still",
          in.header().messageType(),
          in.key(),
          e);
      MessageProblem unavailable =
          new MessageProblem(
              "MSH",
              1,
              0,
              MessageProblem.INTERNAL,
              false,
              "could not be stored now; send it again");
      return new Received(
          null,
          Outcome.UNAVAILABLE,
          acknowledgement.refuse(in.header(), in.mode(), List.of(unavailable)));
    }
  }

  private static MessageStored event(String key, Incoming in, Instant now) {
    Hl7Message.Header header = in.header();
    return new MessageStored(
        TimeUuid.next().toString(),
        in.custodian(),
        header.messageType(),
        header.controlId(),
        key,
        header.charset().name(),
        now,
        new MessageStored.Arrival(
            in.sender(),
            in.source().connection(),
            in.mode().isApplicationAcknowledgementDue() ? in.mode().application().name() : null));
  }

  /**
   * The queue that an event travels on.
   *
   * @param messageType such as {@code ORM^O01}
   */
  public static String queue(String messageType) {
    return switch (messageType.substring(0, Math.max(0, messageType.indexOf('^')))) {
      case "ADT" -> "patient.received";
      case "ORM", "OMG", "OMI", "SIU" -> "order.received";
      default -> "report.received";
    };
  }
}
