package org.isocentre.app;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** How often something may be done in a day (UTC). A restart begins anew. */
final class DailyBudget {
  private final int most;
  private final Clock clock;
  private LocalDate day;
  private long taken;

  /**
   * @param most in a day; 0 for never
   */
  DailyBudget(int most, Clock clock) {
    this.most = most;
    this.clock = clock;
  }

  /**
   * Counts one.
   *
   * @return how many this makes beyond the budget; 0 if it is within
   */
  synchronized long take() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    if (!today.equals(day)) {
      day = today;
      taken = 0;
    }
    taken++;
    return Math.max(0, taken - most);
  }
}
