package org.isocentre.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocketFactory;
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

  private final Destination to;
  private final Parts parts;
  private MllpConnection connection;
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
      SSLSocketFactory tls,
      ScheduledExecutorService watchdog,
      Clock clock,
      String holder) {}

  Line(Destination to, Parts parts) {
    this.to = to;
    this.parts = parts;
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
    held = parts.queue().hold(to.name(), parts.holder(), to.ackTimeout().plus(MARGIN));
    return held;
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

  /** What was allowed when it was queued may not be so now. */
  private boolean mayGo(OutboundEntry entry) {
    boolean hidden = parts.patients().find(entry.patientId()).map(Patient::inReview).orElse(true);
    if (hidden) {
      park(entry, new Refusal(null, null, "ISO-OUTBOUND-014: a person must decide who this is"));
      return false;
    }
    if (!parts
        .permission()
        .mayReceive(entry.patientId(), entry.custodian(), to.odsCode(), entry.messageType())) {
      parts.queue().cancel(entry.id(), "the patient's consent does not allow it");
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
      park(
          entry,
          new Refusal(
              null, null, "ISO-OUTBOUND-013: the message's bytes cannot be read from the store"));
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
    Exchange.Result result = Exchange.run(connection, bytes, entry.controlId());
    connection.end();
    usedAt = parts.clock().instant();
    if (result.answer() == null) {
      unanswered(entry, sentBefore, result.why());
    } else {
      answered(entry, result);
    }
  }

  private boolean connect() {
    if (connection != null && connection.isUsable()) {
      return true;
    }
    disconnect();
    try {
      connection =
          new MllpConnection(
              to.host(),
              to.port(),
              to.tls() ? parts.tls() : null,
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

  private void answered(OutboundEntry entry, Exchange.Result result) {
    Instant now = parts.clock().instant();
    silent = 0;
    answeredAt = now;
    Answer answer = result.answer();
    if (answer.verdict() == Answer.Verdict.ACCEPTED) {
      parts.queue().acknowledged(entry.id(), answer.shownCode(), now);
      return;
    }
    String error =
        "ISO-OUTBOUND-015: %s answered %s%s"
            .formatted(
                to.name(),
                answer.shownCode(),
                answer.error() == null ? "" : ", error " + answer.error());
    Refusal refusal = new Refusal(answer.shownCode(), keep(result.raw()), error);
    boolean again =
        answer.verdict() == Answer.Verdict.ERROR
            && to.onError() == Destination.OnError.RETRY
            && entry.failures() + 1 < to.maxAttempts();
    if (again) {
      Instant next = now.plus(to.delayAfter(entry.failures() + 1));
      LOG.warn("Message {} {}: {}; tried again", entry.id(), entry.messageType(), error);
      parts.queue().failed(entry.id(), refusal, next, now);
    } else {
      park(entry, refusal);
    }
  }

  /** The answer is kept for people to read; its texts may hold what the message said. */
  private String keep(byte[] raw) {
    try (var writer = parts.store().create("hl7")) {
      writer.write(java.nio.ByteBuffer.wrap(raw));
      return writer.commit().key();
    } catch (IOException e) {
      LOG.warn("An answer of {} could not be kept ({})", to.name(), e.getClass().getSimpleName());
      return null;
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
      park(entry, new Refusal(null, null, why));
    } else {
      Instant next = now.plus(to.delayAfter(entry.attempts() + 1));
      parts.queue().unanswered(entry.id(), why, counts, next, now);
    }
    rest(why);
  }

  private void park(OutboundEntry entry, Refusal refusal) {
    LOG.warn(
        "Message {} {} to {} is parked: {}",
        entry.id(),
        entry.messageType(),
        to.name(),
        refusal.error());
    parts.queue().park(entry.id(), refusal, parts.clock().instant());
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
    MllpConnection open = connection;
    if (open != null) {
      open.close();
    }
  }
}
