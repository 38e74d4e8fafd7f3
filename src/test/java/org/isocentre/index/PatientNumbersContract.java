package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.isocentre.index.MergeWorld.BORN;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.isocentre.index.MergeWorld.Person;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several numbers of one patient, whatever database holds the index. */
abstract class PatientNumbersContract {
  private static final PatientKey L1 = new PatientKey("RTH", "L1");
  private static final PatientKey L2 = new PatientKey("RTH", "L2");
  private static final PatientKey L3 = new PatientKey("RTH", "L3");
  private static final PatientKey X9 = new PatientKey("RJ1", "X9");
  private static final String NHS = "9990000018";

  private MergeWorld world;

  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    world = new MergeWorld(database());
  }

  private static PatientDemographics says(
      LocalDate born,
      String nhs,
      PatientKey first,
      List<PatientKey> others,
      PatientKey... claimed) {
    return new PatientDemographics(
        new PatientIdentity(first, nhs, born),
        new PersonName("TEST", "CASE", null),
        "female",
        null,
        null,
        Patient.Source.ADT,
        null,
        Set.of(),
        others,
        List.of(claimed));
  }

  private UUID resolve(PatientKey first, PatientKey... others) {
    return world.patients.resolve(says(BORN, null, first, List.of(others)));
  }

  private Patient find(UUID id) {
    return world.patients.find(id).orElseThrow();
  }

  private List<UUID> search(PatientKey key) {
    return world
        .patients
        .search(
            new PatientQuery(
                Visibility.ALL,
                null,
                List.of(key),
                null,
                null,
                null,
                TimeRange.ANY,
                MergeWorld.PAGE))
        .stream()
        .map(Patient::id)
        .toList();
  }

  @Test
  void eachNumberIsThePatients() {
    UUID id = resolve(L1, L2);
    assertThat(find(id).keys()).containsExactly(L1, L2);
    assertThat(search(L2)).containsExactly(id);
    assertThat(resolve(L2)).isEqualTo(id);
    assertThat(resolve(L2, L3)).isEqualTo(id);
    assertThat(find(id).keys()).containsExactly(L1, L2, L3);
    assertThat(find(id).identity().key()).isEqualTo(L1);
    assertThat(world.questions()).isEmpty();
  }

  @Test
  void aNewFirstNumberIsThatOfThePatientWhoHasAFurtherOne() {
    UUID id = resolve(L2);
    assertThat(resolve(L1, L2)).isEqualTo(id);
    assertThat(find(id).keys()).containsExactly(L1, L2);
    UUID study = world.study(new Person("L1"), "1.1");
    assertThat(world.studies.find(study).orElseThrow().patientId()).isEqualTo(id);
    assertThat(world.patients.areOnePerson(L1, L2)).isTrue();
  }

  @Test
  void twoNumbersOfTwoKnownPatientsJoinNothingAndAPersonIsAsked() {
    UUID one = resolve(L1);
    UUID two = resolve(L2);
    assertThat(resolve(L1, L2)).isEqualTo(one);
    assertThat(resolve(L1, L2)).isEqualTo(one);
    assertThat(find(one).keys()).containsExactly(L1);
    assertThat(find(two).keys()).containsExactly(L2);
    assertThat(world.questions()).containsExactly("NUMBER_OF_ANOTHER_PATIENT");
    assertThat(world.patients.areOnePerson(L1, L2)).isFalse();
    // A new first number beside them is nobody's of the two.
    UUID third = resolve(L3, L1, L2);
    assertThat(third).isNotIn(one, two);
    assertThat(find(third).keys()).containsExactly(L3);
    assertThat(find(third).inReview()).isFalse();
  }

  @Test
  void theQuestionIsWithdrawnOnceTheTwoAreConfirmedToBeOnePerson() {
    resolve(L1);
    resolve(L2);
    resolve(L1, L2);
    UUID merge = world.merge(new Person("L2"), new Person("L1"), 0).id();
    world.merges.confirm(merge, "staff");
    assertThat(world.questions()).containsExactly("NUMBER_OF_ANOTHER_PATIENT");
    resolve(L1, L2);
    assertThat(world.questions()).isEmpty();
    world.merges.undo(merge, "staff", "wrong");
    assertThat(world.patients.areOnePerson(L1, L2)).isFalse();
  }

  @Test
  void aFurtherNumberOfSomebodyBornOnAnotherDayJoinsNothing() {
    UUID known = resolve(L2);
    PatientDemographics other = says(BORN.plusDays(1), null, L1, List.of(L2));
    UUID id = world.patients.resolve(other);
    assertThat(id).isNotEqualTo(known);
    assertThat(find(known).identity().birthDate()).isEqualTo(BORN);
    assertThat(find(known).inReview()).isFalse();
    assertThat(find(id).keys()).containsExactly(L1);
    assertThat(world.questions()).containsExactly("NUMBER_OF_ANOTHER_PATIENT");
  }

  @Test
  void aFurtherNumberOfSomebodyWithAnotherNhsNumberJoinsNothing() {
    UUID known = world.patients.resolve(says(BORN, NHS, L2, List.of()));
    UUID id = world.patients.resolve(says(BORN, "9990000026", L1, List.of(L2)));
    assertThat(id).isNotEqualTo(known);
    assertThat(find(id).keys()).containsExactly(L1);
  }

  @Test
  void aNumberOfAnotherTrustIsShownAndFoundButMatchesNobody() {
    UUID id = world.patients.resolve(says(BORN, null, L1, List.of(), X9));
    assertThat(find(id).keys()).containsExactly(L1);
    assertThat(find(id).claimedKeys()).containsExactly(X9);
    assertThat(search(X9)).containsExactly(id);
    assertThat(world.questions()).isEmpty();
    // That trust's own message: it may be somebody else, and has the number from now on.
    UUID theirs = resolve(X9);
    assertThat(theirs).isNotEqualTo(id);
    assertThat(find(id).claimedKeys()).isEmpty();
    assertThat(search(X9)).containsExactly(theirs);
    assertThat(world.questions()).containsExactly("NUMBER_OF_ANOTHER_PATIENT");
    assertThat(world.patients.resolve(says(BORN, null, L1, List.of(), X9))).isEqualTo(id);
    assertThat(find(id).claimedKeys()).isEmpty();
  }

  @Test
  void whatIsFiledUnderAPatientIsNotFoundByANumberThatIsOnlyClaimed() {
    UUID id = world.patients.resolve(says(BORN, null, L1, List.of(), X9));
    world.study(new Person("L1"), "1.1");
    assertThat(id).isNotNull();
    assertThat(studies(L1)).isEqualTo(1);
    assertThat(studies(X9)).isZero();
  }

  private int studies(PatientKey key) {
    SearchSql where = new SearchSql().anyOf(List.of(key), PatientIndex::hasKey);
    return where.count(world.jdbc, "study s join patient p on p.id = s.patient_id");
  }

  @Test
  void aClaimedNumberBecomesThePatientsOwnWhenItsSourceSaysSo() {
    UUID id = world.patients.resolve(says(BORN, NHS, L1, List.of(), X9));
    assertThat(world.patients.resolve(says(BORN, NHS, X9, List.of()))).isEqualTo(id);
    assertThat(find(id).keys()).containsExactly(X9, L1);
    assertThat(find(id).claimedKeys()).isEmpty();
    assertThat(world.questions()).isEmpty();
  }

  @Test
  void aMergeThatWaitsForAFurtherNumberIsDone() {
    world.merge(new Person("L2"), new Person("B"), 0);
    UUID surviving = world.patients.findByKey(new PatientKey("RTH", "B")).get(0).id();
    UUID id = resolve(L1, L2);
    assertThat(world.patients.links(List.of(id)).get(id))
        .singleElement()
        .satisfies(link -> assertThat(link.other()).isEqualTo(surviving));
  }
}
