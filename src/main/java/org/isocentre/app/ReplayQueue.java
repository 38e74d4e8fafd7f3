package org.isocentre.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.Enumeration;
import org.isocentre.index.TrackedMessage;
import org.isocentre.model.MessageStored;
import org.springframework.jms.core.JmsTemplate;

/**
 * Puts a message's event on the queue of its step. An event of it that waits on a dead-letter queue
 * is taken from there in the same transaction, so there is never none and never two.
 */
final class ReplayQueue {
  private static final int MOST_DEAD = 10_000;
  private final JmsTemplate queues;
  private final ObjectMapper json;

  ReplayQueue(ConnectionFactory connections, ObjectMapper json) {
    this.queues = new JmsTemplate(connections);
    this.queues.setSessionTransacted(true);
    this.json = json;
  }

  /**
   * @param failed the message as it was before: tells where its dead letter is
   * @throws org.springframework.jms.JmsException if nothing was done
   */
  void put(String queue, MessageStored event, TrackedMessage failed) {
    queues.execute(
        session -> {
          if (failed.deadEvent() != null && failed.failedStep() != null) {
            take(session, "dead." + failed.failedStep(), failed.deadEvent());
          }
          send(session, queue, event);
          session.commit();
          return null;
        },
        true);
  }

  private void take(Session session, String name, String eventId) throws JMSException {
    if (!eventId.matches("[A-Za-z0-9-]{1,64}")) {
      return;
    }
    Queue queue = session.createQueue(name);
    if (!take(session, queue, "IsocentreEvent = '" + eventId + "'")) {
      // It died before dead letters were given their event's id.
      String id = find(session, queue, eventId);
      if (id != null) {
        take(session, queue, "JMSMessageID = '" + id + "'");
      }
    }
  }

  private static boolean take(Session session, Queue queue, String selector) throws JMSException {
    boolean found = false;
    try (MessageConsumer consumer = session.createConsumer(queue, selector)) {
      while (consumer.receiveNoWait() != null) {
        found = true;
      }
    }
    return found;
  }

  private String find(Session session, Queue queue, String eventId) throws JMSException {
    try (QueueBrowser browser = session.createBrowser(queue)) {
      Enumeration<?> dead = browser.getEnumeration();
      for (int i = 0; i < MOST_DEAD && dead.hasMoreElements(); i++) {
        Message message = (Message) dead.nextElement();
        if (eventId.equals(eventId(FailedMessages.body(message)))) {
          return message.getJMSMessageID();
        }
      }
    }
    return null;
  }

  private String eventId(byte[] body) {
    if (body == null) {
      return null;
    }
    try {
      JsonNode event = json.readTree(body);
      return event == null ? null : event.path("eventId").asText(null);
    } catch (IOException e) {
      return null;
    }
  }

  private void send(Session session, String queue, MessageStored event) throws JMSException {
    try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
      BytesMessage message = session.createBytesMessage();
      message.writeBytes(json.writeValueAsBytes(event));
      // One consumer files all that is done again from one queue, in the order in which it came.
      message.setStringProperty("JMSXGroupID", "replay");
      producer.send(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
