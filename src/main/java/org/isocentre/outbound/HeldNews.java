package org.isocentre.outbound;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.isocentre.index.OutboundHeld;
import org.isocentre.index.OutboundHeld.Held;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells destinations later what consent or a question about the patient's identity stood against:
 * when a consent changes at once, else when it is looked at again. So nothing that ends by itself,
 * such as the time of a consent, is missed.
 */
public final class HeldNews {
  private static final Logger LOG = LoggerFactory.getLogger(HeldNews.class);

  /** Of one call; the next one goes on. */
  private static final int MOST = 200;

  private final Outbox outbox;
  private final OutboundHeld held;
  private final List<String> destinations;
  private final Duration interval;
  private final Clock clock;

  /**
   * @param interval after which what still has to wait is looked at again
   */
  public HeldNews(
      Outbox outbox, OutboundHeld held, Destinations destinations, Duration interval, Clock clock) {
    this.outbox = outbox;
    this.held = held;
    this.destinations = destinations.names();
    this.interval = interval;
    this.clock = clock;
  }

  /** Looks at what is due, at most 200 of it. */
  public void tell() {
    Instant now = clock.instant();
    for (Held one : held.due(destinations, now, MOST)) {
      if (isTold(one)) {
        held.settled(one);
      } else {
        held.postpone(one, now.plus(interval));
      }
    }
  }

  private boolean isTold(Held one) {
    try {
      return outbox.tellLater(one.change(), one.destination());
    } catch (RuntimeException e) {
      LOG.warn(
          "ISO-OUTBOUND-017: what {} was not told of {} {} could not be queued ({}); it is tried again in {}",
          one.destination(),
          one.change().kind(),
          one.change().subjectId(),
          e.getClass().getSimpleName(),
          interval);
      return false;
    }
  }
}
