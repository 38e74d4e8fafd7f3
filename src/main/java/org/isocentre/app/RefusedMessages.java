package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
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
 */
public final class RefusedMessages implements MessageReceiver.Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(RefusedMessages.class);
  private static final String QUEUE = "message.refused";
  private final ObjectStore store;
  private final JmsTemplate queues;
  private final MessageJournal journal;
  private final LabelReader labels;
  private final ObjectMapper json;
  private final Clock clock;

  RefusedMessages(
      ObjectStore store,
      JmsTemplate queues,
      MessageJournal journal,
      LabelReader labels,
      ObjectMapper json,
      Clock clock) {
    this.store = store;
    this.queues = queues;
    this.journal = journal;
    this.labels = labels;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public void refused(
      byte[] raw, Hl7Message.Header header, String custodian, List<MessageProblem> problems) {
    try {
      MessageStored message =
          new MessageStored(
              UUID.randomUUID().toString(),
              custodian == null ? "" : custodian,
              header == null ? "" : header.messageType(),
              header == null ? "" : header.controlId(),
              RouteConfiguration.keep(store, "hl7", raw),
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
