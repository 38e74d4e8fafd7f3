package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.LabelReader;
import org.isocentre.hl7.MessageProblem;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.index.MessageJournal;
import org.isocentre.model.MessageRefused;
import org.isocentre.model.MessageStored;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.core.JmsTemplate;

/**
 * Keeps messages that were answered with an error, so that somebody can see and mend them. The
 * answer waits for the store and the queue, not for the index; if they fail, it goes out all the
 * same, since the sender still has its message.
 *
 * <p>Whoever reaches the port can send in nobody's name: of senders of no trust only so many
 * messages are kept a day, and the begin of each.
 */
public final class RefusedMessages implements MessageReceiver.Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(RefusedMessages.class);
  private static final String QUEUE = "message.refused";

  /** Kept of a message of no trust; one that is as long may have been longer. */
  static final int STRANGER_BYTES = 64 * 1024;

  private final ObjectStore store;
  private final JmsTemplate queues;
  private final MessageJournal journal;
  private final LabelReader labels;
  private final ObjectMapper json;
  private final Clock clock;
  private final DailyBudget strangers;
  private final Counter notKept;

  /**
   * @param strangers messages of no trust that are kept a day
   */
  RefusedMessages(
      ObjectStore store,
      JmsTemplate queues,
      MessageJournal journal,
      LabelReader labels,
      ObjectMapper json,
      MeterRegistry meters,
      Clock clock,
      int strangers) {
    this.store = store;
    this.queues = queues;
    this.journal = journal;
    this.labels = labels;
    this.json = json;
    this.clock = clock;
    this.strangers = new DailyBudget(strangers, clock);
    this.notKept = meters.counter("isocentre.messages.strangers.dropped");
  }

  @Override
  public void refused(
      byte[] raw, Hl7Message.Header header, String custodian, List<MessageProblem> problems) {
    boolean stranger = custodian == null;
    if (stranger && !isWithinBudget()) {
      return;
    }
    byte[] kept =
        stranger && raw.length > STRANGER_BYTES ? Arrays.copyOf(raw, STRANGER_BYTES) : raw;
    try {
      MessageStored message =
          new MessageStored(
              UUID.randomUUID().toString(),
              stranger ? "" : custodian,
              header == null ? "" : header.messageType(),
              header == null ? "" : header.controlId(),
              RouteConfiguration.keep(store, "hl7", kept),
              header == null ? "ISO-8859-1" : header.charset().name(),
              clock.instant());
      queues.convertAndSend(QUEUE, json.writeValueAsBytes(refusal(message, problems)));
    } catch (IOException | RuntimeException e) {
      LOG.error(
          "ISO-MESSAGE-003: a refused message of {} bytes could not be kept: {}",
          raw.length,
          e.getClass().getName());
    }
  }

  private boolean isWithinBudget() {
    long beyond = strangers.take();
    if (beyond == 0) {
      return true;
    }
    notKept.increment();
    if (beyond == 1) {
      LOG.warn(
          "ISO-MESSAGE-029: no more messages of senders of no trust are kept today; they are"
              + " refused all the same and counted in isocentre.messages.strangers.dropped: look"
              + " for who sends them, or at isocentre.messages.refused-strangers");
    }
    return false;
  }

  /** Whether only the begin of a stored message may be there. */
  static boolean isCut(String custodian, long length) {
    return custodian.isEmpty() && length == STRANGER_BYTES;
  }

  private static MessageRefused refusal(MessageStored message, List<MessageProblem> problems) {
    if (problems.isEmpty()) {
      return new MessageRefused(
          message, "AR", "HL70357-" + MessageProblem.SEGMENT_SEQUENCE + ":MSH", "no MSH segment");
    }
    return new MessageRefused(
        message,
        problems.stream().anyMatch(MessageProblem::rejected) ? "AR" : "AE",
        code(problems.get(0)),
        problems.get(0).text());
  }

  /** Code of HL7 table 0357 and where it was found. */
  static String code(MessageProblem p) {
    return "HL70357-" + p.code() + ":" + p.segment() + (p.field() == 0 ? "" : "-" + p.field());
  }

  /** Shows a refused message in the index. Idempotent. */
  public void file(MessageRefused refusal) throws IOException {
    MessageStored m = refusal.message();
    try (InputStream in = store.open(m.objectKey())) {
      journal.refused(refusal, labels.read(in.readAllBytes(), m.custodian()));
    }
  }
}
