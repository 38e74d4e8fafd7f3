package org.isocentre.app;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Consumer;
import org.isocentre.audit.AuditTrail;
import org.isocentre.index.BreakGlassIndex.BrokenGlass;
import org.isocentre.index.ReviewList;
import org.isocentre.model.ReviewItem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each broken glass is in the audit trail, in the log, in a metric, and on the review list. */
final class BreakGlassAlarm implements Consumer<BrokenGlass> {
  private static final Logger LOG = LoggerFactory.getLogger(BreakGlassAlarm.class);
  private final AuditTrail audit;
  private final ReviewList reviews;
  private final Counter counter;

  BreakGlassAlarm(AuditTrail audit, ReviewList reviews, MeterRegistry meters) {
    this.audit = audit;
    this.reviews = reviews;
    this.counter =
        Counter.builder("isocentre.consent.broken.glass")
            .description("Patient records that a clinician opened in spite of a refusal")
            .register(meters);
  }

  @Override
  public void accept(BrokenGlass broken) {
    counter.increment();
    LOG.warn(
        "ISO-CONSENT-002: glass {} was broken by a clinician of {}; look at the review list",
        broken.id(),
        broken.organisation());
    audit.note(
        broken.subject(),
        broken.organisation(),
        "E",
        "break-glass",
        "Patient",
        broken.patientId().toString(),
        broken.patientId(),
        true,
        "until " + broken.until());
    reviews.raise(
        ReviewItem.Kind.CONSENT,
        "break-glass " + broken.id(),
        null,
        null,
        broken.organisation(),
        null,
        null,
        "GLASS_BROKEN",
        "break-glass " + broken.id() + " of " + broken.organisation() + " until " + broken.until());
  }
}
