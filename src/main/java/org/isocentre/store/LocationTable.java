package org.isocentre.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where objects are: 64 bits of the digest to segment and block, in open-addressed arrays of
 * primitives, about 28 bytes of heap an object. Two objects may share the 64 bits, so whoever looks
 * up checks the place.
 */
final class LocationTable {
  private static final int STRIPES = 256;
  private static final int FIRST_SLOTS = 16;
  private final Stripe[] stripes = new Stripe[STRIPES];

  LocationTable() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /**
   * @param segment number of the segment, 1 or more
   * @param block of the record's header in it
   */
  record Location(int segment, int block) {
    private long packed() {
      return (long) segment << Integer.SIZE | block & 0xffffffffL;
    }

    private static Location of(long packed) {
      return new Location((int) (packed >>> Integer.SIZE), (int) packed);
    }

    /** Of the record's header in the segment, in bytes. */
    long offset() {
      return (long) block * LogRecord.BLOCK;
    }
  }

  /** Whether it is really there. */
  @FunctionalInterface
  interface Check {
    boolean isAt(Location location) throws IOException;
  }

  void put(byte[] digest, Location location) {
    stripe(digest).put(prefix(digest), location.packed());
  }

  /**
   * @return null if it is nowhere
   */
  Location find(byte[] digest, Check check) throws IOException {
    long prefix = prefix(digest);
    Stripe stripe = stripe(digest);
    for (int nth = 0; ; nth++) {
      long packed = stripe.get(prefix, nth);
      if (packed == 0) {
        return null;
      }
      Location location = Location.of(packed);
      if (check.isAt(location)) {
        return location;
      }
    }
  }

  private Stripe stripe(byte[] digest) {
    return stripes[digest[Long.BYTES] & 0xff];
  }

  private static long prefix(byte[] digest) {
    return ByteBuffer.wrap(digest).getLong();
  }

  private static final class Stripe {
    private long[] prefixes = new long[FIRST_SLOTS];
    private long[] places = new long[FIRST_SLOTS];
    private int used;

    synchronized void put(long prefix, long place) {
      if (used >= places.length / 10 * 7) {
        grow();
      }
      insert(prefix, place);
      used++;
    }

    private void insert(long prefix, long place) {
      int slot = slot(prefix);
      while (places[slot] != 0) {
        slot = slot + 1 & places.length - 1;
      }
      prefixes[slot] = prefix;
      places[slot] = place;
    }

    private void grow() {
      long[] oldPrefixes = prefixes;
      long[] oldPlaces = places;
      prefixes = new long[2 * oldPlaces.length];
      places = new long[2 * oldPlaces.length];
      for (int i = 0; i < oldPlaces.length; i++) {
        if (oldPlaces[i] != 0) {
          insert(oldPrefixes[i], oldPlaces[i]);
        }
      }
    }

    /** The nth place with this prefix, or 0. */
    synchronized long get(long prefix, int nth) {
      int left = nth;
      for (int slot = slot(prefix); places[slot] != 0; slot = slot + 1 & places.length - 1) {
        if (prefixes[slot] == prefix && left-- == 0) {
          return places[slot];
        }
      }
      return 0;
    }

    private int slot(long prefix) {
      return (int) prefix & places.length - 1;
    }
  }
}
