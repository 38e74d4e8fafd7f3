package org.isocentre.fhir.map;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Date;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAction;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAgentComponent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAgentNetworkType;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventEntityComponent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventOutcome;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ResourceType;
import org.isocentre.audit.AuditKind;
import org.isocentre.audit.AuditKind.CodeSystem;
import org.isocentre.audit.AuditKind.Term;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;

/**
 * Audit row to FHIR R4 AuditEvent, in the shape of IHE Basic Audit Log Patterns: the client, the
 * server, the user and their organisation; the patient, what was looked at or asked for, and the
 * call.
 */
public final class AuditEventMapper {
  private static final String ENTITY_TYPE =
      "http://terminology.hl7.org/CodeSystem/audit-entity-type";
  private static final String ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role";
  private static final String BALP_ENTITY_TYPE =
      "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

  /** By which the trail names who did it. */
  public static final String ACTOR = "urn:isocentre:audit:actor";

  /** By which a client registered itself (RFC 6749 §2.2). */
  private static final String CLIENT = "urn:isocentre:audit:client";

  private final String host;

  /**
   * @param host name of the machine that the hub is on
   */
  public AuditEventMapper(String host) {
    this.host = host;
  }

  /** As it is read, and sent to repositories. */
  public AuditEvent map(AuditEntry e) {
    AuditEvent resource = new AuditEvent();
    resource.setId(e.id().toString());
    resource
        .setType(coding(AuditKind.of(e.type()).term()))
        .setAction(AuditEventAction.fromCode(e.action()))
        .setRecorded(Date.from(e.at()))
        .setOutcome(e.permitted() ? AuditEventOutcome._0 : AuditEventOutcome._4)
        .setOutcomeDesc(e.detail());
    AuditKind.subtypes(e.type()).forEach(term -> resource.addSubtype(coding(term)));
    agents(resource, e);
    resource
        .getSource()
        .setObserver(hub())
        .addType(
            new Coding(
                "http://terminology.hl7.org/CodeSystem/security-source-type",
                "4",
                "Application Server"));
    entities(resource, e);
    return resource;
  }

  private void agents(AuditEvent resource, AuditEntry e) {
    AuditOrigin origin = e.origin();
    if (origin.client() != null || origin.address() != null) {
      // What is read flows to the client, what it asks or writes flows from it.
      boolean toClient = e.action().equals("R");
      AuditEventAgentComponent client =
          agent(resource, role(!toClient), false).setWho(client(origin, e.actor()));
      if (origin.address() != null) {
        client.getNetwork().setAddress(origin.address()).setType(AuditEventAgentNetworkType._2);
      }
      agent(resource, role(toClient), false)
          .setWho(hub())
          .getNetwork()
          .setAddress(host)
          .setType(AuditEventAgentNetworkType._1);
    }
    agent(
            resource,
            new Coding(
                "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                "IRCP",
                "information recipient"),
            true)
        .setWho(
            new Reference().setIdentifier(new Identifier().setSystem(ACTOR).setValue(e.actor())));
    if (e.actorOrganisation() != null) {
      agent(
              resource,
              new Coding(
                  "http://terminology.hl7.org/CodeSystem/v3-RoleClass",
                  "PROV",
                  "healthcare provider"),
              false)
          .setWho(Systems.organisation(e.actorOrganisation()));
    }
  }

  private static AuditEventAgentComponent agent(
      AuditEvent resource, Coding type, boolean requestor) {
    return resource
        .addAgent()
        .setType(new CodeableConcept().addCoding(type))
        .setRequestor(requestor);
  }

  private static Coding role(boolean source) {
    return source
        ? new Coding(CodeSystem.DCM, "110153", "Source Role ID")
        : new Coding(CodeSystem.DCM, "110152", "Destination Role ID");
  }

  private static Reference client(AuditOrigin origin, String actor) {
    return origin.client() == null
        ? new Reference().setDisplay(actor)
        : new Reference()
            .setIdentifier(new Identifier().setSystem(CLIENT).setValue(origin.client()));
  }

  private static Reference hub() {
    return new Reference().setDisplay("Isocentre");
  }

  private static void entities(AuditEvent resource, AuditEntry e) {
    if (e.isSearch()) {
      String asked = e.origin().query() == null ? e.entityType() : e.origin().query();
      if (asked != null) {
        entity(resource, "2", "System Object", "24", "Query")
            .setQuery(asked.getBytes(StandardCharsets.UTF_8))
            .setDescription(e.entityType());
      }
    } else if (e.entityType() != null) {
      AuditEventEntityComponent data =
          entity(resource, "2", "System Object", "4", "Domain Resource");
      if (e.entityId() == null || !isResource(e.entityType())) {
        data.setName(e.entityId() == null ? e.entityType() : e.entityType() + " " + e.entityId());
      } else {
        data.setWhat(new Reference(e.entityType() + "/" + e.entityId()).setType(e.entityType()));
      }
    }
    if (e.patientId() != null) {
      entity(resource, "1", "Person", "1", "Patient")
          .setWhat(new Reference("Patient/" + e.patientId()));
    }
    if (e.origin().request() != null) {
      resource
          .addEntity()
          .setType(new Coding(BALP_ENTITY_TYPE, "XrequestId", null))
          .setWhat(new Reference().setIdentifier(new Identifier().setValue(e.origin().request())));
    }
  }

  private static AuditEventEntityComponent entity(
      AuditEvent resource, String type, String typeName, String role, String roleName) {
    return resource
        .addEntity()
        .setType(new Coding(ENTITY_TYPE, type, typeName))
        .setRole(new Coding(ENTITY_ROLE, role, roleName));
  }

  private static Coding coding(Term term) {
    return new Coding(term.system(), term.code(), term.display());
  }

  /** HL7 messages, for one, are none. */
  private static boolean isResource(String type) {
    return Arrays.stream(ResourceType.values()).anyMatch(t -> t.name().equals(type));
  }
}
