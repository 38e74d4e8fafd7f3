package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub's query and retrieve services, asked by DCMTK as a trust's workstation would. */
class HubDicomServicesIT {
  private static final Pacs.About PATIENT = new Pacs.About("9990000018", "19700101", "ACC1");
  @TempDir private static Path directory;
  private static final Pacs PACS = new Pacs();
  private static TestHub hub;
  private static Orthanc orthanc;
  private static final String STUDY = Uid.random();
  private static final List<Pacs.Image> IMAGES = new ArrayList<>();

  @BeforeAll
  static void storeAStudy() throws Exception {
    int rj1 = PACS.listen(0);
    orthanc = new Orthanc(directory);
    hub = new TestHub(directory, rj1).with(OrthancAtHub.node(1, orthanc.dicom, false)).start();
    String series = Uid.random();
    for (int i = 0; i < 5; i++) {
      IMAGES.add(Pacs.image(STUDY, series, PATIENT));
    }
    for (Pacs.Image image : IMAGES) {
      try (var user = PACS.connect(hub.dicom, "RTHPACS")) {
        assertThat(Pacs.store(user, image)).isZero();
      }
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var found = hub.study(STUDY);
              return !found.isEmpty() && found.get(0).path("numberOfInstances").asInt() == 5;
            });
  }

  @AfterAll
  static void stop() {
    if (hub != null) {
      hub.close();
    }
    PACS.close();
  }

  private static String find(String callingAet, String level, String... keys) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peer.require("findscu", "dcmtk").toString(),
                "-S",
                "-aet",
                callingAet,
                "-aec",
                "ISOCENTRE",
                "-k",
                "QueryRetrieveLevel=" + level));
    for (String key : keys) {
      command.addAll(List.of("-k", key));
    }
    command.addAll(List.of("127.0.0.1", Integer.toString(hub.dicom)));
    Peer.Run run = Peer.run(command);
    assertThat(run.exit()).as(run.output()).isZero();
    return run.output();
  }

  @Test
  void aStudyIsFoundByItsKeys() throws Exception {
    String found =
        find(
            "RTHPACS",
            "STUDY",
            "AccessionNumber=ACC1",
            "PatientName=test*",
            "StudyInstanceUID",
            "NumberOfStudyRelatedInstances",
            "ModalitiesInStudy");
    assertThat(found).contains(STUDY, "TEST^CASE").containsPattern("\\[5 ?\\]").contains("[CT]");
  }

  @Test
  void anotherTrustsStudyIsNotFound() throws Exception {
    assertThat(find("RJ1PACS", "STUDY", "StudyInstanceUID=" + STUDY)).doesNotContain(STUDY);
  }

  private static Peer.Run retrieve(String program, Path into, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peer.require(program, "dcmtk").toString(),
                "-S",
                "-v",
                "-aet",
                "RTHPACS",
                "-aec",
                "ISOCENTRE",
                "-k",
                "QueryRetrieveLevel=STUDY",
                "-k",
                "StudyInstanceUID=" + STUDY));
    command.addAll(List.of(more));
    if (into != null) {
      command.addAll(List.of("-od", into.toString()));
    }
    command.addAll(List.of("127.0.0.1", Integer.toString(hub.dicom)));
    return Peer.run(command);
  }

  @Test
  void getBringsEveryObjectAsItWasStored(@TempDir Path into) throws Exception {
    Peer.Run run = retrieve("getscu", into, "+B");
    assertThat(run.exit()).as(run.output()).isZero();
    try (Stream<Path> files = Files.list(into)) {
      List<byte[]> got = new ArrayList<>();
      for (Path file : files.toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          FileMetaInformation.read(in);
          got.add(in.readAllBytes());
        }
      }
      assertThat(got)
          .containsExactlyInAnyOrderElementsOf(IMAGES.stream().map(Pacs.Image::dataSet).toList());
    }
  }

  @Test
  void getInAnotherSyntaxBringsTheSamePixels(@TempDir Path into) throws Exception {
    Peer.Run run = retrieve("getscu", into, "+B", "+xr");
    assertThat(run.exit()).as(run.output()).isZero();
    try (Stream<Path> files = Files.list(into)) {
      List<Path> got = files.toList();
      assertThat(got).hasSize(IMAGES.size());
      for (Path file : got) {
        assertThat(syntax(file)).isEqualTo("1.2.840.10008.1.2.5");
        Path decoded = file.resolveSibling("decoded");
        Peer.Run decoder =
            Peer.run(
                List.of(
                    Peer.require("dcmdrle", "dcmtk").toString(),
                    file.toString(),
                    decoded.toString()));
        assertThat(decoder.exit()).as(decoder.output()).isZero();
        byte[] bytes = Files.readAllBytes(decoded);
        assertThat(IMAGES).anySatisfy(image -> assertThat(bytes).endsWith(tail(image.dataSet())));
      }
    }
  }

  private static String syntax(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return FileMetaInformation.read(in).meta().transferSyntaxUid();
    }
  }

  private static byte[] tail(byte[] dataSet) {
    return java.util.Arrays.copyOfRange(dataSet, dataSet.length - 32 * 32 * 2, dataSet.length);
  }

  @Test
  void moveGoesToANodeOfTheDirectory() throws Exception {
    Peer.Run run = retrieve("movescu", null, "-aem", "RJ1PACS");
    assertThat(run.output()).contains("Received Final Move Response (Success)");
    assertThat(IMAGES)
        .allSatisfy(image -> assertThat(PACS.received.get(image.uid())).isEqualTo(image.dataSet()));
  }

  @Test
  void moveGoesNowhereElse() throws Exception {
    Peer.Run run = retrieve("movescu", null, "-aem", "ELSEWHERE");
    assertThat(run.output()).containsIgnoringCase("MoveDestinationUnknown");
  }

  private static ServiceUser connect(Services services, String... sopClasses) {
    List<AssociationRequestor.Proposal> proposals =
        Stream.of(sopClasses)
            .map(
                uid ->
                    new AssociationRequestor.Proposal(uid, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)))
            .toList();
    return connect(services, proposals);
  }

  private static ServiceUser connect(
      Services services, List<AssociationRequestor.Proposal> proposals) {
    AssociationRequestor requestor =
        new AssociationRequestor(PACS.loops(), AssociationSettings.DEFAULT);
    return ServiceUser.connect(
        handler ->
            requestor.connect("127.0.0.1", hub.dicom, "RTHPACS", "ISOCENTRE", proposals, handler),
        ForkJoinPool.commonPool(),
        services,
        DimseSettings.DEFAULT);
  }

  /** PS3.4 §C.5.1.1, §K.5.1: the images are of 1 November, 10:15 in London. */
  @Test
  void timezoneQueryAdjustmentIsAgreedAndDone() throws Exception {
    String study = ServiceSopClass.STUDY_ROOT_FIND;
    String worklist = ServiceSopClass.MODALITY_WORKLIST_FIND;
    AssociationRequest request =
        new AssociationRequest(
                "127.0.0.1",
                hub.dicom,
                "RTHPACS",
                "ISOCENTRE",
                Stream.of(study, worklist)
                    .map(
                        uid ->
                            new AssociationRequestor.Proposal(
                                uid, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)))
                    .toList())
            .withExtendedNegotiations(
                List.of(
                    new Pdu.ExtendedNegotiation(study, new byte[] {0, 0, 1, 1}),
                    new Pdu.ExtendedNegotiation(worklist, new byte[] {1, 1, 1, 1})),
                List.of());
    AssociationRequestor requestor =
        new AssociationRequestor(PACS.loops(), AssociationSettings.DEFAULT);
    try (ServiceUser user =
        ServiceUser.connect(
            handler -> requestor.connect(request, handler),
            ForkJoinPool.commonPool(),
            Services.NONE,
            DimseSettings.DEFAULT)) {
      assertThat(user.association().extendedNegotiation(study)).containsExactly(0, 0, 0, 1);
      assertThat(user.association().extendedNegotiation(worklist)).containsExactly(1, 1, 0, 1);
      DataSet keys =
          new DataSet()
              .set(Tag.QueryRetrieveLevel, "STUDY")
              .set(Tag.StudyInstanceUID, STUDY)
              .set(Tag.StudyDate, "20261102")
              .set(Tag.StudyTime, "001500")
              .set(Tag.TimezoneOffsetFromUTC, "+1400");
      try (Matches matches = user.find(study, keys)) {
        DataSet answer = matches.next();
        assertThat(answer.string(Tag.StudyDate)).isEqualTo("20261102");
        assertThat(answer.string(Tag.StudyTime)).isEqualTo("001500");
        assertThat(answer.string(Tag.TimezoneOffsetFromUTC)).isEqualTo("+1400");
        assertThat(matches.hasNext()).isFalse();
      }
    }
  }

  @Test
  void storageCommitmentIsToldOnTheAssociationThatAsked() throws Exception {
    BlockingQueue<NormalizedRequest> events = new LinkedBlockingQueue<>();
    Services services =
        new Services() {
          @Override
          public NormalizedHandler normalized(String uid, NormalizedRequest.Operation operation) {
            return request -> {
              events.add(request);
              return NormalizedResponse.SUCCESS;
            };
          }
        };
    DataSet asked = new DataSet().set(Tag.TransactionUID, Uid.random());
    for (Pacs.Image image : IMAGES) {
      asked
          .addItem(Tag.ReferencedSOPSequence)
          .set(Tag.ReferencedSOPClassUID, Uid.CT_IMAGE_STORAGE)
          .set(Tag.ReferencedSOPInstanceUID, image.uid());
    }
    try (ServiceUser user = connect(services, ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL)) {
      NormalizedResponse answer =
          user.request(
              new NormalizedRequest(
                  NormalizedRequest.Operation.N_ACTION,
                  ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                  ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
                  1,
                  List.of(),
                  asked,
                  null));
      assertThat(answer.status()).isZero();
      NormalizedRequest event = events.poll(60, TimeUnit.SECONDS);
      assertThat(event).isNotNull();
      assertThat(event.typeId()).isEqualTo(1);
      assertThat(event.dataSet().string(Tag.TransactionUID))
          .isEqualTo(asked.string(Tag.TransactionUID));
      assertThat(event.dataSet().items(Tag.ReferencedSOPSequence)).hasSize(IMAGES.size());
      assertThat(event.dataSet().items(Tag.FailedSOPSequence)).isEmpty();
    }
  }

  private static String worklist(String accession) throws Exception {
    Peer.Run run =
        Peer.run(
            List.of(
                Peer.require("findscu", "dcmtk").toString(),
                "-W",
                "-aet",
                "RTHPACS",
                "-aec",
                "ISOCENTRE",
                "-k",
                "AccessionNumber=" + accession,
                "-k",
                "PatientName",
                "-k",
                "StudyInstanceUID",
                "-k",
                "ScheduledProcedureStepSequence[0].Modality=CT",
                "-k",
                "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate",
                "-k",
                "ScheduledProcedureStepSequence[0].ScheduledProcedureStepID",
                "127.0.0.1",
                Integer.toString(hub.dicom)));
    assertThat(run.exit()).as(run.output()).isZero();
    return run.output();
  }

  @Test
  void anOrderIsOnTheWorklistUntilItsStepIsCompleted() throws Exception {
    assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order("9990000018", "19700101", "WL1"))))
        .isEqualTo("AA");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(worklist("WL1")).contains("[WL1", "TEST^CASE"));
    String step = Uid.random();
    try (ServiceUser user =
        connect(Services.NONE, ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP)) {
      assertThat(mpps(user, NormalizedRequest.Operation.N_CREATE, step, begun("WL1"))).isZero();
      assertThat(mpps(user, NormalizedRequest.Operation.N_SET, step, completed())).isZero();
    }
    assertThat(worklist("WL1")).doesNotContain("[WL1");
    assertThat(hub.search("ServiceRequest?identifier=FWL1", hub.system()))
        .singleElement()
        .satisfies(order -> assertThat(order.path("status").asText()).isEqualTo("completed"));
  }

  private static int mpps(
      ServiceUser user, NormalizedRequest.Operation operation, String step, DataSet dataSet)
      throws Exception {
    return user.request(
            new NormalizedRequest(
                operation,
                ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
                step,
                0,
                List.of(),
                dataSet,
                null))
        .status();
  }

  private static DataSet begun(String accession) {
    DataSet set =
        new DataSet()
            .set(Tag.PerformedProcedureStepStatus, "IN PROGRESS")
            .set(Tag.PerformedProcedureStepID, "PPS1")
            .set(Tag.PerformedStationAETitle, "RTHPACS")
            .set(Tag.PerformedProcedureStepStartDate, "20261101")
            .set(Tag.PerformedProcedureStepStartTime, "090000")
            .set(Tag.Modality, "CT");
    set.addItem(Tag.ScheduledStepAttributesSequence)
        .set(Tag.AccessionNumber, accession)
        .set(Tag.StudyInstanceUID, Uid.random());
    return set;
  }

  private static DataSet completed() {
    DataSet set =
        new DataSet()
            .set(Tag.PerformedProcedureStepStatus, "COMPLETED")
            .set(Tag.PerformedProcedureStepEndDate, "20261101")
            .set(Tag.PerformedProcedureStepEndTime, "091000");
    set.addItem(Tag.PerformedSeriesSequence)
        .set(Tag.SeriesInstanceUID, Uid.random())
        .set(Tag.ProtocolName, "Head");
    return set;
  }

  @Test
  void imagesAreListed() throws Exception {
    String found =
        find(
            "RTHPACS",
            "IMAGE",
            "StudyInstanceUID=" + STUDY,
            "SeriesInstanceUID=" + IMAGES.get(0).series(),
            "SOPInstanceUID");
    assertThat(IMAGES).allSatisfy(image -> assertThat(found).contains(image.uid()));
  }

  @Test
  void termscuEndsNothing() throws Exception {
    Peer.run(
        List.of(
            Dcmtk.program("termscu"),
            "-aet",
            "RTHPACS",
            "-aec",
            "ISOCENTRE",
            "127.0.0.1",
            Integer.toString(hub.dicom)));
    assertThat(find("RTHPACS", "STUDY", "StudyInstanceUID=" + STUDY)).contains(STUDY);
  }

  @Test
  void storescuSendsEverySyntaxAndEachIsMovedAsItIs(@TempDir Path into) throws Exception {
    String study = Uid.random();
    List<String> syntaxes = SampleObject.everySyntaxOfDcmtk();
    List<SampleObject> objects = SampleObject.inEach(syntaxes, study);
    List<String> command =
        new ArrayList<>(List.of(Dcmtk.program("storescu"), "-aet", "RTHPACS", "-aec", "ISOCENTRE"));
    command.addAll(Dcmtk.proposing(into, syntaxes));
    command.addAll(List.of("127.0.0.1", Integer.toString(hub.dicom)));
    for (Path file : Dcmtk.write(objects, into)) {
      command.add(file.toString());
    }
    Peer.Run run = Peer.run(command);
    assertThat(run.exit()).as(run.output()).isZero();
    assertMovedAsTheyAre(study, objects);
  }

  /** Also those that no peer has: they are sent by the toolkit. */
  @Test
  void everySyntaxOfTheStandardIsMovedAsItIs() throws Exception {
    String study = Uid.random();
    List<SampleObject> objects = SampleObject.inEach(SampleObject.everySyntaxOfFiles(), study);
    List<AssociationRequestor.Proposal> proposals =
        objects.stream()
            .map(
                o ->
                    new AssociationRequestor.Proposal(
                        o.sopClassUid(), List.of(o.transferSyntaxUid())))
            .toList();
    try (ServiceUser user = connect(Services.NONE, proposals)) {
      for (SampleObject object : objects) {
        assertThat(
                user.store(
                        object.sopClassUid(),
                        object.sopInstanceUid(),
                        object.transferSyntaxUid(),
                        new ByteArrayInputStream(object.bytes()))
                    .status())
            .as(object.transferSyntaxUid())
            .isZero();
      }
    }
    assertMovedAsTheyAre(study, objects);
  }

  @Test
  void orthancLosesAStudyAndHasItBack() throws Exception {
    try (Orthanc running = orthanc) {
      running.start(OrthancAtHub.settings(hub.dicom, false));
      OrthancAtHub.losesAStudyAndHasItBack(running, hub);
    }
  }

  private static void assertMovedAsTheyAre(String study, List<SampleObject> objects)
      throws Exception {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                hub.study(study).stream()
                    .anyMatch(s -> s.path("numberOfInstances").asInt() == objects.size()));
    DataSet identifier =
        new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, study);
    try (ServiceUser user = connect(Services.NONE, ServiceSopClass.STUDY_ROOT_MOVE)) {
      ServiceUser.Retrieved moved =
          user.move(
              ServiceSopClass.STUDY_ROOT_MOVE, identifier, "RJ1PACS", ServiceUser.Watch.PATIENT);
      assertThat(moved.status()).isZero();
      assertThat(moved.progress()).isEqualTo(new Progress(0, objects.size(), 0, 0));
    }
    for (SampleObject object : objects) {
      assertThat(object.sameIn(PACS.received.get(object.sopInstanceUid())))
          .as(object.transferSyntaxUid())
          .isTrue();
    }
  }
}
