package org.isocentre.fhir.map;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * {@code meta.versionId} of what has no versions with numbers: the moment of its last change, in
 * microseconds since 1970.
 */
public final class VersionIds {
  private static final int MOST_DIGITS = 18;

  private VersionIds() {}

  public static String of(Instant lastUpdated) {
    return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, lastUpdated));
  }

  /**
   * @return empty for what is no such id: there is no such version
   */
  public static Optional<Instant> instant(String versionId) {
    if (!versionId.matches("[0-9]{1,%d}".formatted(MOST_DIGITS))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.EPOCH.plus(Long.parseLong(versionId), ChronoUnit.MICROS));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
