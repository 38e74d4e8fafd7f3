package org.isocentre.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.isocentre.hl7.LabelReader;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageIndex.Failure;
import org.isocentre.index.MessageIndex.State;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.OutboundIndex;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageStep.Kind;
import org.isocentre.model.MessageStored;
import org.isocentre.store.ObjectStore;

/** Keeps the journey of messages out beside that of messages in. */
final class OutboundJourney implements OutboundIndex.Journey {
  /** Patient, order and accession stand before any document. */
  private static final int HEAD = 64 * 1024;

  private static final String STEP = "hl7-send";
  private final ObjectStore store;
  private final MessageJournal journal;
  private final MessageIndex messages;
  private final LabelReader labels;

  OutboundJourney(
      ObjectStore store, MessageJournal journal, MessageIndex messages, LabelReader labels) {
    this.store = store;
    this.journal = journal;
    this.messages = messages;
    this.labels = labels;
  }

  @Override
  public void queued(UUID id, String destination, OutboundIndex.Draft draft, Instant at) {
    journal.outgoing(message(id, draft, at), labels(draft), destination);
    if (draft.objectKey() == null) {
      step(id, Kind.PARKED, null, draft.error(), at);
    }
  }

  @Override
  public void rebuilt(UUID id, OutboundIndex.Draft draft, String before, String by, Instant at) {
    journal.rebuilt(message(id, draft, at), labels(draft), by, "before: " + before);
    if (draft.objectKey() == null) {
      step(id, Kind.PARKED, null, draft.error(), at);
    }
  }

  private static MessageStored message(UUID id, OutboundIndex.Draft draft, Instant at) {
    return new MessageStored(
        id.toString(),
        custodian(draft),
        draft.messageType(),
        draft.controlId(),
        draft.objectKey() == null ? "" : draft.objectKey(),
        StandardCharsets.UTF_8.name(),
        at);
  }

  private MessageLabels labels(OutboundIndex.Draft draft) {
    return draft.objectKey() == null
        ? MessageLabels.NONE
        : labels.read(head(draft.objectKey()), custodian(draft));
  }

  private static String custodian(OutboundIndex.Draft draft) {
    return draft.custodian() == null ? "" : draft.custodian();
  }

  private byte[] head(String key) {
    try (InputStream in = store.open(key)) {
      return in.readNBytes(HEAD);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void step(UUID id, Kind kind, String by, String detail, Instant at) {
    journal.step(id, kind, by, detail, at);
    messages.became(id, state(kind), kind == Kind.PARKED ? failure(detail) : null);
  }

  private static State state(Kind kind) {
    return switch (kind) {
      case QUEUED -> State.QUEUED;
      case SENT -> State.SENT;
      case ACKNOWLEDGED -> State.ACKNOWLEDGED;
      case PARKED -> State.PARKED;
      case CANCELLED -> State.CANCELLED;
      default -> throw new IllegalArgumentException("no step of a message out: " + kind);
    };
  }

  private static Failure failure(String detail) {
    String text = detail == null ? "" : detail;
    int end = text.indexOf(':');
    boolean coded = text.startsWith("ISO-") && end > 0;
    return new Failure(coded ? text.substring(0, end) : "UNKNOWN", STEP, text, null);
  }
}
