package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.fhir.map.ServiceRequestMapper;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.MessageTable;
import org.isocentre.hl7.OmiOut;
import org.isocentre.hl7.OmiToOrder;
import org.isocentre.hl7.OutboundMessage;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.MppsIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.WorklistEnd;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Appointment;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Order;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.StudyChanged;
import org.isocentre.model.StudyLink;
import org.isocentre.query.HubIndex.Sample;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An order of several scheduled procedure steps, from OMI^O23 to the modality and back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OrderStepsContract {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final String CT = "|RP1|1.2.826.0.1.1|SPS1|CT|CTHEAD^CT head^LOCAL||^CT room|CT1";
  private static final String MR = "|RP2|1.2.826.0.1.2|SPS2|MR|MRHEAD^MR head^LOCAL||^MR room|MR1";
  private static final String US = "|RP3|1.2.826.0.1.3|SPS3|US|||^US room|US1";

  private HubIndex hub;
  private PerformedStepHandler mpps;
  private StudyOrderLinker linker;
  private TransactionTemplate transactions;
  private int number;
  private String n;

  abstract DataSource database() throws Exception;

  @BeforeAll
  void open() throws Exception {
    hub = new HubIndex(database());
    transactions = new TransactionTemplate(new DataSourceTransactionManager(hub.database));
    mpps = new PerformedStepHandler(new MppsIndex(hub.jdbc, transactions, hub.orders), hub.trusts);
    linker =
        new StudyOrderLinker(
            hub.studies, hub.orders, new LinkIndex(hub.jdbc), new ReviewList(hub.jdbc));
  }

  /** Each test has an order, and studies, of its own. */
  @BeforeEach
  void next() {
    n = Integer.toString(++number);
  }

  private UUID omi(int minute, String control, String status, String... steps) {
    StringBuilder text = new StringBuilder();
    text.append("MSH|^~\\&|RIS|RTH|HUB|ISO|202611011%d|".formatted(200 + minute))
        .append("|OMI^O23^OMI_O23|M1|P|2.5.1\r")
        .append("PID|1||L")
        .append(n)
        .append("^^^RTH^MR||TEST^CASE||19740213|F\r")
        .append("ORC|%s|P%s|F%s||%s\r".formatted(control, n, n, status))
        .append("TQ1|||||||20261104081500\r")
        .append("OBR||P%s|F%s|HEAD^Head CT and MR^LOCAL\r".formatted(n, n));
    for (String step : steps) {
      text.append("IPC|ACC").append(n).append("^RTH").append(own(step)).append('\r');
    }
    return record(text.toString(), minute);
  }

  private UUID record(String text, int minute) {
    MessageStored event =
        new MessageStored(
            "e" + minute,
            "RTH",
            "X",
            "M1",
            "hl7/" + n + "/" + minute,
            "UTF-8",
            NOON.plusSeconds(60L * minute));
    try {
      return hub.orders.record(
          new OmiToOrder(MessageTable.rules())
              .map(Hl7Message.parse(text.getBytes(StandardCharsets.UTF_8)), event)
              .get(0));
    } catch (ca.uhn.hl7v2.HL7Exception e) {
      throw new AssertionError(e);
    }
  }

  private String own(String text) {
    return text.replace("1.2.826.0.1", uid());
  }

  private String uid() {
    return "1.2.826.0.9." + n;
  }

  private List<DataSet> worklist() {
    return worklist(item -> {});
  }

  private List<DataSet> worklist(Consumer<DataSet> stepKeys) {
    DataSet keys =
        new DataSet()
            .set(Tag.PatientID, "L" + n)
            .set(Tag.AccessionNumber, "")
            .set(Tag.RequestedProcedureID, "")
            .set(Tag.StudyInstanceUID, "");
    DataSet item = keys.addItem(Tag.ScheduledProcedureStepSequence);
    item.set(Tag.ScheduledProcedureStepID, "");
    stepKeys.accept(item);
    List<DataSet> answers = new ArrayList<>();
    try (Matches matches =
        new WorklistQueryHandler(
                hub.queries, hub.trusts, true, WorklistEnd.STUDY, 100, HubIndex.LONDON)
            .find(
                new Query(ServiceSopClass.MODALITY_WORKLIST_FIND, keys, Set.of(), HubIndex.RTH))) {
      matches.forEachRemaining(answers::add);
    }
    return answers;
  }

  private static List<String> ids(List<DataSet> answers) {
    return answers.stream()
        .map(OrderStepsContract::step)
        .map(s -> s.string(Tag.ScheduledProcedureStepID))
        .toList();
  }

  private static DataSet step(DataSet answer) {
    return answer.item(Tag.ScheduledProcedureStepSequence).orElseThrow();
  }

  private Order order(UUID id) {
    return hub.orders.find(id).orElseThrow();
  }

  private OrderStatus status(UUID id) {
    return order(id).request().status();
  }

  /** A modality begins a step, and ends it. */
  private void begin(String mppsUid, String study, String stepId, String modality) {
    DataSet set =
        new DataSet()
            .set(Tag.PerformedProcedureStepStatus, "IN PROGRESS")
            .set(Tag.PerformedProcedureStepID, "1")
            .set(Tag.PerformedStationAETitle, "X")
            .set(Tag.PerformedProcedureStepStartDate, "20261104")
            .set(Tag.PerformedProcedureStepStartTime, "0815")
            .set(Tag.Modality, modality);
    DataSet item =
        set.addItem(Tag.ScheduledStepAttributesSequence)
            .set(Tag.StudyInstanceUID, study)
            .set(Tag.AccessionNumber, "ACC" + n);
    if (stepId != null) {
      item.set(Tag.ScheduledProcedureStepID, stepId);
    }
    handle(Operation.N_CREATE, mppsUid, set);
  }

  private void end(String mppsUid, String status) {
    DataSet set =
        new DataSet()
            .set(Tag.PerformedProcedureStepStatus, status)
            .set(Tag.PerformedProcedureStepEndDate, "20261104")
            .set(Tag.PerformedProcedureStepEndTime, "0830");
    if (status.equals("COMPLETED")) {
      set.addItem(Tag.PerformedSeriesSequence)
          .set(Tag.SeriesInstanceUID, "9.9.1")
          .set(Tag.ProtocolName, "HEAD");
    } else {
      set.put(new Element.Sequence(Tag.PerformedSeriesSequence, List.of()));
    }
    handle(Operation.N_SET, mppsUid, set);
  }

  private void handle(Operation operation, String mppsUid, DataSet set) {
    assertThat(
            mpps.handle(
                    new NormalizedRequest(
                        operation,
                        ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
                        "5." + n + "." + mppsUid,
                        0,
                        List.of(),
                        set,
                        HubIndex.RTH))
                .status())
        .isZero();
  }

  @Test
  void theWorklistHasAnItemForEachStep() {
    omi(0, "NW", "", CT, MR, US);
    List<DataSet> answers = worklist();
    assertThat(ids(answers)).containsExactly("SPS1", "SPS2", "SPS3");
    DataSet second = answers.get(1);
    assertThat(second.string(Tag.AccessionNumber)).isEqualTo("ACC" + n);
    assertThat(second.string(Tag.RequestedProcedureID)).isEqualTo("RP2");
    assertThat(second.string(Tag.StudyInstanceUID)).isEqualTo(uid() + ".2");
    DataSet step =
        worklist(
                item -> {
                  for (int tag :
                      List.of(
                          Tag.ScheduledStationAETitle,
                          Tag.Modality,
                          Tag.ScheduledProcedureStepLocation,
                          Tag.ScheduledProcedureStepDescription,
                          Tag.ScheduledProcedureStepStartTime,
                          Tag.ScheduledProcedureStepStatus)) {
                    item.set(tag, "");
                  }
                  item.addItem(Tag.ScheduledProtocolCodeSequence).set(Tag.CodeValue, "");
                })
            .get(1)
            .item(Tag.ScheduledProcedureStepSequence)
            .orElseThrow();
    assertThat(step.string(Tag.ScheduledStationAETitle)).isEqualTo("MR1");
    assertThat(step.string(Tag.Modality)).isEqualTo("MR");
    assertThat(step.string(Tag.ScheduledProcedureStepLocation)).isEqualTo("MR room");
    assertThat(step.string(Tag.ScheduledProcedureStepDescription)).isEqualTo("MR head");
    assertThat(step.string(Tag.ScheduledProcedureStepStartTime)).isEqualTo("081500");
    assertThat(step.string(Tag.ScheduledProcedureStepStatus)).isEqualTo("SCHEDULED");
    assertThat(step.item(Tag.ScheduledProtocolCodeSequence).orElseThrow().string(Tag.CodeValue))
        .isEqualTo("MRHEAD");
  }

  @TestFactory
  Stream<DynamicTest> aKeyOfTheStepFindsThatStepAlone() {
    next();
    omi(0, "NW", "", CT, MR, US);
    record Case(int tag, String value, String... found) {}
    return Stream.of(
            new Case(Tag.ScheduledStationAETitle, "MR1", "SPS2"),
            new Case(Tag.Modality, "US", "SPS3"),
            new Case(Tag.ScheduledProcedureStepID, "SPS1", "SPS1"),
            new Case(Tag.ScheduledProcedureStepLocation, "* room", "SPS1", "SPS2", "SPS3"),
            new Case(Tag.ScheduledProcedureStepStatus, "SCHEDULED", "SPS1", "SPS2", "SPS3"),
            new Case(Tag.ScheduledProcedureStepDescription, "MR head", "SPS2"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.value(),
                    () ->
                        assertThat(ids(worklist(item -> item.set(c.tag(), c.value()))))
                            .containsExactly(c.found())));
  }

  @Test
  void eachStepIsDoneByItselfAndTheLastCompletesTheOrder() {
    UUID id = omi(0, "NW", "", CT, MR);
    begin("1", uid() + ".1", "SPS1", "CT");
    assertThat(ids(worklist())).containsExactly("SPS2");
    assertThat(hub.orders.progress(id).stepStatus()).isEqualTo("STARTED");
    end("1", "COMPLETED");
    assertThat(ids(worklist())).containsExactly("SPS2");
    assertThat(status(id)).isEqualTo(OrderStatus.ACTIVE);
    assertThat(hub.orders.progress(id).stepStatus()).isEqualTo("STARTED");
    begin("2", uid() + ".2", "SPS2", "MR");
    end("2", "DISCONTINUED");
    assertThat(ids(worklist())).containsExactly("SPS2");
    begin("3", uid() + ".2", "SPS2", "MR");
    end("3", "COMPLETED");
    assertThat(worklist()).isEmpty();
    assertThat(status(id)).isEqualTo(OrderStatus.COMPLETED);
    assertThat(hub.orders.progress(id).stepStatus()).isEqualTo("COMPLETED");
  }

  @Test
  void aModalityThatNamesNoStepIsBelievedOnlyWhereOneCanBeMeant() {
    String other = CT.replace("SPS1", "SPS4");
    UUID id = omi(0, "NW", "", CT, other, MR);
    begin("1", uid() + ".2", null, "MR");
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS4");
    begin("2", uid() + ".1", null, "CT");
    end("2", "COMPLETED");
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS4");
    assertThat(status(id)).isEqualTo(OrderStatus.ACTIVE);
    begin("3", uid() + ".1", "SPS4", "CT");
    assertThat(ids(worklist())).containsExactly("SPS1");
  }

  @Test
  void stepsWithoutAnIdGetOneByWhichTheModalityNamesThem() {
    omi(0, "NW", "", CT.replace("SPS1", ""), MR.replace("SPS2", "").replace("RP2", "RP1"));
    List<String> ids = ids(worklist());
    assertThat(ids).containsExactly("RP1-1", "RP1-2");
    begin("1", uid() + ".2", "RP1-2", "MR");
    assertThat(ids(worklist())).containsExactly("RP1-1");
  }

  @Test
  void anotherRequestedProcedureThatNamesNoStudyGetsOne() {
    UUID id = omi(0, "NW", "", CT, MR.replace("1.2.826.0.1.2", ""));
    String uid = worklist().get(1).string(Tag.StudyInstanceUID);
    assertThat(uid)
        .startsWith("2.25.")
        .isNotEqualTo(worklist().get(0).string(Tag.StudyInstanceUID));
    omi(1, "XO", "", CT, MR.replace("1.2.826.0.1.2", ""));
    assertThat(worklist().get(1).string(Tag.StudyInstanceUID)).isEqualTo(uid);
    UUID study = study(uid, "MR");
    linker.studyChanged(new StudyChanged(study, uid));
    assertThat(links(id)).containsExactly(study);
  }

  /** An order of several steps is told by those that are named; a change names all. */
  @Test
  void aChangeSaysWhichStepsThereAreAndAStatusIsOfThoseThatItNames() {
    UUID id = omi(0, "NW", "", CT, MR, US);
    omi(1, "XO", "", CT, US);
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS3");
    omi(2, "SC", "CM", CT);
    assertThat(ids(worklist())).containsExactly("SPS3");
    assertThat(status(id)).isEqualTo(OrderStatus.ACTIVE);
    assertThat(order(id).request().studyInstanceUid()).isEqualTo(uid() + ".1");
    omi(3, "SC", "CA", US);
    assertThat(worklist()).isEmpty();
    assertThat(status(id)).isEqualTo(OrderStatus.COMPLETED);
  }

  @Test
  void aStatusOfAllItsStepsIsThatOfTheOrder() {
    UUID id = omi(0, "NW", "", CT, MR);
    omi(1, "SC", "HD", CT, MR);
    assertThat(status(id)).isEqualTo(OrderStatus.ON_HOLD);
    assertThat(worklist()).isEmpty();
    omi(2, "SC", "SC", CT, MR);
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS2");
    omi(3, "CA", "", CT);
    assertThat(status(id)).isEqualTo(OrderStatus.REVOKED);
    assertThat(worklist()).isEmpty();
  }

  @Test
  void aStepThatTheModalityHasBegunStaysWhateverAChangeNames() {
    UUID id = omi(0, "NW", "", CT);
    begin("1", uid() + ".1", "SPS1", "CT");
    omi(1, "XO", "", MR, US);
    assertThat(ids(worklist())).containsExactly("SPS2", "SPS3");
    assertThat(order(id).request().steps()).hasSize(3);
    end("1", "COMPLETED");
    assertThat(status(id)).isEqualTo(OrderStatus.ACTIVE);
    omi(2, "XO", "", MR);
    assertThat(ids(worklist())).containsExactly("SPS2");
    assertThat(status(id)).isEqualTo(OrderStatus.ACTIVE);
  }

  @Test
  void anOrderThatIsLeftWithOneStepIsLikeOneThatNeverHadMore() {
    UUID id = omi(0, "NW", "", CT, MR);
    omi(1, "XO", "", MR);
    assertThat(order(id).request().steps()).isEmpty();
    List<DataSet> answers = worklist(item -> item.set(Tag.ScheduledStationAETitle, "MR1"));
    assertThat(ids(answers)).containsExactly("SPS2");
    assertThat(answers.get(0).string(Tag.StudyInstanceUID)).isEqualTo(uid() + ".2");
    begin("1", uid() + ".2", null, "MR");
    assertThat(worklist()).isEmpty();
  }

  @Test
  void anOlderMessageChangesNoStep() {
    omi(5, "NW", "", CT, MR);
    omi(4, "XO", "", US, CT);
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS2");
  }

  @Test
  void studiesOfAllStepsBelongToTheOrderWhicheverComesFirst() {
    UUID ct = study(uid() + ".1", "CT");
    UUID id = omi(0, "NW", "", CT, MR);
    linker.orderChanged(new OrderChanged(id));
    assertThat(links(id)).containsExactly(ct);
    UUID mr = study(uid() + ".2", "MR");
    linker.studyChanged(new StudyChanged(mr, uid() + ".2"));
    linker.orderChanged(new OrderChanged(id));
    assertThat(links(id)).containsExactlyInAnyOrder(ct, mr);
    assertThat(new LinkIndex(hub.jdbc).ofOrders(List.of(id)))
        .extracting(StudyLink::rule)
        .containsOnly(StudyLink.Rule.STUDY_INSTANCE_UID);
  }

  @Test
  void aCompleteStudyTakesItsOwnStepsOffTheWorklist() {
    UUID id = omi(0, "NW", "", CT, MR);
    UUID ct = study(uid() + ".1", "CT");
    linker.orderChanged(new OrderChanged(id));
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS2");
    hub.studies.markComplete(ct);
    assertThat(ids(worklist())).containsExactly("SPS2");
  }

  private UUID twoAccessions() {
    return record(
        """
            MSH|^~\\&|RIS|RTH|HUB|ISO|202611011200||OMI^O23|M1|P|2.5.1
            PID|1||L%1$s^^^RTH^MR||TEST^CASE||19740213|F
            ORC|NW|P%1$s|F%1$s
            OBR||P%1$s|F%1$s|HEAD^Head^LOCAL
            IPC|ACC%1$s^RTH|RP1||SPS1|CT
            IPC|BCC%1$s^RTH|RP2||SPS2|MR
            """
            .formatted(n)
            .replace("\n", "\r"),
        0);
  }

  @Test
  void anotherAccessionNumberOfAStepFindsTheOrder() {
    UUID id = twoAccessions();
    assertThat(hub.orders.findByAccession(new AccessionKey("RTH", "BCC" + n)))
        .extracting(Order::id)
        .containsExactly(id);
    assertThat(worklist())
        .extracting(a -> a.string(Tag.AccessionNumber))
        .containsExactly("ACC" + n, "BCC" + n);
    assertThat(ServiceRequestMapper.map(order(id)).getIdentifier())
        .extracting(Identifier::getValue)
        .contains("ACC" + n, "BCC" + n);
  }

  @Test
  void aReportThatNamesTheAccessionNumberOfAStepWaitsForTheOrder() {
    UUID report =
        hub.reports.record(
            new ReportResult(
                "RTH",
                null,
                null,
                "R" + n,
                "RTH",
                new AccessionKey("RTH", "BCC" + n),
                null,
                new PatientDemographics(
                    new PatientIdentity(
                        new PatientKey("RTH", "L" + n), null, LocalDate.of(1974, 2, 13)),
                    null,
                    null,
                    null,
                    null,
                    Patient.Source.ORDER),
                null,
                "preliminary",
                "No finding.",
                null,
                null,
                null,
                null,
                null,
                "hl7/report" + n,
                NOON));
    UUID id = twoAccessions();
    new ReportLinker(
            hub.reports,
            hub.orders,
            hub.studies,
            new LinkIndex(hub.jdbc),
            new ReviewList(hub.jdbc),
            PatientIdentity::compare)
        .orderChanged(id);
    assertThat(hub.reports.find(report).orElseThrow().orderId()).isEqualTo(id);
  }

  @Test
  void fhirShowsWhatAllStepsName() {
    ServiceRequest resource = ServiceRequestMapper.map(order(omi(0, "NW", "", CT, MR)));
    assertThat(resource.getOrderDetail())
        .extracting(d -> d.getCodingFirstRep().getCode())
        .containsExactly("CT", "MR");
    assertThat(resource.getIdentifier())
        .extracting(Identifier::getValue)
        .contains("urn:oid:" + uid() + ".1", "urn:oid:" + uid() + ".2")
        .doesNotHaveDuplicates();
  }

  @Test
  void partnersAreToldOfEachStep() throws Exception {
    Order order = order(omi(0, "NW", "", CT, MR));
    OutboundMessage.Head head =
        new OutboundMessage.Head("ISO", "ISO", "RIS", "RTH", NOON, "M1", "2.5.1", "UNICODE UTF-8");
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    PatientIndex patients = new PatientIndex(hub.jdbc, transactions, new ReviewList(hub.jdbc));
    OmiOut.status(
            head, patients.find(order.patientId()).orElseThrow(), order, uid() + ".1", "SCHEDULED")
        .write(out, StandardCharsets.UTF_8);
    assertThat(out.toString(StandardCharsets.UTF_8).split("\r"))
        .filteredOn(s -> s.startsWith("IPC"))
        .containsExactly("IPC|ACC" + n + "^RTH" + own(CT), "IPC|ACC" + n + "^RTH" + own(MR));
  }

  @Test
  void anAppointmentThatIsCancelledTakesAllStepsOffAndOneThatIsBookedBringsThemBack() {
    omi(0, "NW", "", CT, MR);
    appointment(Appointment.Status.CANCELLED, 1, null);
    assertThat(worklist()).isEmpty();
    appointment(Appointment.Status.BOOKED, 2, "ROOM 9");
    assertThat(ids(worklist())).containsExactly("SPS1", "SPS2");
    // The two have rooms of their own; which of them the appointment moves it does not say.
    assertThat(worklist(item -> item.set(Tag.ScheduledProcedureStepLocation, "ROOM 9"))).isEmpty();
  }

  @Test
  void anAppointmentMovesStepsThatAreDoneInOneRoom() {
    omi(0, "NW", "", CT, MR.replace("MR room", "CT room"));
    appointment(Appointment.Status.BOOKED, 2, "ROOM 9");
    assertThat(ids(worklist(item -> item.set(Tag.ScheduledProcedureStepLocation, "ROOM 9"))))
        .containsExactly("SPS1", "SPS2");
  }

  private void appointment(Appointment.Status status, int minute, String room) {
    ReviewList reviews = new ReviewList(hub.jdbc);
    LocalDateTime start = LocalDateTime.of(2026, 11, 5, 9, 0);
    new AppointmentIndex(
            hub.jdbc, transactions, new PatientIndex(hub.jdbc, transactions, reviews), reviews)
        .record(
            new Appointment(
                "RTH",
                null,
                "AP" + n,
                status,
                List.of(new Appointment.OrderNumber(true, "RTH", "P" + n)),
                hub.orders
                    .findByNumbers("RTH", "RTH", "P" + n, "RTH", null)
                    .orElseThrow()
                    .request()
                    .patient(),
                start,
                30,
                new ScheduledStep(start, null, null, null, null, null, room, null, null),
                null,
                "hl7/s" + n + minute,
                NOON.plusSeconds(60L * minute)));
  }

  private List<UUID> links(UUID order) {
    return new LinkIndex(hub.jdbc)
        .ofOrders(List.of(order)).stream()
            .map(StudyLink::studyId)
            .sorted(Comparator.naturalOrder())
            .toList();
  }

  private UUID study(String uid, String modality) {
    return hub.store(
        new Sample(
            "RTH",
            "L" + n,
            null,
            "TEST^CASE",
            LocalDate.of(1974, 2, 13),
            uid,
            null,
            null,
            null,
            null,
            uid + ".1",
            modality,
            uid + ".1.1",
            1));
  }
}
