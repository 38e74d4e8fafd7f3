package org.isocentre.index;

import java.time.Instant;

/** From (inclusive) until (exclusive); either may be null for no bound. */
public record TimeRange(Instant from, Instant until) {
  public static final TimeRange ANY = new TimeRange(null, null);
}
