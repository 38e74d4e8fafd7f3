package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.isocentre.hl7.LabelReader;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageIndex.Failure;
import org.isocentre.index.MessageJournal;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageStored;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jms.core.JmsTemplate;

/**
 * Shows HL7 messages that a step gave up on as failed. Where the index could not be told, the
 * dead-letter queues are looked through later, as they are after each start.
 */
public final class FailedMessages {
  private static final Logger LOG = LoggerFactory.getLogger(FailedMessages.class);
  private static final int MOST = 10_000;
  private static final int MAX_EVENT_BYTES = 64 * 1024;
  private static final Pattern CODE = Pattern.compile("ISO-[A-Z0-9]+-[0-9]+");

  /** Queues whose events are HL7 messages. */
  private static final Pattern QUEUES =
      Pattern.compile("jms://queue:(?!instance\\.)[a-z-]+\\.received(\\?.*)?");

  private final MessageIndex messages;
  private final MessageJournal journal;
  private final LabelReader labels;
  private final ObjectStore store;
  private final JmsTemplate queues;
  private final ObjectProvider<CamelContext> routes;
  private final ObjectMapper json;
  private final AtomicBoolean missed = new AtomicBoolean(true);

  FailedMessages(
      MessageIndex messages,
      MessageJournal journal,
      LabelReader labels,
      ObjectStore store,
      JmsTemplate queues,
      ObjectProvider<CamelContext> routes,
      ObjectMapper json) {
    this.messages = messages;
    this.journal = journal;
    this.labels = labels;
    this.store = store;
    this.queues = queues;
    this.routes = routes;
    this.json = json;
  }

  /**
   * Notes that a step gave up on an event, if it is an HL7 message's. Never throws: the event must
   * reach its dead-letter queue.
   *
   * @return what its dead letters are known by: the message's id, or the event's while the index is
   *     away; empty if it is no HL7 message's
   */
  Optional<String> gaveUp(String step, byte[] event, String reason) {
    return event(event)
        .map(
            m -> {
              if (!isFiling(step)) {
                // Such as telling the sender that its message was filed: that it was remains true.
                return m.eventId();
              }
              try {
                return note(m, step, reason, null);
              } catch (RuntimeException e) {
                missed.set(true);
                LOG.error(
                    "ISO-MESSAGE-002: a message that {} gave up on is not shown as failed yet ({}); tried again later",
                    step,
                    e.getClass().getName());
                return m.eventId();
              }
            });
  }

  private boolean isFiling(String step) {
    Route route = routes.getObject().getRoute(step);
    return route != null && QUEUES.matcher(route.getEndpoint().getEndpointUri()).matches();
  }

  private Optional<MessageStored> event(byte[] event) {
    if (event == null || event.length > MAX_EVENT_BYTES) {
      return Optional.empty();
    }
    try {
      MessageStored m = json.readValue(event, MessageStored.class);
      return Optional.ofNullable(m)
          .filter(x -> x.eventId() != null && x.messageType() != null && x.objectKey() != null);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * @param known what the dead letter is known by, or null if that may be the message's id
   * @return what it is known by
   */
  private String note(MessageStored m, String step, String reason, String known) {
    UUID id = messages.idOf(m).orElseGet(() -> journal.received(m, labelsOf(m), m.receivedAt()));
    String name = known == null ? id.toString() : known;
    journal.failed(id, new Failure(code(reason), step, reason, name));
    return name;
  }

  private MessageLabels labelsOf(MessageStored m) {
    try (InputStream in = store.open(m.objectKey())) {
      return labels.read(in.readAllBytes(), m.custodian());
    } catch (IOException e) {
      return MessageLabels.NONE;
    }
  }

  /** The stable code that a reason begins with, else the kind of failure. */
  static String code(String reason) {
    Matcher code = CODE.matcher(reason);
    return code.lookingAt() ? code.group() : reason.split(":", 2)[0];
  }

  /** Looks through the dead-letter queues if something may have been missed. */
  public void sweep() {
    if (!missed.getAndSet(false)) {
      return;
    }
    try {
      routes.getObject().getRoutes().stream()
          .filter(r -> QUEUES.matcher(r.getEndpoint().getEndpointUri()).matches())
          .map(Route::getRouteId)
          .forEach(step -> queues.browse("dead." + step, (s, browser) -> sweep(step, browser)));
    } catch (RuntimeException e) {
      missed.set(true);
      LOG.warn("Dead letters could not be looked through: {}", e.getClass().getName());
    }
  }

  private Void sweep(String step, QueueBrowser browser) throws JMSException {
    Enumeration<?> dead = browser.getEnumeration();
    for (int i = 0; i < MOST && dead.hasMoreElements(); i++) {
      Message message = (Message) dead.nextElement();
      String reason = message.getStringProperty("IsocentreReason");
      String known = message.getStringProperty("IsocentreEvent");
      Optional<MessageStored> event = event(body(message)).filter(this::isMissed);
      if (event.isPresent()) {
        MessageStored m = event.get();
        note(m, step, reason == null ? "unknown" : reason, known == null ? m.eventId() : known);
      }
    }
    return null;
  }

  /** One that was filed later, by another event, has not failed any more. */
  private boolean isMissed(MessageStored m) {
    return messages
        .idOf(m)
        .flatMap(messages::find)
        .map(t -> t.state() == MessageIndex.State.RECEIVED)
        .orElse(true);
  }

  /** Events are kept as bytes or as text. */
  static byte[] body(Message message) throws JMSException {
    if (message instanceof TextMessage text) {
      return text.getText() == null ? null : text.getText().getBytes(StandardCharsets.UTF_8);
    }
    if (message instanceof BytesMessage bytes && bytes.getBodyLength() <= MAX_EVENT_BYTES) {
      byte[] body = new byte[(int) bytes.getBodyLength()];
      bytes.readBytes(body);
      return body;
    }
    return null;
  }
}
