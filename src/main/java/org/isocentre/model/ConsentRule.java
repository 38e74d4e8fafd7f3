package org.isocentre.model;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One provision of a Consent. It holds where every criterion that it names holds; what it is nested
 * in has been added to its own criteria.
 *
 * @param number of the provision in its Consent, in the order of the text; 0 is the outermost
 * @param parent number of the provision that it is an exception from, or -1
 * @param permit false denies
 * @param terms what it is about; a criterion that is not there is no condition, and of several
 *     values one has to hold
 * @param validFrom when it begins to count, or null
 * @param validUntil when it ceases to count (exclusive), or null
 * @param dataFrom it is about data from this moment on, or null
 * @param dataUntil it is about data before this moment, or null
 */
public record ConsentRule(
    int number,
    int parent,
    boolean permit,
    Map<Criterion, Set<String>> terms,
    Instant validFrom,
    Instant validUntil,
    Instant dataFrom,
    Instant dataUntil) {
  /** What a provision can be about. */
  public enum Criterion {
    /** ODS code of an organisation, or a {@link #person}. */
    ACTOR,
    /** Code of v3-ActReason. */
    PURPOSE,
    /** Code of consentaction. */
    ACTION,
    /** FHIR resource type. */
    CLASS,
    /** Id of a resource. */
    DATA,
    /** {@code system|code} of a security label. */
    LABEL
  }

  private static final String PERSON = "person|";

  /** The actor that somebody who acts for the patient is. */
  public static String person(String nhsNumber) {
    return PERSON + nhsNumber;
  }

  /** NHS number of an actor who is a person; empty for an organisation. */
  public static Optional<String> personOf(String actor) {
    return actor.startsWith(PERSON)
        ? Optional.of(actor.substring(PERSON.length()))
        : Optional.empty();
  }

  public ConsentRule {
    Map<Criterion, Set<String>> copy = new EnumMap<>(Criterion.class);
    terms.forEach(
        (criterion, values) -> {
          if (!values.isEmpty()) {
            copy.put(criterion, Set.copyOf(values));
          }
        });
    terms = Map.copyOf(copy);
  }

  public Set<String> terms(Criterion criterion) {
    return terms.getOrDefault(criterion, Set.of());
  }

  public boolean isOfDataPeriod() {
    return dataFrom != null || dataUntil != null;
  }

  /** Whether it is about some of the patient's data only. */
  public boolean isOfSomeData() {
    return isOfDataPeriod()
        || terms.containsKey(Criterion.CLASS)
        || terms.containsKey(Criterion.DATA)
        || terms.containsKey(Criterion.LABEL);
  }

  public boolean isValid(Instant at) {
    return (validFrom == null || !at.isBefore(validFrom))
        && (validUntil == null || at.isBefore(validUntil));
  }
}
