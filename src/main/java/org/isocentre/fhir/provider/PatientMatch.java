package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Patient;
import org.isocentre.fhir.map.Systems;
import org.isocentre.index.Criterion.Number;
import org.isocentre.index.Criterion.Numbering;
import org.isocentre.index.Folding;
import org.isocentre.model.NhsNumber;

/**
 * How well a known patient is the one who is asked for (R4 Patient/$match). A number that the hub
 * knows and the birth date must agree, else there is no match, whatever else is alike.
 *
 * @param numbers NHS numbers with valid check digits, and local numbers with their issuers
 * @param birthDate or null, which matches nobody
 * @param family folded, or null
 * @param given folded, or null
 */
record PatientMatch(List<Number> numbers, LocalDate birthDate, String family, String given) {
  /** Codes of http://terminology.hl7.org/CodeSystem/match-grade. */
  enum Grade {
    CERTAIN("certain", "1.0"),
    PROBABLE("probable", "0.8"),
    POSSIBLE("possible", "0.5");

    final String code;
    final String score;

    Grade(String code, String score) {
      this.code = code;
      this.score = score;
    }
  }

  static PatientMatch of(Patient asked) {
    List<Number> numbers = new ArrayList<>();
    asked.getIdentifier().forEach(i -> number(i).ifPresent(numbers::add));
    return new PatientMatch(
        numbers,
        date(asked.getBirthDateElement().getValueAsString()),
        Folding.name(asked.getNameFirstRep().getFamily()),
        asked.getNameFirstRep().hasGiven()
            ? Folding.name(asked.getNameFirstRep().getGiven().get(0).getValue())
            : null);
  }

  private static Optional<Number> number(Identifier identifier) {
    String system = identifier.getSystem();
    String value = identifier.getValue();
    if (system == null || value == null || value.isBlank()) {
      return Optional.empty();
    }
    if (system.equals(Systems.NHS_NUMBER)) {
      return Optional.of(
          new Number(
              Numbering.NHS,
              null,
              NhsNumber.parse(value)
                  .orElseThrow(
                      () ->
                          new UnprocessableEntityException(
                              "ISO-FHIR-045: Patient.identifier of "
                                  + Systems.NHS_NUMBER
                                  + " is no NHS number: ten digits with a valid check digit"))));
    }
    return system.startsWith(Systems.LOCAL_PATIENT)
            && system.length() > Systems.LOCAL_PATIENT.length()
        ? Optional.of(
            new Number(Numbering.LOCAL, system.substring(Systems.LOCAL_PATIENT.length()), value))
        : Optional.empty();
  }

  /** A day; a month or a year is not enough. */
  private static LocalDate date(String text) {
    try {
      return text == null ? null : LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Whether there is enough to match anybody by. */
  boolean isEnough() {
    return !numbers.isEmpty() && birthDate != null;
  }

  /**
   * @param known a patient with one of the numbers
   * @return empty if it is not that person
   */
  Optional<Grade> grade(org.isocentre.model.Patient known) {
    if (birthDate == null || !birthDate.equals(known.identity().birthDate())) {
      return Optional.empty();
    }
    if (known.inReview()) {
      return Optional.of(Grade.POSSIBLE);
    }
    String knownFamily = known.name() == null ? null : Folding.name(known.name().family());
    String knownGiven = known.name() == null ? null : Folding.name(known.name().given());
    boolean sameFamily = family != null && family.equals(knownFamily);
    boolean otherFamily = family != null && knownFamily != null && !sameFamily;
    boolean sameGiven = given != null && knownGiven != null && knownGiven.startsWith(given);
    if (sameFamily) {
      return Optional.of(Grade.CERTAIN);
    }
    // Who married kept the given name.
    return Optional.of(!otherFamily || sameGiven ? Grade.PROBABLE : Grade.POSSIBLE);
  }
}
