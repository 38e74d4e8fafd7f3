package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.MessageStored;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jms.core.JmsTemplate;

/** Which queue each note of the store goes to, with a broker in memory. */
class StoredEventsTest {
  private static final Instant NOW = Instant.parse("2026-11-01T09:00:00Z");
  private static final EmbeddedActiveMQ BROKER = new EmbeddedActiveMQ();
  private static ActiveMQConnectionFactory connections;
  private static JmsTemplate queues;
  private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
  private final StoredEvents events = new StoredEvents(null, connections, json);

  @BeforeAll
  static void start() throws Exception {
    BROKER
        .setConfiguration(
            new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .addAcceptorConfiguration("vm", "vm://77"))
        .start();
    connections = new ActiveMQConnectionFactory("vm://77");
    queues = new JmsTemplate(connections);
    queues.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
  }

  @AfterAll
  static void stop() throws Exception {
    connections.close();
    BROKER.stop();
  }

  private byte[] instance(String uid) {
    return events.note(
        new InstanceStored(
            uid, "RTH", "PACS", "1.2.3", uid, "1.2.4", "1.2.5", "dicom/" + uid, "00", 1, NOW));
  }

  private byte[] message(String id) {
    return events.note(new MessageStored(id, "RTH", "ORM^O01", id, "hl7/" + id, "UTF-8", NOW));
  }

  private byte[] message(String id, String sender) {
    return events.note(
        new MessageStored(
            id,
            "RTH",
            "ORM^O01",
            id,
            "hl7/" + id,
            "UTF-8",
            NOW,
            new MessageStored.Arrival(sender, null, null)));
  }

  private static BytesMessage next(String queue) {
    return (BytesMessage) queues.receive(queue);
  }

  private static byte[] body(BytesMessage message) throws JMSException {
    byte[] body = new byte[(int) message.getBodyLength()];
    message.readBytes(body);
    return body;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000\u0000",
        "{\"studyInstanceUid\":\"1.2",
        "7",
        "{}",
        "{\"studyInstanceUid\":null}",
        "{\"messageType\":7}",
        "{\"studyInstanceUid\":\"1.2.3\"} {}"
      })
  void aDamagedNoteIsSetAsideAndTheOthersGoOn(String damage) throws Exception {
    byte[] damaged = damage.getBytes(StandardCharsets.UTF_8);
    events.receive(List.of(instance("1.2.3.1"), damaged, message("M1"), instance("1.2.3.2")));

    assertThat(events.read(body(next("instance.received"))))
        .extracting(InstanceStored::sopInstanceUid)
        .containsExactly("1.2.3.1", "1.2.3.2");
    assertThat(json.readTree(body(next("order.received"))).path("eventId").asText())
        .isEqualTo("M1");
    BytesMessage dead = next("dead.notes");
    assertThat(body(dead)).isEqualTo(damaged);
    assertThat(dead.getStringProperty("IsocentreStep")).isEqualTo("notes");
    assertThat(dead.getStringProperty("IsocentreReason")).startsWith("ISO-STORE-021");
    assertThat(next("dead.notes")).isNull();
    assertThat(next("instance.received")).isNull();
  }

  @Test
  void objectsOfAStudyTravelTogetherAndSoDoMessagesOfASender() throws Exception {
    events.receive(
        List.of(message("M1"), instance("1.2.3.1"), message("M2", "RIS|RTH"), message("M3")));

    BytesMessage first = next("order.received");
    assertThat(first.getStringProperty("JMSXGroupID")).isEqualTo("RTH|");
    assertThat(events.messages(body(first)))
        .extracting(MessageStored::eventId)
        .containsExactly("M1", "M3");
    BytesMessage second = next("order.received");
    assertThat(second.getStringProperty("JMSXGroupID")).isEqualTo("RTH|RIS|RTH");
    assertThat(events.messages(body(second)))
        .extracting(MessageStored::eventId)
        .containsExactly("M2");
    assertThat(next("order.received")).isNull();
    assertThat(next("instance.received").getStringProperty("JMSXGroupID")).isEqualTo("1.2.3");
    assertThat(next("dead.notes")).isNull();
  }

  @Test
  void manyMessagesOfASenderTravelInSeveralInOrder() throws Exception {
    List<String> ids = IntStream.range(0, 150).mapToObj(i -> "M" + i).toList();
    events.receive(ids.stream().map(this::message).toList());

    List<String> arrived = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (BytesMessage m = next("order.received"); m != null; m = next("order.received")) {
      List<MessageStored> read = events.messages(body(m));
      sizes.add(read.size());
      read.forEach(event -> arrived.add(event.eventId()));
    }
    assertThat(arrived).isEqualTo(ids);
    assertThat(sizes).containsExactly(64, 64, 22);
  }
}
