package org.isocentre.app;

import java.util.Optional;
import org.apache.camel.Exchange;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes on an event that no step could handle what a person needs to know of it. */
public final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
  private final Journal journal;

  /** Is told of each event that a step gave up on; does not throw. */
  @FunctionalInterface
  interface Journal {
    /**
     * @return what to know its dead letter by if it may be wanted again
     */
    Optional<String> gaveUp(String step, byte[] event, String reason);
  }

  public DeadLetters() {
    this((step, event, reason) -> Optional.empty());
  }

  DeadLetters(Journal journal) {
    this.journal = journal;
  }

  /**
   * Sets headers {@code IsocentreStep}, {@code IsocentreReason}, {@code IsocentreDeliveries}, and
   * {@code IsocentreEvent} on an HL7 message's; the body is the event as it came.
   */
  public void describe(Exchange exchange) {
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    String step = exchange.getFromRouteId();
    String reason = reason(cause);
    LOG.error(
        "Step {} gave up on an event after {} deliveries: {}; it waits on dead.{}",
        step,
        exchange.getMessage().getHeader("JMSXDeliveryCount"),
        reason,
        step);
    exchange.getMessage().setHeader("IsocentreStep", step);
    exchange.getMessage().setHeader("IsocentreReason", reason);
    exchange
        .getMessage()
        .setHeader(
            "IsocentreDeliveries",
            String.valueOf(exchange.getMessage().getHeader("JMSXDeliveryCount")));
    journal
        .gaveUp(step, exchange.getMessage().getBody(byte[].class), reason)
        .ifPresent(id -> exchange.getMessage().setHeader("IsocentreEvent", id));
  }

  /** Notes a failure after which the event is delivered again. */
  public void willComeAgain(Exchange exchange) {
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    LOG.warn(
        "Step {} failed at delivery {}: {}; tried again later",
        exchange.getFromRouteId(),
        exchange.getMessage().getHeader("JMSXDeliveryCount"),
        reason(cause));
  }

  /** Notes a request that came from outside and was refused; nobody tries it again here. */
  public void requestRefused(Exchange exchange) {
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    LOG.warn(
        "Route {} refused a request{}: {}",
        exchange.getFromRouteId(),
        cause instanceof DimseStatusException refusal
            ? " with status %04X".formatted(refusal.status())
            : "",
        reason(cause));
  }

  /**
   * Our own messages hold no patient data; those of libraries may, so of them only the kind is
   * told.
   */
  static String reason(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t.getMessage() != null && t.getMessage().startsWith("ISO-")) {
        return t.getMessage();
      }
    }
    return cause == null ? "unknown" : cause.getClass().getName();
  }
}
