package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.RetrieveHandler.Destination;
import org.isocentre.dicom.dimse.RetrieveHandler.Retrieval;
import org.isocentre.dicom.dimse.RetrieveRequest;
import org.isocentre.dicom.dimse.StoredObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A consumer that asks a peer for what is new. */
class DicomPollTest {
  private final Loopback loopback = new Loopback();
  private final List<Query> asked = new CopyOnWriteArrayList<>();
  private final List<Object> handled = new CopyOnWriteArrayList<>();
  private final List<String> moved = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile List<String> studies = List.of("1.1", "1.2");
  private volatile String count = "3";
  private volatile int growsUntil;
  private volatile boolean incomplete;

  @BeforeEach
  void start() throws Exception {
    loopback.from("archive", "operations=find,worklist", this::answer);
    loopback.from("retrieve", "operations=move,get", this::retrieve);
    loopback.route(
        "store",
        "dicom:WORKSTATION@127.0.0.1:0?operations=store",
        e -> moved.add(e.getMessage().getHeader(DicomConstants.SOP_INSTANCE_UID, String.class)));
  }

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void answer(Exchange exchange) {
    Query query = exchange.getMessage().getBody(Query.class);
    asked.add(query);
    if (growsUntil > 0) {
      count = Integer.toString(Math.min(asked.size(), growsUntil));
    }
    List<DataSet> matches = new ArrayList<>();
    for (String study : studies) {
      DataSet match = Loopback.study(study).set(Tag.PatientID, "X");
      if (count != null && query.identifier().contains(Tag.NumberOfStudyRelatedInstances)) {
        match.set(Tag.NumberOfStudyRelatedInstances, count);
      }
      if (query.identifier().contains(Tag.ScheduledProcedureStepSequence)) {
        match.addItem(Tag.ScheduledProcedureStepSequence).set(Tag.ScheduledProcedureStepID, "SPS1");
      }
      matches.add(match);
    }
    exchange.getMessage().setBody(matches.iterator());
  }

  private void retrieve(Exchange exchange) {
    RetrieveRequest request = exchange.getMessage().getBody(RetrieveRequest.class);
    String study = request.identifier().string(Tag.StudyInstanceUID);
    StoredObject object = incomplete ? new Stored(study, true) : new Stored(study, false);
    exchange
        .getMessage()
        .setBody(
            new Retrieval(
                request.moveDestination() == null
                    ? null
                    : new Destination("WORKSTATION", "127.0.0.1", loopback.port("store")),
                1,
                List.of(object).iterator()));
  }

  private record Stored(String sopInstanceUid, boolean broken) implements StoredObject {
    @Override
    public String sopClassUid() {
      return Uid.CT_IMAGE_STORAGE;
    }

    @Override
    public String transferSyntaxUid() {
      return Uid.EXPLICIT_VR_LITTLE_ENDIAN;
    }

    @Override
    public InputStream openDataSet(String transferSyntaxUid) throws java.io.IOException {
      if (broken) {
        throw new java.io.IOException("gone");
      }
      try {
        return new ByteArrayInputStream(
            Loopback.dataSet(Loopback.file(sopInstanceUid, 10), sopInstanceUid));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void poll(String options, org.apache.camel.Processor processor) throws Exception {
    loopback.route(
        "poll", loopback.to("archive", "poll=true&initialDelay=0&delay=50" + options), processor);
  }

  private void handle(Exchange exchange) {
    if (failures.getAndDecrement() > 0) {
      throw new IllegalStateException("a fault");
    }
    handled.add(exchange.getMessage().getBody());
  }

  private List<String> uids() {
    return handled.stream().map(o -> ((DataSet) o).string(Tag.StudyInstanceUID)).toList();
  }

  private void untilPolls(int more) {
    int before = asked.size();
    await().until(() -> asked.size() >= before + more);
  }

  @Test
  void eachMatchComesOnce() throws Exception {
    poll("&query.ModalitiesInStudy=CT&query.StudyDate=20240101-", this::handle);
    await().untilAsserted(() -> assertThat(uids()).containsExactly("1.1", "1.2"));
    studies = List.of("1.1", "1.2", "1.3");
    await().untilAsserted(() -> assertThat(uids()).containsExactly("1.1", "1.2", "1.3"));
    untilPolls(3);
    assertThat(handled).hasSize(3);
    DataSet identifier = asked.get(0).identifier();
    assertThat(identifier.string(Tag.QueryRetrieveLevel)).isEqualTo("STUDY");
    assertThat(identifier.string(Tag.ModalitiesInStudy)).isEqualTo("CT");
    assertThat(identifier.string(Tag.StudyDate)).isEqualTo("20240101-");
    assertThat(identifier.contains(Tag.StudyInstanceUID)).isTrue();
  }

  @Test
  void aMatchWhoseExchangeFailedComesAgain() throws Exception {
    MemoryIdempotentRepository repository = new MemoryIdempotentRepository();
    repository.setCacheSize(10);
    loopback.context.getRegistry().bind("seen", repository);
    failures.set(1);
    poll("&idempotentRepository=#seen", this::handle);
    await().untilAsserted(() -> assertThat(uids()).containsExactly("1.2", "1.1"));
    assertThat(repository.contains("1.1")).isTrue();
    repository.remove("1.2");
    await().untilAsserted(() -> assertThat(uids()).containsExactly("1.2", "1.1", "1.2"));
  }

  @Test
  void withoutIdempotenceMatchesComeAgain() throws Exception {
    poll("&idempotent=false", this::handle);
    await().untilAsserted(() -> assertThat(handled.size()).isGreaterThan(4));
  }

  @Test
  void maxMessagesPerPollLeavesTheRestForTheNext() throws Exception {
    studies = List.of("1.1", "1.2", "1.3", "1.4", "1.5");
    List<Integer> pollsAt = new CopyOnWriteArrayList<>();
    poll(
        "&maxMessagesPerPoll=2&greedy=true",
        e -> {
          pollsAt.add(asked.size());
          handle(e);
        });
    await().untilAsserted(() -> assertThat(handled).hasSize(5));
    assertThat(pollsAt).containsExactly(1, 1, 2, 2, 3);
  }

  @Test
  void getBringsTheObjects() throws Exception {
    poll(
        "&fetch=get",
        e -> {
          List<?> objects = e.getMessage().getBody(List.class);
          for (Object object : objects) {
            assertThat(((DicomStreamCache) object).readAllBytes()).isNotEmpty();
          }
          handled.add(objects.size());
        });
    await().untilAsserted(() -> assertThat(handled).containsExactly(1, 1));
  }

  @Test
  void moveSendsToTheDestination() throws Exception {
    poll(
        "&fetch=move&moveDestination=WORKSTATION",
        e -> {
          assertThat(e.getMessage().getHeader(DicomConstants.PROGRESS))
              .isEqualTo(new Progress(0, 1, 0, 0));
          handle(e);
        });
    await().untilAsserted(() -> assertThat(uids()).containsExactly("1.1", "1.2"));
    assertThat(moved).containsExactly("1.1", "1.2");
  }

  @ParameterizedTest
  @CsvSource({"get", "move"})
  void anIncompleteFetchIsTriedAgain(String fetch) throws Exception {
    incomplete = true;
    poll("&moveDestination=WORKSTATION&fetch=" + fetch, e -> handled.add(e));
    untilPolls(3);
    assertThat(handled).isEmpty();
    incomplete = false;
    await().untilAsserted(() -> assertThat(handled).hasSize(2));
  }

  @Test
  void stableWaitsForTheNumberOfObjects() throws Exception {
    studies = List.of("1.1");
    growsUntil = 6;
    List<Integer> handledAt = new CopyOnWriteArrayList<>();
    poll(
        "&readLock=stable&stableChecks=3",
        e -> {
          handledAt.add(asked.size());
          handle(e);
        });
    await().untilAsserted(() -> assertThat(handled).hasSize(1));
    assertThat(((DataSet) handled.get(0)).string(Tag.NumberOfStudyRelatedInstances)).isEqualTo("6");
    assertThat(handledAt).containsExactly(8);
  }

  @Test
  void stableIsNeverReachedWithoutANumber() throws Exception {
    count = null;
    poll("&readLock=stable", this::handle);
    untilPolls(5);
    assertThat(handled).isEmpty();
  }

  @Test
  void stableCountsInARow() {
    StableMatches stable = new StableMatches(3);
    int[] counts = {1, 1, 2, 2, 2, 2};
    boolean[] expected = {false, false, false, false, true, true};
    for (int i = 0; i < counts.length; i++) {
      assertThat(stable.isStable("a", counts[i])).as("poll " + i).isEqualTo(expected[i]);
    }
    stable.forget("a");
    assertThat(stable.isStable("a", 2)).isFalse();
  }

  @Test
  void aWorklistIsPolled() throws Exception {
    poll("&model=worklist&query.ScheduledProcedureStepSequence.Modality=CT", this::handle);
    await().untilAsserted(() -> assertThat(handled).hasSize(2));
    DataSet step = asked.get(0).identifier().items(Tag.ScheduledProcedureStepSequence).get(0);
    assertThat(step.string(Tag.Modality)).isEqualTo("CT");
    assertThat(step.contains(Tag.ScheduledProcedureStepID)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "&maxMessagesPerPoll=0, ISO-DICOM-640",
    "&readLock=stable&stableChecks=1, ISO-DICOM-640",
    "&level=FRAME, ISO-DICOM-641",
    "&query.NoSuchKeyword=1, ISO-DICOM-642",
    "&level=IMAGE&readLock=stable, ISO-DICOM-643",
    "&model=worklist&fetch=get, ISO-DICOM-644"
  })
  void whatCannotBeFailsAtStart(String options, String code) {
    assertThatThrownBy(() -> poll(options, e -> {})).hasStackTraceContaining(code);
  }

  @Test
  void aPeerThatIsAwayIsAskedAgain() throws Exception {
    loopback.context.getRouteController().suspendRoute("archive");
    loopback.context.getRouteController().suspendRoute("retrieve");
    poll("", this::handle);
    await().pollDelay(Duration.ofMillis(200)).until(() -> handled.isEmpty());
    loopback.context.getRouteController().resumeRoute("archive");
    await().untilAsserted(() -> assertThat(handled).hasSize(2));
  }

  @ParameterizedTest
  @CsvSource({
    "today, 20240301",
    "yesterday, 20240229",
    "today-7, 20240223",
    "today-, 20240301-",
    "-today, -20240301",
    "today-7-, 20240223-",
    "today-7-today, 20240223-20240301",
    "today-7-yesterday, 20240223-20240229",
    "today-20241231, 20240301-20241231",
    "20240101, 20240101",
    "'', "
  })
  void relativeDates(String written, String meant) {
    Clock clock = Clock.fixed(Instant.parse("2024-03-01T10:00:00Z"), ZoneId.of("Europe/London"));
    DataSet identifier =
        new PollQuery(Map.of("StudyDate", written, "StudyDescription", "today"), clock)
            .identifier();
    assertThat(identifier.string(Tag.StudyDate)).isEqualTo(meant);
    assertThat(identifier.string(Tag.StudyDescription)).as("no date").isEqualTo("today");
  }
}
