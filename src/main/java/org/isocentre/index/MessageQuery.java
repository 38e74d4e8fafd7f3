package org.isocentre.index;

import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.MessageLabels;

/**
 * What to search messages for. A null part matches all.
 *
 * @param custodian ODS code that the caller is limited to, or null
 * @param numbers each of them must be named; the issuer may be null
 * @param patients any of them must be named
 * @param messageType such as {@code ORM^O01}, or {@code ORM} for all of that type
 */
public record MessageQuery(
    String custodian,
    TrackedMessage.Direction direction,
    Collection<MessageLabels.Number> patients,
    MessageLabels.Number accession,
    MessageLabels.Number order,
    String controlId,
    String senderApplication,
    String senderFacility,
    String destination,
    String messageType,
    Set<MessageIndex.State> states,
    String errorCode,
    String failedStep,
    TimeRange received) {
  public static final MessageQuery ALL =
      new MessageQuery(
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          TimeRange.ANY);

  /**
   * Where a page of messages, newest first, goes on: after the message that was received then and
   * has this id.
   */
  public record Cursor(Instant receivedAt, UUID id) {}
}
