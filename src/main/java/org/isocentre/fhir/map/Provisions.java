package org.isocentre.fhir.map;

import ca.uhn.fhir.model.api.TemporalPrecisionEnum;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent.ConsentDataMeaning;
import org.hl7.fhir.r4.model.Consent.ConsentProvisionType;
import org.hl7.fhir.r4.model.Consent.ProvisionComponent;
import org.hl7.fhir.r4.model.Consent.provisionActorComponent;
import org.hl7.fhir.r4.model.Consent.provisionDataComponent;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.ConsentRule.Criterion;
import org.isocentre.model.NhsNumber;

/**
 * The provisions of a Consent as rules. What a rule is nested in is added to its own criteria.
 * Anything that cannot be decided by is refused: it must not look accepted.
 */
final class Provisions {
  static final String ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
  static final String ACTION = "http://terminology.hl7.org/CodeSystem/consentaction";
  static final String RESOURCE_TYPES = "http://hl7.org/fhir/resource-types";
  private static final Set<String> PURPOSES = Set.of("TREAT", "HRESCH", "FAMRQT");
  private static final Set<String> ACTIONS = Set.of("access", "disclose");
  private static final Set<String> TYPES =
      Set.of("ImagingStudy", "DiagnosticReport", "ServiceRequest");
  private static final int MOST_RULES = 100;
  private static final int MOST_TERMS = 200;
  private static final int LONGEST = 200;
  private static final int DEEPEST = 10;

  private final List<ConsentRule> rules = new ArrayList<>();
  private final Set<UUID> data = new HashSet<>();

  private Provisions() {}

  /** The rules, and the ids of the resources that they name. */
  record Read(List<ConsentRule> rules, Set<UUID> data) {}

  static Read of(ProvisionComponent root) {
    if (root.isEmpty() || !root.hasType()) {
      throw refused("Consent.provision.type", "permit or deny is required");
    }
    Provisions provisions = new Provisions();
    provisions.add(root, null, "Consent.provision", 1);
    return new Read(provisions.rules, provisions.data);
  }

  private void add(ProvisionComponent p, ConsentRule outer, String at, int depth) {
    check(p, at, depth);
    int number = rules.size();
    Span valid = span(p.getPeriod(), at + ".period");
    Span about = span(p.getDataPeriod(), at + ".dataPeriod");
    Span outerValid = outer == null ? Span.ANY : new Span(outer.validFrom(), outer.validUntil());
    Span outerAbout = outer == null ? Span.ANY : new Span(outer.dataFrom(), outer.dataUntil());
    valid = valid.within(outerValid, at + ".period");
    about = about.within(outerAbout, at + ".dataPeriod");
    ConsentRule rule =
        new ConsentRule(
            number,
            outer == null ? -1 : outer.number(),
            p.getType() == ConsentProvisionType.PERMIT,
            terms(p, outer, at),
            valid.from(),
            valid.until(),
            about.from(),
            about.until());
    if (rule.permit()
        && rule.validUntil() == null
        && rule.terms(Criterion.ACTOR).stream()
            .anyMatch(a -> ConsentRule.personOf(a).isPresent())) {
      throw refused(
          at + ".period.end", "it is required where a person is permitted to act for the patient");
    }
    rules.add(rule);
    for (int i = 0; i < p.getProvision().size(); i++) {
      add(p.getProvision().get(i), rule, at + ".provision[" + i + "]", depth + 1);
    }
  }

  private void check(ProvisionComponent p, String at, int depth) {
    if (!p.hasType()) {
      throw refused(at + ".type", "permit or deny is required");
    }
    if (rules.size() >= MOST_RULES || depth > DEEPEST) {
      throw refused(
          at,
          "at most %d provisions are taken, nested at most %d deep".formatted(MOST_RULES, DEEPEST));
    }
    if (p.hasCode()) {
      throw refused(at + ".code", "codes of content cannot be decided by");
    }
    if (p.hasModifierExtension()) {
      throw refused(at + ".modifierExtension", "it cannot be decided by");
    }
  }

  private Map<Criterion, Set<String>> terms(ProvisionComponent p, ConsentRule outer, String at) {
    Map<Criterion, Set<String>> own = new EnumMap<>(Criterion.class);
    own.put(Criterion.ACTOR, actors(p.getActor(), at + ".actor"));
    own.put(Criterion.PURPOSE, codes(p.getPurpose(), ACT_REASON, PURPOSES, at + ".purpose"));
    own.put(Criterion.CLASS, codes(p.getClass_(), RESOURCE_TYPES, TYPES, at + ".class"));
    own.put(Criterion.ACTION, actions(p.getAction(), at + ".action"));
    own.put(Criterion.DATA, data(p.getData(), at + ".data"));
    own.put(Criterion.LABEL, labels(p.getSecurityLabel(), at + ".securityLabel"));
    if (own.values().stream().mapToInt(Set::size).sum() > MOST_TERMS) {
      throw refused(at, "at most " + MOST_TERMS + " values are taken");
    }
    if (outer != null) {
      outer.terms().forEach((criterion, values) -> narrow(own, criterion, values, at));
    }
    return own;
  }

  private static void narrow(
      Map<Criterion, Set<String>> own, Criterion criterion, Set<String> outer, String at) {
    Set<String> mine = own.get(criterion);
    if (mine.isEmpty()) {
      own.put(criterion, outer);
    } else if (!outer.containsAll(mine)) {
      throw refused(
          at,
          "its %s is not within that of the provision that it is an exception from"
              .formatted(criterion.name().toLowerCase(java.util.Locale.ROOT)));
    }
  }

  private static Set<String> actors(List<provisionActorComponent> actors, String at) {
    Set<String> found = new HashSet<>();
    for (int i = 0; i < actors.size(); i++) {
      provisionActorComponent actor = actors.get(i);
      String here = at + "[" + i + "]";
      if (actor.hasModifierExtension()) {
        throw refused(here + ".modifierExtension", "it cannot be decided by");
      }
      if (actor.getRole().getCoding().stream().noneMatch(c -> c.hasSystem() && c.hasCode())) {
        throw refused(here + ".role", "a coding with system and code is required");
      }
      found.add(actor(actor.getReference(), here + ".reference"));
    }
    return found;
  }

  private static String actor(Reference reference, String at) {
    if (reference.hasIdentifier()
        && Systems.NHS_NUMBER.equals(reference.getIdentifier().getSystem())) {
      return NhsNumber.parse(reference.getIdentifier().getValue())
          .map(ConsentRule::person)
          .orElseThrow(() -> refused(at + ".identifier", "it is no valid NHS number"));
    }
    if (reference.hasIdentifier()
        && Systems.ODS.equals(reference.getIdentifier().getSystem())
        && reference.getIdentifier().hasValue()) {
      return bounded(reference.getIdentifier().getValue(), at);
    }
    if (reference.hasReference()
        && "Organization".equals(reference.getReferenceElement().getResourceType())
        && !reference.getReferenceElement().isAbsolute()) {
      return bounded(reference.getReferenceElement().getIdPart(), at);
    }
    throw refused(
        at,
        "it must be an Organization of this server, or an identifier %s or, of a person who acts for the patient, %s"
            .formatted(Systems.ODS, Systems.NHS_NUMBER));
  }

  private static Set<String> codes(
      List<Coding> codings, String system, Set<String> known, String at) {
    Set<String> found = new HashSet<>();
    for (int i = 0; i < codings.size(); i++) {
      found.add(code(codings.get(i), system, known, at + "[" + i + "]"));
    }
    return found;
  }

  private static String code(Coding coding, String system, Set<String> known, String at) {
    if (!system.equals(coding.getSystem()) || !known.contains(String.valueOf(coding.getCode()))) {
      throw refused(
          at, "it must be one of %s of %s".formatted(new java.util.TreeSet<>(known), system));
    }
    return coding.getCode();
  }

  private static Set<String> actions(List<CodeableConcept> actions, String at) {
    Set<String> found = new HashSet<>();
    for (int i = 0; i < actions.size(); i++) {
      String here = at + "[" + i + "]";
      if (!actions.get(i).hasCoding()) {
        throw refused(here, "a coding is required");
      }
      for (Coding coding : actions.get(i).getCoding()) {
        found.add(code(coding, ACTION, ACTIONS, here + ".coding"));
      }
    }
    return found;
  }

  private Set<String> data(List<provisionDataComponent> references, String at) {
    Set<String> found = new HashSet<>();
    for (int i = 0; i < references.size(); i++) {
      provisionDataComponent one = references.get(i);
      String here = at + "[" + i + "]";
      boolean related = one.getMeaning() == ConsentDataMeaning.RELATED;
      if (!related && one.getMeaning() != ConsentDataMeaning.INSTANCE) {
        throw refused(here + ".meaning", "it must be instance or related");
      }
      if (one.hasModifierExtension()) {
        throw refused(here + ".modifierExtension", "it cannot be decided by");
      }
      UUID id = id(one.getReference(), here + ".reference");
      data.add(id);
      found.add(related ? "related|" + id : id.toString());
    }
    return found;
  }

  private static UUID id(Reference reference, String at) {
    try {
      if (TYPES.contains(String.valueOf(reference.getReferenceElement().getResourceType()))
          && !reference.getReferenceElement().isAbsolute()) {
        return UUID.fromString(reference.getReferenceElement().getIdPart());
      }
    } catch (IllegalArgumentException e) {
      // Refused below: no resource has such an id.
    }
    throw refused(
        at,
        "it must be a reference to one of %s of this server"
            .formatted(new java.util.TreeSet<>(TYPES)));
  }

  private static Set<String> labels(List<Coding> labels, String at) {
    Set<String> found = new HashSet<>();
    for (int i = 0; i < labels.size(); i++) {
      String here = at + "[" + i + "]";
      if (!labels.get(i).hasSystem() || !labels.get(i).hasCode()) {
        throw refused(here, "system and code are required");
      }
      found.add(bounded(labels.get(i).getSystem() + "|" + labels.get(i).getCode(), here));
    }
    return found;
  }

  private static String bounded(String value, String at) {
    if (value == null || value.length() > LONGEST) {
      throw refused(at, "a value of at most " + LONGEST + " characters is required");
    }
    return value;
  }

  private record Span(Instant from, Instant until) {
    static final Span ANY = new Span(null, null);

    Span within(Span outer, String at) {
      Instant begin =
          from == null || outer.from != null && outer.from.isAfter(from) ? outer.from : from;
      Instant end =
          until == null || outer.until != null && outer.until.isBefore(until) ? outer.until : until;
      if (begin != null && end != null && !begin.isBefore(end)) {
        throw refused(at, "it ends before it begins, or outside of what it is nested in");
      }
      return new Span(begin, end);
    }
  }

  private static Span span(Period period, String at) {
    Instant from = period.hasStart() ? period.getStart().toInstant() : null;
    Instant until = period.hasEnd() ? after(period.getEndElement()) : null;
    return new Span(from, until).within(Span.ANY, at);
  }

  /** An end is inclusive to its precision: a day ends when the next one begins (R4 Period). */
  private static Instant after(DateTimeType end) {
    if (end.getPrecision().ordinal() > TemporalPrecisionEnum.DAY.ordinal()) {
      return end.getValue().toInstant();
    }
    DateTimeType next = end.copy();
    next.add(end.getPrecision().getCalendarConstant(), 1);
    return next.getValue().toInstant();
  }

  static UnprocessableEntityException refused(String where, String what) {
    return new UnprocessableEntityException(
        "ISO-FHIR-010: Consent not recorded: " + where + ": " + what);
  }
}
