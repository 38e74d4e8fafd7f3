package org.isocentre.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Who asked to be told of what.
 *
 * @param version from 1
 * @param resource as its owner wrote it (JSON), without headers
 * @param headers of each call to the endpoint, {@code name: value}; may be secrets
 * @param owner whose it is, as their token said
 * @param serverBase where this server is, as its owner calls it
 * @param endsAt after which it is off, or null
 * @param heartbeatSeconds after which a silent endpoint gets a heartbeat, or null
 * @param events how many it has had
 * @param error why the last attempt failed, or null
 * @param failures attempts in a row that failed
 * @param lastSentAt when the endpoint last took something, or null
 */
public record Subscription(
    UUID id,
    int version,
    Status status,
    SubscriptionTopic topic,
    String resource,
    List<String> headers,
    Caller owner,
    String serverBase,
    Instant endsAt,
    Integer heartbeatSeconds,
    long events,
    String error,
    int failures,
    Instant lastSentAt,
    Instant createdAt,
    Instant lastUpdated) {
  /** Codes of R4 SubscriptionStatus. */
  public enum Status {
    /** Its endpoint has to answer a handshake yet. */
    REQUESTED,
    ACTIVE,
    /** Attempts ran out; what is waiting goes on waiting. */
    ERROR,
    OFF
  }

  public Subscription {
    headers = List.copyOf(headers);
  }

  @Override
  public String toString() {
    return "Subscription[" + id + ", " + topic + ", " + status + "]";
  }
}
