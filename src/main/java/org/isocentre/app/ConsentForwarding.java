package org.isocentre.app;

import java.io.InputStream;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.consent.Watch;
import org.isocentre.exchange.ForwardingPermission;
import org.isocentre.model.Study;

/** Forwarding asks the consent decision, at the beginning and as long as it lasts. */
final class ConsentForwarding implements ForwardingPermission {
  private final ConsentDecision consent;
  private final AuditTrail audit;

  ConsentForwarding(ConsentDecision consent, AuditTrail audit) {
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
