package org.isocentre.app;

import ca.uhn.hl7v2.HL7Exception;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.isocentre.camel.hl7.MllpConnections;
import org.isocentre.exchange.Hl7Senders;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.hl7.AcknowledgementMode.Condition;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.MessageProblem;
import org.isocentre.model.MessageStored;
import org.isocentre.store.ObjectStore;

/**
 * Application acknowledgements of enhanced mode (HL7 v2 §2.9.3.2): what a sender asked in MSH-16 to
 * be told once its message has been filed, or could not be.
 */
public final class ApplicationAcknowledgements {
  private static final int HEAD_BYTES = 4096;
  private final ObjectStore store;
  private final Hl7Senders senders;
  private final MllpConnections connections;
  private final Acknowledgement acknowledgement;
  private final ObjectMapper json;

  ApplicationAcknowledgements(
      ObjectStore store,
      Hl7Senders senders,
      MllpConnections connections,
      Acknowledgement acknowledgement,
      ObjectMapper json) {
    this.store = store;
    this.senders = senders;
    this.connections = connections;
    this.acknowledgement = acknowledgement;
    this.json = json;
  }

  /** Those of filed messages whose senders want to know that, and can be told. */
  public List<MessageStored> dueWhenFiled(List<MessageStored> events) {
    return events.stream().filter(event -> isDue(event, true)).toList();
  }

  /** Whether the sender of the message that a step gave up on wants to know, and can be told. */
  public boolean isDueWhenFailed(byte[] event) throws IOException {
    try {
      return isDue(json.readValue(event, MessageStored.class), false);
    } catch (JacksonException e) {
      return false;
    }
  }

  private boolean isDue(MessageStored event, boolean success) {
    MessageStored.Arrival arrival = event.arrival();
    return arrival != null
        && arrival.applicationAcknowledgement() != null
        && Condition.valueOf(arrival.applicationAcknowledgement()).asksFor(success)
        && (arrival.connection() != null || hasReturnAddress(event));
  }

  private boolean hasReturnAddress(MessageStored event) {
    String[] names = event.arrival().sender().split("\\|", 2);
    return senders.returnAddress(event.custodian(), names[0], names[1]).isPresent();
  }

  /**
   * Replaces an event by its acknowledgement, AE if header {@code IsocentreReason} is there. Header
   * {@code IsocentreReturnAddress} is set for a sender that wants it elsewhere, {@code
   * IsocentreConnection} for one that wants it by the same connection.
   */
  public void build(Exchange exchange) throws IOException, HL7Exception {
    MessageStored event = exchange.getMessage().getBody(MessageStored.class);
    byte[] head;
    try (InputStream in = store.open(event.objectKey())) {
      head = in.readNBytes(HEAD_BYTES);
    }
    Hl7Message.Header header =
        Hl7Message.header(head)
            .orElseThrow(() -> new HL7Exception("ISO-HL7-112: the stored message has no MSH"));
    Optional<String> address =
        senders.returnAddress(
            event.custodian(), header.sendingApplication(), header.sendingFacility());
    boolean failed = exchange.getMessage().getHeader("IsocentreReason") != null;
    exchange
        .getMessage()
        .setBody(
            acknowledgement.application(
                header, failed ? List.of(notFiled()) : List.of(), address.isPresent()));
    exchange.getMessage().setHeader("IsocentreReturnAddress", address.orElse(null));
    exchange.getMessage().setHeader("IsocentreConnection", event.arrival().connection());
  }

  private static MessageProblem notFiled() {
    return new MessageProblem(
        "MSH",
        1,
        0,
        MessageProblem.INTERNAL,
        false,
        "the message is stored but could not be filed; it waits for a person at the hub, do not"
            + " send it again");
  }

  /**
   * Sends an acknowledgement by the connection that its message came by.
   *
   * @throws IOException if it is closed; tried again, since a step's failure is
   */
  public void deliver(Exchange exchange) throws IOException, InterruptedException {
    String connection = exchange.getMessage().getHeader("IsocentreConnection", String.class);
    if (!connections.send(connection, exchange.getMessage().getBody(byte[].class))) {
      throw new IOException(
          "ISO-HL7-113: the connection that the message came by is closed; the sender can be given"
              + " an acknowledge-to in isocentre.trusts, where it listens for acknowledgements");
    }
  }
}
