package org.isocentre.fhir.search;

import static org.isocentre.fhir.search.SearchParameter.Kind.DATE;
import static org.isocentre.fhir.search.SearchParameter.Kind.IDENTIFIER;
import static org.isocentre.fhir.search.SearchParameter.Kind.ORGANIZATION;
import static org.isocentre.fhir.search.SearchParameter.Kind.PROFILE;
import static org.isocentre.fhir.search.SearchParameter.Kind.REFERENCE;
import static org.isocentre.fhir.search.SearchParameter.Kind.STRING;

import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.audit.AuditKind;
import org.isocentre.fhir.map.BodyParts;
import org.isocentre.fhir.map.Systems;
import org.isocentre.fhir.map.TaskMapper;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Transfer;

/** The search parameters of each resource type that the index searches. */
public final class SearchParameters {
  private static final String ISO_URI = "urn:ietf:rfc:3986";
  private static final String ISO_MIME = "urn:ietf:bcp:13";

  private static final Map<String, Map<String, SearchParameter>> TYPES =
      Map.ofEntries(
          Map.entry("Patient", patient()),
          Map.entry("ServiceRequest", serviceRequest()),
          Map.entry("ImagingStudy", imagingStudy()),
          Map.entry("DiagnosticReport", diagnosticReport()),
          Map.entry("DocumentReference", documentReference()),
          Map.entry("Appointment", appointment()),
          Map.entry("Task", task()),
          Map.entry("Consent", consent()),
          Map.entry("Practitioner", practitioner()),
          Map.entry("PractitionerRole", practitionerRole()),
          Map.entry("Provenance", provenance()),
          Map.entry("AuditEvent", auditEvent()));

  private SearchParameters() {}

  /** Those of a type; empty if it is not searched here. */
  public static Collection<SearchParameter> of(String type) {
    return TYPES.getOrDefault(type, Map.of()).values();
  }

  public static Optional<SearchParameter> find(String type, String name) {
    return Optional.ofNullable(TYPES.getOrDefault(type, Map.of()).get(name));
  }

  private static Map<String, SearchParameter> named(SearchParameter... own) {
    Map<String, SearchParameter> all = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(
                SearchParameter.token(
                    "_id",
                    (system, code) -> system == null || system.isEmpty() ? Set.of(code) : Set.of(),
                    "Logical id"),
                SearchParameter.of("_lastUpdated", DATE, "When the resource last changed"),
                new SearchParameter(
                    "_profile",
                    PROFILE,
                    "_id",
                    null,
                    ZoneOffset.UTC,
                    "The profile that it claims")),
            Stream.of(own))
        .forEach(p -> all.put(p.name(), p));
    return Map.copyOf(all);
  }

  private static SearchParameter subject() {
    return SearchParameter.of("patient", REFERENCE, "Whose it is");
  }

  private static Map<String, SearchParameter> patient() {
    return named(
        SearchParameter.of("identifier", IDENTIFIER, "NHS number, or a trust's own number"),
        SearchParameter.of("family", STRING, "Family name"),
        SearchParameter.of("given", STRING, "Given name"),
        SearchParameter.of("name", STRING, "Any part of the name"),
        SearchParameter.of("address-postalcode", STRING, "Postcode"),
        SearchParameter.of("birthdate", DATE, "Date of birth"),
        SearchParameter.token(
            "gender", "http://hl7.org/fhir/administrative-gender", "Administrative gender"));
  }

  private static Map<String, SearchParameter> serviceRequest() {
    return named(
        SearchParameter.of(
            "identifier", IDENTIFIER, "Placer, filler, accession or booking number, study UID"),
        subject(),
        subject().as("subject"),
        SearchParameter.token(
            "status",
            (system, code) ->
                system != null && !system.equals("http://hl7.org/fhir/request-status")
                    ? Set.of()
                    : Stream.of(OrderStatus.values())
                        .filter(s -> s.code().equals(code))
                        .map(Enum::name)
                        .collect(Collectors.toSet()),
            "State of the order"),
        SearchParameter.of("requester", REFERENCE, "The clinician who asks, by their role"),
        SearchParameter.token(
            "priority", "http://hl7.org/fhir/request-priority", "Priority of the order"),
        SearchParameter.token("code", anySystem(), "Procedure code, of any system"),
        SearchParameter.token("order-detail", Systems.DCM, "Modality that was asked for"),
        SearchParameter.of("authored", DATE, "When it was ordered"),
        SearchParameter.of("occurrence", DATE, "When it is to be done"));
  }

  /** The index keeps the code apart from its system; SNOMED CT and local codes do not overlap. */
  private static SearchParameter.Codes anySystem() {
    return (system, code) -> system == null || !system.isEmpty() ? Set.of(code) : Set.of();
  }

  private static Map<String, SearchParameter> imagingStudy() {
    return named(
        SearchParameter.of("identifier", IDENTIFIER, "Study Instance UID or accession number"),
        subject(),
        subject().as("subject"),
        SearchParameter.of("basedon", REFERENCE, "The order that it answers"),
        SearchParameter.token("status", "http://hl7.org/fhir/imagingstudy-status", "State"),
        SearchParameter.token("modality", Systems.DCM, "Modality of a series"),
        SearchParameter.token(
            "bodysite", SearchParameters::bodyParts, "Region of a series (SNOMED CT)"),
        SearchParameter.token("series", uids(), "Series Instance UID"),
        SearchParameter.token("instance", uids(), "SOP Instance UID"),
        SearchParameter.token("dicom-class", uids(), "SOP Class UID of an instance"),
        SearchParameter.of("started", DATE, "When the study began"));
  }

  /** A code of SNOMED CT, or a term as objects have it. */
  private static Set<String> bodyParts(String system, String code) {
    if (system != null && !system.equals(Systems.SNOMED)) {
      return Set.of();
    }
    Set<String> terms = new HashSet<>(BodyParts.of(code));
    if (system == null) {
      terms.add(code.toUpperCase(Locale.ROOT));
    }
    return terms;
  }

  /** UIDs, with or without {@code urn:oid:}. */
  private static SearchParameter.Codes uids() {
    return (system, code) ->
        system == null
                || system.isEmpty()
                || system.equals(Systems.DICOM_UID)
                || system.equals(ISO_URI)
            ? Set.of(code.startsWith(Systems.OID) ? code.substring(Systems.OID.length()) : code)
            : Set.of();
  }

  private static Map<String, SearchParameter> diagnosticReport() {
    return named(
        SearchParameter.of("identifier", IDENTIFIER, "Filler, document or accession number"),
        subject(),
        subject().as("subject"),
        SearchParameter.of("based-on", REFERENCE, "The order that it answers"),
        SearchParameter.of("imaging-study", REFERENCE, "A study that it is about"),
        SearchParameter.token(
            "status", "http://hl7.org/fhir/diagnostic-report-status", "State of the report"),
        SearchParameter.token("code", anySystem(), "Procedure code, of any system"),
        SearchParameter.of("issued", DATE, "When it was issued"));
  }

  private static Map<String, SearchParameter> documentReference() {
    return named(
        SearchParameter.of("identifier", IDENTIFIER, "Document or accession number"),
        subject(),
        subject().as("subject"),
        SearchParameter.of("related", REFERENCE, "A study that it is about"),
        SearchParameter.token(
            "status", "http://hl7.org/fhir/document-reference-status", "State of the document"),
        SearchParameter.token("contenttype", ISO_MIME, "Media type"),
        organization("custodian", "custodian", "Whose it is to keep"),
        SearchParameter.of("date", DATE, "When the report was issued"));
  }

  private static Map<String, SearchParameter> appointment() {
    return named(
        SearchParameter.of("identifier", IDENTIFIER, "Filler or placer appointment ID"),
        subject(),
        subject().as("actor"),
        SearchParameter.of("based-on", REFERENCE, "The order that it is for"),
        SearchParameter.token(
            "status", "http://hl7.org/fhir/appointmentstatus", "Whether it stands"),
        SearchParameter.token("service-type", anySystem(), "Procedure code, of any system"),
        SearchParameter.of("date", DATE, "When it is"));
  }

  private static Map<String, SearchParameter> task() {
    return named(
        subject(),
        SearchParameter.of("focus", REFERENCE, "The study that is sent"),
        organization("owner", "owner", "To whom it is sent"),
        SearchParameter.token(
            "status",
            (system, code) ->
                system != null && !system.equals("http://hl7.org/fhir/task-status")
                    ? Set.of()
                    : TaskMapper.states(code).map(Transfer.State::name).collect(Collectors.toSet()),
            "State of the transfer"),
        SearchParameter.of("authored-on", DATE, "When it was asked for"),
        SearchParameter.of("modified", DATE, "When it last changed"));
  }

  private static Map<String, SearchParameter> consent() {
    return named(
        subject(),
        new SearchParameter(
            "actor",
            ORGANIZATION,
            "actor",
            SearchParameters::actor,
            ZoneOffset.UTC,
            "About which organisation, or which person who acts for the patient"),
        SearchParameter.token(
            "purpose", "http://terminology.hl7.org/CodeSystem/v3-ActReason", "For which purpose"),
        SearchParameter.token(
            "status", "http://hl7.org/fhir/consent-state-codes", "State of the consent"),
        SearchParameter.of("date", DATE, "When it was recorded"));
  }

  private static Map<String, SearchParameter> practitioner() {
    return named(
        SearchParameter.of(
            "identifier", IDENTIFIER, "GMC number, SDS user ID, or a trust's own code"),
        SearchParameter.of("family", STRING, "Family name"),
        SearchParameter.of("given", STRING, "Given name"),
        SearchParameter.of("name", STRING, "Any part of the name"));
  }

  private static Map<String, SearchParameter> practitionerRole() {
    return named(
        SearchParameter.of("practitioner", REFERENCE, "Whose role it is"),
        organization("organization", "organization", "For which organisation"));
  }

  private static Map<String, SearchParameter> provenance() {
    return named(
        SearchParameter.of("target", REFERENCE, "What a message made or changed"),
        SearchParameter.of("patient", REFERENCE, "Whose it is"),
        organization("agent", "agent", "Who sent the message"),
        SearchParameter.of("recorded", DATE, "When the message came"),
        SearchParameter.of("when", DATE, "When the message was made"));
  }

  private static Set<String> actor(String system, String code) {
    if (Systems.NHS_NUMBER.equals(system)) {
      return Set.of(ConsentRule.person(code));
    }
    return system == null || system.equals(Systems.ODS) ? Set.of(code) : Set.of();
  }

  private static Map<String, SearchParameter> auditEvent() {
    return named(
        subject(),
        SearchParameter.of("date", DATE, "When it was"),
        new SearchParameter(
            "type",
            SearchParameter.Kind.TOKEN,
            "type",
            AuditKind::typesOf,
            ZoneOffset.UTC,
            "What kind of event: rest, or an audit event of DICOM"),
        new SearchParameter(
            "subtype",
            SearchParameter.Kind.TOKEN,
            "type",
            AuditKind::typesCalled,
            ZoneOffset.UTC,
            "What kind of access or decision"),
        SearchParameter.token(
            "action", "http://hl7.org/fhir/audit-event-action", "C, R, U, D or E"),
        SearchParameter.token(
            "entity-type", "http://hl7.org/fhir/resource-types", "Type of what was looked at"));
  }

  private static SearchParameter organization(String name, String field, String description) {
    return new SearchParameter(
        name,
        ORGANIZATION,
        field,
        (system, code) -> system == null || system.equals(Systems.ODS) ? Set.of(code) : Set.of(),
        ZoneOffset.UTC,
        description);
  }
}
