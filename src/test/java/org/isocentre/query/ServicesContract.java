package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.exchange.TransferCommitment;
import org.isocentre.exchange.TransferCommitment.CommitmentDue;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.AvailabilityIndex.Whereabouts;
import org.isocentre.index.CommitmentIndex;
import org.isocentre.index.CommitmentIndex.Item;
import org.isocentre.index.MppsIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.ReviewList;
import org.isocentre.index.TransferCommitmentIndex;
import org.isocentre.index.WorklistEnd;
import org.isocentre.model.Instance;
import org.isocentre.model.Order;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Organisation;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.Study;
import org.isocentre.model.Transfer;
import org.isocentre.query.HubIndex.Sample;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** MPPS, storage commitment and instance availability, whichever database keeps them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServicesContract {
  @TempDir static Path directory;

  private static final Duration WAIT = Duration.ofMinutes(10);

  /** Stands still until it is moved on. */
  private static final class StandingClock extends Clock {
    private Instant now;

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final StandingClock clock = new StandingClock();
  private HubIndex hub;
  private ObjectStore store;
  private PerformedStepHandler mpps;
  private CommitmentIndex commitments;
  private AvailabilityIndex availabilities;
  private TransferCommitmentIndex transferCommitments;
  private TransferCommitment transfers;
  private ReviewList reviews;
  private final List<UUID> asked = new ArrayList<>();

  abstract DataSource database() throws Exception;

  @BeforeAll
  void open() throws Exception {
    hub = new HubIndex(database());
    TransactionTemplate transactions =
        new TransactionTemplate(new DataSourceTransactionManager(hub.database));
    mpps = new PerformedStepHandler(new MppsIndex(hub.jdbc, transactions, hub.orders), hub.trusts);
    commitments = new CommitmentIndex(hub.jdbc, transactions);
    availabilities = new AvailabilityIndex(hub.jdbc, transactions);
    store = new FileObjectStore(directory, 0, false);
    reviews = new ReviewList(hub.jdbc);
    transferCommitments =
        new TransferCommitmentIndex(hub.jdbc, transactions, hub.transfers, reviews);
    transfers =
        new TransferCommitment(
            transferCommitments,
            hub.transfers,
            new TrustDirectory(List.of(committing("RJ1")), null),
            WAIT,
            2,
            clock);
  }

  private static Organisation committing(String ods) {
    return new Organisation(
        ods,
        "Trust " + ods,
        List.of(
            new Organisation.ApplicationEntity(
                "ARCHIVE", "127.0.0.1", 11112, List.of(), false, List.of(), true, false)),
        List.of(),
        false,
        List.of());
  }

  @BeforeEach
  void setTheClock() {
    clock.now = Instant.now().plusSeconds(60);
  }

  private static NormalizedRequest request(
      Operation operation, String sopClass, String uid, int type, DataSet set, Peer peer) {
    return new NormalizedRequest(operation, sopClass, uid, type, List.of(), set, peer);
  }

  private NormalizedResponse mpps(Operation operation, String uid, DataSet set) {
    return mpps.handle(
        request(
            operation,
            ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
            uid,
            0,
            set,
            HubIndex.RTH));
  }

  private static void fails(
      int status, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DimseStatusException.class,
            e -> {
              assertThat(e.status()).isEqualTo(status);
              assertThat(e.getMessage()).hasSizeLessThanOrEqualTo(64);
            });
  }

  private static DataSet inProgress(String accession) {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 100")
            .set(Tag.PatientName, "Müller^Anna")
            .set(Tag.PerformedProcedureStepStatus, "IN PROGRESS")
            .set(Tag.PerformedProcedureStepID, "PPS1")
            .set(Tag.PerformedStationAETitle, "CT1")
            .set(Tag.PerformedProcedureStepStartDate, "20261102")
            .set(Tag.PerformedProcedureStepStartTime, "1000")
            .set(Tag.Modality, "CT");
    set.addItem(Tag.ScheduledStepAttributesSequence)
        .set(Tag.StudyInstanceUID, "9.9")
        .set(Tag.AccessionNumber, accession);
    return set;
  }

  private static DataSet ended(String status) {
    DataSet set =
        new DataSet()
            .set(Tag.PerformedProcedureStepStatus, status)
            .set(Tag.PerformedProcedureStepEndDate, "20261102")
            .set(Tag.PerformedProcedureStepEndTime, "1010");
    set.addItem(Tag.PerformedSeriesSequence)
        .set(Tag.SeriesInstanceUID, "9.9.1")
        .set(Tag.ProtocolName, "HEAD");
    return set;
  }

  private List<String> worklist(String accession) {
    List<String> found = new ArrayList<>();
    try (Matches matches =
        new WorklistQueryHandler(
                hub.queries, hub.trusts, true, WorklistEnd.STUDY, 100, HubIndex.LONDON)
            .find(
                new Query(
                    ServiceSopClass.MODALITY_WORKLIST_FIND,
                    new DataSet().set(Tag.AccessionNumber, accession),
                    Set.of(),
                    HubIndex.RTH))) {
      matches.forEachRemaining(a -> found.add(a.string(Tag.AccessionNumber)));
    }
    return found;
  }

  private Order order(UUID id) {
    return hub.orders.find(id).orElseThrow();
  }

  @Test
  void aStepThatIsCompletedCompletesItsOrder() {
    UUID id = hub.order("RTH", "11", OrderStatus.ACTIVE, ScheduledStep.NONE);
    assertThat(worklist("A11")).hasSize(1);
    assertThat(mpps(Operation.N_CREATE, "5.11", inProgress("A11")).status()).isZero();
    assertThat(worklist("A11")).isEmpty();
    assertThat(order(id).request().status()).isEqualTo(OrderStatus.ACTIVE);
    assertThat(mpps(Operation.N_SET, "5.11", ended("COMPLETED")).status()).isZero();
    assertThat(order(id).request().status()).isEqualTo(OrderStatus.COMPLETED);
    fails(0x0110, () -> mpps(Operation.N_SET, "5.11", ended("DISCONTINUED")));
    assertThat(order(id).request().status()).isEqualTo(OrderStatus.COMPLETED);
    fails(0x0111, () -> mpps(Operation.N_CREATE, "5.11", inProgress("A11")));
    assertThat(worklist("A11")).isEmpty();
  }

  @Test
  void anotherTrustsStepIsInNobodysWay() {
    mpps(Operation.N_CREATE, "5.17", inProgress("none"));
    String sopClass = ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP;
    DataSet theirs = inProgress("none").set(Tag.Modality, "MR");
    mpps.handle(request(Operation.N_CREATE, sopClass, "5.17", 0, theirs, HubIndex.RJ1));
    mpps(Operation.N_SET, "5.17", ended("COMPLETED"));
    DataSet kept =
        mpps.handle(request(Operation.N_GET, sopClass, "5.17", 0, null, HubIndex.RJ1)).dataSet();
    assertThat(kept.string(Tag.Modality)).isEqualTo("MR");
    assertThat(kept.string(Tag.PerformedProcedureStepStatus)).isEqualTo("IN PROGRESS");
  }

  @Test
  void aStepThatIsDiscontinuedIsToBeDoneAgain() {
    UUID id = hub.order("RTH", "12", OrderStatus.ACTIVE, ScheduledStep.NONE);
    mpps(Operation.N_CREATE, "5.12", inProgress("A12"));
    DataSet end = ended("DISCONTINUED");
    end.put(new Element.Sequence(Tag.PerformedSeriesSequence, List.of()));
    mpps(Operation.N_SET, "5.12", end);
    assertThat(worklist("A12")).hasSize(1);
    mpps(Operation.N_CREATE, "5.13", inProgress("A12"));
    mpps(Operation.N_SET, "5.13", ended("COMPLETED"));
    assertThat(worklist("A12")).isEmpty();
    assertThat(order(id).request().status()).isEqualTo(OrderStatus.COMPLETED);
  }

  @Test
  void aStepGivesBackWhatWasAsked() {
    mpps(Operation.N_CREATE, "5.14", inProgress("none"));
    NormalizedResponse warned =
        mpps(
            Operation.N_SET,
            "5.14",
            new DataSet()
                .set(Tag.PatientName, "OTHER")
                .set(Tag.PerformedProcedureStepDescription, "head"));
    assertThat(warned.status()).isEqualTo(0x0107);
    NormalizedResponse some =
        mpps.handle(
            new NormalizedRequest(
                Operation.N_GET,
                ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP_RETRIEVE,
                "5.14",
                0,
                List.of(Tag.PatientName, Tag.PerformedProcedureStepDescription),
                null,
                HubIndex.RTH));
    assertThat(some.dataSet().string(Tag.PatientName)).isEqualTo("Müller^Anna");
    assertThat(some.dataSet().string(Tag.PerformedProcedureStepDescription)).isEqualTo("head");
    assertThat(some.dataSet().contains(Tag.Modality)).isFalse();
    assertThat(mpps(Operation.N_GET, "5.14", null).dataSet().string(Tag.Modality)).isEqualTo("CT");
    fails(
        0x0112,
        () ->
            mpps.handle(
                request(
                    Operation.N_GET,
                    ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
                    "5.14",
                    0,
                    null,
                    HubIndex.RJ1)));
    fails(0x0112, () -> mpps(Operation.N_SET, "5.nothing", ended("COMPLETED")));
  }

  private record Wrong(String name, int status, Consumer<DataSet> change) {}

  @TestFactory
  Stream<DynamicTest> stepsThatLackSomethingAreRefused() {
    return Stream.of(
            new Wrong("no modality", 0x0120, set -> set.remove(Tag.Modality)),
            new Wrong("empty modality", 0x0121, set -> set.set(Tag.Modality, "")),
            new Wrong(
                "empty sequence",
                0x0121,
                set ->
                    set.put(new Element.Sequence(Tag.ScheduledStepAttributesSequence, List.of()))),
            new Wrong(
                "no study",
                0x0120,
                set ->
                    set.item(Tag.ScheduledStepAttributesSequence)
                        .orElseThrow()
                        .remove(Tag.StudyInstanceUID)),
            new Wrong(
                "ended", 0x0106, set -> set.set(Tag.PerformedProcedureStepStatus, "COMPLETED")),
            new Wrong(
                "no such status", 0x0106, set -> set.set(Tag.PerformedProcedureStepStatus, "DONE")))
        .map(
            w ->
                DynamicTest.dynamicTest(
                    w.name(),
                    () -> {
                      DataSet set = inProgress("none");
                      w.change().accept(set);
                      fails(w.status(), () -> mpps(Operation.N_CREATE, "5.15", set));
                      fails(0x0112, () -> mpps(Operation.N_GET, "5.15", null));
                    }));
  }

  @Test
  void aStepThatEndsWithoutSeriesStaysInProgress() {
    mpps(Operation.N_CREATE, "5.16", inProgress("none"));
    DataSet end = ended("COMPLETED");
    end.remove(Tag.PerformedSeriesSequence);
    fails(0x0120, () -> mpps(Operation.N_SET, "5.16", end));
    assertThat(
            mpps(Operation.N_GET, "5.16", null).dataSet().string(Tag.PerformedProcedureStepStatus))
        .isEqualTo("IN PROGRESS");
  }

  private StorageCommitment commitment(Duration patience) {
    return new StorageCommitment(
        commitments,
        hub.studies,
        store,
        hub.trusts,
        (id, association) -> asked.add(id),
        transfers,
        new StorageCommitment.Patience(patience, WAIT, WAIT.multipliedBy(2)),
        clock);
  }

  private void store(String custodian, String uid, boolean keepBytes) throws IOException {
    ObjectStore.StoredObject stored;
    try (ObjectStore.ObjectWriter writer = store.create("dcm")) {
      writer.write(ByteBuffer.wrap(Files.readAllBytes(bytes(uid))));
      stored = writer.commit();
    }
    assertThat(stored.size()).isEqualTo(1000);
    hub.store(
        new Sample(
            custodian,
            "P1",
            null,
            "TEST^CASE",
            LocalDate.of(1974, 2, 13),
            "7." + custodian.length() + uid,
            "A1",
            LocalDate.of(2026, 1, 10),
            null,
            null,
            "8" + uid,
            "CT",
            uid,
            1),
        stored.sha256(),
        keepBytes ? stored.key() : "dcm/" + "0".repeat(64));
  }

  /** 1,000 bytes, which is the size that samples have in the index. */
  private static Path bytes(String uid) throws IOException {
    byte[] bytes =
        java.util.Arrays.copyOf(uid.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 1000);
    return Files.write(directory.resolve("in"), bytes);
  }

  private UUID action(StorageCommitment service, String transaction, Item... items) {
    service.handle(
        request(
            Operation.N_ACTION,
            ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
            ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
            1,
            CommitmentResult.request(transaction, List.of(items)),
            HubIndex.RTH));
    return commitmentId(transaction);
  }

  private UUID commitmentId(String transaction) {
    return hub.jdbc
        .sql("select id from storage_commitment where side = 'PROVIDER' and transaction_uid = ?")
        .param(transaction)
        .query(UUID.class)
        .single();
  }

  @Test
  void whatIsStoredIsCommittedAndWhatIsNotIsToldWhy() throws IOException {
    store("RTH", "6.1", true);
    store("RTH", "6.2", false);
    store("RJ1", "6.3", true);
    StorageCommitment service = commitment(Duration.ZERO);
    UUID good = action(service, "4.1", new Item(HubIndex.CT, "6.1", null));
    CommitmentResult result = service.result(good).orElseThrow();
    assertThat(result.eventTypeId()).isEqualTo(CommitmentResult.SUCCESSFUL);
    DataSet set = result.dataSet("ISOCENTRE");
    assertThat(set.string(Tag.TransactionUID)).isEqualTo("4.1");
    assertThat(set.items(Tag.ReferencedSOPSequence)).hasSize(1);
    assertThat(set.contains(Tag.FailedSOPSequence)).isFalse();
    assertThat(service.isOpen(good)).isTrue();
    service.reported(good, result);
    assertThat(service.isOpen(good)).isFalse();
    assertThat(service.result(good)).isEmpty();

    UUID mixed =
        action(
            service,
            "4.2",
            new Item(HubIndex.CT, "6.1", null),
            new Item("1.2.840.10008.5.1.4.1.1.4", "6.1.0", null),
            new Item(HubIndex.CT, "6.2", null),
            new Item(HubIndex.CT, "6.3", null));
    result = service.result(mixed).orElseThrow();
    assertThat(result.eventTypeId()).isEqualTo(CommitmentResult.FAILURES_EXIST);
    assertThat(
            result.dataSet("ISOCENTRE").items(Tag.FailedSOPSequence).stream()
                .collect(
                    Collectors.toMap(
                        i -> i.string(Tag.ReferencedSOPInstanceUID),
                        i -> i.integer(Tag.FailureReason))))
        .isEqualTo(Map.of("6.1.0", 0x0112, "6.2", 0x0110, "6.3", 0x0112));

    UUID conflict = action(service, "4.3", new Item("1.2.840.10008.5.1.4.1.1.4", "6.1", null));
    assertThat(service.result(conflict).orElseThrow().items())
        .extracting(Item::failureReason)
        .containsExactly(0x0119);
  }

  @Test
  void anObjectThatMayStillBeFiledIsWaitedFor() throws IOException {
    StorageCommitment service = commitment(Duration.ofHours(1));
    UUID id = action(service, "4.4", new Item(HubIndex.CT, "6.4", null));
    assertThat(service.result(id)).isEmpty();
    store("RTH", "6.4", true);
    assertThat(service.result(id).orElseThrow().eventTypeId()).isEqualTo(1);
  }

  @Test
  void aResultThatCouldNotBeToldIsToldAgainLaterAndWhenThePeerAsks() throws IOException {
    store("RTH", "6.12", true);
    StorageCommitment service = commitment(Duration.ZERO);
    Item item = new Item(HubIndex.CT, "6.12", null);
    UUID missed = action(service, "4.6", item);
    assertThat(service.toRetell()).doesNotContain(missed);
    assertThat(service.untold(missed)).isTrue();
    assertThat(service.toRetell()).as("too early").doesNotContain(missed);
    clock.advance(WAIT.plusSeconds(1));
    assertThat(service.toRetell()).contains(missed);
    assertThat(service.toRetell()).as("given out already").doesNotContain(missed);

    int before = asked.size();
    UUID next = action(service, "4.7", item);
    assertThat(asked.subList(before, asked.size())).containsExactly(next, missed);

    clock.advance(WAIT.multipliedBy(2));
    assertThat(service.untold(missed)).as("too old").isFalse();
    assertThat(service.toRetell()).doesNotContain(missed);
    before = asked.size();
    action(service, "4.8", item);
    assertThat(asked.subList(before, asked.size())).as("it asks again").contains(missed);
    service.reported(missed, service.result(missed).orElseThrow());
    before = asked.size();
    action(service, "4.9", item);
    assertThat(asked.subList(before, asked.size())).doesNotContain(missed);
  }

  @Test
  void commitmentRequestsThatDoNotFitAreRefused() {
    StorageCommitment service = commitment(Duration.ZERO);
    DataSet empty = new DataSet().set(Tag.TransactionUID, "4.5");
    fails(
        0x0120,
        () ->
            service.handle(
                request(
                    Operation.N_ACTION,
                    ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                    "x",
                    1,
                    empty,
                    HubIndex.RTH)));
    fails(
        0x0123,
        () ->
            service.handle(
                request(
                    Operation.N_ACTION,
                    ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                    "x",
                    2,
                    empty,
                    HubIndex.RTH)));
    fails(
        0x0124,
        () ->
            service.handle(
                request(
                    Operation.N_ACTION,
                    ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                    "x",
                    1,
                    empty,
                    HubIndex.STRANGER)));
  }

  /** A transfer to RJ1 of which every object was confirmed. */
  private Transfer sent(String... uids) throws IOException {
    for (String uid : uids) {
      store("RTH", uid, true);
    }
    UUID study = hub.studies.instances("RTH", List.of(uids)).get(0).studyId();
    Transfer transfer = hub.transfers.request(study, "RJ1").orElseThrow();
    run(transfer);
    return transfer;
  }

  private Transfer run(Transfer transfer) {
    hub.transfers.begin(transfer.id());
    hub.transfers
        .pending(transfer.id())
        .forEach(i -> hub.transfers.confirmed(transfer.id(), i.id(), 0, null));
    transferCommitments.want(transfer.id());
    return hub.transfers.finish(transfer.id(), null);
  }

  private Transfer now(Transfer transfer) {
    return hub.transfers.find(transfer.id()).orElseThrow();
  }

  /** Action Information of what is due for a transfer; null if nothing is. */
  private DataSet ask(StorageCommitment service, Transfer transfer) {
    List<CommitmentDue> due =
        transfers.due().stream().filter(d -> d.transferId().equals(transfer.id())).toList();
    if (due.isEmpty()) {
      return null;
    }
    List<Instance> objects = transfers.wanted(due.get(0));
    DataSet action = service.ask("RJ1PACS", transfer.id(), objects);
    transfers.asked(due.get(0), objects.stream().map(Instance::id).toList());
    assertThat(transfers.wanted(due.get(0))).as("an event that comes twice").isEmpty();
    return action;
  }

  private static DataSet answer(DataSet action, Item... results) {
    return new CommitmentResult("ISOCENTRE", action.string(Tag.TransactionUID), List.of(results))
        .dataSet("RJ1PACS");
  }

  private List<ReviewItem> reviews(Transfer transfer) {
    return reviews.open(new PageRequest(0, 1000)).stream()
        .filter(r -> transfer.studyId().equals(r.studyId()))
        .toList();
  }

  @Test
  void aTransferIsCompleteWhenItsDestinationHasCommitted() throws IOException {
    StorageCommitment service = commitment(Duration.ZERO);
    Transfer transfer = sent("6.5");
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.COMMITTING);
    DataSet action = ask(service, transfer);
    assertThat(action.items(Tag.ReferencedSOPSequence))
        .extracting(i -> i.string(Tag.ReferencedSOPInstanceUID))
        .containsExactly("6.5");
    DataSet event = answer(action, new Item(HubIndex.CT, "6.5", null));
    fails(0x0110, () -> service.handle(event(event, HubIndex.RTH)));
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.COMMITTING);
    assertThat(service.handle(event(event, HubIndex.RJ1)).status()).isZero();
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.COMPLETED);
    assertThat(now(transfer).committed()).isEqualTo(1);
    assertThat(service.handle(event(event, HubIndex.RJ1)).status()).as("told twice").isZero();
    UUID id =
        commitments.asked(action.string(Tag.TransactionUID), List.of("RJ1PACS")).orElseThrow().id();
    assertThat(commitments.committed(id)).containsExactly("6.5");
    assertThat(reviews(transfer)).isEmpty();
    clock.advance(WAIT.plusSeconds(1));
    assertThat(ask(service, transfer)).isNull();
  }

  @Test
  void whatADestinationDoesNotCommitToIsSentAgainByAPerson() throws IOException {
    StorageCommitment service = commitment(Duration.ZERO);
    Transfer transfer = sent("6.8");
    DataSet action = ask(service, transfer);
    service.handle(event(answer(action, new Item(HubIndex.CT, "6.8", 0x0112)), HubIndex.RJ1));
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.FAILED);
    assertThat(now(transfer).lastError()).contains("ISO-EXCHANGE-020", "0112H no such object");
    assertThat(transferCommitments.fates(transfer.id()))
        .containsExactly(new TransferCommitmentIndex.Fate("6.8", "FAILED", 0x0112));
    assertThat(reviews(transfer))
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.kind()).isEqualTo(ReviewItem.Kind.COMMITMENT);
              assertThat(r.reason()).isEqualTo("NOT_COMMITTED");
            });
    service.handle(event(answer(action, new Item(HubIndex.CT, "6.8", null)), HubIndex.RJ1));
    assertThat(now(transfer).state()).as("said otherwise").isEqualTo(Transfer.State.FAILED);
    assertThat(hub.transfers.retry(transfer.id())).isPresent();
    assertThat(hub.transfers.pending(transfer.id())).hasSize(1);
    assertThat(run(transfer).state()).isEqualTo(Transfer.State.COMMITTING);
    DataSet again = ask(service, transfer);
    assertThat(again.string(Tag.TransactionUID)).isNotEqualTo(action.string(Tag.TransactionUID));
    service.handle(event(answer(again, new Item(HubIndex.CT, "6.8", null)), HubIndex.RJ1));
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.COMPLETED);
    assertThat(reviews(transfer)).isEmpty();
  }

  @Test
  void whoDoesNotAnswerIsAskedAgainAndThenGivenUp() throws IOException {
    StorageCommitment service = commitment(Duration.ZERO);
    Transfer transfer = sent("6.9");
    DataSet first = ask(service, transfer);
    assertThat(ask(service, transfer)).as("too early").isNull();
    clock.advance(WAIT.plusSeconds(1));
    assertThat(ask(service, transfer)).isNotNull();
    clock.advance(WAIT.plusSeconds(1));
    assertThat(ask(service, transfer)).isNull();
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.FAILED);
    assertThat(now(transfer).lastError()).contains("ISO-EXCHANGE-021");
    assertThat(reviews(transfer))
        .singleElement()
        .satisfies(r -> assertThat(r.reason()).isEqualTo("COMMITMENT_UNANSWERED"));
    assertThat(hub.transfers.pending(transfer.id())).as("it has them").isEmpty();
    service.handle(event(answer(first, new Item(HubIndex.CT, "6.9", null)), HubIndex.RJ1));
    assertThat(now(transfer).state())
        .as("late is not too late")
        .isEqualTo(Transfer.State.COMPLETED);
    assertThat(reviews(transfer)).isEmpty();
  }

  @Test
  void aPersonCanHaveItAskedOnceMore() throws IOException {
    StorageCommitment service = commitment(Duration.ZERO);
    Transfer transfer = sent("6.10");
    transfers.refused(new CommitmentDue(transfer.id(), "RJ1"), "ISO-X: refused");
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.FAILED);
    assertThat(hub.transfers.retry(transfer.id())).isPresent();
    assertThat(hub.transfers.pending(transfer.id())).isEmpty();
    assertThat(run(transfer).state()).isEqualTo(Transfer.State.COMMITTING);
    assertThat(ask(service, transfer)).isNotNull();
  }

  @Test
  void aDestinationThatIsNoLongerToBeAskedHoldsUpNothing() throws IOException {
    Transfer transfer = sent("6.11");
    new TransferCommitment(
            transferCommitments, hub.transfers, new TrustDirectory(List.of(), null), WAIT, 2, clock)
        .due();
    assertThat(now(transfer).state()).isEqualTo(Transfer.State.COMPLETED);
    assertThat(now(transfer).commitmentExpected()).isZero();
  }

  private static NormalizedRequest event(DataSet set, Peer peer) {
    return request(
        Operation.N_EVENT_REPORT,
        ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
        ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
        2,
        set,
        peer);
  }

  private void say(String notification, String study, String uid, String availability, String ae) {
    availabilities.record(
        notification,
        "RTH",
        List.of(
            new AvailabilityIndex.Availability(study, "8", uid, HubIndex.CT, availability, ae)));
  }

  @Test
  void whereAStudyIsFollowsTheNewestThatWasSaidOfEachObject() throws IOException {
    store("RTH", "6.13", true);
    Study study = hub.studies.findByStudyInstanceUid("7.36.13").get(0);
    say("3.10", "7.36.13", "6.13", "OFFLINE", "ARCHIVE");
    say("3.11", "7.36.13", "6.13.1", "ONLINE", "PACS");
    say("3.12", "7.36.13", "6.13.2", "ONLINE", "PACS");
    say("3.13", "7.36.13", "6.13", "NEARLINE", "ARCHIVE");
    say("3.14", "7.36.13", "6.13", "ONLINE", "GONE");
    say("3.15", "7.36.13", "6.13", "UNAVAILABLE", "GONE");
    assertThat(availabilities.ofStudies(List.of(study.id())))
        .containsExactly(
            new Whereabouts(study.id(), "7.36.13", "ARCHIVE", "NEARLINE", 1),
            new Whereabouts(study.id(), "7.36.13", "PACS", "ONLINE", 2));

    UUID order = hub.order("RTH", "13", OrderStatus.ACTIVE, ScheduledStep.NONE);
    UUID theirs = hub.order("RJ1", "13", OrderStatus.ACTIVE, ScheduledStep.NONE);
    for (UUID id : List.of(order, theirs)) {
      hub.jdbc
          .sql("update imaging_order set study_instance_uid = '7.36.14' where id = ?")
          .param(id)
          .update();
    }
    say("3.16", "7.36.14", "6.14", "ONLINE", "PACS");
    assertThat(availabilities.ofOrders(List.of(order, theirs)))
        .containsExactly(new Whereabouts(order, "7.36.14", "PACS", "ONLINE", 1));
    assertThat(availabilities.ofOrders(List.of())).isEmpty();
  }

  @Test
  void aNodeIsToldOnceForEachTimeAStudyIsComplete() throws IOException {
    store("RTH", "6.15", true);
    UUID study = hub.studies.findByStudyInstanceUid("7.36.15").get(0).id();
    assertThat(availabilities.isToTell(study, "RIS")).as("not complete").isFalse();
    hub.studies.markComplete(study);
    assertThat(availabilities.isToTell(study, "RIS")).isTrue();
    availabilities.told(study, "RIS");
    assertThat(availabilities.isToTell(study, "RIS")).isFalse();
    assertThat(availabilities.isToTell(study, "OTHER")).isTrue();
    hub.jdbc.sql("update study set completed_at = null where id = ?").param(study).update();
    assertThat(availabilities.isToTell(study, "RIS")).isFalse();
    hub.studies.markComplete(study);
    assertThat(availabilities.isToTell(study, "RIS")).as("complete again").isTrue();
    availabilities.told(study, "RIS");
    assertThat(availabilities.isToTell(study, "RIS")).isFalse();
  }

  @Test
  void anAvailabilityNotificationIsFiledOnce() throws IOException {
    store("RTH", "6.7", true);
    Study study = hub.studies.findByStudyInstanceUid("7.36.7").stream().findFirst().orElseThrow();
    Map<UUID, List<Instance>> instances =
        hub.studies.instances(study.id()).stream()
            .collect(Collectors.groupingBy(Instance::seriesId));
    DataSet set =
        AvailabilityNotification.of(
            study.studyInstanceUid(),
            hub.studies.series(List.of(study.id())).get(study.id()),
            instances,
            "NEARLINE",
            "ARCHIVE");
    AvailabilityNotification service = new AvailabilityNotification(availabilities, hub.trusts);
    NormalizedRequest request =
        request(
            Operation.N_CREATE,
            ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION,
            "3.1",
            0,
            set,
            HubIndex.RTH);
    assertThat(service.handle(request).status()).isZero();
    assertThat(availabilities.of("RTH", "6.7"))
        .singleElement()
        .satisfies(
            a -> {
              assertThat(a.availability()).isEqualTo("NEARLINE");
              assertThat(a.retrieveAeTitle()).isEqualTo("ARCHIVE");
            });
    assertThat(availabilities.of("RJ1", "6.7")).isEmpty();
    fails(0x0111, () -> service.handle(request));
    DataSet wrong = new DataSet().set(Tag.StudyInstanceUID, "1");
    fails(
        0x0120,
        () ->
            service.handle(
                request(
                    Operation.N_CREATE,
                    ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION,
                    "3.2",
                    0,
                    wrong,
                    HubIndex.RTH)));
  }
}
