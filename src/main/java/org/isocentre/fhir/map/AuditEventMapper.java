package org.isocentre.fhir.map;

import java.util.Date;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAction;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventOutcome;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.AuditEntry;

/** Audit row to FHIR R4 AuditEvent. */
public final class AuditEventMapper {
  private AuditEventMapper() {}

  public static AuditEvent map(AuditEntry e) {
    AuditEvent resource = new AuditEvent();
    resource.setId(e.id().toString());
    resource
        .setType(new Coding("urn:isocentre:audit", e.type(), null))
        .setAction(AuditEventAction.fromCode(e.action()))
        .setRecorded(Date.from(e.at()));
    resource
        .setOutcome(e.permitted() ? AuditEventOutcome._0 : AuditEventOutcome._4)
        .setOutcomeDesc(e.detail());
    var agent = resource.addAgent().setRequestor(true).setAltId(e.actor());
    if (e.actorOrganisation() != null) {
      agent.setWho(Systems.organisation(e.actorOrganisation()));
    }
    resource.getSource().setObserver(new Reference().setDisplay("Isocentre"));
    if (e.entityType() != null) {
      resource
          .addEntity()
          .setWhat(
              new Reference(e.entityId() == null ? null : e.entityType() + "/" + e.entityId())
                  .setType(e.entityType()));
    }
    if (e.patientId() != null) {
      resource.addEntity().setWhat(new Reference("Patient/" + e.patientId()));
    }
    return resource;
  }
}
