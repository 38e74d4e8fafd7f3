package org.isocentre.fhir.map;

import java.util.Arrays;
import java.util.Date;
import java.util.Set;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAction;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventOutcome;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ResourceType;
import org.isocentre.model.AuditEntry;

/** Audit row to FHIR R4 AuditEvent. */
public final class AuditEventMapper {
  private static final String ENTITY_TYPE =
      "http://terminology.hl7.org/CodeSystem/audit-entity-type";
  private static final String ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role";
  private static final Set<String> INTERACTIONS = Set.of("read", "search", "create");

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
    if (INTERACTIONS.contains(e.type())) {
      resource.addSubtype(
          new Coding(
              "http://hl7.org/fhir/restful-interaction",
              e.type().equals("search") ? "search-type" : e.type(),
              null));
    }
    if (e.entityType() != null) {
      var entity =
          resource
              .addEntity()
              .setType(new Coding(ENTITY_TYPE, "2", "System Object"))
              .setRole(new Coding(ENTITY_ROLE, "4", "Domain Resource"));
      if (e.entityId() == null || !isResource(e.entityType())) {
        entity.setName(e.entityId() == null ? e.entityType() : e.entityType() + " " + e.entityId());
      } else {
        entity.setWhat(new Reference(e.entityType() + "/" + e.entityId()).setType(e.entityType()));
      }
    }
    if (e.patientId() != null) {
      resource
          .addEntity()
          .setType(new Coding(ENTITY_TYPE, "1", "Person"))
          .setRole(new Coding(ENTITY_ROLE, "1", "Patient"))
          .setWhat(new Reference("Patient/" + e.patientId()));
    }
    return resource;
  }

  /** HL7 messages, for one, are none. */
  private static boolean isResource(String type) {
    return Arrays.stream(ResourceType.values()).anyMatch(t -> t.name().equals(type));
  }
}
