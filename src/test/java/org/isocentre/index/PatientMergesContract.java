package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.isocentre.index.MergeWorld.BORN;
import static org.isocentre.index.MergeWorld.said;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.exchange.TransferCommitment;
import org.isocentre.exchange.TransferRun;
import org.isocentre.exchange.TransferRun.TransferSuspendedException;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.MergeNotices.Kind;
import org.isocentre.index.MergeWorld.Person;
import org.isocentre.index.PatientMerges.MergeStateException;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.Appointment;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.MergeRecord.State;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientLink;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.PatientMerged.Change;
import org.isocentre.model.Report;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.StudyChanged;
import org.isocentre.model.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What merges do, whatever database holds the index. */
abstract class PatientMergesContract {
  private static final String NHS_A = "9990000018";
  private static final String NHS_B = "9990000026";
  private static final Person A = new Person("A");
  private static final Person B = new Person("B");
  private static final Person C = new Person("C");
  private static final Person A_NHS = new Person("A", NHS_A, BORN);
  private static final Person B_NHS = new Person("B", NHS_B, BORN);

  private MergeWorld world;

  /** An empty database. */
  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    world = new MergeWorld(database());
  }

  private Transfer.State transfer(UUID id) {
    return world.transfers.find(id).orElseThrow().state();
  }

  @ParameterizedTest
  @EnumSource(names = {"MERGE", "CHANGE_ID"})
  void everythingFollowsTheSurvivingPatientAndComesBackWhenItIsUndone(PatientMerge.Kind kind) {
    UUID prior = world.adt(A);
    UUID surviving = world.adt(B);
    UUID study = world.study(A, "1.1");
    UUID order = world.order(A, "P1");
    UUID report = world.report(A, "F1");
    UUID consent = world.consent(prior, false, "RJ1", 0);
    UUID own = world.study(B, "1.2");

    MergeRecord merge = world.merges.apply(said(kind, A, B, 0));
    assertThat(merge.state()).isEqualTo(State.IN_FORCE);
    assertThat(merge.confirmed()).isFalse();
    assertThat(world.studies.find(study).orElseThrow().patientId()).isEqualTo(surviving);
    assertThat(world.orders.find(order).orElseThrow().patientId()).isEqualTo(surviving);
    assertThat(world.reports.find(report).orElseThrow().patientId()).isEqualTo(surviving);
    assertThat(world.consents.find(consent).orElseThrow().patientId()).isEqualTo(surviving);
    assertThat(world.patients.links(List.of(prior, surviving)))
        .containsEntry(prior, List.of(new PatientLink(PatientLink.Type.REPLACED_BY, surviving)))
        .containsEntry(surviving, List.of(new PatientLink(PatientLink.Type.REPLACES, prior)));
    assertThat(
            world
                .jdbc
                .sql(
                    "select table_name from patient_repointed where merge_id = ? and from_patient = ? and to_patient = ? order by 1")
                .params(merge.id(), prior, surviving)
                .query(String.class)
                .list())
        .containsExactly("consent", "imaging_order", "report", "study");
    assertThat(world.questions()).containsExactly("MERGE_NOT_CONFIRMED");

    UUID later = world.study(A, "1.3");
    assertThat(world.studies.find(later).orElseThrow().patientId()).isEqualTo(surviving);

    assertThat(world.merges.undo(merge.id(), "staff", "wrong person").state())
        .isEqualTo(State.UNDONE);
    assertThat(world.studies.find(study).orElseThrow().patientId()).isEqualTo(prior);
    assertThat(world.studies.find(later).orElseThrow().patientId()).isEqualTo(prior);
    assertThat(world.studies.find(own).orElseThrow().patientId()).isEqualTo(surviving);
    assertThat(world.orders.find(order).orElseThrow().patientId()).isEqualTo(prior);
    assertThat(world.reports.find(report).orElseThrow().patientId()).isEqualTo(prior);
    assertThat(world.consents.find(consent).orElseThrow().patientId()).isEqualTo(prior);
    assertThat(world.patients.links(List.of(prior, surviving))).isEmpty();
    assertThat(world.questions()).isEmpty();
    assertThat(
            world.audit.search(
                new AuditIndex.Query(
                    Visibility.ALL,
                    Set.of(),
                    Set.of(),
                    Set.of("patient-merge", "patient-merge-undo"),
                    TimeRange.ANY,
                    MergeWorld.PAGE)))
        .extracting(e -> e.type() + " by " + e.actor())
        .containsExactlyInAnyOrder("patient-merge by RTH", "patient-merge-undo by staff");
  }

  @Test
  void theMessagesOfAReportAddUpWhicheverNumberOfOnePersonTheyName() {
    UUID prior = world.adt(A);
    UUID surviving = world.adt(B);
    world.merges.confirm(world.merge(A, B, 0).id(), "staff");
    UUID id = world.report(A, "F1", "final", "No fracture.", 1);
    world.report(B, "F1", "partial", "Second addendum.", 3);
    world.report(A, "F1", "partial", "First addendum.", 2);

    Report report = world.reports.find(id).orElseThrow();
    assertThat(world.reports.history(report)).hasSize(3);
    assertThat(report.result().status()).isEqualTo("appended");
    assertThat(report.result().text())
        .isEqualTo("No fracture.\n\nFirst addendum.\n\nSecond addendum.");
    assertThat(report.patientId()).isEqualTo(surviving).isNotEqualTo(prior);
    // The newest message says whose it is: an older one does not file it under its own number.
    assertThat(filedUnder(id)).isEqualTo(surviving);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAppointmentOfTheOtherNumberMovesTheOrderOnceTheMergeIsConfirmed(boolean confirmed) {
    world.adt(A);
    world.adt(B);
    MergeRecord merge = world.merge(A, B, 0);
    if (confirmed) {
      world.merges.confirm(merge.id(), "staff");
    }
    UUID order = world.order(A, "P1");
    LocalDateTime start = LocalDateTime.of(2026, 11, 2, 9, 30);
    new AppointmentIndex(world.jdbc, world.transactions, world.patients, world.reviews)
        .record(
            new Appointment(
                "RTH",
                null,
                "S1",
                Appointment.Status.BOOKED,
                List.of(new Appointment.OrderNumber(true, "RTH", "P1")),
                B.says(Patient.Source.ORDER),
                start,
                30,
                ScheduledStep.NONE,
                null,
                "hl7/s1",
                MergeWorld.NOON.plusSeconds(60)));
    assertThat(world.orders.find(order).orElseThrow().request().step().start())
        .isEqualTo(confirmed ? start : null);
    assertThat(world.questions().contains("APPOINTMENT_PATIENT_DIFFERS")).isEqualTo(!confirmed);
  }

  private UUID filedUnder(UUID report) {
    return world
        .jdbc
        .sql("select patient_id from report where id = ?")
        .param(report)
        .query(UUID.class)
        .single();
  }

  @Test
  void aReportsMessagesOfTwoNumbersDoNotAddUpUntilTheMergeIsConfirmed() {
    world.adt(A);
    world.adt(B);
    world.merge(A, B, 0);
    UUID id = world.report(A, "F1", "final", "No fracture.", 1);
    world.report(B, "F1", "partial", "Addendum.", 2);
    Report report = world.reports.find(id).orElseThrow();
    assertThat(world.reports.history(report)).hasSize(1);
    assertThat(report.result().text()).isEqualTo("Addendum.");
  }

  @Test
  void theyAddUpOnceItIsConfirmedAndArePartedWhenItIsUndone() {
    world.adt(A);
    world.adt(B);
    MergeRecord merge = world.merge(A, B, 0);
    UUID id = world.report(A, "F1", "final", "No fracture.", 1);
    world.report(B, "F1", "partial", "Addendum.", 2);
    IndexChanges changes = new IndexChanges(world.jdbc);
    changes.forget(changes.oldest(100));
    world.merges.confirm(merge.id(), "staff");
    assertThat(text(id)).isEqualTo("No fracture.\n\nAddendum.");
    assertThat(world.reports.find(id).orElseThrow().result().status()).isEqualTo("appended");
    assertThat(history(id)).isEqualTo(2);
    assertThat(changes.oldest(100)).extracting(c -> c.subjectId()).containsExactly(id);
    world.report(A, "F1", "partial", "Second addendum.", 3);
    world.report(B, "F1", "partial", "Third addendum.", 4);
    assertThat(history(id)).isEqualTo(4);
    world.merges.undo(merge.id(), "staff", "wrong person");
    assertThat(text(id)).isEqualTo("Third addendum.");
    assertThat(history(id)).isEqualTo(2);
    assertThat(world.reports.countVersions(id)).isEqualTo(2);
    assertThat(world.reports.find(id).orElseThrow().patientId()).isEqualTo(world.record(B));
    // The newest message says whose it is, with what was said of that patient before.
    world.report(A, "F1", "partial", "Fourth addendum.", 5);
    assertThat(text(id)).isEqualTo("No fracture.\n\nSecond addendum.\n\nFourth addendum.");
    assertThat(world.reports.find(id).orElseThrow().patientId()).isEqualTo(world.record(A));
  }

  private String text(UUID report) {
    return world.reports.find(report).orElseThrow().result().text();
  }

  private int history(UUID report) {
    return world.reports.history(world.reports.find(report).orElseThrow()).size();
  }

  @Test
  void searchesFindByTheOldNumberWhatTheSurvivorHasNow() {
    UUID prior = world.adt(A);
    world.adt(B);
    world.study(A, "1.1");
    world.study(B, "1.2");
    world.merge(A, B, 0);
    for (Person who : List.of(A, B)) {
      assertThat(
              world.studies.count(
                  new StudyQuery(
                      Visibility.ALL,
                      null,
                      null,
                      List.of(who.key()),
                      null,
                      null,
                      null,
                      null,
                      null,
                      null,
                      null,
                      null,
                      TimeRange.ANY,
                      MergeWorld.PAGE)))
          .isEqualTo(2);
    }
    assertThat(byPatient(world.record(B))).isEqualTo(2);
    assertThat(byPatient(prior)).isEqualTo(1);
    assertThat(patientsWith(A.key())).containsExactlyInAnyOrder(prior, world.record(B));
    assertThat(patientsWith(B.key())).containsExactly(world.record(B));
  }

  private int byPatient(UUID patient) {
    return world.studies.count(
        new StudyQuery(
            Visibility.ALL,
            null,
            Set.of(patient),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            TimeRange.ANY,
            MergeWorld.PAGE));
  }

  private List<UUID> patientsWith(PatientKey key) {
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
  void aMergeWaitsForItsPatientsAndIsDoneWhenTheyCome() {
    MergeRecord merge = world.merge(A, B, 0);
    assertThat(merge.state()).isEqualTo(State.WAITING);
    assertThat(world.questions()).isEmpty();
    UUID study = world.study(A, "1.1");
    assertThat(world.numbersOfPatientOf(study)).containsExactly("B");
    assertThat(world.merges.find(merge.id()).orElseThrow().state()).isEqualTo(State.IN_FORCE);
    assertThat(world.questions()).containsExactly("MERGE_NOT_CONFIRMED");
    assertThat(world.notices.next(10))
        .extracting(MergeNotices.Notice::change)
        .containsExactly(Change.APPLIED);
  }

  @Test
  void theSameMessageAgainChangesNothing() {
    world.study(A, "1.1");
    MergeRecord merge = world.merge(A, B, 0);
    assertThat(world.merge(A, B, 0)).isEqualTo(merge);
    world.merges.confirm(merge.id(), "staff");
    MergeRecord again = world.merge(A, B, 5);
    assertThat(again.state()).isEqualTo(State.REPEATED);
    assertThat(world.questions()).isEmpty();
    assertThat(world.notices.next(10).stream().filter(n -> n.kind() == Kind.MERGED))
        .extracting(MergeNotices.Notice::change)
        .containsExactly(Change.APPLIED, Change.CONFIRMED);
  }

  @Test
  void chainsAndCirclesEndAtTheNewestSurvivor() {
    UUID a = world.study(A, "1.1");
    UUID b = world.study(B, "1.2");
    UUID c = world.study(C, "1.3");
    world.merge(B, C, 2);
    world.merge(A, B, 1);
    assertThat(List.of(a, b, c)).allSatisfy(s -> assertThat(numbers(s)).containsExactly("C"));
    assertThat(world.patients.links(List.of(world.record(A))).get(world.record(A)))
        .containsExactly(new PatientLink(PatientLink.Type.REPLACED_BY, world.record(C)));
    world.merge(C, A, 3);
    assertThat(List.of(a, b, c)).allSatisfy(s -> assertThat(numbers(s)).containsExactly("A"));
    world.merge(A, B, 4);
    assertThat(List.of(a, b, c)).allSatisfy(s -> assertThat(numbers(s)).containsExactly("B"));
  }

  private List<String> numbers(UUID study) {
    return world.numbersOfPatientOf(study);
  }

  @Test
  void theNewestWordOnAPatientCounts() {
    UUID a = world.study(A, "1.1");
    MergeRecord newer = world.merge(A, C, 5);
    MergeRecord older = world.merge(A, B, 1);
    assertThat(older.state()).isEqualTo(State.SUPERSEDED);
    assertThat(numbers(a)).containsExactly("C");
    world.merges.undo(newer.id(), "staff", "wrong person");
    assertThat(numbers(a)).containsExactly("B");
  }

  @Test
  void anOlderMergeDoesNotUndoANewerUnlink() {
    UUID a = world.study(A, "1.1");
    world.study(B, "1.2");
    world.merges.apply(said(PatientMerge.Kind.UNLINK, A, B, 5));
    assertThat(world.merge(A, B, 1).state()).isEqualTo(State.SUPERSEDED);
    assertThat(numbers(a)).containsExactly("A");
    assertThat(world.merge(A, B, 9).state()).isEqualTo(State.IN_FORCE);
    assertThat(numbers(a)).containsExactly("B");
  }

  @Test
  void aDifferingBirthDateIsNeverMergedWithoutAPerson() {
    UUID a = world.study(A, "1.1");
    Person younger = new Person("B", null, BORN.plusYears(1));
    world.adt(younger);
    MergeRecord merge = world.merge(A, younger, 0);
    assertThat(merge.state()).isEqualTo(State.HELD);
    assertThat(merge.reason()).isEqualTo("BIRTH_DATE_DIFFERS");
    assertThat(numbers(a)).containsExactly("A");
    assertThat(world.questions()).containsExactly("BIRTH_DATE_DIFFERS");
    assertThat(world.notices.next(10)).isEmpty();
    MergeRecord confirmed = world.merges.confirm(merge.id(), "staff");
    assertThat(confirmed.state()).isEqualTo(State.IN_FORCE);
    assertThat(confirmed.confirmed()).isTrue();
    assertThat(numbers(a)).containsExactly("B");
    assertThat(world.questions()).isEmpty();
  }

  @Test
  void aBirthDateThatComesLaterHoldsTheMergeAndWhatMovedGoesBack() {
    Person unknown = new Person("A", null, null);
    UUID a = world.study(unknown, "1.1");
    MergeRecord merge = world.merge(unknown, B, 0);
    assertThat(numbers(a)).containsExactly("B");
    world.adt(new Person("A", null, BORN.minusDays(1)));
    assertThat(world.merges.find(merge.id()).orElseThrow().reason())
        .isEqualTo("BIRTH_DATE_DIFFERS");
    assertThat(numbers(a)).containsExactly("A");
    assertThat(world.notices.next(10))
        .extracting(MergeNotices.Notice::change)
        .containsExactly(Change.APPLIED, Change.WITHDRAWN);
  }

  @Test
  void aBirthDateIsComparedAlongTheWholeChain() {
    Person unknown = new Person("B", null, null);
    Person younger = new Person("C", null, BORN.plusYears(1));
    UUID a = world.study(A, "1.1");
    world.adt(unknown);
    world.adt(younger);
    world.merge(A, unknown, 1);
    assertThat(world.merge(unknown, younger, 2).state()).isEqualTo(State.HELD);
    assertThat(numbers(a)).containsExactly("B");
  }

  @Test
  void twoNhsNumbersAreTwoPeopleUntilSomebodySaysOtherwise() {
    world.study(A_NHS, "1.1");
    world.adt(B_NHS);
    assertThat(world.merge(A_NHS, B_NHS, 0).reason()).isEqualTo("NHS_NUMBER_DIFFERS");
  }

  @Test
  void anNhsNumberMayBeReplacedWhereTheBirthDateIsTheSame() {
    UUID a = world.study(A_NHS, "1.1");
    world.adt(B_NHS);
    PatientDemographics surviving =
        new PatientDemographics(
            new PatientIdentity(null, NHS_B, BORN), null, null, null, null, Patient.Source.ADT);
    PatientMerge replaced =
        new PatientMerge(
            PatientMerge.Kind.CHANGE_ID,
            surviving,
            new PatientIdentity(null, NHS_A, null),
            "RJ1",
            "hl7/1",
            MergeWorld.NOON);
    assertThat(world.merges.apply(replaced).state()).isEqualTo(State.IN_FORCE);
    assertThat(numbers(a)).containsExactly("B");
    assertThat(world.seenByPatient(NHS_B)).isEmpty();
  }

  @Test
  void theSurvivorsOwnNhsNumberAmongThePriorOnesSaysNothing() {
    Person elsewhere = new Person("X", NHS_B, BORN);
    world.adt(B_NHS);
    PatientMerge said =
        new PatientMerge(
            PatientMerge.Kind.MERGE,
            B_NHS.says(Patient.Source.ADT),
            new PatientIdentity(null, NHS_B, null),
            "RTH",
            "hl7/1",
            MergeWorld.NOON);
    world.study(elsewhere, "1.1");
    assertThat(world.merges.apply(said).state()).isEqualTo(State.SAME_RECORD);
    assertThat(world.questions()).isEmpty();
  }

  @Test
  void anNhsNumberWithAWrongCheckDigitIsNoIdentifier() {
    PatientMerge wrong =
        new PatientMerge(
            PatientMerge.Kind.MERGE,
            B.says(Patient.Source.ADT),
            new PatientIdentity(null, "9990000019", null),
            "RTH",
            "hl7/1",
            MergeWorld.NOON);
    assertThatThrownBy(() -> world.merges.apply(wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ISO-INDEX-020")
        .hasMessageNotContaining("9990000019");
    assertThat(world.record(B)).isNull();
  }

  @Test
  void aTrustMergesItsOwnNumbersAlone() {
    UUID a = world.study(A, "1.1");
    world.adt(B);
    MergeRecord merge = world.merges.apply(said(PatientMerge.Kind.MERGE, A, B, 0, "RJ1"));
    assertThat(merge.state()).isEqualTo(State.HELD);
    assertThat(merge.reason()).isEqualTo("NOT_THE_SENDERS_NUMBER");
    assertThat(numbers(a)).containsExactly("A");
    world.merge(A, B, 1);
    assertThat(world.merges.apply(said(PatientMerge.Kind.UNLINK, A, B, 2, "RJ1")).state())
        .isEqualTo(State.HELD);
    assertThat(numbers(a)).containsExactly("B");
  }

  @Test
  void whatSomebodyUndidIsNotDoneAgainByAMessage() {
    UUID a = world.study(A, "1.1");
    world.merges.undo(world.merge(A, B, 0).id(), "staff", "wrong person");
    MergeRecord again = world.merge(A, B, 9);
    assertThat(again.reason()).isEqualTo("UNDONE_BEFORE");
    assertThat(numbers(a)).containsExactly("A");
    assertThat(world.merge(B, A, 10).reason()).isEqualTo("UNDONE_BEFORE");
    assertThat(world.merges.apply(said(PatientMerge.Kind.LINK, B, A, 11)).reason())
        .isEqualTo("UNDONE_BEFORE");
    world.merges.confirm(again.id(), "staff");
    assertThat(numbers(a)).containsExactly("B");
  }

  @Test
  void anUnlinkThatWasTakenBackBringsBackWhatItParted() {
    UUID a = world.study(A, "1.1");
    world.merge(A, B, 1);
    MergeRecord unlink = world.merges.apply(said(PatientMerge.Kind.UNLINK, A, B, 2));
    assertThat(numbers(a)).containsExactly("A");
    world.merges.undo(unlink.id(), "staff", "they are one");
    assertThat(numbers(a)).containsExactly("B");
    assertThat(world.merge(A, B, 3).state()).isEqualTo(State.REPEATED);
  }

  @Test
  void nobodySeesMoreByAMergeThatNobodyConfirmed() {
    world.study(A_NHS, "1.1");
    world.study(B, "1.2");
    world.consent(world.record(A), false, "RJ1", 1);
    world.consent(world.record(B), true, "RJ1", 2);
    List<String> patient = world.seenByPatient(NHS_A);
    List<String> trust = world.seenByTrust("RJ1");
    assertThat(patient).containsExactly("1.1");
    assertThat(trust).containsExactly("1.2");

    MergeRecord merge = world.merge(A_NHS, B, 0);
    assertThat(world.seenByPatient(NHS_A)).isEqualTo(patient);
    assertThat(world.studies.search(ofPatient(NHS_A)).get(0).patientId())
        .isEqualTo(world.record(A));
    // A refusal of one is a refusal of both; the newer permission does not lift it.
    assertThat(world.seenByTrust("RJ1")).isEmpty();
    for (UUID study : List.of(world.record(A), world.record(B))) {
      assertThat(world.decision.permits(study, "RTH", "RJ1")).isFalse();
    }

    world.merges.confirm(merge.id(), "staff");
    assertThat(world.seenByPatient(NHS_A)).containsExactly("1.1", "1.2");
    assertThat(world.studies.search(ofPatient(NHS_A)).get(0).patientId())
        .isEqualTo(world.record(B));
    // One person now: their newest word counts.
    assertThat(world.seenByTrust("RJ1")).containsExactly("1.1", "1.2");

    world.merges.undo(merge.id(), "staff", "wrong person");
    assertThat(world.seenByPatient(NHS_A)).isEqualTo(patient);
    assertThat(world.seenByTrust("RJ1")).isEqualTo(trust);
  }

  private static StudyQuery ofPatient(String nhs) {
    return new StudyQuery(
        new Visibility(nhs, Set.of(), null),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        TimeRange.ANY,
        MergeWorld.PAGE);
  }

  @Test
  void transfersWaitUntilAPersonHasDecided() {
    UUID study = world.study(A, "1.1");
    UUID own = world.study(B, "1.2");
    UUID moved = world.transfers.request(study, "RJ1").orElseThrow().id();
    UUID stays = world.transfers.request(own, "RJ1").orElseThrow().id();
    MergeRecord merge = world.merge(A, B, 0);
    assertThat(transfer(moved)).isEqualTo(Transfer.State.SUSPENDED);
    assertThat(transfer(stays)).isEqualTo(Transfer.State.REQUESTED);
    assertThat(world.transfers.begin(moved)).isFalse();
    assertThat(world.transfers.isSuspended(moved)).isTrue();
    assertThat(world.transfers.request(study, "RXX")).isEmpty();
    assertThat(world.transfers.finish(moved, null).state()).isEqualTo(Transfer.State.SUSPENDED);
    world.transfers.giveUp(moved, "no more attempts");
    assertThat(transfer(moved)).isEqualTo(Transfer.State.SUSPENDED);

    world.merges.confirm(merge.id(), "staff");
    assertThat(transfer(moved)).isEqualTo(Transfer.State.REQUESTED);
    assertThat(world.notices.next(10).stream().filter(n -> n.kind() == Kind.TRANSFER))
        .hasSize(2)
        .anyMatch(n -> n.subject().equals(moved));
    assertThat(world.transfers.begin(moved)).isTrue();
  }

  @Test
  void aRunStopsWhereItIsWhenAMergeSuspendsIt() throws Exception {
    UUID study = world.study(A, "1.1");
    UUID id = world.transfers.request(study, "RJ1").orElseThrow().id();
    TransferRequested event = new TransferRequested(id, "RJ1");
    TransferRun run =
        new TransferRun(
            world.transfers,
            world.studies,
            null,
            (s, ods) -> true,
            new TransferCommitment(
                null,
                world.transfers,
                new TrustDirectory(List.of(), null),
                Duration.ofHours(1),
                1,
                Clock.systemUTC()),
            e -> true,
            1);
    TransferRun.Item item = run.begin(event).get(0);
    MergeRecord merge = world.merge(A, B, 0);
    TransferSuspendedException stopped =
        catchThrowableOfType(TransferSuspendedException.class, () -> run.open(item));
    assertThat(stopped).hasMessageContaining("ISO-EXCHANGE-011");
    run.interrupted(event, stopped, 1);
    assertThat(transfer(id)).isEqualTo(Transfer.State.SUSPENDED);
    assertThat(run.begin(event)).isEmpty();
    run.finish(event);
    assertThat(transfer(id)).isEqualTo(Transfer.State.SUSPENDED);
    world.merges.confirm(merge.id(), "staff");
    assertThat(run.begin(event)).hasSize(1);
  }

  @Test
  void aRunThatConsentStopsIsCancelledAndNotTriedAgain() throws Exception {
    UUID id = world.transfers.request(world.study(A, "1.1"), "RJ1").orElseThrow().id();
    TransferRequested event = new TransferRequested(id, "RJ1");
    java.util.concurrent.atomic.AtomicBoolean permitted =
        new java.util.concurrent.atomic.AtomicBoolean(true);
    TransferRun run =
        new TransferRun(
            world.transfers,
            world.studies,
            null,
            (s, ods) -> permitted.get(),
            new TransferCommitment(
                null,
                world.transfers,
                new TrustDirectory(List.of(), null),
                Duration.ofHours(1),
                1,
                Clock.systemUTC()),
            e -> true,
            500);
    assertThat(run.begin(event)).hasSize(1);
    permitted.set(false);
    run.interrupted(event, new java.io.IOException("cut off"), 1);
    assertThat(transfer(id)).isEqualTo(Transfer.State.CANCELLED);
    assertThat(world.transfers.find(id).orElseThrow().lastError()).contains("ISO-EXCHANGE-013");
    assertThat(run.begin(event)).isEmpty();
  }

  @Test
  void reportsOfAMergedPatientAreFoundByWhatTheyName() {
    UUID report = world.report(A, "F1");
    world.merge(A, B, 0);
    assertThat(world.reports.findRelated("RTH", null, "F1", null, null))
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.id()).isEqualTo(report);
              assertThat(r.patientId()).isEqualTo(world.record(B));
            });
  }

  @Test
  void undoingLetsTransfersGoOnForThePatientWhomTheyWereAskedFor() {
    UUID study = world.study(A, "1.1");
    UUID transfer = world.transfers.request(study, "RJ1").orElseThrow().id();
    world.transfers.begin(transfer);
    MergeRecord merge = world.merge(A, B, 0);
    assertThat(transfer(transfer)).isEqualTo(Transfer.State.SUSPENDED);
    world.merges.undo(merge.id(), "staff", "wrong person");
    assertThat(transfer(transfer)).isEqualTo(Transfer.State.REQUESTED);
  }

  @Test
  void aLinkKeepsBothRecordsAndCountsForRefusals() {
    UUID a = world.study(A_NHS, "1.1");
    world.study(B, "1.2");
    world.consent(world.record(A), false, "RJ1", 1);
    MergeRecord link = world.merges.apply(said(PatientMerge.Kind.LINK, A_NHS, B, 0));
    assertThat(link.state()).isEqualTo(State.IN_FORCE);
    assertThat(numbers(a)).containsExactly("A");
    assertThat(world.patients.links(List.of(world.record(A))).get(world.record(A)))
        .containsExactly(new PatientLink(PatientLink.Type.SEE_ALSO, world.record(B)));
    assertThat(world.seenByTrust("RJ1")).isEmpty();
    assertThat(world.seenByPatient(NHS_A)).containsExactly("1.1");
    world.merges.confirm(link.id(), "staff");
    assertThat(world.seenByPatient(NHS_A)).containsExactly("1.1", "1.2");
    world.merges.apply(said(PatientMerge.Kind.UNLINK, A_NHS, B, 1));
    assertThat(world.seenByPatient(NHS_A)).containsExactly("1.1");
    assertThat(world.seenByTrust("RJ1")).containsExactly("1.2");
    assertThat(world.patients.links(List.of(world.record(A), world.record(B)))).isEmpty();
  }

  @Test
  void everyTrustThatHoldsACopyIsNamed() {
    UUID study = world.study(A, "1.1");
    UUID transfer = world.transfers.request(study, "RJ1").orElseThrow().id();
    world.transfers.begin(transfer);
    world.transfers.confirmed(transfer, world.transfers.pending(transfer).get(0).id(), 0, null);
    world.transfers.finish(transfer, null);
    world.transfers.request(study, "RXX").orElseThrow();
    MergeRecord merge = world.merge(A, B, 0);
    var notice = world.notices.next(10).get(0);
    var event = world.notices.event(notice).orElseThrow();
    assertThat(event.trusts()).containsExactly("RJ1", "RTH");
    assertThat(event.mergeId()).isEqualTo(merge.id());
    assertThat(event.prior()).isEqualTo(A.key());
    assertThat(event.surviving()).isEqualTo(B.key());
    assertThat(event.survivingPatient()).isEqualTo(world.record(B));
    assertThat(event.confirmed()).isFalse();
    world.notices.told(notice.id());
    assertThat(world.notices.next(10)).isEmpty();
  }

  @Test
  void confirmedNumbersAreOneNumber() {
    world.study(A, "1.1");
    world.study(B, "1.2");
    PatientIdentity one = A.says(Patient.Source.ADT).identity();
    PatientIdentity other = B.says(Patient.Source.ADT).identity();
    MergeRecord merge = world.merge(A, B, 0);
    assertThat(world.patients.compare(one, other)).isEqualTo(PatientIdentity.Comparison.DISAGREES);
    assertThat(world.studies.record(world.object(B, "1.1", "1.1.1.2")).outcome())
        .isEqualTo(StudyIndex.Outcome.CONFLICT);
    world.merges.confirm(merge.id(), "staff");
    assertThat(world.patients.compare(one, other)).isEqualTo(PatientIdentity.Comparison.AGREES);
    assertThat(world.patients.compare(other, one)).isEqualTo(PatientIdentity.Comparison.AGREES);
    assertThat(world.studies.record(world.object(B, "1.1", "1.1.1.3")).outcome())
        .isEqualTo(StudyIndex.Outcome.ADDED);
    assertThat(world.notices.next(10).stream().filter(n -> n.kind() == Kind.STUDY)).hasSize(2);
  }

  @Test
  void ordersAndStudiesOfConfirmedNumbersAreLinked() {
    LinkIndex links = new LinkIndex(world.jdbc);
    StudyOrderLinker linker =
        new StudyOrderLinker(
            world.studies, world.orders, links, world.reviews, world.patients::compare);
    UUID order = world.order(A, "1.1");
    StudyChanged study = new StudyChanged(world.study(B, "1.1"), "1.1");
    MergeRecord merge = world.merge(A, B, 0);
    linker.studyChanged(study);
    assertThat(links.ofStudies(List.of(study.studyId()))).isEmpty();
    assertThat(world.questions()).containsExactly("MERGE_NOT_CONFIRMED", "PATIENT_NUMBER_DIFFERS");
    world.merges.confirm(merge.id(), "staff");
    linker.studyChanged(study);
    assertThat(links.ofStudies(List.of(study.studyId())))
        .singleElement()
        .satisfies(l -> assertThat(l.orderId()).isEqualTo(order));
    assertThat(world.questions()).isEmpty();
    world.merges.undo(merge.id(), "staff", "wrong person");
    linker.studyChanged(study);
    assertThat(links.ofStudies(List.of(study.studyId()))).isEmpty();
  }

  @Test
  void aSurvivorWhoComesIntoReviewTakesNobodyAlong() {
    Person dicomOnly = new Person("B", NHS_B, BORN);
    UUID a = world.study(A, "1.1");
    world.study(dicomOnly, "1.2");
    MergeRecord merge = world.merge(A, dicomOnly, 0);
    assertThat(numbers(a)).containsExactly("B");
    world
        .jdbc
        .sql("update patient set source = 'DICOM' where id = ?")
        .param(merge.survivingPatient())
        .update();
    // An ADT outranks what DICOM said of the number.
    world.adt(new Person("B", NHS_A, BORN));
    MergeRecord now = world.merges.find(merge.id()).orElseThrow();
    assertThat(now.survivingPatient()).isNotEqualTo(merge.survivingPatient());
    assertThat(now.state()).isEqualTo(State.HELD);
    assertThat(numbers(a)).containsExactly("A");
    assertThat(world.notices.next(10))
        .extracting(n -> world.notices.event(n).orElseThrow())
        .extracting(e -> e.change() + " " + e.survivingPatient() + " " + e.trusts())
        .containsExactly(
            "APPLIED " + merge.survivingPatient() + " [RTH]",
            "WITHDRAWN " + merge.survivingPatient() + " [RTH]");
  }

  @Test
  void aPersonsWordIsAboutTheRecordsThatTheySaw() {
    Person first = new Person("B", null, BORN);
    world.study(A, "1.1");
    world.study(first, "1.2");
    MergeRecord merge = world.merges.confirm(world.merge(A, first, 0).id(), "staff");
    assertThat(merge.confirmed()).isTrue();
    assertThat(world.questions()).isEmpty();
    // Somebody else turns out to have the number.
    world
        .jdbc
        .sql("update patient set source = 'DICOM', birth_date = ? where id = ?")
        .params(BORN.plusYears(9), merge.survivingPatient())
        .update();
    world.adt(first);
    MergeRecord now = world.merges.find(merge.id()).orElseThrow();
    assertThat(now.survivingPatient()).isNotEqualTo(merge.survivingPatient());
    assertThat(now.confirmed()).isFalse();
    assertThat(world.questions()).contains("MERGE_NOT_CONFIRMED");
  }

  @Test
  void aMergeIsNotResolvedWithoutADecision() {
    world.study(A, "1.1");
    world.merge(A, B, 0);
    UUID question = world.reviews.open(MergeWorld.PAGE).get(0).id();
    assertThat(world.reviews.resolve(question, "staff")).isFalse();
    assertThat(world.questions()).containsExactly("MERGE_NOT_CONFIRMED");
  }

  @Test
  void decisionsNeedSomethingToDecideOn() {
    assertThatThrownBy(() -> world.merges.confirm(UUID.randomUUID(), "staff"))
        .isInstanceOf(MergeStateException.class)
        .hasMessageContaining("ISO-INDEX-022");
    MergeRecord waiting = world.merge(A, B, 0);
    assertThatThrownBy(() -> world.merges.confirm(waiting.id(), "staff"))
        .isInstanceOf(MergeStateException.class)
        .hasMessageContaining("ISO-INDEX-023")
        .hasMessageContaining("WAITING");
  }

  @Test
  void aPatientMergedWithThemselvesIsNoMerge() {
    world.study(A, "1.1");
    assertThat(world.merge(A, A, 0).state()).isEqualTo(State.SAME_RECORD);
    assertThat(world.questions()).isEmpty();
  }

  @RepeatedTest(5)
  void mergesAndFilingsAtOnceLoseNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<UUID>> work = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Person prior = new Person("P" + i);
        Person next = new Person("P" + (i + 1));
        int minute = i;
        String uid = "1.9." + i;
        work.add(() -> world.study(prior, uid));
        work.add(() -> world.merge(prior, next, minute).id());
        work.add(() -> world.adt(prior));
      }
      for (Future<UUID> one : threads.invokeAll(work)) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
    for (int i = 0; i < 10; i++) {
      UUID study = world.studies.findByStudyInstanceUid("1.9." + i).get(0).id();
      assertThat(numbers(study)).containsExactly("P10");
    }
    assertThat(world.questions()).hasSize(10).containsOnly("MERGE_NOT_CONFIRMED");
  }
}
