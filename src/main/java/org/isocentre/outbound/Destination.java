package org.isocentre.outbound;

import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Set;
import org.isocentre.hl7.OutboundKind;
import org.isocentre.hl7.OutboundRules;

/**
 * Where HL7 v2 messages go: one system of one trust.
 *
 * @param name unique, such as {@code rj1-ris}
 * @param odsCode of its trust
 * @param tls whether it listens for TLS
 * @param application MSH-5
 * @param facility MSH-6
 * @param messages what it wants
 * @param version MSH-12
 * @param charsetName MSH-18 (HL7 table 0211), or null to leave it out
 * @param charset that the bytes are in
 * @param rules what it wants otherwise
 * @param messagesPerSecond at most; 0 for no limit
 * @param ackTimeout from the first byte written to the last byte of the answer
 * @param maxAttempts that failed, before a message is parked
 * @param onError what AE and CE lead to
 * @param retryDelay before the second attempt; doubles up to {@code maxRetryDelay}
 * @param acknowledging how it is asked to
 */
public record Destination(
    String name,
    String odsCode,
    String host,
    int port,
    boolean tls,
    String application,
    String facility,
    Set<OutboundKind> messages,
    String version,
    String charsetName,
    Charset charset,
    OutboundRules rules,
    double messagesPerSecond,
    Duration ackTimeout,
    int maxAttempts,
    OnError onError,
    Duration retryDelay,
    Duration maxRetryDelay,
    Acknowledging acknowledging) {
  public Destination {
    messages = Set.copyOf(messages);
  }

  /** In original mode. */
  public Destination(
      String name,
      String odsCode,
      String host,
      int port,
      boolean tls,
      String application,
      String facility,
      Set<OutboundKind> messages,
      String version,
      String charsetName,
      Charset charset,
      OutboundRules rules,
      double messagesPerSecond,
      Duration ackTimeout,
      int maxAttempts,
      OnError onError,
      Duration retryDelay,
      Duration maxRetryDelay) {
    this(
        name,
        odsCode,
        host,
        port,
        tls,
        application,
        facility,
        messages,
        version,
        charsetName,
        charset,
        rules,
        messagesPerSecond,
        ackTimeout,
        maxAttempts,
        onError,
        retryDelay,
        maxRetryDelay,
        Acknowledging.ORIGINAL);
  }

  /** What an error that the destination answers leads to. */
  public enum OnError {
    /** It is sent again, up to the most attempts; then it is parked. */
    RETRY,
    /** It waits for a person. */
    PARK
  }

  /** How long to wait after so many failures in a row. */
  Duration delayAfter(int failures) {
    long delay = retryDelay.toMillis() << Math.min(Math.max(failures - 1, 0), 20);
    return delay < 0 || delay > maxRetryDelay.toMillis() ? maxRetryDelay : Duration.ofMillis(delay);
  }
}
