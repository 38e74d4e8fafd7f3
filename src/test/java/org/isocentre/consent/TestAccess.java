package org.isocentre.consent;

import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.isocentre.index.BreakGlassIndex;
import org.isocentre.index.ConsentDataIndex;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.PatientFlags;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The decision and the access of a hub whose every organisation gives direct care. */
public final class TestAccess {
  private TestAccess() {}

  public static ConsentDecision decision(JdbcClient jdbc, Clock clock) {
    return new ConsentDecision(
        new ConsentIndex(jdbc),
        new ConsentDataIndex(jdbc),
        new PatientFlags(jdbc),
        ods -> !ods.startsWith("X"),
        clock);
  }

  public static Access access(JdbcClient jdbc, Clock clock) {
    return new Access(
        decision(jdbc, clock),
        new ReleaseRules(new PatientFlags(jdbc), Set.of("urn:s|V"), Duration.ofDays(3), clock),
        new BreakGlassIndex(jdbc),
        (type, query) -> java.util.Optional.empty(),
        clock);
  }
}
