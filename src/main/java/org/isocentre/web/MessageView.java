package org.isocentre.web;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.TrackedMessage;
import org.isocentre.model.MessageCorrection;
import org.isocentre.model.MessageStep;

/**
 * A message as lists show it: nothing in it tells of the patient. Absent parts are left out of the
 * JSON.
 *
 * @param type such as {@code ORM^O01}
 * @param application MSH-3
 * @param facility MSH-4
 * @param error stable code of why it waits for a person
 * @param detail what was found and what to do
 */
record MessageView(
    UUID id,
    TrackedMessage.Direction direction,
    MessageIndex.State state,
    String custodian,
    String type,
    String controlId,
    String application,
    String facility,
    String destination,
    String error,
    String step,
    String detail,
    Instant receivedAt,
    Instant sentAt,
    Instant lastUpdated) {

  static MessageView of(TrackedMessage m) {
    return new MessageView(
        m.id(),
        m.direction(),
        m.state(),
        m.custodian().isEmpty() ? null : m.custodian(),
        m.messageType(),
        m.controlId(),
        m.senderApplication(),
        m.senderFacility(),
        m.destination(),
        m.errorCode(),
        m.failedStep(),
        m.error(),
        m.receivedAt(),
        m.sentAt(),
        m.lastUpdated());
  }

  /**
   * @param next cursor of the next page, or null after the last
   */
  record Page(List<MessageView> messages, String next) {}

  /** A number of an order. */
  record Number(String kind, String issuer, String value) {}

  /** A correction without its text. */
  record Correction(
      int number,
      String custodian,
      String type,
      String controlId,
      String reason,
      String by,
      Instant at) {
    static Correction of(MessageCorrection c) {
      return new Correction(
          c.number(), c.custodian(), c.messageType(), c.controlId(), c.reason(), c.by(), c.at());
    }
  }

  /** A message with its journey. */
  record Whole(
      MessageView message,
      List<MessageStep> steps,
      List<String> resources,
      List<Number> numbers,
      List<Correction> corrections) {
    static Whole of(TrackedMessage m, MessageJournal journal) {
      return new Whole(
          MessageView.of(m),
          journal.steps(m.id()),
          journal.resources(m.id()).stream().map(r -> r.type() + "/" + r.id()).toList(),
          journal.orderNumbers(m.id()).stream()
              .map(n -> new Number(n.kind().name(), n.issuer(), n.value()))
              .toList(),
          journal.corrections(m.id()).stream().map(Correction::of).toList());
    }
  }
}
