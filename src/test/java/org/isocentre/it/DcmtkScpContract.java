package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * DCMTK's programs as providers for ours; every object is compared byte for byte. dcmqrscp and
 * wlmscpfs of DCMTK 3.6.7 have no TLS and are reached through a tunnel.
 */
abstract class DcmtkScpContract {
  @TempDir Path directory;
  private final Transport transport;
  private final Loopback ours;
  private final QueryableArchive destination = new QueryableArchive();
  private final Loopback destinationEnd;
  private final List<Process> running = new ArrayList<>();
  private final int port = TestHub.freePort();

  DcmtkScpContract(Transport transport) {
    this.transport = transport;
    ours = new Loopback(Services.NONE, transport.ours());
    destinationEnd = new Loopback(destination, transport.ours());
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : running) {
      process.destroy();
      process.waitFor();
    }
    ours.close();
    destinationEnd.close();
    transport.close();
  }

  private void start(String program, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of(Dcmtk.program(program)));
    command.addAll(options);
    running.add(Dcmtk.start(command, directory, port));
  }

  private static DataSet study(String uid) {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, uid);
  }

  /**
   * @param towards where the provider is reached
   */
  private ServiceUser connect(int towards, String calledAet, List<Proposal> proposals) {
    return ours.connect(
        new AssociationRequest("127.0.0.1", towards, "SCU", calledAet, proposals),
        Services.NONE,
        Loopback.SETTINGS);
  }

  private void startStorescp(List<String> accepting) throws IOException {
    List<String> options = new ArrayList<>(transport.options(directory));
    options.addAll(List.of("+B", "-od", directory.toString()));
    options.addAll(accepting);
    options.add(Integer.toString(port));
    start("storescp", options);
  }

  private void storescpTakes(List<SampleObject> objects) throws Exception {
    List<Proposal> proposals =
        objects.stream()
            .map(o -> new Proposal(o.sopClassUid(), List.of(o.transferSyntaxUid())))
            .toList();
    try (ServiceUser user = connect(port, "STORESCP", proposals)) {
      for (SampleObject object : objects) {
        assertThat(store(user, object)).as(object.transferSyntaxUid()).isZero();
      }
    }
    for (SampleObject object : objects) {
      assertThat(SampleObject.dataSetOf(directory, object.sopInstanceUid()))
          .as(object.transferSyntaxUid())
          .isEqualTo(object.bytes());
    }
  }

  @Test
  void storescpTakesEverySyntaxOnOneAssociation() throws Exception {
    List<String> syntaxes = SampleObject.everySyntaxOfDcmtk();
    startStorescp(Dcmtk.accepting(directory, syntaxes));
    storescpTakes(SampleObject.inEach(syntaxes));
  }

  @Test
  void storescpAnswersOurEcho() throws Exception {
    startStorescp(List.of());
    List<Proposal> echo = List.of(new Proposal(Uid.VERIFICATION, List.of(Loopback.EXPLICIT)));
    try (ServiceUser user = connect(port, "STORESCP", echo)) {
      assertThat(user.echo()).isZero();
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

  static Stream<String[]> syntaxes() {
    return SampleObject.SYNTAXES.stream();
  }

  /** Each of them is preferred by +x, and proposed to the destination by -x. */
  @ParameterizedTest(name = "dcmqrscp {0} {1}")
  @MethodSource("syntaxes")
  void dcmqrscpFindsMovesAndGivesWhatItTook(String option, String syntax) throws Exception {
    startDcmqrscp(option, option.replace('+', '-'));
    String study = Uid.random();
    List<SampleObject> objects =
        List.of(SampleObject.in(syntax, study), SampleObject.in(syntax, study));
    QueryableArchive here = new QueryableArchive();
    try (ServiceUser user = ours.connect(archiveRequest(syntax), here, Loopback.SETTINGS)) {
      assertThat(user.echo()).isZero();
      for (SampleObject object : objects) {
        assertThat(store(user, object)).isZero();
      }
      assertThat(found(user, study(""))).containsExactly(study);
      assertThat(found(user, study("2.25.404"))).isEmpty();
      assertThat(user.get(ServiceSopClass.STUDY_ROOT_GET, study(study), ServiceUser.Watch.PATIENT))
          .satisfies(DcmtkScpContract::brought);
      brought(move(user, study, "DEST"));
      assertThat(move(user, study, "NOBODY").status()).isEqualTo(0xa801);
    }
    for (QueryableArchive end : List.of(here, destination)) {
      for (SampleObject object : objects) {
        assertThat(object.sameIn(end.received.get(object.sopInstanceUid()))).isTrue();
        assertThat(end.syntaxes).containsEntry(object.sopInstanceUid(), syntax);
      }
    }
  }

  private void startDcmqrscp(String... options) throws IOException {
    Path configuration = directory.resolve("dcmqrscp.cfg");
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
            .formatted(
                port,
                transport.towardsOurs(destinationEnd.port()),
                Files.createDirectories(directory.resolve("storage"))),
        StandardCharsets.US_ASCII);
    List<String> all = new ArrayList<>(List.of("-c", configuration.toString()));
    all.addAll(List.of(options));
    start("dcmqrscp", all);
  }

  private AssociationRequest archiveRequest(String syntax) {
    List<String> either = List.of(Loopback.EXPLICIT, Uid.IMPLICIT_VR_LITTLE_ENDIAN);
    List<Proposal> proposals =
        List.of(
            new Proposal(Uid.VERIFICATION, either),
            new Proposal(ServiceSopClass.STUDY_ROOT_FIND, either),
            new Proposal(ServiceSopClass.STUDY_ROOT_MOVE, either),
            new Proposal(ServiceSopClass.STUDY_ROOT_GET, either),
            new Proposal(Loopback.CT, List.of(syntax)));
    return new AssociationRequest(
            "127.0.0.1", transport.towardsTheirs(port), "SCU", "ARCHIVE", proposals)
        .withRoles(List.of(new Pdu.RoleSelection(Loopback.CT, true, true)));
  }

  private static ServiceUser.Retrieved move(ServiceUser user, String study, String destination)
      throws Exception {
    return user.move(
        ServiceSopClass.STUDY_ROOT_MOVE, study(study), destination, ServiceUser.Watch.PATIENT);
  }

  private static void brought(ServiceUser.Retrieved retrieved) {
    assertThat(retrieved.status()).isZero();
    assertThat(retrieved.progress()).isEqualTo(new Progress(0, 2, 0, 0));
  }

  private static List<String> found(ServiceUser user, DataSet identifier) throws Exception {
    List<String> studies = new ArrayList<>();
    try (Matches matches = user.find(ServiceSopClass.STUDY_ROOT_FIND, identifier)) {
      matches.forEachRemaining(m -> studies.add(m.string(Tag.StudyInstanceUID)));
    }
    return studies;
  }

  @ParameterizedTest(name = "wlmscpfs {0} {1}")
  @CsvSource({
    "+xi, 1.2.840.10008.1.2",
    "+xe, 1.2.840.10008.1.2.1",
    "+xd, 1.2.840.10008.1.2.1.99",
    "+xb, 1.2.840.10008.1.2.2"
  })
  void wlmscpfsAnswersOurWorklistQuery(String option, String syntax) throws Exception {
    Path worklist = Files.createDirectories(directory.resolve("wl/WORKLIST"));
    Files.createFile(worklist.resolve("lockfile"));
    for (String accession : List.of("A1", "A2")) {
      Files.write(worklist.resolve(accession + ".wl"), SampleWorklist.file(accession));
    }
    String root = directory.resolve("wl").toString();
    start("wlmscpfs", List.of("-dfr", option, "-dfp", root, Integer.toString(port)));
    String model = ServiceSopClass.MODALITY_WORKLIST_FIND;
    List<Proposal> proposals = List.of(new Proposal(model, List.of(syntax)));
    try (ServiceUser user = connect(transport.towardsTheirs(port), "WORKLIST", proposals);
        Matches matches = user.find(model, SampleWorklist.keys())) {
      SampleWorklist.assertScheduled(matches, "A1", "A2");
    }
  }
}
