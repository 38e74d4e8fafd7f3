package org.isocentre.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.model.InstanceStored;
import org.isocentre.store.NoteReceiver;
import org.isocentre.store.SegmentObjectStore;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.jms.core.JmsTemplate;

/**
 * Carries the events of stored objects from the store, where each is durable with its object, to
 * {@code instance.received}, many in one commit, up to 64 of a study in one message. After a crash
 * some are carried again; filing an event twice changes nothing.
 */
public final class StoredEvents
    implements NoteReceiver, ApplicationListener<ApplicationReadyEvent> {
  private static final String QUEUE = "instance.received";
  private static final int MOST = 64;
  private final SegmentObjectStore store;
  private final JmsTemplate queues;
  private final ObjectMapper json;
  private boolean begun;

  StoredEvents(SegmentObjectStore store, ConnectionFactory connections, ObjectMapper json) {
    this.store = store;
    this.queues = new JmsTemplate(connections);
    this.queues.setSessionTransacted(true);
    this.json = json;
  }

  /** An event as it is noted. */
  byte[] note(InstanceStored event) {
    try {
      return json.writeValueAsBytes(event);
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
    queues.execute(QUEUE, (session, producer) -> send(session, producer, notes));
  }

  private Void send(Session session, MessageProducer producer, List<byte[]> notes)
      throws JMSException {
    for (Map.Entry<String, List<byte[]>> study : byStudy(notes).entrySet()) {
      List<byte[]> events = study.getValue();
      for (int from = 0; from < events.size(); from += MOST) {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(array(events.subList(from, Math.min(events.size(), from + MOST))));
        message.setStringProperty("JMSXGroupID", study.getKey());
        producer.send(message);
      }
    }
    session.commit();
    return null;
  }

  private Map<String, List<byte[]>> byStudy(List<byte[]> notes) {
    Map<String, List<byte[]>> studies = new LinkedHashMap<>();
    for (byte[] note : notes) {
      try {
        String study = json.readTree(note).path("studyInstanceUid").asText();
        studies.computeIfAbsent(study, s -> new ArrayList<>()).add(note);
      } catch (IOException e) {
        throw new IllegalStateException("a note that is no event", e);
      }
    }
    return studies;
  }

  /** JSON array of JSON values. */
  private static byte[] array(List<byte[]> values) {
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
    return json.readerForListOf(InstanceStored.class)
        .with(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        .readValue(message);
  }
}
