package org.isocentre.camel.dicom;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often matches had the same number of related instances in a row. Remembers the last {@value
 * #MOST} matches. For one thread at a time.
 */
final class StableMatches {
  static final int MOST = 10_000;
  private final int checks;
  private final Map<String, Seen> seen =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > MOST;
        }
      };

  private record Seen(int count, int times) {}

  /**
   * @param checks how often the number must be the same
   */
  StableMatches(int checks) {
    this.checks = checks;
  }

  /** Told of each match of each poll; whether its number has been the same often enough. */
  boolean isStable(String key, int count) {
    Seen now =
        seen.merge(
            key,
            new Seen(count, 1),
            (before, first) ->
                before.count() == count ? new Seen(count, before.times() + 1) : first);
    return now.times() >= checks;
  }

  /** The match is dealt with. */
  void forget(String key) {
    seen.remove(key);
  }
}
