package org.isocentre.fhir.map;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Consent.ConsentProvisionType;
import org.hl7.fhir.r4.model.Consent.ConsentState;
import org.hl7.fhir.r4.model.Consent.ProvisionComponent;
import org.hl7.fhir.r4.model.Consent.provisionActorComponent;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.ConsentRule.Criterion;

/**
 * A patient's decision to and from FHIR R4 Consent. One that came as a resource is given back as it
 * was sent, with its id, its version and its patient.
 */
public final class ConsentMapper {
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static final String SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope";
  private static final String POLICY = "http://terminology.hl7.org/CodeSystem/consentpolicycodes";
  private static final String ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
  private static final Set<String> SCOPES = Set.of("patient-privacy", "research");

  /** Codes of consentpolicycodes (R4) that say no more than the provisions do. */
  private static final Set<String> POLICIES = Set.of("cric");

  private static final Set<String> ACT_CODES = Set.of("OPTIN", "OPTOUT", "INFA", "INFAO", "INFASO");
  private static final int LONGEST = 100_000;

  private ConsentMapper() {}

  public static Consent map(org.isocentre.model.Consent c) {
    Consent resource = c.resource() == null ? generated(c) : sent(c.resource());
    resource.setPatient(patient(resource, c.patientId()));
    resource.setStatus(ConsentState.fromCode(c.status()));
    return identified(resource, c.id(), c.version(), c.lastUpdated());
  }

  private static Reference patient(Consent resource, UUID patientId) {
    Reference reference = resource.getPatient();
    String now = "Patient/" + patientId;
    return now.equals(reference.getReference()) ? reference : reference.setReference(now);
  }

  /** A former version as it was sent. */
  public static Consent map(String sent, UUID id, int version, Instant at) {
    return identified(sent(sent), id, version, at);
  }

  private static Consent identified(Consent resource, UUID id, int version, Instant at) {
    resource.setId("Consent/" + id + "/_history/" + version);
    resource.getMeta().setLastUpdated(Date.from(at)).setVersionId(Integer.toString(version));
    return resource;
  }

  private static Consent sent(String resource) {
    return FHIR.newJsonParser().parseResource(Consent.class, resource);
  }

  private static Consent generated(org.isocentre.model.Consent c) {
    Consent resource = new Consent();
    resource.getScope().addCoding().setSystem(SCOPE).setCode("patient-privacy");
    resource.addCategory().addCoding().setSystem("http://loinc.org").setCode("59284-0");
    resource.setDateTime(Date.from(c.recordedAt()));
    resource
        .getPolicyRule()
        .addCoding()
        .setSystem(ACT_CODE)
        .setCode(c.permit() ? "OPTIN" : "OPTOUT");
    return resource.setProvision(generated(c.rules().get(0)));
  }

  private static ProvisionComponent generated(ConsentRule rule) {
    ProvisionComponent provision =
        new ProvisionComponent()
            .setType(rule.permit() ? ConsentProvisionType.PERMIT : ConsentProvisionType.DENY);
    for (String who : new TreeSet<>(rule.terms(Criterion.ACTOR))) {
      provisionActorComponent actor = provision.addActor().setReference(reference(who));
      actor.getRole().addCoding().setSystem(Systems.PARTICIPATION).setCode("IRCP");
    }
    if (rule.validFrom() != null || rule.validUntil() != null) {
      provision.setPeriod(
          new Period().setStart(date(rule.validFrom())).setEnd(date(rule.validUntil())));
    }
    return provision;
  }

  private static Reference reference(String actor) {
    return ConsentRule.personOf(actor)
        .map(
            nhsNumber ->
                new Reference()
                    .setIdentifier(
                        new Identifier().setSystem(Systems.NHS_NUMBER).setValue(nhsNumber)))
        .orElseGet(() -> Systems.organisation(actor));
  }

  private static Date date(Instant instant) {
    return instant == null ? null : Date.from(instant);
  }

  /** A Consent that can be decided by, and the ids of the resources that its provisions name. */
  public record Recorded(org.isocentre.model.Consent consent, Set<UUID> data) {}

  /**
   * @param id new or of the Consent that this is a new version of
   * @param patientId of the patient that the resource names
   * @throws UnprocessableEntityException for what this hub cannot decide by: it must not look
   *     accepted
   */
  public static Recorded map(
      Consent resource, UUID id, int version, UUID patientId, Instant now, String recordedBy) {
    if (resource.getStatus() == null) {
      throw Provisions.refused("Consent.status", "it is required");
    }
    checkFrame(resource);
    Provisions.Read provisions = Provisions.of(resource.getProvision());
    String json = FHIR.newJsonParser().encodeResourceToString(resource);
    if (json.length() > LONGEST) {
      throw Provisions.refused("Consent", "at most " + LONGEST + " characters are taken");
    }
    return new Recorded(
        new org.isocentre.model.Consent(
            id,
            patientId,
            resource.getStatus().toCode(),
            now,
            recordedBy,
            now,
            version,
            provisions.rules(),
            json),
        provisions.data());
  }

  private static void checkFrame(Consent resource) {
    if (resource.hasModifierExtension()) {
      throw Provisions.refused("Consent.modifierExtension", "it cannot be decided by");
    }
    if (resource.hasImplicitRules()) {
      throw Provisions.refused("Consent.implicitRules", "they cannot be decided by");
    }
    if (!resource.hasCategory()) {
      throw Provisions.refused("Consent.category", "it is required");
    }
    if (resource.getScope().getCoding().stream()
        .noneMatch(c -> SCOPE.equals(c.getSystem()) && SCOPES.contains(c.getCode()))) {
      throw Provisions.refused(
          "Consent.scope", "it must be one of %s of %s".formatted(new TreeSet<>(SCOPES), SCOPE));
    }
    if (!resource.hasPolicyRule() && !resource.hasPolicy()) {
      throw Provisions.refused("Consent.policyRule", "policyRule or policy is required (ppc-1)");
    }
    resource.getPolicyRule().getCoding().forEach(ConsentMapper::checkPolicy);
  }

  private static void checkPolicy(Coding rule) {
    boolean known =
        POLICY.equals(rule.getSystem()) && POLICIES.contains(rule.getCode())
            || ACT_CODE.equals(rule.getSystem()) && ACT_CODES.contains(rule.getCode());
    if (!known) {
      throw Provisions.refused(
          "Consent.policyRule",
          "it must be one of %s of %s or of %s of %s"
              .formatted(new TreeSet<>(ACT_CODES), ACT_CODE, new TreeSet<>(POLICIES), POLICY));
    }
  }
}
