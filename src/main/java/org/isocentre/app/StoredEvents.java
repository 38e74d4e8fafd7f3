package org.isocentre.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.List;
import org.isocentre.model.InstanceStored;
import org.isocentre.store.NoteReceiver;
import org.isocentre.store.SegmentObjectStore;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.jms.core.JmsTemplate;

/**
 * Carries the events of stored objects from the store, where each is durable with its object, to
 * {@code instance.received}, many in one commit. After a crash some are carried again; filing an
 * event twice changes nothing.
 */
final class StoredEvents implements NoteReceiver, ApplicationListener<ApplicationReadyEvent> {
  private static final String QUEUE = "instance.received";
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
    try {
      for (byte[] note : notes) {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(note);
        message.setStringProperty(
            "JMSXGroupID", json.readValue(note, InstanceStored.class).studyInstanceUid());
        producer.send(message);
      }
      session.commit();
      return null;
    } catch (IOException e) {
      throw new IllegalStateException("a note that is no event", e);
    }
  }
}
