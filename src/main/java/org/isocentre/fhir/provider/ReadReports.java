package org.isocentre.fhir.provider;

import java.util.UUID;
import java.util.function.BiConsumer;
import org.isocentre.consent.BreakGlass;
import org.isocentre.model.Caller;

/** Notes that a clinician has read a report: patients may be kept from those that none has. */
public final class ReadReports {
  private final BiConsumer<UUID, String> seen;

  /**
   * @param seen told of the report and of the clinician
   */
  public ReadReports(BiConsumer<UUID, String> seen) {
    this.seen = seen;
  }

  void by(Caller caller, UUID report) {
    if (BreakGlass.may(caller)) {
      seen.accept(report, caller.subject());
    }
  }
}
