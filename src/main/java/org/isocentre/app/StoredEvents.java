package org.isocentre.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.MissingNode;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.MessageStored;
import org.isocentre.store.NoteReceiver;
import org.isocentre.store.SegmentObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.jms.core.JmsTemplate;

/**
 * Carries the events of stored objects and HL7 messages from the store, where each is durable with
 * what it tells of, to {@code instance.received} and to the queues of messages, many in one commit,
 * up to 64 of a study, and up to 64 of the messages of one sender, in one message. After a crash
 * some are carried again; filing an event twice changes nothing. What is no event waits on {@code
 * dead.notes}, and the others go on.
 */
public final class StoredEvents
    implements NoteReceiver, ApplicationListener<ApplicationReadyEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(StoredEvents.class);
  private static final String QUEUE = "instance.received";
  private static final String DEAD = "dead.notes";
  private static final String DAMAGED =
      "ISO-STORE-021: a note of the store is no event, as after damage to the disk";
  private static final int MOST = 64;
  private final SegmentObjectStore store;
  private final JmsTemplate queues;
  private final ObjectMapper json;
  private final ObjectWriter instances;
  private final ObjectWriter messages;
  private final ObjectReader trees;
  private boolean begun;

  StoredEvents(SegmentObjectStore store, ConnectionFactory connections, ObjectMapper json) {
    this.store = store;
    this.queues = new JmsTemplate(connections);
    this.queues.setSessionTransacted(true);
    this.json = json;
    this.instances = json.writerFor(InstanceStored.class);
    this.messages = json.writerFor(MessageStored.class);
    this.trees = json.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /** An event as it is noted. */
  byte[] note(InstanceStored event) {
    return bytes(instances, event);
  }

  /** An event as it is noted. */
  byte[] note(MessageStored event) {
    return bytes(messages, event);
  }

  private static byte[] bytes(ObjectWriter writer, Record event) {
    try {
      return writer.writeValueAsBytes(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void onApplicationEvent(ApplicationReadyEvent event) {
    if (!begun) {
      begun = true;
      try {
        store.deliver(this);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public void receive(List<byte[]> notes) {
    queues.execute(session -> send(session, notes), false);
  }

  /** Events that travel together, in their order. */
  private record Group(String queue, String name) {}

  /**
   * Notes by how they travel: objects' by study, messages' by sender, and those that nobody can
   * file.
   */
  private record Sorted(Map<Group, List<byte[]>> groups, List<byte[]> damaged) {}

  private Void send(Session session, List<byte[]> notes) throws JMSException {
    Sorted sorted = sort(notes);
    try (MessageProducer producer = session.createProducer(null)) {
      for (Map.Entry<Group, List<byte[]>> group : sorted.groups().entrySet()) {
        Queue queue = session.createQueue(group.getKey().queue());
        List<byte[]> events = group.getValue();
        for (int from = 0; from < events.size(); from += MOST) {
          byte[] body = array(events.subList(from, Math.min(events.size(), from + MOST)));
          producer.send(queue, message(session, body, group.getKey().name()));
        }
      }
      for (byte[] note : sorted.damaged()) {
        producer.send(session.createQueue(DEAD), dead(session, note));
      }
      session.commit();
    }
    return null;
  }

  private static BytesMessage dead(Session session, byte[] note) throws JMSException {
    LOG.error(
        "{}: {} bytes, which wait on {}; its object is stored: at the next start the check for"
            + " orphans (isocentre.store.check-orphans) names it",
        DAMAGED,
        note.length,
        DEAD);
    BytesMessage message = message(session, note, DEAD);
    message.setStringProperty("IsocentreStep", "notes");
    message.setStringProperty("IsocentreReason", DAMAGED);
    return message;
  }

  private static BytesMessage message(Session session, byte[] body, String group)
      throws JMSException {
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(body);
    message.setStringProperty("JMSXGroupID", group);
    return message;
  }

  private Sorted sort(List<byte[]> notes) {
    Sorted sorted = new Sorted(new LinkedHashMap<>(), new ArrayList<>());
    for (byte[] note : notes) {
      Group group = group(event(note));
      if (group == null) {
        sorted.damaged().add(note);
      } else {
        sorted.groups().computeIfAbsent(group, g -> new ArrayList<>()).add(note);
      }
    }
    return sorted;
  }

  /**
   * @return null if it is no event
   */
  private static Group group(JsonNode event) {
    if (event.path("messageType").isTextual()) {
      String sender = event.path("arrival").path("sender").asText();
      return new Group(
          MessageReceiver.queue(event.path("messageType").asText()),
          event.path("custodian").asText() + "|" + sender);
    }
    JsonNode study = event.path("studyInstanceUid");
    return study.isTextual() ? new Group(QUEUE, study.asText()) : null;
  }

  /**
   * @return a node without fields if the note is no JSON, or more than one value: that would spoil
   *     the array it travels in
   */
  private JsonNode event(byte[] note) {
    try {
      return trees.readTree(note);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /** JSON array of JSON values; one alone as it is. */
  private static byte[] array(List<byte[]> values) {
    if (values.size() == 1) {
      return values.get(0);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] value : values) {
      out.write(out.size() == 0 ? '[' : ',');
      out.writeBytes(value);
    }
    out.write(']');
    return out.toByteArray();
  }

  /** The events of a message: an array of them, or one. */
  public List<InstanceStored> read(byte[] message) throws IOException {
    return read(message, InstanceStored.class);
  }

  /** As {@link #read}, of HL7 messages. */
  public List<MessageStored> messages(byte[] message) throws IOException {
    return read(message, MessageStored.class);
  }

  private <T> List<T> read(byte[] message, Class<T> type) throws IOException {
    return json.readerForListOf(type)
        .with(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        .readValue(message);
  }
}
