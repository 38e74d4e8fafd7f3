package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.model.MessageStored;
import org.isocentre.model.StudyChanged;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Files HL7 messages that came together in one transaction, then links what they became. If that
 * fails, each is done in a transaction of its own, in order, and those that fail then come again
 * alone: a poisoned message holds up nobody. Idempotent.
 */
public final class MessageBatches {
  private static final Logger LOG = LoggerFactory.getLogger(MessageBatches.class);

  /** Of raw messages that are held at once, unless one alone is longer. */
  private static final int MOST_BYTES = 1024 * 1024;

  /** Deliveries after which messages are no more done together. */
  private static final int MOST_DELIVERIES = 3;

  private final MessageFiling filing;
  private final MessageLinking linking;
  private final TransactionOperations transactions;
  private final FilingPace pace;

  MessageBatches(
      MessageFiling filing,
      MessageLinking linking,
      TransactionOperations transactions,
      FilingPace pace) {
    this.pace = pace;
    this.filing = filing;
    this.linking = linking;
    this.transactions = transactions;
  }

  /**
   * What became of messages that came together.
   *
   * @param again those that are to come again, each alone
   * @param touched studies whose links may have changed
   */
  public record Done(
      List<MessageStored> filed, List<MessageStored> again, List<StudyChanged> touched) {}

  /**
   * @param deliveries how often these were delivered, from 1
   * @throws Exception if there is one message and it could not be filed, or the index is away: all
   *     of them are to come again
   */
  public Done file(List<MessageStored> events, Integer deliveries) throws Exception {
    if (events.size() > 1 && deliveries != null && deliveries > MOST_DELIVERIES) {
      return new Done(List.of(), events, List.of());
    }
    return pace.file(events.get(0).receivedAt(), () -> file(events));
  }

  private Done file(List<MessageStored> events) throws Exception {
    Batch batch = new Batch(events.size() == 1);
    for (MessageStored event : events) {
      batch.add(event);
    }
    batch.flush();
    return new Done(batch.filed, batch.again, batch.touched);
  }

  /** Messages in the order in which they came. */
  private final class Batch {
    private final List<MessageStored> filed = new ArrayList<>();
    private final List<MessageStored> again = new ArrayList<>();
    private final List<StudyChanged> touched = new ArrayList<>();
    private final List<MessageFiling.Mapped> waiting = new ArrayList<>();
    private final boolean single;
    private int bytes;

    Batch(boolean single) {
      this.single = single;
    }

    void add(MessageStored event) throws Exception {
      MessageFiling.Mapped mapped;
      try {
        mapped = filing.map(event);
      } catch (IOException | HL7Exception | RuntimeException e) {
        flush();
        failed(event, e);
        return;
      }
      if (mapped.alone() || bytes + mapped.bytes() > MOST_BYTES) {
        flush();
      }
      waiting.add(mapped);
      bytes += mapped.bytes();
      if (mapped.alone()) {
        flush();
      }
    }

    void flush() throws Exception {
      List<MessageFiling.Mapped> messages = List.copyOf(waiting);
      waiting.clear();
      bytes = 0;
      if (messages.isEmpty()) {
        return;
      }
      try {
        done(messages);
      } catch (RuntimeException e) {
        if (isIndexAway(e)) {
          throw e;
        }
        if (messages.size() == 1) {
          failed(messages.get(0).event(), e);
          return;
        }
        LOG.warn(
            "{} messages could not be filed together: {}; each is filed alone",
            messages.size(),
            DeadLetters.reason(e));
        for (MessageFiling.Mapped message : messages) {
          waiting.add(message);
          flush();
        }
      }
    }

    /** None of them can be filed now: all come again, later. */
    private static boolean isIndexAway(RuntimeException e) {
      return e instanceof TransactionException || e instanceof DataAccessResourceFailureException;
    }

    private void done(List<MessageFiling.Mapped> messages) {
      filing.introduce(messages);
      List<MessageFiling.Filed> results =
          messages.get(0).alone()
              ? List.of(filing.file(messages.get(0)))
              : transactions.execute(status -> together(messages));
      touched.addAll(linking.link(results));
      messages.forEach(m -> filed.add(m.event()));
    }

    private List<MessageFiling.Filed> together(List<MessageFiling.Mapped> messages) {
      filing.lock(messages);
      return messages.stream().map(filing::file).toList();
    }

    private void failed(MessageStored event, Exception why) throws Exception {
      if (!single) {
        again.add(event);
        return;
      }
      try {
        filing.received(event);
      } catch (IOException | RuntimeException e) {
        why.addSuppressed(e);
      }
      throw why;
    }
  }
}
