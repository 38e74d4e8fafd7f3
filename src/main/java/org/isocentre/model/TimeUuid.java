package org.isocentre.model;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * Ids that grow with time (RFC 9562 §5.7, version 7): rows that are filed one after the other lie
 * side by side in every tree that is ordered by them, and share its pages when they are written.
 * Nobody can guess one: 74 of their bits are random.
 */
public final class TimeUuid {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long VERSION = 0x7000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private TimeUuid() {}

  public static UUID next() {
    return of(System.currentTimeMillis(), RANDOM.nextLong(), RANDOM.nextLong());
  }

  static UUID of(long millis, long high, long low) {
    return new UUID(millis << 16 | VERSION | high & 0xfffL, VARIANT | low >>> 2);
  }
}
