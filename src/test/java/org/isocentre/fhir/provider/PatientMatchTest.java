package org.isocentre.fhir.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.Patient;
import org.isocentre.fhir.map.Systems;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PersonName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatientMatchTest {
  private static final String NHS = "9990000018";

  private static Patient asked(String nhs, String birthDate, String family, String given) {
    Patient patient = new Patient();
    if (nhs != null) {
      patient.addIdentifier().setSystem(Systems.NHS_NUMBER).setValue(nhs);
    }
    if (birthDate != null) {
      patient.setBirthDateElement(new DateType(birthDate));
    }
    if (family != null) {
      patient.addName().setFamily(family);
    }
    if (given != null) {
      patient.getNameFirstRep().addGiven(given);
    }
    return patient;
  }

  private static org.isocentre.model.Patient known(PersonName name, boolean inReview) {
    return new org.isocentre.model.Patient(
        UUID.randomUUID(),
        new PatientIdentity(null, NHS, LocalDate.of(1974, 2, 13)),
        List.of(),
        name,
        null,
        null,
        null,
        org.isocentre.model.Patient.Source.ADT,
        inReview,
        Instant.EPOCH,
        null);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "1974-02-13, Test,   Case, certain",
        "1974-02-13, TÉST,   -,    certain",
        "1974-02-13, test,   Other, certain",
        "1974-02-13, -,      -,    probable",
        "1974-02-13, Jones,  Case, probable",
        "1974-02-13, Jones,  Dora, possible",
        "1974-02-13, Jones,  -,    possible",
        "1974-02-14, Test,   Case, -",
        "1974-02,    Test,   Case, -",
        "1974,       Test,   Case, -",
        "-,          Test,   Case, -"
      })
  void theBirthDateMustAgreeAndNamesGrade(
      String birthDate, String family, String given, String grade) {
    var match = PatientMatch.of(asked(NHS, birthDate, family, given));
    assertThat(match.grade(known(new PersonName("Test", "Case", null), false)).map(g -> g.code))
        .isEqualTo(java.util.Optional.ofNullable(grade));
  }

  @Test
  void whoIsInReviewIsNeverCertain() {
    var match = PatientMatch.of(asked(NHS, "1974-02-13", "Test", "Case"));
    assertThat(match.grade(known(new PersonName("Test", "Case", null), true)))
        .contains(PatientMatch.Grade.POSSIBLE);
  }

  @Test
  void withoutANumberOrADayThereIsNotEnough() {
    assertThat(PatientMatch.of(asked(null, "1974-02-13", "Test", "Case")).isEnough()).isFalse();
    assertThat(PatientMatch.of(asked(NHS, "1974", "Test", "Case")).isEnough()).isFalse();
    assertThat(PatientMatch.of(asked("999 000 0018", "1974-02-13", null, null)).isEnough())
        .isTrue();
    Patient other = asked(null, "1974-02-13", null, null);
    other.addIdentifier().setSystem("http://elsewhere.example").setValue("1");
    assertThat(PatientMatch.of(other).isEnough()).isFalse();
  }

  @Test
  void aNumberWithAWrongCheckDigitIsRefusedAndNotRepeated() {
    assertThatThrownBy(() -> PatientMatch.of(asked("9990000019", "1974-02-13", null, null)))
        .isInstanceOf(UnprocessableEntityException.class)
        .hasMessageContaining("ISO-FHIR-045")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("9990000019"));
  }
}
