package org.isocentre.app;

import java.time.Clock;
import java.time.Duration;
import org.isocentre.index.SubscriptionIndex;

/** Forgets events of subscriptions that are older than they are kept. */
public final class SubscriptionPurge {
  private final SubscriptionIndex subscriptions;
  private final Duration keep;
  private final Clock clock;

  SubscriptionPurge(SubscriptionIndex subscriptions, Duration keep, Clock clock) {
    this.subscriptions = subscriptions;
    this.keep = keep;
    this.clock = clock;
  }

  /** As {@code routes/subscription.yaml} calls it. */
  public void purge() {
    subscriptions.purge(clock.instant().minus(keep));
  }
}
