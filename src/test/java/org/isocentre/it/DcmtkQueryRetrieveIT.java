package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Loopback;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Query and retrieve with DCMTK, in both roles; every object is compared byte for byte. */
class DcmtkQueryRetrieveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  @TempDir Path directory;
  private final QueryableArchive archive = new QueryableArchive();
  private final Loopback ours = new Loopback(archive);
  private final QueryableArchive destination = new QueryableArchive();
  private final Loopback destinationEnd = new Loopback(destination);
  private final List<Process> running = new ArrayList<>();
  private final int port = TestHub.freePort();

  DcmtkQueryRetrieveIT() {
    archive.loopback = ours;
    archive.destinationPort = port;
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : running) {
      process.destroy();
      process.waitFor();
    }
    ours.close();
    destinationEnd.close();
  }

  private static String dcmtk(String program) {
    return Peer.require(program, "dcmtk").toString();
  }

  private static Peer.Run run(String... command) throws Exception {
    return Peer.run(List.of(command));
  }

  /** With +B, movescu writes to where it runs, whatever -od says. */
  private Peer.Run movescu(String accept) throws Exception {
    return run(
        "/usr/bin/env",
        "--chdir=" + directory,
        dcmtk("movescu"),
        "-d",
        "-S",
        "+B",
        accept,
        "-aem",
        "MOVESCU",
        "+P",
        Integer.toString(port),
        "-k",
        "QueryRetrieveLevel=STUDY",
        "-k",
        "StudyInstanceUID=2.25.1",
        "127.0.0.1",
        ourPort());
  }

  private void start(String... command) throws IOException {
    running.add(
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("peer.log").toFile())
            .start());
    await().atMost(PATIENCE).until(() -> accepts(port));
  }

  private static boolean accepts(int port) {
    try (var socket = new java.net.Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private String ourPort() {
    return Integer.toString(ours.port());
  }

  private static DataSet study(String uid) {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, uid);
  }

  static Stream<String[]> syntaxes() {
    return SampleObject.SYNTAXES.stream();
  }

  private static List<SampleObject> inEverySyntax() {
    return syntaxes().map(row -> SampleObject.in(row[1])).toList();
  }

  // --- theirs asks ours

  @Test
  void echoscuIsAnswered() throws Exception {
    assertThat(run(dcmtk("echoscu"), "127.0.0.1", ourPort()).exit()).isZero();
  }

  @Test
  void termscuDoesNotEndAnything() throws Exception {
    run(dcmtk("termscu"), "127.0.0.1", ourPort());
    assertThat(run(dcmtk("echoscu"), "127.0.0.1", ourPort()).exit()).isZero();
  }

  @Test
  void findscuGetsEveryMatch() throws Exception {
    archive.objects =
        List.of(
            SampleObject.in(Loopback.EXPLICIT),
            SampleObject.in(Loopback.EXPLICIT),
            SampleObject.in(Loopback.EXPLICIT));
    Peer.Run run =
        run(
            dcmtk("findscu"),
            "-v",
            "-S",
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            "StudyInstanceUID",
            "-k",
            "PatientID",
            "127.0.0.1",
            ourPort());
    assertThat(run.exit()).isZero();
    for (var object : archive.objects) {
      assertThat(run.output()).contains(((SampleObject) object).study());
    }
    assertThat(run.output()).contains("Received Final Find Response (Success)");
  }

  /** But Implicit VR: getscu 3.6.7 proposes Explicit VR instead, whatever +xi says. */
  static Stream<String[]> syntaxesOfGetscu() {
    return syntaxes().filter(row -> !row[0].equals("+xi"));
  }

  @ParameterizedTest(name = "getscu {0} {1}")
  @MethodSource("syntaxesOfGetscu")
  void getscuGetsTheObjectAsItIs(String option, String syntax) throws Exception {
    SampleObject object = SampleObject.in(syntax);
    archive.objects = List.of(object);
    Peer.Run run =
        run(
            dcmtk("getscu"),
            "-v",
            "-S",
            "+B",
            option,
            "-od",
            directory.toString(),
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            "StudyInstanceUID=" + object.study(),
            "127.0.0.1",
            ourPort());
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(SampleObject.dataSetOf(directory, object.sopInstanceUid()))
        .isEqualTo(object.bytes());
  }

  @Test
  void movescuGetsEverySyntaxOnOneAssociation() throws Exception {
    List<SampleObject> objects = inEverySyntax();
    archive.objects = objects;
    Peer.Run run = movescu("+xa");
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output()).contains("Received Final Move Response");
    for (SampleObject object : objects) {
      assertThat(SampleObject.dataSetOf(directory, object.sopInstanceUid()))
          .as(object.transferSyntaxUid())
          .isEqualTo(object.bytes());
    }
    assertThat(archive.connects).hasValue(1);
  }

  @Test
  void movescuIsToldWhatItCannotTake() throws Exception {
    archive.objects =
        List.of(SampleObject.in(Loopback.EXPLICIT), SampleObject.in("1.2.840.10008.1.2.4.90"));
    Peer.Run run = movescu("+x=");
    assertThat(run.output()).contains("0xb000").contains(archive.objects.get(1).sopInstanceUid());
  }

  // --- ours asks theirs

  private ServiceUser connect(String calledAet, List<Proposal> proposals) {
    return ours.connect(
        new AssociationRequest("127.0.0.1", port, "SCU", calledAet, proposals),
        Services.NONE,
        Loopback.SETTINGS);
  }

  @Test
  void storescpTakesEverySyntaxOnOneAssociation() throws Exception {
    start(dcmtk("storescp"), "+B", "+xa", "-od", directory.toString(), Integer.toString(port));
    List<SampleObject> objects = inEverySyntax();
    List<Proposal> proposals =
        objects.stream()
            .map(o -> new Proposal(o.sopClassUid(), List.of(o.transferSyntaxUid())))
            .toList();
    try (ServiceUser user = connect("STORESCP", proposals)) {
      for (SampleObject object : objects) {
        assertThat(store(user, object)).isZero();
      }
    }
    for (SampleObject object : objects) {
      assertThat(SampleObject.dataSetOf(directory, object.sopInstanceUid()))
          .as(object.transferSyntaxUid())
          .isEqualTo(object.bytes());
    }
  }

  private static int store(ServiceUser user, SampleObject object) throws Exception {
    return user.store(
            object.sopClassUid(),
            object.sopInstanceUid(),
            object.transferSyntaxUid(),
            new ByteArrayInputStream(object.bytes()))
        .status();
  }

  @Test
  void dcmqrscpFindsMovesAndGivesWhatItTook() throws Exception {
    Path configuration = directory.resolve("dcmqrscp.cfg");
    Path storage = Files.createDirectories(directory.resolve("storage"));
    Files.writeString(
        configuration,
        """
        NetworkTCPPort  = %d
        MaxPDUSize      = 16384
        MaxAssociations = 16
        HostTable BEGIN
        dest = (DEST, 127.0.0.1, %d)
        HostTable END
        VendorTable BEGIN
        VendorTable END
        AETable BEGIN
        ARCHIVE %s RW (200, 1024mb) ANY
        AETable END
        """
            .formatted(port, destinationEnd.port(), storage),
        StandardCharsets.US_ASCII);
    start(dcmtk("dcmqrscp"), "-c", configuration.toString());
    String study = Uid.random();
    List<SampleObject> objects =
        List.of(
            SampleObject.in(Loopback.EXPLICIT, study),
            SampleObject.in(Loopback.EXPLICIT, study),
            SampleObject.in(Loopback.EXPLICIT, study));
    AssociationRequest request =
        new AssociationRequest(
                "127.0.0.1", port, "SCU", "ARCHIVE", Loopback.request(port).proposals())
            .withRoles(List.of(new Pdu.RoleSelection(Uid.CT_IMAGE_STORAGE, true, true)));
    QueryableArchive here = new QueryableArchive();
    try (ServiceUser user = ours.connect(request, here, Loopback.SETTINGS)) {
      assertThat(user.echo()).isZero();
      for (SampleObject object : objects) {
        assertThat(store(user, object)).isZero();
      }
      assertThat(found(user, study(""))).containsExactly(study);
      assertThat(found(user, study("2.25.404"))).isEmpty();
      assertThat(user.get(ServiceSopClass.STUDY_ROOT_GET, study(study), ServiceUser.Watch.PATIENT))
          .satisfies(
              r -> {
                assertThat(r.status()).isZero();
                assertThat(r.progress()).isEqualTo(new Progress(0, 3, 0, 0));
              });
      ServiceUser.Retrieved moved =
          user.move(
              ServiceSopClass.STUDY_ROOT_MOVE, study(study), "DEST", ServiceUser.Watch.PATIENT);
      assertThat(moved.status()).isZero();
      assertThat(moved.progress()).isEqualTo(new Progress(0, 3, 0, 0));
      assertThat(
              user.move(
                      ServiceSopClass.STUDY_ROOT_MOVE,
                      study(study),
                      "NOBODY",
                      ServiceUser.Watch.PATIENT)
                  .status())
          .isEqualTo(0xa801);
    }
    for (SampleObject object : objects) {
      assertThat(here.received.get(object.sopInstanceUid())).isEqualTo(object.bytes());
      assertThat(destination.received.get(object.sopInstanceUid())).isEqualTo(object.bytes());
    }
  }

  private static List<String> found(ServiceUser user, DataSet identifier) throws Exception {
    List<String> studies = new ArrayList<>();
    try (Matches matches = user.find(ServiceSopClass.STUDY_ROOT_FIND, identifier)) {
      matches.forEachRemaining(m -> studies.add(m.string(Tag.StudyInstanceUID)));
    }
    return studies;
  }

  @Test
  void wlmscpfsAnswersOurWorklistQuery() throws Exception {
    Path worklist = Files.createDirectories(directory.resolve("wl/WORKLIST"));
    Files.createFile(worklist.resolve("lockfile"));
    for (String accession : List.of("A1", "A2")) {
      Files.write(worklist.resolve(accession + ".wl"), entry(accession));
    }
    start(
        dcmtk("wlmscpfs"),
        "-dfr",
        "-dfp",
        directory.resolve("wl").toString(),
        Integer.toString(port));
    DataSet keys =
        new DataSet().set(Tag.AccessionNumber, "").set(Tag.PatientID, "").set(Tag.PatientName, "");
    keys.addItem(Tag.ScheduledProcedureStepSequence)
        .set(Tag.Modality, "CT")
        .set(Tag.ScheduledProcedureStepStartDate, "");
    List<String> found = new ArrayList<>();
    String model = ServiceSopClass.MODALITY_WORKLIST_FIND;
    try (ServiceUser user =
            connect("WORKLIST", List.of(new Proposal(model, List.of(Loopback.EXPLICIT))));
        Matches matches = user.find(model, keys)) {
      matches.forEachRemaining(
          m -> {
            found.add(m.string(Tag.AccessionNumber));
            assertThat(
                    m.item(Tag.ScheduledProcedureStepSequence).orElseThrow().string(Tag.Modality))
                .isEqualTo("CT");
          });
    }
    assertThat(found).containsExactlyInAnyOrder("A1", "A2");
  }

  private static byte[] entry(String accession) throws IOException {
    DataSet entry =
        new DataSet()
            .set(Tag.AccessionNumber, accession)
            .set(Tag.PatientName, "TEST^CASE")
            .set(Tag.PatientID, "T1")
            .set(Tag.StudyInstanceUID, Uid.random())
            .set(Tag.RequestedProcedureID, "R1")
            .set(Tag.RequestedProcedureDescription, "CT HEAD");
    entry
        .addItem(Tag.ScheduledProcedureStepSequence)
        .set(Tag.Modality, "CT")
        .set(Tag.ScheduledStationAETitle, "WORKLIST")
        .set(Tag.ScheduledProcedureStepStartDate, "20261101")
        .set(Tag.ScheduledProcedureStepStartTime, "101500")
        .set(Tag.ScheduledProcedureStepID, "S1");
    var out = new java.io.ByteArrayOutputStream();
    out.writeBytes(
        new FileMetaInformation(
                "1.2.276.0.7230010.3.1.0.1", Uid.random(), Loopback.EXPLICIT, "TEST")
            .encode());
    new org.isocentre.dicom.io.DataSetWriter(
            out,
            org.isocentre.dicom.data.TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
            org.isocentre.dicom.io.DataSetWriter.BulkSource.NONE)
        .write(entry);
    return out.toByteArray();
  }
}
