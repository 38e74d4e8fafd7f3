package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.OperationParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;
import org.isocentre.consent.BreakGlass;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.consent.Decision;
import org.isocentre.consent.Question;
import org.isocentre.index.ConsentDataIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.Role;

/** {@code Consent/$decide} and {@code Consent/$break-glass}. */
public final class ConsentOperations implements IResourceProvider {
  private static final String TYPE = "Consent";
  private static final Set<String> PURPOSES = Set.of(Question.TREATMENT, Question.RESEARCH);
  private static final Set<String> FAMILY = Set.of(Question.FAMILY);
  private static final Set<String> ACTIONS = Set.of(Question.ACCESS, Question.DISCLOSE);
  private static final int LEAST_REASON = 10;
  private static final int MOST_REASON = 1000;
  private final Door door;
  private final Resources resources;
  private final ConsentDecision decisions;
  private final ConsentDataIndex data;
  private final BreakGlass breakGlass;

  public ConsentOperations(
      Door door,
      Resources resources,
      ConsentDecision decisions,
      ConsentDataIndex data,
      BreakGlass breakGlass) {
    this.door = door;
    this.resources = resources;
    this.decisions = decisions;
    this.data = data;
    this.breakGlass = breakGlass;
  }

  @Override
  public Class<Consent> getResourceType() {
    return Consent.class;
  }

  /**
   * What would be decided, and why. For staff of the hub, auditors, and patients about themselves.
   *
   * @param patient id
   * @param organization ODS code of who would have the data; or
   * @param person NHS number of who would act for the patient
   * @param purpose code of v3-ActReason; {@code TREAT} if left out, {@code FAMRQT} for a person
   * @param action code of consentaction; {@code access} if left out
   * @param resource id of a study, report or order; if left out, the patient as such
   */
  @Operation(name = "$decide", idempotent = true)
  public Parameters decide(
      @OperationParam(name = "patient", min = 1, max = 1) StringType patient,
      @OperationParam(name = "organization", max = 1) StringType organization,
      @OperationParam(name = "person", max = 1) StringType person,
      @OperationParam(name = "purpose", max = 1) CodeType purpose,
      @OperationParam(name = "action", max = 1) CodeType action,
      @OperationParam(name = "resource", max = 1) StringType resource) {
    Visibility visible = asking();
    UUID who = id(patient, "patient");
    if (resources.patients(visible, Set.of(who)).isEmpty()) {
      throw unseen("patient");
    }
    String actor = actor(organization, person);
    boolean family = ConsentRule.personOf(actor).isPresent();
    UUID about = resource == null ? null : id(resource, "resource");
    String custodian = about == null ? null : custodian(visible, about);
    Decision decision =
        decisions.decide(
            who,
            about,
            custodian,
            actor,
            family
                ? oneOf(purpose, FAMILY, Question.FAMILY, "purpose")
                : oneOf(purpose, PURPOSES, Question.TREATMENT, "purpose"),
            oneOf(action, ACTIONS, Question.ACCESS, "action"));
    door.changed(TYPE, null, who, "E", "decide");
    return answer(decision);
  }

  private static String actor(StringType organization, StringType person) {
    if (person == null || person.isEmpty()) {
      return required(organization, "organization");
    }
    if (organization != null && !organization.isEmpty()) {
      throw new InvalidRequestException(
          "ISO-FHIR-079: name an organization or a person, and not both");
    }
    return NhsNumber.parse(person.getValue())
        .map(ConsentRule::person)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "ISO-FHIR-079: the parameter person must be a valid NHS number"));
  }

  private Visibility asking() {
    Visibility visible = door.reading(TYPE);
    Caller caller = door.caller();
    if (!caller.isHubStaff() && !caller.isPatient() && !caller.roles().contains(Role.AUDITOR)) {
      throw new ForbiddenOperationException(
          "ISO-FHIR-017: $decide is for staff of the hub, auditors, and patients about themselves");
    }
    return visible;
  }

  /** What the caller may not see is answered as what is not there. */
  private String custodian(Visibility visible, UUID about) {
    List<String> ids = List.of(about.toString());
    for (String type : List.of("ImagingStudy", "ServiceRequest", "DiagnosticReport")) {
      if (!resources.of(type, visible, ids).isEmpty()) {
        return data.custodianOf(about).orElseThrow(() -> unseen("resource"));
      }
    }
    throw unseen("resource");
  }

  private static Parameters answer(Decision decision) {
    Parameters answer = new Parameters();
    answer.addParameter("decision", new CodeType(decision.permit() ? "permit" : "deny"));
    answer.addParameter("reason", new StringType(decision.reason()));
    if (decision.consentId() != null) {
      answer.addParameter("consent", new Reference(TYPE + "/" + decision.consentId()));
      answer.addParameter("provision", new IntegerType(decision.rule()));
    }
    return answer;
  }

  /**
   * A clinician looks at a patient's data though the patient refuses. The answer is the same
   * whether the hub knows the patient or not.
   *
   * @param nhsNumber of the patient
   * @param reason 10 to 1,000 characters; kept, and read by those who review it
   * @return until when it holds
   */
  @Operation(name = "$break-glass")
  public Parameters breakGlass(
      @OperationParam(name = "nhsNumber", min = 1, max = 1) StringType nhsNumber,
      @OperationParam(name = "reason", min = 1, max = 1) StringType reason) {
    door.reading("ImagingStudy");
    Caller caller = door.caller();
    String why = required(reason, "reason").strip();
    if (why.length() < LEAST_REASON || why.length() > MOST_REASON) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-018: $break-glass needs a reason of %d to %d characters"
              .formatted(LEAST_REASON, MOST_REASON));
    }
    if (!BreakGlass.may(caller)) {
      door.refused(TYPE, "break-glass", "not a clinician of an organisation");
      throw new ForbiddenOperationException(
          "ISO-FHIR-019: $break-glass is for clinicians: a token with the role clinician, a subject and an organisation");
    }
    var until = breakGlass.open(caller, required(nhsNumber, "nhsNumber"), why);
    return new Parameters()
        .addParameter("opened", new BooleanType(true))
        .addParameter("until", new InstantType(java.util.Date.from(until)));
  }

  private static String required(StringType value, String name) {
    if (value == null || value.isEmpty()) {
      throw new InvalidRequestException("ISO-FHIR-028: the parameter " + name + " is required");
    }
    return value.getValue();
  }

  private static UUID id(StringType value, String name) {
    String text = required(value, name);
    return org.isocentre.fhir.provider.Parameters.id(text.substring(text.lastIndexOf('/') + 1));
  }

  private static String oneOf(CodeType code, Set<String> known, String otherwise, String name) {
    if (code == null || code.isEmpty()) {
      return otherwise;
    }
    if (!known.contains(code.getValue())) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-029: the parameter %s must be one of %s"
              .formatted(name, new java.util.TreeSet<>(known)));
    }
    return code.getValue();
  }

  private static UnprocessableEntityException unseen(String what) {
    return new UnprocessableEntityException(
        "ISO-FHIR-038: the parameter " + what + " must name what this token may read");
  }
}
