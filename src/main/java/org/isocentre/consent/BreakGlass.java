package org.isocentre.consent;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.isocentre.index.BreakGlassIndex;
import org.isocentre.index.BreakGlassIndex.BrokenGlass;
import org.isocentre.model.Caller;
import org.isocentre.model.Role;

/**
 * Lets a clinician see, for a time and for a reason, what a patient keeps from the clinician's
 * organisation. Each time it raises an alarm.
 */
public final class BreakGlass {
  /** Role of those who may. */
  private final BreakGlassIndex index;

  private final Duration time;
  private final Consumer<BrokenGlass> alarm;
  private final Clock clock;

  /**
   * @param time for how long
   * @param alarm told of each patient record that was opened
   */
  public BreakGlass(
      BreakGlassIndex index, Duration time, Consumer<BrokenGlass> alarm, Clock clock) {
    this.index = index;
    this.time = time;
    this.alarm = alarm;
    this.clock = clock;
  }

  public static boolean may(Caller caller) {
    return !caller.isPatient()
        && caller.subject() != null
        && caller.organisation() != null
        && caller.roles().contains(Role.CLINICIAN);
  }

  /**
   * @return until when it holds, also where nobody has this number
   */
  public Instant open(Caller caller, String nhsNumber, String reason) {
    Instant now = clock.instant();
    Instant until = now.plus(time);
    for (UUID patient : index.recordsOf(nhsNumber)) {
      BrokenGlass broken =
          new BrokenGlass(
              UUID.randomUUID(),
              caller.subject(),
              caller.organisation(),
              patient,
              reason,
              now,
              until);
      index.add(broken);
      alarm.accept(broken);
    }
    return until;
  }
}
