package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** C-MOVE and C-GET: what is sent, and how it is counted (PS3.4 §C.4.2, §C.4.3). */
class RetrieveTest {
  private static final String MOVE = ServiceSopClass.STUDY_ROOT_MOVE;
  private static final String GET = ServiceSopClass.STUDY_ROOT_GET;
  private static final String JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70";

  private enum How {
    MOVE,
    GET
  }

  private final Archive archive = new Archive();
  private final Archive destination = new Archive();
  private final Loopback loopback = new Loopback(archive);
  private final Loopback destinationEnd = new Loopback(destination);
  private final List<Progress> pending = new ArrayList<>();

  RetrieveTest() {
    archive.loopback = loopback;
    archive.destinationPort = destinationEnd.port();
  }

  @AfterEach
  void close() {
    loopback.close();
    destinationEnd.close();
  }

  private static DataSet identifier() {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, "2.25.1");
  }

  private ServiceUser.Retrieved retrieve(How how) throws Exception {
    return retrieve(
        how,
        progress -> {
          pending.add(progress);
          return true;
        });
  }

  private ServiceUser.Retrieved retrieve(How how, ServiceUser.Watch watch) throws Exception {
    try (ServiceUser user =
        loopback.connect(loopback.getRequest(), destination, Loopback.SETTINGS)) {
      ServiceUser.Retrieved end =
          how == How.MOVE
              ? user.move(MOVE, identifier(), "DEST", watch)
              : user.get(GET, identifier(), watch);
      assertThat(user.echo()).as("the association goes on").isZero();
      return end;
    }
  }

  private List<TestObject> objects(String statuses) {
    List<TestObject> objects = new ArrayList<>();
    for (String status : statuses == null ? new String[0] : statuses.split(" ")) {
      TestObject object = TestObject.of(20_000);
      if (status.equals("unreadable")) {
        object = object.unreadable();
      } else {
        destination.statuses.put(object.sopInstanceUid(), Integer.parseInt(status, 16));
      }
      objects.add(object);
    }
    archive.objects = objects;
    return objects;
  }

  @Test
  void theEndIsToldOnceAlsoWhereNoResponseCanBeSent() throws Exception {
    objects("0000 0000 0000");
    try (ServiceUser user =
        loopback.connect(loopback.getRequest(), destination, Loopback.SETTINGS)) {
      destination.beforeStore =
          () -> {
            assertThat(archive.endings).isEmpty();
            user.association().abort();
          };
      assertThatThrownBy(() -> user.get(GET, identifier(), progress -> true))
          .isInstanceOf(AssociationException.class);
    }
    await().untilAsserted(() -> assertThat(archive.endings).containsExactly(OptionalInt.empty()));
  }

  /** Status of each store; how many the list lacks; the end: status, completed, failed, warning. */
  @ParameterizedTest
  @CsvSource({
    "MOVE,, 0, 0000, 0, 0, 0",
    "GET,, 0, 0000, 0, 0, 0",
    "MOVE, 0000, 0, 0000, 1, 0, 0",
    "GET, 0000, 0, 0000, 1, 0, 0",
    "MOVE, 0000 0000 0000, 0, 0000, 3, 0, 0",
    "GET, 0000 0000 0000, 0, 0000, 3, 0, 0",
    "MOVE, 0000 A700 0000, 0, B000, 2, 1, 0",
    "GET, 0000 A700 0000, 0, B000, 2, 1, 0",
    "MOVE, B000 0000, 0, B000, 1, 0, 1",
    "GET, B007 0000, 0, B000, 1, 0, 1",
    "MOVE, A900 C000, 0, A702, 0, 2, 0",
    "GET, A900 C000, 0, A702, 0, 2, 0",
    "MOVE, 0000 unreadable B000 0110, 0, B000, 1, 2, 1",
    "GET, 0000 unreadable B000 0110, 0, B000, 1, 2, 1",
    "MOVE, 0000 0000, 2, B000, 2, 2, 0",
    "GET, 0000 0000, 2, B000, 2, 2, 0"
  })
  void everyObjectIsCountedOnce(
      How how, String statuses, int missing, String end, int completed, int failed, int warning)
      throws Exception {
    List<TestObject> objects = objects(statuses);
    archive.missing = missing;
    ServiceUser.Retrieved result = retrieve(how);
    assertThat(result.status()).isEqualTo(Integer.parseInt(end, 16));
    assertThat(result.progress()).isEqualTo(new Progress(0, completed, failed, warning));
    await()
        .untilAsserted(
            () -> assertThat(archive.endings).containsExactly(OptionalInt.of(result.status())));
    assertThat(result.failedSopInstanceUids())
        .isEqualTo(
            objects.stream()
                .filter(o -> o.bytes() == null || isFailure(o))
                .map(TestObject::sopInstanceUid)
                .toList());
    assertThat(pending).hasSize(objects.size());
    for (int i = 0; i < pending.size(); i++) {
      assertThat(pending.get(i).total()).isEqualTo(objects.size() + missing);
      assertThat(pending.get(i).remaining()).isEqualTo(objects.size() + missing - i - 1);
    }
    for (TestObject object : objects) {
      if (object.bytes() != null) {
        assertThat(destination.received.get(object.sopInstanceUid())).isEqualTo(object.bytes());
      }
    }
  }

  private boolean isFailure(TestObject object) {
    int status = destination.statuses.getOrDefault(object.sopInstanceUid(), 0);
    return !Status.isSuccess(status) && !Status.isWarning(status);
  }

  @ParameterizedTest
  @EnumSource
  void cancelStopsBetweenObjectsAndTellsWhatRemains(How how) throws Exception {
    archive.objects = TestObject.several(300, 1000);
    ServiceUser.Retrieved result = retrieve(how, progress -> false);
    assertThat(result.status()).isEqualTo(Status.CANCEL);
    assertThat(result.progress().remaining()).isPositive();
    assertThat(result.progress().total()).isEqualTo(300);
    assertThat(destination.received).hasSize(result.progress().completed());
  }

  @ParameterizedTest
  @EnumSource
  void aWatchThatFailsCancelsToo(How how) throws Exception {
    archive.objects = TestObject.several(300, 1000);
    try (ServiceUser user =
        loopback.connect(loopback.getRequest(), destination, Loopback.SETTINGS)) {
      ServiceUser.Watch broken =
          progress -> {
            throw new IllegalStateException("the watch failed");
          };
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> {
                if (how == How.MOVE) {
                  user.move(MOVE, identifier(), "DEST", broken);
                } else {
                  user.get(GET, identifier(), broken);
                }
              })
          .hasMessage("the watch failed");
      assertThat(destination.received.size()).isLessThan(300);
      assertThat(user.echo()).isZero();
    }
  }

  /** Their UIDs need more than 64 KiB, which the length field of UI does not hold. */
  @Test
  void aLongListOfFailedObjectsComesWhole() throws Exception {
    List<TestObject> objects =
        TestObject.several(2500, 1).stream().map(TestObject::unreadable).toList();
    archive.objects = objects;
    ServiceUser.Retrieved result = retrieve(How.GET);
    assertThat(result.status()).isEqualTo(Status.UNABLE_TO_PERFORM_SUB_OPERATIONS);
    assertThat(result.failedSopInstanceUids())
        .isEqualTo(objects.stream().map(TestObject::sopInstanceUid).toList());
  }

  @Test
  void aRequestorThatTakesNoStorageRoleGetsNothing() throws Exception {
    archive.objects = TestObject.several(2, 100);
    try (ServiceUser user = loopback.connect(loopback.request(), destination, Loopback.SETTINGS)) {
      ServiceUser.Retrieved result = user.get(GET, identifier(), ServiceUser.Watch.PATIENT);
      assertThat(result.status()).isEqualTo(Status.UNABLE_TO_PERFORM_SUB_OPERATIONS);
      assertThat(result.progress()).isEqualTo(new Progress(0, 0, 2, 0));
    }
    assertThat(destination.received).isEmpty();
  }

  // --- the destination of a C-MOVE

  @Test
  void anUnknownDestinationIsRefused() throws Exception {
    archive.objects = TestObject.several(1, 100);
    try (ServiceUser user = loopback.connect()) {
      assertThat(user.move(MOVE, identifier(), "NOBODY", ServiceUser.Watch.PATIENT).status())
          .isEqualTo(Status.MOVE_DESTINATION_UNKNOWN);
    }
  }

  @Test
  void aDestinationThatIsAwayIsTriedThreeTimesForAll() throws Exception {
    List<TestObject> objects = TestObject.several(10, 100);
    archive.objects = objects;
    archive.destinationPort = 0;
    ServiceUser.Retrieved result = retrieve(How.MOVE);
    assertThat(result.status()).isEqualTo(Status.UNABLE_TO_PERFORM_SUB_OPERATIONS);
    assertThat(result.progress()).isEqualTo(new Progress(0, 0, 10, 0));
    assertThat(result.comment()).isEqualTo("destination: connect");
    assertThat(archive.connects).hasValue(3);
  }

  @Test
  void theDestinationIsToldWhoAskedForTheMove() throws Exception {
    archive.objects = TestObject.several(1, 100);
    try (ScriptedScp scp = new ScriptedScp().listen()) {
      archive.destinationPort = scp.port();
      retrieve(How.MOVE);
      assertThat(scp.requests(Command.C_STORE_RQ))
          .singleElement()
          .satisfies(m -> assertThat(m.command().moveOriginator()).isEqualTo("SCU"));
    }
  }

  @Test
  void whenItAbortsInTheMiddleOfAnObjectThatOneFailsAndTheOthersFollow() throws Exception {
    List<TestObject> objects = TestObject.several(4, 200_000);
    archive.objects = objects;
    try (ScriptedScp scp = new ScriptedScp().abortAfter(2, 50_000).listen()) {
      archive.destinationPort = scp.port();
      ServiceUser.Retrieved result = retrieve(How.MOVE);
      assertThat(result.status()).isEqualTo(Status.SUB_OPERATIONS_WITH_FAILURES);
      assertThat(result.progress()).isEqualTo(new Progress(0, 3, 1, 0));
      assertThat(result.failedSopInstanceUids()).containsExactly(objects.get(1).sopInstanceUid());
      assertThat(scp.requests(Command.C_STORE_RQ)).hasSize(3);
      assertThat(scp.conversations()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abort", "close", "release", "silence", "oversized", "interleaved"})
  void aDestinationThatNeverAnswersIsGivenUpAfterThree(String how) throws Exception {
    archive.objects = TestObject.several(8, 1000);
    archive.moverSettings = DimseSettings.DEFAULT.withResponseTimeout(Duration.ofMillis(200));
    Reaction reaction =
        switch (how) {
          case "abort" -> Reaction.abort();
          case "close" -> Reaction.close();
          case "release" -> Reaction.release();
          case "oversized" -> Reaction.oversizedCommand(100_000);
          case "interleaved" -> Reaction.interleaved();
          default -> Reaction.silence();
        };
    try (ScriptedScp scp = new ScriptedScp().on(Command.C_STORE_RQ, reaction).listen()) {
      archive.destinationPort = scp.port();
      ServiceUser.Retrieved result = retrieve(How.MOVE);
      assertThat(result.status()).isEqualTo(Status.UNABLE_TO_PERFORM_SUB_OPERATIONS);
      assertThat(result.progress()).isEqualTo(new Progress(0, 0, 8, 0));
      assertThat(scp.conversations()).hasSize(3);
    }
  }

  @Test
  void aSyntaxThatItRefusesIsReplacedByALosslessAlternativeOrTheObjectFails() throws Exception {
    TestObject plain = TestObject.of(1000);
    TestObject transcoded = TestObject.of(1001).in(JPEG_LOSSLESS, Loopback.EXPLICIT);
    TestObject fixed = TestObject.of(1002).in(JPEG_LOSSLESS);
    archive.objects = List.of(plain, transcoded, fixed);
    try (ScriptedScp scp = new ScriptedScp().refuseSyntax(JPEG_LOSSLESS).listen()) {
      archive.destinationPort = scp.port();
      ServiceUser.Retrieved result = retrieve(How.MOVE);
      assertThat(result.status()).isEqualTo(Status.SUB_OPERATIONS_WITH_FAILURES);
      assertThat(result.progress()).isEqualTo(new Progress(0, 2, 1, 0));
      assertThat(result.failedSopInstanceUids()).containsExactly(fixed.sopInstanceUid());
      assertThat(scp.requests(Command.C_STORE_RQ))
          .extracting(m -> m.dataSet())
          .containsExactly(plain.bytes(), transcoded.altered());
    }
  }

  @Test
  void aSopClassThatItRefusesFails() throws Exception {
    archive.objects = TestObject.several(3, 100);
    try (ScriptedScp scp = new ScriptedScp().refuseSopClass(Loopback.CT).listen()) {
      archive.destinationPort = scp.port();
      assertThat(retrieve(How.MOVE).progress()).isEqualTo(new Progress(0, 0, 3, 0));
    }
  }

  // --- a provider that counts wrong

  @Test
  void wrongCountsOfAProviderArePassedOnAsTheyAre() throws Exception {
    Reaction wrong =
        Reaction.progress(Status.PENDING, new Progress(5, 9, 0, 0))
            .then(Reaction.progress(Status.PENDING, new Progress(7, 1, 0, 0)))
            .then(Reaction.progress(Status.SUCCESS, new Progress(0, 3, 0, 0)));
    try (ScriptedScp scp = new ScriptedScp().on(Command.C_MOVE_RQ, wrong).listen();
        ServiceUser user =
            loopback.connect(Loopback.request(scp.port()), Services.NONE, Loopback.SETTINGS)) {
      ServiceUser.Retrieved result =
          user.move(
              MOVE,
              identifier(),
              "DEST",
              progress -> {
                pending.add(progress);
                return true;
              });
      assertThat(pending).containsExactly(new Progress(5, 9, 0, 0), new Progress(7, 1, 0, 0));
      assertThat(result.progress()).isEqualTo(new Progress(0, 3, 0, 0));
    }
  }
}
