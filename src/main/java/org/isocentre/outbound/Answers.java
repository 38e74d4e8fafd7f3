package org.isocentre.outbound;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import org.isocentre.hl7.Answer;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.Refusal;
import org.isocentre.model.OutboundEntry;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an answer makes of the message that it names. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private final OutboundIndex queue;
  private final ObjectStore store;
  private final Clock clock;

  Answers(OutboundIndex queue, ObjectStore store, Clock clock) {
    this.queue = queue;
    this.store = store;
    this.clock = clock;
  }

  /** Done, tried again after a while, or parked, as the answer and the destination's rule say. */
  void settle(Destination to, OutboundEntry entry, Answer answer, byte[] raw) {
    Instant now = clock.instant();
    if (answer.verdict() == Answer.Verdict.ACCEPTED) {
      queue.acknowledged(entry.id(), answer.shownCode(), now);
      return;
    }
    Refusal refusal = refusal(to, answer, raw);
    boolean again =
        answer.verdict() == Answer.Verdict.ERROR
            && to.onError() == Destination.OnError.RETRY
            && entry.failures() + 1 < to.maxAttempts();
    if (again) {
      Instant next = now.plus(to.delayAfter(entry.failures() + 1));
      LOG.warn("Message {} {}: {}; tried again", entry.id(), entry.messageType(), refusal.error());
      queue.failed(entry.id(), refusal, next, now);
    } else {
      park(to, entry, refusal);
    }
  }

  /** An error that came when the message counted as done: others may have gone since. */
  void regret(Destination to, OutboundEntry entry, Answer answer, byte[] raw) {
    park(to, entry, refusal(to, answer, raw));
  }

  private Refusal refusal(Destination to, Answer answer, byte[] raw) {
    String error =
        "ISO-OUTBOUND-015: %s answered %s%s"
            .formatted(
                to.name(),
                answer.shownCode(),
                answer.error() == null ? "" : ", error " + answer.error());
    return new Refusal(answer.shownCode(), keep(to, raw), error);
  }

  void park(Destination to, OutboundEntry entry, Refusal refusal) {
    LOG.warn(
        "Message {} {} to {} is parked: {}",
        entry.id(),
        entry.messageType(),
        to.name(),
        refusal.error());
    queue.park(entry.id(), refusal, clock.instant());
  }

  /** The answer is kept for people to read; its texts may hold what the message said. */
  private String keep(Destination to, byte[] raw) {
    try (var writer = store.create("hl7")) {
      writer.write(ByteBuffer.wrap(raw));
      return writer.commit().key();
    } catch (IOException e) {
      LOG.warn("An answer of {} could not be kept ({})", to.name(), e.getClass().getSimpleName());
      return null;
    }
  }
}
