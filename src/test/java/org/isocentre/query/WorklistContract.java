package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.WorklistEnd;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.Code;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.StudyChanged;
import org.isocentre.model.StudyLink;
import org.isocentre.query.HubIndex.Sample;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** What a worklist must show, whichever database holds the orders. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WorklistContract {
  private HubIndex hub;

  abstract DataSource database() throws Exception;

  @BeforeAll
  void fill() throws Exception {
    hub = new HubIndex(database());
    hub.order("RTH", "1", OrderStatus.ACTIVE, step("2026-11-02T10:00", "CT1", "CURIE"));
    hub.order("RTH", "2", OrderStatus.ACTIVE, step("2026-11-03T08:00", "CT2", "RÖNTGEN"));
    hub.order("RTH", "3", OrderStatus.ACTIVE, step(null, null, null));
    hub.order("RTH", "4", OrderStatus.COMPLETED, step("2026-11-02T10:00", "CT1", "CURIE"));
    hub.order("RTH", "5", OrderStatus.REVOKED, step("2026-11-02T10:00", "CT1", "CURIE"));
    hub.order("RTH", "6", OrderStatus.ON_HOLD, step("2026-11-02T10:00", "CT1", "CURIE"));
    hub.order("RJ1", "7", OrderStatus.ACTIVE, step("2026-11-02T10:00", "CT1", "CURIE"));
  }

  private static ScheduledStep step(String start, String station, String performer) {
    return new ScheduledStep(
        start == null ? null : LocalDateTime.parse(start),
        LocalDateTime.parse("2026-11-01T12:00"),
        station,
        performer == null ? null : new PersonName(performer, null, null),
        null,
        "RP",
        "ROOM 1",
        "V1",
        "WARD 1");
  }

  private List<DataSet> find(Peer peer, boolean anyStation, DataSet keys) {
    return find(peer, anyStation, Set.of(), keys);
  }

  private List<DataSet> find(
      Peer peer, boolean anyStation, Set<Query.Option> options, DataSet keys) {
    return find(peer, anyStation, WorklistEnd.STUDY, options, keys);
  }

  private List<DataSet> find(
      Peer peer, boolean anyStation, WorklistEnd end, Set<Query.Option> options, DataSet keys) {
    List<DataSet> answers = new ArrayList<>();
    try (Matches matches =
        new WorklistQueryHandler(hub.queries, hub.trusts, anyStation, end, 100, HubIndex.LONDON)
            .find(new Query(ServiceSopClass.MODALITY_WORKLIST_FIND, keys, options, peer))) {
      matches.forEachRemaining(answers::add);
    }
    return answers;
  }

  private record Case(
      String name, Consumer<DataSet> key, Consumer<DataSet> stepKey, String... found) {}

  private static Case ofStep(String name, int tag, String value, String... found) {
    return new Case(name, keys -> {}, item -> item.set(tag, value), found);
  }

  private static Case of(String name, int tag, String value, String... found) {
    return new Case(name, keys -> keys.set(tag, value), item -> {}, found);
  }

  @TestFactory
  Stream<DynamicTest> everyMatchingKey() {
    return Stream.of(
            of("universal", Tag.PatientName, "", "A3", "A1", "A2"),
            ofStep("station", Tag.ScheduledStationAETitle, "CT2", "A3", "A2"),
            ofStep("date", Tag.ScheduledProcedureStepStartDate, "20261102", "A1"),
            ofStep(
                "date range", Tag.ScheduledProcedureStepStartDate, "20261102-20261103", "A1", "A2"),
            ofStep("time range", Tag.ScheduledProcedureStepStartTime, "09-11", "A1"),
            ofStep("modality", Tag.Modality, "CT", "A3", "A1", "A2"),
            ofStep("another modality", Tag.Modality, "MR"),
            ofStep("performer", Tag.ScheduledPerformingPhysicianName, "rontgen*", "A2"),
            of("patient's name", Tag.PatientName, "muller^case2*", "A2"),
            of("patient ID", Tag.PatientID, "L1", "A1"),
            of("accession", Tag.AccessionNumber, "A2", "A2"),
            of("requested procedure", Tag.RequestedProcedureID, "RP", "A3", "A1", "A2"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.name(),
                    () -> {
                      DataSet keys =
                          new DataSet()
                              .set(Tag.SpecificCharacterSet, "ISO_IR 192")
                              .set(Tag.AccessionNumber, "");
                      c.key().accept(keys);
                      c.stepKey().accept(keys.addItem(Tag.ScheduledProcedureStepSequence));
                      assertThat(find(HubIndex.RTH, true, keys))
                          .extracting(a -> a.string(Tag.AccessionNumber))
                          .containsExactly(c.found());
                    }));
  }

  /** PS3.4 Table K.6-1, the remark on Scheduled Procedure Step Start Time. */
  @Test
  void aDateRangeAndATimeRangeAreOneRange() {
    assertThat(starting("20261101-20261102", "1100-1030", Set.of(), null))
        .extracting(a -> a.string(Tag.AccessionNumber))
        .containsExactly("A3", "A1");
  }

  @Test
  void startsAreMatchedAndAnsweredInTheRequestsTimezoneWhereThatWasNegotiated() {
    Set<Query.Option> adjusted = Set.of(Query.Option.TIMEZONE_ADJUSTMENT);
    // 10:00 of 2 November in London.
    List<DataSet> found = starting("20261102", "2230", adjusted, "+1230");
    assertThat(found).extracting(a -> a.string(Tag.AccessionNumber)).containsExactly("A1");
    DataSet step = found.get(0).item(Tag.ScheduledProcedureStepSequence).orElseThrow();
    assertThat(step.string(Tag.ScheduledProcedureStepStartDate)).isEqualTo("20261102");
    assertThat(step.string(Tag.ScheduledProcedureStepStartTime)).isEqualTo("223000");
    assertThat(found.get(0).string(Tag.TimezoneOffsetFromUTC)).isEqualTo("+1230");
    assertThat(starting("20261103", "0000", adjusted, "+1400")).hasSize(1);
    assertThat(starting("20261102", "", adjusted, "+1400"))
        .extracting(a -> a.string(Tag.AccessionNumber))
        .containsExactly("A3");
    assertThat(starting("20261102", "2230", Set.of(), "+1230")).isEmpty();
    assertThat(starting("20261102", "10", Set.of(), "+1230"))
        .extracting(a -> a.string(Tag.TimezoneOffsetFromUTC))
        .containsExactly("+0000");
  }

  private List<DataSet> starting(
      String date, String time, Set<Query.Option> options, String offset) {
    DataSet keys = new DataSet().set(Tag.AccessionNumber, "");
    if (offset != null) {
      keys.set(Tag.TimezoneOffsetFromUTC, offset);
    }
    keys.addItem(Tag.ScheduledProcedureStepSequence)
        .set(Tag.ScheduledProcedureStepStartDate, date)
        .set(Tag.ScheduledProcedureStepStartTime, time);
    return find(HubIndex.RTH, true, options, keys);
  }

  /** Universal matching finds what has no value (PS3.4 §C.2.2.2.3), but no item is without one. */
  @Test
  void anOrderWithoutStationIsForNoneWhereThatIsSet() {
    DataSet keys = new DataSet().set(Tag.AccessionNumber, "");
    assertThat(find(HubIndex.RTH, false, keys))
        .extracting(a -> a.string(Tag.AccessionNumber))
        .containsExactly("A1", "A2");
    DataSet item = keys.addItem(Tag.ScheduledProcedureStepSequence);
    for (String every : List.of("", "*")) {
      item.set(Tag.ScheduledStationAETitle, every);
      assertThat(find(HubIndex.RTH, false, keys))
          .extracting(a -> a.string(Tag.AccessionNumber))
          .containsExactly("A1", "A2");
    }
    item.set(Tag.ScheduledStationAETitle, "CT2");
    assertThat(find(HubIndex.RTH, false, keys))
        .extracting(a -> a.string(Tag.AccessionNumber))
        .containsExactly("A2");
  }

  @Test
  void eachTrustSeesItsOwnOrders() {
    assertThat(find(HubIndex.RJ1, true, new DataSet().set(Tag.AccessionNumber, "")))
        .extracting(a -> a.string(Tag.AccessionNumber))
        .containsExactly("A7");
  }

  /** Type 1 of PS3.4 Table K.6-1. */
  @Test
  void whatMustHaveAValueHasOneAlsoWhereTheOrderSaysLittle() {
    DataSet keys =
        new DataSet()
            .set(Tag.AccessionNumber, "A3")
            .set(Tag.RequestedProcedureID, "")
            .set(Tag.RequestedProcedureDescription, "")
            .set(Tag.RequestedProcedurePriority, "")
            .set(Tag.ReferringPhysicianName, "")
            .set(Tag.StudyInstanceUID, "")
            .set(Tag.PatientName, "")
            .set(Tag.PatientID, "")
            .set(Tag.PatientSex, "")
            .set(Tag.PatientWeight, "");
    keys.addItem(Tag.ScheduledProcedureStepSequence);
    keys.addItem(Tag.RequestedProcedureCodeSequence);
    DataSet answer = find(HubIndex.RTH, true, keys).get(0);
    DataSet step = answer.item(Tag.ScheduledProcedureStepSequence).orElseThrow();
    assertThat(step.string(Tag.ScheduledStationAETitle)).isEqualTo("RTHPACS");
    assertThat(step.string(Tag.ScheduledProcedureStepStartDate)).isEqualTo("20261101");
    assertThat(step.string(Tag.ScheduledProcedureStepStartTime)).isEqualTo("120000");
    assertThat(step.string(Tag.Modality)).isEqualTo("CT");
    assertThat(step.string(Tag.ScheduledProcedureStepID)).isNotEmpty();
    assertThat(step.contains(Tag.ScheduledPerformingPhysicianName)).isTrue();
    assertThat(step.item(Tag.ScheduledProtocolCodeSequence).orElseThrow().string(Tag.CodeValue))
        .isEqualTo("CTHEAD");
    assertThat(answer.string(Tag.StudyInstanceUID)).matches(Uid::isValid);
    assertThat(answer.string(Tag.RequestedProcedurePriority)).isEqualTo("STAT");
    assertThat(answer.string(Tag.ReferringPhysicianName)).isEqualTo("Referrer^Ann^^Dr");
    assertThat(answer.string(Tag.PatientName)).isEqualTo("Müller^Case3^^Ms");
    assertThat(answer.string(Tag.PatientSex)).isEqualTo("F");
    assertThat(answer.contains(Tag.PatientWeight)).isTrue();
  }

  @Test
  void theStudyUidStaysTheSameAndFindsTheOrder() {
    DataSet keys = new DataSet().set(Tag.AccessionNumber, "A1").set(Tag.StudyInstanceUID, "");
    String uid = find(HubIndex.RTH, true, keys).get(0).string(Tag.StudyInstanceUID);
    hub.order("RTH", "1", OrderStatus.ACTIVE, step("2026-11-02T10:00", "CT1", "CURIE"));
    assertThat(find(HubIndex.RTH, true, keys).get(0).string(Tag.StudyInstanceUID)).isEqualTo(uid);
    assertThat(hub.orders.findByStudyInstanceUid(uid))
        .extracting(o -> o.request().accession().value())
        .containsExactly("A1");
  }

  @Test
  void aStudyThatWasMadeFromTheWorklistIsLinkedToItsOrder() {
    UUID order = hub.order("RTH", "8", OrderStatus.COMPLETED, ScheduledStep.NONE);
    UUID study = study("8", OrderIndex.worklistStudyUid(order));
    LinkIndex links = new LinkIndex(hub.jdbc);
    StudyOrderLinker linker =
        new StudyOrderLinker(hub.studies, hub.orders, links, new ReviewList(hub.jdbc));
    linker.studyChanged(new StudyChanged(study, OrderIndex.worklistStudyUid(order)));
    linker.orderChanged(new OrderChanged(order));
    assertThat(links.ofOrders(List.of(order)))
        .singleElement()
        .satisfies(
            link -> {
              assertThat(link.studyId()).isEqualTo(study);
              assertThat(link.rule()).isEqualTo(StudyLink.Rule.STUDY_INSTANCE_UID);
            });
  }

  private UUID study(String number, String uid) {
    return hub.store(
        new Sample(
            "RTH",
            "L" + number,
            null,
            "Müller^Case" + number,
            LocalDate.of(1974, 2, 13),
            uid,
            null,
            null,
            null,
            null,
            number + ".1",
            "CT",
            number + ".1.1",
            1));
  }

  /** Which settings show an order of a trust of its own, by accession number. */
  private Map<WorklistEnd, Boolean> shown(String number) {
    Map<WorklistEnd, Boolean> shown = new EnumMap<>(WorklistEnd.class);
    DataSet keys = new DataSet().set(Tag.AccessionNumber, "A" + number);
    for (WorklistEnd end : WorklistEnd.values()) {
      shown.put(end, !find(HubIndex.RJ1, true, end, Set.of(), keys).isEmpty());
    }
    return shown;
  }

  private static Map<WorklistEnd, Boolean> shown(boolean study, boolean report) {
    return Map.of(WorklistEnd.STUDY, study, WorklistEnd.REPORT, report, WorklistEnd.MPPS, true);
  }

  @Test
  void anOrderIsOffTheWorklistForAsLongAsItsStudyIsLinkedAndComplete() {
    UUID order = hub.order("RJ1", "20", OrderStatus.ACTIVE, ScheduledStep.NONE);
    UUID study = study("20", OrderIndex.worklistStudyUid(order));
    LinkIndex links = new LinkIndex(hub.jdbc);
    hub.studies.markComplete(study);
    assertThat(shown("20")).isEqualTo(shown(true, true));
    links.link(order, study, StudyLink.Rule.STUDY_INSTANCE_UID);
    assertThat(shown("20")).isEqualTo(shown(false, true));
    links.unlink(order, study);
    assertThat(shown("20")).isEqualTo(shown(true, true));
    links.link(order, study, StudyLink.Rule.ACCESSION);
    hub.store(
        new Sample(
            "RTH",
            "L20",
            null,
            "Müller^Case20",
            LocalDate.of(1974, 2, 13),
            OrderIndex.worklistStudyUid(order),
            null,
            null,
            null,
            null,
            "20.1",
            "CT",
            "20.1.2",
            2));
    // Another object came: it is not complete any more.
    assertThat(shown("20")).isEqualTo(shown(true, true));
  }

  /** What a discontinued step left behind does not end what is to be done again. */
  @Test
  void theStudyOfADiscontinuedStepDoesNotEndTheOrder() {
    UUID order = hub.order("RJ1", "21", OrderStatus.ACTIVE, ScheduledStep.NONE);
    UUID study = study("21", OrderIndex.worklistStudyUid(order));
    new LinkIndex(hub.jdbc).link(order, study, StudyLink.Rule.STUDY_INSTANCE_UID);
    hub.studies.markComplete(study);
    hub.jdbc
        .sql("update imaging_order set step_mpps_uid = '1.2.3' where id = ?")
        .param(order)
        .update();
    assertThat(shown("21")).isEqualTo(shown(true, true));
  }

  @Test
  void anOrderIsOffTheWorklistForAsLongAsItsReportIsFinal() {
    UUID order = hub.order("RJ1", "22", OrderStatus.ACTIVE, ScheduledStep.NONE);
    UUID report = report("22", "preliminary", 0);
    hub.reports.attach(report, order, List.of());
    assertThat(shown("22")).isEqualTo(shown(true, true));
    report("22", "final", 1);
    assertThat(shown("22")).isEqualTo(shown(false, false));
    report("22", "entered-in-error", 2);
    assertThat(shown("22")).isEqualTo(shown(true, true));
    report("22", "corrected", 3);
    assertThat(shown("22")).isEqualTo(shown(false, false));
    hub.reports.attach(report, null, List.of());
    assertThat(shown("22")).isEqualTo(shown(true, true));
    // One that names the study alone.
    UUID study = study("22", OrderIndex.worklistStudyUid(order));
    hub.reports.attach(report, null, List.of(study));
    LinkIndex links = new LinkIndex(hub.jdbc);
    links.link(order, study, StudyLink.Rule.STUDY_INSTANCE_UID);
    assertThat(shown("22")).isEqualTo(shown(false, false));
    links.unlink(order, study);
    assertThat(shown("22")).isEqualTo(shown(true, true));
  }

  private UUID report(String number, String status, int minute) {
    return hub.reports.record(
        new ReportResult(
            "RJ1",
            null,
            null,
            "R" + number,
            "RJ1",
            null,
            null,
            new PatientDemographics(
                new PatientIdentity(
                    new PatientKey("RJ1", "L" + number), null, LocalDate.of(1974, 2, 13)),
                null,
                null,
                null,
                null,
                Patient.Source.ORDER),
            new Code("CTHEAD", "LOCAL", "CT head"),
            status,
            "No finding.",
            null,
            null,
            null,
            null,
            null,
            "hl7/report" + number + "-" + minute,
            Instant.parse("2026-11-02T12:00:00Z").plusSeconds(60L * minute)));
  }
}
