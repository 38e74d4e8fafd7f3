package org.isocentre.app;

import java.io.InputStream;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.consent.Watch;
import org.isocentre.exchange.ForwardingPermission;
import org.isocentre.index.ReviewList;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.Study;

/** Forwarding asks the consent decision, at the beginning and as long as it lasts. */
final class ConsentForwarding implements ForwardingPermission {
  private final ConsentDecision consent;
  private final AuditTrail audit;
  private final ReviewList reviews;

  ConsentForwarding(ConsentDecision consent, AuditTrail audit, ReviewList reviews) {
    this.reviews = reviews;
    this.consent = consent;
    this.audit = audit;
  }

  @Override
  public boolean mayReceive(Study study, String ods) {
    boolean permitted = permits(study, ods);
    note(study, permitted, "forward to " + ods);
    return permitted;
  }

  @Override
  public boolean mayStillReceive(Study study, String ods) {
    boolean permitted = permits(study, ods);
    if (!permitted) {
      note(
          study, false, "forward to " + ods + ", cut off: consent was withdrawn while it was sent");
    }
    return permitted;
  }

  /** Somebody has to tell the trust that it has objects which it should not keep. */
  @Override
  public void stopped(Study study, String ods, int confirmed) {
    reviews.raise(
        ReviewItem.Kind.CONSENT,
        "transfer-withdrawn " + study.id() + " " + ods + " " + confirmed,
        null,
        study.id(),
        study.custodian(),
        null,
        null,
        "TRANSFER_WITHDRAWN",
        "consent was withdrawn while the study went to %s, which has %d objects of it"
            .formatted(ods, confirmed));
  }

  @Override
  public UnaryOperator<InputStream> guard(BooleanSupplier mayStillGo) {
    return new Watch(mayStillGo)::over;
  }

  private boolean permits(Study study, String ods) {
    return consent.permits(study.patientId(), study.id(), study.custodian(), ods);
  }

  private void note(Study study, boolean permitted, String detail) {
    audit.note(
        "isocentre",
        study.custodian(),
        "E",
        "consent-decision",
        "ImagingStudy",
        study.id().toString(),
        study.patientId(),
        permitted,
        detail);
  }
}
