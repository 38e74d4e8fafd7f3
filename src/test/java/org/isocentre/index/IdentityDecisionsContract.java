package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.isocentre.index.MergeWorld.BORN;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.isocentre.index.MergeWorld.Person;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientIdentity.Comparison;
import org.isocentre.model.ReviewItem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people decide of records in review, whatever database holds the index. */
abstract class IdentityDecisionsContract {
  private static final String NHS = "9990000018";
  private static final Person KNOWN = new Person("L1", NHS, BORN);

  /** The same person, by a modality at which a birth date was mistyped. */
  private static final Person SLIP = new Person("L1", NHS, LocalDate.of(1947, 2, 13));

  private static final Person OTHER = new Person("L2", null, BORN);
  private MergeWorld world;
  private IdentityDecisions decisions;
  private UUID patient;
  private UUID study;
  private UUID record;

  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    world = new MergeWorld(database());
    decisions = new IdentityDecisions(world.jdbc, world.transactions, world.patients, world.merges);
    patient = world.adt(KNOWN);
    study = world.study(SLIP, "1.2.3");
    record = whose(study);
  }

  private UUID whose(UUID study) {
    return world.studies.find(study).orElseThrow().patientId();
  }

  private List<ReviewItem> questions() {
    return world.reviews.open(new PageRequest(0, 100)).stream()
        .filter(r -> r.kind() == ReviewItem.Kind.PATIENT)
        .toList();
  }

  private static PatientIdentity identity(Person person) {
    return person.says(Patient.Source.DICOM).identity();
  }

  @Test
  void whatIsInReviewIsThePatientsOnceAPersonSaysSo() {
    assertThat(record).isNotEqualTo(patient);
    assertThat(world.patients.find(record).orElseThrow().inReview()).isTrue();
    assertThat(questions()).hasSize(1);
    assertThat(world.patients.compare(identity(KNOWN), identity(SLIP)))
        .isEqualTo(Comparison.DISAGREES);

    decisions.same(record, patient, "staff", "birth date mistyped");
    assertThat(whose(study)).isEqualTo(patient);
    assertThat(questions()).isEmpty();
    // Who is described so is that patient from now on.
    assertThat(whose(world.study(SLIP, "1.2.4"))).isEqualTo(patient);
    assertThat(world.patients.compare(identity(KNOWN), identity(SLIP)))
        .isEqualTo(Comparison.AGREES);
    assertThat(world.patients.find(patient).orElseThrow().identity().birthDate()).isEqualTo(BORN);
    assertThat(world.notices.next(10))
        .anyMatch(n -> n.kind() == MergeNotices.Kind.STUDY && n.subject().equals(study));
  }

  @Test
  void itCanBeTakenBack() {
    decisions.same(record, patient, "staff", "birth date mistyped");
    UUID own = world.study(KNOWN, "1.2.5");
    decisions.undo(record, "staff", "another person");
    assertThat(whose(study)).isEqualTo(record);
    assertThat(whose(own)).isEqualTo(patient);
    assertThat(questions()).hasSize(1);
    assertThat(world.patients.compare(identity(KNOWN), identity(SLIP)))
        .isEqualTo(Comparison.DISAGREES);
    assertThat(whose(world.study(SLIP, "1.2.6"))).isEqualTo(record);
    assertThatThrownBy(() -> decisions.undo(record, "staff", "again"))
        .isInstanceOf(DecisionException.class)
        .hasMessageContaining("ISO-INDEX-036");
    // And decided again.
    decisions.same(record, patient, "staff", "it is");
    assertThat(whose(study)).isEqualTo(patient);
    assertThat(questions()).isEmpty();
  }

  @Test
  void nobodyDecidesWhatIsNoQuestion() {
    UUID other = world.adt(OTHER);
    for (UUID[] pair :
        new UUID[][] {
          {record, other}, {record, record}, {UUID.randomUUID(), patient},
          {record, UUID.randomUUID()}, {patient, record}, {patient, patient}
        }) {
      assertThatThrownBy(() -> decisions.same(pair[0], pair[1], "staff", "why"))
          .isInstanceOf(DecisionException.class);
    }
    decisions.same(record, patient, "staff", "why");
    assertThatThrownBy(() -> decisions.same(record, patient, "staff", "why"))
        .isInstanceOf(DecisionException.class)
        .hasMessageContaining("ISO-INDEX-035");
    assertThat(whose(study)).isEqualTo(patient);
  }

  @Test
  void recordsThatAreNotInReviewAreMergedAndThatIsConfirmed() {
    UUID other = world.adt(OTHER);
    UUID scan = world.study(OTHER, "1.2.9");
    decisions.same(other, patient, "staff", "why");
    assertThat(whose(scan)).isEqualTo(patient);
    assertThat(world.patients.compare(identity(OTHER), identity(KNOWN)))
        .isEqualTo(Comparison.AGREES);
    var merge = world.merges.of(List.of(other)).get(0);
    assertThat(merge.confirmed()).isTrue();
    world.merges.undo(merge.id(), "staff", "another person");
    assertThat(whose(scan)).isEqualTo(other);
  }

  /** What a register has of both comes when it comes; what people say has links looked at anew. */
  @Test
  void aLocalAndAnNhsNumberAgreeOncePeopleSaySo() {
    PatientIdentity national = new PatientIdentity(null, NHS, null);
    assertThat(world.patients.compare(new PatientIdentity(KNOWN.key(), null, null), national))
        .isEqualTo(Comparison.UNKNOWN);
    UUID other = world.adt(OTHER);
    PatientIdentity local = new PatientIdentity(OTHER.key(), null, null);
    assertThat(world.patients.compare(local, national)).isEqualTo(Comparison.UNKNOWN);
    decisions.same(other, patient, "staff", "why");
    assertThat(world.patients.compare(local, national)).isEqualTo(Comparison.AGREES);
    assertThat(world.patients.compare(national, local)).isEqualTo(Comparison.AGREES);
    assertThat(
            world.patients.compare(
                new PatientIdentity(OTHER.key(), null, BORN),
                new PatientIdentity(null, NHS, LocalDate.of(1947, 2, 13))))
        .isEqualTo(Comparison.DISAGREES);
  }

  /** What a study was while its record was merged names the other patient. */
  @Test
  void aVersionThatNamesTheOtherPatientIsNotShownOnceTheMergeIsUndone() {
    UUID other = world.adt(OTHER);
    UUID scan = world.study(OTHER, "1.2.9");
    StudyVersionIndex versions = new StudyVersionIndex(world.jdbc);
    versions.add(world.studies.find(scan).orElseThrow(), "fhir/own");
    decisions.same(other, patient, "staff", "why");
    versions.add(world.studies.find(scan).orElseThrow(), "fhir/merged");
    world.studies.record(world.object(OTHER, "1.2.9", "1.2.9.1.2"));
    assertThat(kept(versions, scan)).containsExactly("fhir/merged", "fhir/own");
    world.merges.undo(world.merges.of(List.of(other)).get(0).id(), "staff", "another person");
    assertThat(kept(versions, scan)).containsExactly("fhir/own");
  }

  private List<String> kept(StudyVersionIndex versions, UUID scan) {
    var now = world.studies.find(scan).orElseThrow();
    return versions.before(now, now.patientId(), Visibility.ALL, 10).stream()
        .map(StudyVersionIndex.Version::objectKey)
        .toList();
  }

  @Test
  void ordersReportsAndLabelsFollow() {
    UUID order = world.order(SLIP, "P1");
    assertThat(world.orders.find(order).orElseThrow().patientId()).isNotEqualTo(patient);
    UUID waiting = world.orders.find(order).orElseThrow().patientId();
    decisions.same(waiting, patient, "staff", "why");
    assertThat(world.orders.find(order).orElseThrow().patientId()).isEqualTo(patient);
    assertThat(
            world
                .jdbc
                .sql("select count(*) from patient_repointed where to_patient = ? and row_id = ?")
                .params(patient, order)
                .query(Integer.class)
                .single())
        .isEqualTo(1);
    if (!waiting.equals(record)) {
      decisions.same(record, patient, "staff", "why");
    }
    assertThat(whose(study)).isEqualTo(patient);
  }
}
