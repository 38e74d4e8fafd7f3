package org.isocentre.fhir.map;

import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Consent.ConsentProvisionType;
import org.hl7.fhir.r4.model.Consent.ConsentState;
import org.hl7.fhir.r4.model.Consent.ProvisionComponent;
import org.hl7.fhir.r4.model.Consent.provisionActorComponent;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.Reference;

/**
 * A patient's decision to and from FHIR R4 Consent: one provision, about one organisation or all.
 */
public final class ConsentMapper {
  private static final String SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope";
  private static final String ROLE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

  private ConsentMapper() {}

  public static Consent map(org.isocentre.model.Consent c) {
    Consent resource = new Consent();
    resource.setId(c.id().toString());
    resource.getMeta().setLastUpdated(Date.from(c.lastUpdated()));
    resource.setStatus(ConsentState.fromCode(c.status()));
    resource.getScope().addCoding().setSystem(SCOPE).setCode("patient-privacy");
    resource.addCategory().addCoding().setSystem("http://loinc.org").setCode("59284-0");
    resource
        .setPatient(new Reference("Patient/" + c.patientId()))
        .setDateTime(Date.from(c.recordedAt()));
    resource
        .getPolicyRule()
        .addCoding()
        .setSystem("http://terminology.hl7.org/CodeSystem/v3-ActCode")
        .setCode(c.permit() ? "OPTIN" : "OPTOUT");
    ProvisionComponent provision =
        new ProvisionComponent()
            .setType(c.permit() ? ConsentProvisionType.PERMIT : ConsentProvisionType.DENY);
    if (c.organisation() != null) {
      provisionActorComponent actor =
          provision.addActor().setReference(Systems.organisation(c.organisation()));
      actor.getRole().addCoding().setSystem(ROLE).setCode("IRCP");
    }
    if (c.validFrom() != null || c.validUntil() != null) {
      provision.setPeriod(new Period().setStart(date(c.validFrom())).setEnd(date(c.validUntil())));
    }
    return resource.setProvision(provision);
  }

  private static Date date(Instant instant) {
    return instant == null ? null : Date.from(instant);
  }

  /**
   * @param patientId of the patient that the resource names
   * @throws UnprocessableEntityException for what this hub cannot decide by: it must not look
   *     accepted
   */
  public static org.isocentre.model.Consent map(
      Consent resource, UUID patientId, Instant now, String recordedBy) {
    ProvisionComponent provision = resource.getProvision();
    if (resource.getStatus() == null || !provision.hasType()) {
      throw refused("status and provision.type (permit or deny) are required");
    }
    if (provision.hasProvision()
        || provision.getActor().size() > 1
        || provision.hasAction()
        || provision.hasPurpose()
        || provision.hasData()
        || provision.hasClass_()
        || provision.hasCode()
        || provision.hasSecurityLabel()
        || provision.hasDataPeriod()) {
      throw refused(
          "one provision about at most one organisation can be decided by; send a Consent for each organisation");
    }
    return new org.isocentre.model.Consent(
        UUID.randomUUID(),
        patientId,
        provision.getType() == ConsentProvisionType.PERMIT,
        provision.hasActor() ? organisation(provision.getActorFirstRep().getReference()) : null,
        resource.getStatus().toCode(),
        provision.getPeriod().hasStart() ? provision.getPeriod().getStart().toInstant() : null,
        provision.getPeriod().hasEnd() ? provision.getPeriod().getEnd().toInstant() : null,
        now,
        recordedBy,
        now);
  }

  private static String organisation(Reference reference) {
    if (reference.hasIdentifier()
        && Systems.ODS.equals(reference.getIdentifier().getSystem())
        && reference.getIdentifier().hasValue()) {
      return reference.getIdentifier().getValue();
    }
    if (reference.hasReference()
        && "Organization".equals(reference.getReferenceElement().getResourceType())) {
      return reference.getReferenceElement().getIdPart();
    }
    throw refused(
        "the actor must be an Organization, by reference or by identifier " + Systems.ODS);
  }

  private static UnprocessableEntityException refused(String what) {
    return new UnprocessableEntityException("ISO-FHIR-010: Consent not recorded: " + what);
  }
}
