package org.isocentre.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.LabelReader;
import org.isocentre.hl7.MessageProblem;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageIndex.State;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.TrackedMessage;
import org.isocentre.index.TrackedMessage.Direction;
import org.isocentre.model.Caller;
import org.isocentre.model.MessageCorrection;
import org.isocentre.model.MessageStep;
import org.isocentre.model.MessageStored;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.MessageRepair;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.jms.JmsException;
import org.springframework.web.server.ResponseStatusException;

/** Corrects and replays messages from the store. */
final class StoredMessageRepair implements MessageRepair {
  private static final Logger LOG = LoggerFactory.getLogger(StoredMessageRepair.class);
  private static final String OLDER_STAYS =
      "queued; what a newer message of the same order, report or patient said stays";
  private static final String CUT =
      "of a message of no known sender only the first 64 KiB are kept, and this had more: have it"
          + " sent again, or give the whole of it as a correction";
  private static final String UNPROVEN =
      "its sender is bound to an address or a certificate, and this came from elsewhere or before"
          + " that was known; if it is really of that sender, give its text as a correction";
  private final ObjectStore store;
  private final TrustDirectory directory;
  private final MessageIndex messages;
  private final MessageJournal journal;
  private final LabelReader labels;
  private final ReplayQueue queue;
  private final ReplayPreview preview;
  private final ObjectProvider<SentMessages> sent;
  private final IsocentreProperties properties;
  private final Clock clock;

  StoredMessageRepair(
      ObjectStore store,
      TrustDirectory directory,
      MessageIndex messages,
      MessageJournal journal,
      LabelReader labels,
      ReplayQueue queue,
      ReplayPreview preview,
      ObjectProvider<SentMessages> sent,
      IsocentreProperties properties,
      Clock clock) {
    this.store = store;
    this.directory = directory;
    this.messages = messages;
    this.journal = journal;
    this.labels = labels;
    this.queue = queue;
    this.preview = preview;
    this.sent = sent;
    this.properties = properties;
    this.clock = clock;
  }

  /** Sends outgoing messages again. */
  interface SentMessages {
    /**
     * @return false if the message is waiting to be sent already
     */
    boolean resend(UUID message);
  }

  /** What a replay would file, or why it cannot. */
  private record Candidate(
      TrackedMessage message,
      Integer correction,
      ReplayPreview.Prepared prepared,
      List<MessageProblem> problems) {
    Replay answer(Outcome outcome, String code, String note, List<Change> changes) {
      return new Replay(message.id(), outcome, correction, code, note, changes);
    }

    Replay notFileable() {
      MessageProblem p = problems.get(0);
      return answer(Outcome.NOT_FILEABLE, RefusedMessages.code(p), p.text(), null);
    }
  }

  @Override
  public InputStream open(String objectKey) throws IOException {
    return store.open(objectKey);
  }

  @Override
  public long maxBytes() {
    return properties.mllp().maxMessageSize().toBytes();
  }

  @Override
  public int most(boolean dryRun) {
    return dryRun ? properties.messages().maxPreview() : properties.messages().maxReplay();
  }

  @Override
  public MessageCorrection correct(TrackedMessage message, byte[] raw, String reason, Caller by) {
    if (message.direction() == Direction.OUT) {
      throw new ResponseStatusException(
          HttpStatus.CONFLICT,
          "ISO-MESSAGE-028: an outgoing message is made from the index; correct that, and send anew");
    }
    if (RefusedMessages.isCut(message.custodian(), raw.length)) {
      throw new NotFileable("ISO-MESSAGE-017: the text is cut off: " + CUT, List.of());
    }
    byte[] text = segments(raw);
    Hl7Message.Header header =
        Hl7Message.header(text)
            .orElseThrow(
                () ->
                    new NotFileable(
                        "ISO-MESSAGE-017: the text does not begin with MSH", List.of()));
    Optional<String> custodian = custodian(header, message.custodian());
    List<MessageProblem> problems = MessageReceiver.problems(text, header, custodian.isPresent());
    if (!problems.isEmpty()) {
      throw new NotFileable("ISO-MESSAGE-017: the corrected text cannot be filed", view(problems));
    }
    if (isOfAnother(message, custodian.get())) {
      throw new NotFileable(
          "ISO-MESSAGE-018: the corrected text names a sender of another trust; MSH-3 and MSH-4 must be of the same",
          List.of());
    }
    try {
      return journal.correct(
          message.id(),
          new MessageCorrection(
              0,
              RouteConfiguration.keep(store, "hl7", text),
              custodian.get(),
              header.controlId(),
              header.messageType(),
              header.charset().name(),
              reason,
              by.subject(),
              clock.instant()),
          labels.read(text, custodian.get()));
    } catch (IOException e) {
      throw new ResponseStatusException(
          HttpStatus.INTERNAL_SERVER_ERROR,
          "ISO-MESSAGE-026: the correction could not be stored; look at the hub's disk",
          e);
    }
  }

  /**
   * Whose a stored message is: of the trust that it was of, if that has such a sender; of one that
   * came from nobody known, the only trust that has one.
   *
   * @param before ODS code that it was taken for, or empty
   */
  private Optional<String> custodian(Hl7Message.Header header, String before) {
    Set<String> trusts =
        directory.senders().trusts(header.sendingApplication(), header.sendingFacility());
    if (trusts.contains(before)) {
      return Optional.of(before);
    }
    return trusts.size() == 1 ? trusts.stream().findFirst() : Optional.empty();
  }

  /**
   * Whether nobody may tell whose a stored message is but a person, in a correction: it came from
   * nobody known, and its names count at some address or with some certificate alone. It was
   * refused for that perhaps, and where it came from is not kept.
   */
  private boolean isUnproven(Hl7Message.Header header, String before) {
    String application = header.sendingApplication();
    String facility = header.sendingFacility();
    return before.isEmpty()
        && !directory.senders().trusts(application, facility).isEmpty()
        && directory.senders().openTrusts(application, facility).isEmpty();
  }

  private static boolean isOfAnother(TrackedMessage m, String custodian) {
    return !m.custodian().isEmpty() && !m.custodian().equals(custodian);
  }

  private static List<Problem> view(List<MessageProblem> problems) {
    return problems.stream().map(p -> new Problem(RefusedMessages.code(p), p.text())).toList();
  }

  /** Without MLLP's framing; lines of an editor become segments. UTF-16 stays as it is. */
  static byte[] segments(byte[] raw) {
    if (isWide(raw)) {
      return raw;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length + 1);
    byte last = '\r';
    for (byte b : raw) {
      boolean end = b == '\r' || b == '\n';
      if (end && last != '\r') {
        out.write('\r');
      } else if (!end && b != 0x0b && b != 0x1c) {
        out.write(b);
      } else {
        continue;
      }
      last = end ? (byte) '\r' : b;
    }
    return out.toByteArray();
  }

  /** Begins with a byte order mark, or with a zero beside its first letter. */
  private static boolean isWide(byte[] raw) {
    int first = raw.length < 2 ? -1 : (raw[0] & 0xff) << 8 | raw[1] & 0xff;
    return first == 0xfeff || first == 0xfffe || first > 0 && (raw[0] == 0 || raw[1] == 0);
  }

  @Override
  public List<Replay> preview(List<TrackedMessage> chosen) {
    List<Candidate> candidates = new ArrayList<>();
    List<ReplayPreview.Prepared> prepared = new ArrayList<>();
    for (TrackedMessage m : chosen) {
      Candidate c =
          m.direction() == Direction.OUT ? new Candidate(m, null, null, List.of()) : candidate(m);
      candidates.add(c);
      if (c.prepared() != null) {
        prepared.add(c.prepared());
      }
    }
    Iterator<ReplayPreview.Preview> previews =
        prepared.isEmpty() ? Collections.emptyIterator() : preview.of(prepared).iterator();
    return candidates.stream()
        .map(
            c -> {
              if (c.prepared() != null) {
                return previewed(c, previews.next());
              }
              return c.problems().isEmpty()
                  ? c.answer(Outcome.WOULD_CHANGE_NOTHING, null, "would be sent again", List.of())
                  : c.notFileable();
            })
        .toList();
  }

  private static Replay previewed(Candidate c, ReplayPreview.Preview p) {
    String code = p.outcome() == Outcome.WOULD_FAIL ? FailedMessages.code(p.note()) : null;
    return c.answer(p.outcome(), code, p.note(), p.changes());
  }

  @Override
  public List<Replay> replay(List<TrackedMessage> chosen, String reason, Caller by) {
    return chosen.stream()
        .map(m -> m.direction() == Direction.OUT ? resend(m, reason, by) : file(m, reason, by))
        .toList();
  }

  private Replay resend(TrackedMessage m, String reason, Caller by) {
    boolean sending = sent.stream().findFirst().map(s -> s.resend(m.id())).orElse(false);
    if (!sending) {
      return waiting(m, "nothing sends it again now; it may be on its way");
    }
    journal.step(m.id(), MessageStep.Kind.REPLAYED, by.subject(), reason, clock.instant());
    return new Replay(m.id(), Outcome.QUEUED, null, null, "to be sent again", null);
  }

  private static Replay waiting(TrackedMessage m, String why) {
    return new Replay(m.id(), Outcome.WAITING, null, "ISO-MESSAGE-019", why, null);
  }

  private Replay file(TrackedMessage m, String reason, Caller by) {
    Instant now = clock.instant();
    Duration age = Duration.between(m.lastUpdated(), now);
    if (m.state() == State.RECEIVED && age.compareTo(properties.messages().lostAfter()) < 0) {
      return waiting(m, "it waits to be filed already");
    }
    Candidate c = candidate(m);
    if (!c.problems().isEmpty()) {
      return c.notFileable();
    }
    // First the state: what files the event must find it received.
    if (!messages.claim(m.id(), m.state(), State.RECEIVED)) {
      return waiting(m, "somebody else has it done again");
    }
    try {
      queue.put(c.prepared().queue(), c.prepared().event(), m);
    } catch (JmsException e) {
      messages.claim(m.id(), State.RECEIVED, m.state());
      LOG.warn("ISO-MESSAGE-023: a message could not be queued again", e);
      return c.answer(
          Outcome.UNAVAILABLE,
          "ISO-MESSAGE-023",
          "the queue does not take events now; try again soon",
          null);
    }
    journal.step(m.id(), MessageStep.Kind.REPLAYED, by.subject(), reason, now);
    return c.answer(Outcome.QUEUED, null, OLDER_STAYS, null);
  }

  /** The newest text of a message, checked. */
  private Candidate candidate(TrackedMessage m) {
    List<MessageCorrection> corrections = journal.corrections(m.id());
    MessageCorrection newest =
        corrections.isEmpty() ? null : corrections.get(corrections.size() - 1);
    String key = newest == null ? m.objectKey() : newest.objectKey();
    Integer number = newest == null ? null : newest.number();
    byte[] raw;
    try (InputStream in = store.open(key)) {
      raw = in.readAllBytes();
    } catch (IOException e) {
      LOG.warn("ISO-MESSAGE-026: {} cannot be read", key, e);
      return new Candidate(
          m, number, null, problem(MessageProblem.INTERNAL, "its text cannot be read"));
    }
    Optional<Hl7Message.Header> header = Hl7Message.header(raw);
    if (newest == null && RefusedMessages.isCut(m.custodian(), raw.length)) {
      return new Candidate(m, null, null, problem(MessageProblem.SEGMENT_SEQUENCE, CUT));
    }
    if (newest == null && header.filter(h -> isUnproven(h, m.custodian())).isPresent()) {
      return new Candidate(m, null, null, problem(MessageProblem.UNKNOWN_KEY, UNPROVEN));
    }
    Optional<String> custodian = header.flatMap(h -> custodian(h, m.custodian()));
    List<MessageProblem> problems =
        header
            .map(h -> MessageReceiver.problems(raw, h, custodian.isPresent()))
            .orElseGet(() -> problem(MessageProblem.SEGMENT_SEQUENCE, "no MSH segment"));
    if (!problems.isEmpty()) {
      return new Candidate(m, number, null, problems);
    }
    if (isOfAnother(m, custodian.get())) {
      return new Candidate(
          m,
          number,
          null,
          problem(MessageProblem.UNKNOWN_KEY, "its sender belongs to another trust now"));
    }
    Hl7Message.Header h = header.get();
    MessageStored event =
        new MessageStored(
            m.id().toString(),
            custodian.get(),
            h.messageType(),
            h.controlId(),
            key,
            h.charset().name(),
            m.receivedAt());
    return new Candidate(
        m,
        number,
        new ReplayPreview.Prepared(MessageReceiver.queue(h.messageType()), event),
        problems);
  }

  private static List<MessageProblem> problem(int code, String text) {
    return List.of(new MessageProblem("MSH", 1, 0, code, true, text));
  }
}
