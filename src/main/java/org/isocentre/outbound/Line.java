package org.isocentre.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.hl7.Answer;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.Refusal;
import org.isocentre.index.PatientIndex;
import org.isocentre.model.OutboundEntry;
import org.isocentre.model.Patient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is sent to one destination, one message after the other on one connection. What is noted is
 * noted before the next step: SENT before the first byte, ACKED only after an acceptance of this
 * very message was read. Used by one thread at a time.
 */
final class Line implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Line.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** Connections that lie still for longer are closed: firewalls forget them. */
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** What an attempt may need beside the answer: to connect, and the index. */
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private static final Duration RENEW = Duration.ofSeconds(1);
  private static final String NO_APPLICATION =
      "ISO-OUTBOUND-016: taken (CA), but no application acknowledgement came in application-timeout";

  private final Destination to;
  private final Parts parts;
  private final Answers answers;
  private final ApplicationAnswers late;
  private OutgoingConnection connection;
  private Instant usedAt = Instant.MIN;
  private Instant answeredAt = Instant.MIN;
  private Instant notBefore = Instant.MIN;
  private long nextSlot = System.nanoTime();
  private boolean held;
  private long heldAt;
  private int silent;
  private volatile boolean closed;

  /** What all lines share. @param holder names this process */
  record Parts(
      OutboundIndex queue,
      PatientIndex patients,
      DisclosurePermission permission,
      org.isocentre.store.ObjectStore store,
      Supplier<SSLSocketFactory> tls,
      ScheduledExecutorService watchdog,
      Acknowledgement acknowledgement,
      Clock clock,
      String holder) {}

  Line(Destination to, Parts parts) {
    this.to = to;
    this.parts = parts;
    this.answers = new Answers(parts.queue(), parts.store(), parts.clock());
    this.late = new ApplicationAnswers(List.of(to), parts.queue(), parts.store(), parts.clock());
  }

  /**
   * Sends the next message, if one is due and it may be sent now.
   *
   * @return whether there may be another one at once
   */
  boolean sendNext() {
    Instant now = parts.clock().instant();
    if (closed || now.isBefore(notBefore) || !waitForSlot()) {
      return false;
    }
    if (!holds()) {
      disconnect();
      return false;
    }
    Optional<OutboundEntry> next = parts.queue().next(to.name(), now);
    if (next.isEmpty()) {
      if (now.isAfter(usedAt.plus(IDLE))) {
        disconnect();
      }
      return false;
    }
    OutboundEntry entry = next.get();
    return mayGo(entry) ? send(entry) : true;
  }

  /** The right to send is renewed once a second, and lasts for longer than an attempt. */
  private boolean holds() {
    long nanos = System.nanoTime();
    if (held && nanos - heldAt < RENEW.toNanos()) {
      return true;
    }
    heldAt = nanos;
    Duration attempt = to.ackTimeout().plus(to.acknowledging().applicationTimeout());
    held = parts.queue().hold(to.name(), parts.holder(), attempt.plus(MARGIN));
    if (held) {
      expire();
    }
    return held;
  }

  /** What was taken is not sent again, also if its application never says what came of it. */
  private void expire() {
    int late = parts.queue().expire(to.name(), NO_APPLICATION, parts.clock().instant());
    if (late > 0) {
      LOG.warn("{}: {} messages, {}", to.name(), late, NO_APPLICATION);
    }
  }

  /**
   * @return false if the throttle's next turn is not soon
   */
  private boolean waitForSlot() {
    long wait = nextSlot - System.nanoTime();
    if (wait > RENEW.toNanos()) {
      return false;
    }
    LockSupport.parkNanos(wait);
    return nextSlot - System.nanoTime() <= 0 && !closed;
  }

  /** What was allowed when it was queued may not be so now; it is told later, once it is. */
  private boolean mayGo(OutboundEntry entry) {
    boolean hidden = parts.patients().find(entry.patientId()).map(Patient::inReview).orElse(true);
    if (hidden) {
      String why = "ISO-OUTBOUND-014: a person must decide who this is";
      if (!parts.queue().withhold(entry.id(), why)) {
        park(entry, why);
      }
      return false;
    }
    if (!parts
        .permission()
        .mayReceive(entry.patientId(), entry.custodian(), to.odsCode(), entry.messageType())) {
      String why = "the patient's consent does not allow it";
      if (!parts.queue().withhold(entry.id(), why)) {
        parts.queue().cancel(entry.id(), why);
      }
      return false;
    }
    return true;
  }

  private boolean send(OutboundEntry entry) {
    if (!connect()) {
      return false;
    }
    try (InputStream bytes = parts.store().open(entry.objectKey())) {
      exchange(entry, bytes);
    } catch (IOException e) {
      park(entry, "ISO-OUTBOUND-013: the message's bytes cannot be read from the store");
    }
    return !closed;
  }

  private void exchange(OutboundEntry entry, InputStream bytes) {
    takeSlot();
    Instant sentBefore = entry.sentAt();
    if (!parts.queue().sending(entry.id(), parts.clock().instant())) {
      return;
    }
    connection.begin(to.ackTimeout());
    Exchange.Result result =
        new Exchange(connection, to.acknowledging(), listener(entry)).run(bytes, entry.controlId());
    connection.end();
    usedAt = parts.clock().instant();
    if (result.answer() == null) {
      unanswered(entry, sentBefore, result.why());
      return;
    }
    silent = 0;
    answeredAt = usedAt;
    if (result.why() != null) {
      disconnect();
    }
    if (!result.taken()) {
      answers.settle(to, entry, result.answer(), result.raw());
    }
  }

  private Exchange.Listener listener(OutboundEntry entry) {
    return new Exchange.Listener() {
      @Override
      public void taken(Answer answer) {
        Instant now = parts.clock().instant();
        Instant until = now.plus(to.acknowledging().applicationTimeout());
        parts.queue().accepted(entry.id(), answer.shownCode(), until, now);
      }

      @Override
      public void other(Answer answer, byte[] raw) {
        late.receive(answer, raw, to.odsCode());
      }

      @Override
      public byte[] inReturn(byte[] raw) {
        return parts.acknowledgement().inReturn(raw);
      }
    };
  }

  private boolean connect() {
    if (connection != null && connection.isUsable()) {
      return true;
    }
    disconnect();
    try {
      connection =
          new OutgoingConnection(
              to.host(),
              to.port(),
              to.tls() ? parts.tls().get() : null,
              CONNECT_TIMEOUT,
              parts.watchdog());
      return true;
    } catch (IOException e) {
      // Nothing was written: this is no attempt of the message.
      rest("cannot be reached (" + e.getClass().getSimpleName() + ")");
      return false;
    }
  }

  private void takeSlot() {
    if (to.messagesPerSecond() > 0) {
      long interval = (long) (Duration.ofSeconds(1).toNanos() / to.messagesPerSecond());
      nextSlot = Math.max(nextSlot, System.nanoTime() - interval) + interval;
    }
  }

  /**
   * It will be sent again with the same control ID. It counts against the message only if the
   * destination answered others since it was sent before: else it is the destination that is
   * silent.
   */
  private void unanswered(OutboundEntry entry, Instant sentBefore, String why) {
    disconnect();
    Instant now = parts.clock().instant();
    boolean counts = sentBefore != null && answeredAt.isAfter(sentBefore);
    if (counts && entry.failures() + 1 >= to.maxAttempts()) {
      park(entry, why);
    } else {
      Instant next = now.plus(to.delayAfter(entry.attempts() + 1));
      parts.queue().unanswered(entry.id(), why, counts, next, now);
    }
    rest(why);
  }

  private void park(OutboundEntry entry, String why) {
    answers.park(to, entry, new Refusal(null, null, why));
  }

  /** The destination is left alone for a while, longer each time. */
  private void rest(String why) {
    Duration delay = to.delayAfter(++silent);
    if (silent == 1) {
      LOG.warn("Destination {}: {}; tried again in {}", to.name(), why, delay);
    }
    notBefore = parts.clock().instant().plus(delay);
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Ends what is under way: what was not answered by then will be sent again. */
  @Override
  public void close() {
    closed = true;
    OutgoingConnection open = connection;
    if (open != null) {
      open.close();
    }
  }
}
