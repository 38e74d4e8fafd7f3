package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.StorageHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trust whose nodes speak TLS alone: in by the TLS port, out to a node that listens for TLS. */
class HubTlsIT {
  private static final TestCertificates HUB = Transport.OURS;
  private static final TestCertificates RTH = Transport.THEIRS;
  private static final String PASSWORD = "synthetic";
  @TempDir private static Path directory;
  private static final EventLoops LOOPS = new EventLoops(1);
  private static final ExecutorService WORKERS = Executors.newCachedThreadPool();
  private static final Map<String, String> RECEIVED = new ConcurrentHashMap<>();
  private static AssociationAcceptor archive;
  private static TestHub hub;
  private static int tlsPort;
  private static Orthanc orthanc;
  private static final int STORESCP_PORT = TestHub.freePort();
  private static final Transport TRANSPORT = Transport.tls();

  @BeforeAll
  static void start() throws Exception {
    archive =
        new AssociationAcceptor(
            LOOPS,
            "127.0.0.1",
            0,
            AssociationSettings.DEFAULT,
            tls(),
            (request, remote) ->
                new Decision.Accept(
                    Negotiation.negotiate(request.contexts(), uid -> true, s -> true, List.of()),
                    ServiceProvider.handler(
                        WORKERS,
                        Services.storage(
                            SpoolSink.factory(1 << 20, null),
                            (association, object) -> {
                              RECEIVED.put(
                                  object.info().sopInstanceUid(),
                                  String.valueOf(association.peerCertificate() != null));
                              return StorageHandler.Result.SUCCESS;
                            }),
                        DimseSettings.DEFAULT)));
    Path keys = directory.resolve("hub.p12");
    Path trust = directory.resolve("trusts.p12");
    HUB.save(keys, PASSWORD);
    RTH.saveTrusted(trust, PASSWORD);
    tlsPort = TestHub.freePort();
    orthanc = new Orthanc(directory);
    hub =
        new TestHub(
                directory.resolve("data"),
                TestHub.freePort(),
                "--isocentre.dicom.tls.port=" + tlsPort,
                "--isocentre.dicom.tls.key-store=" + keys,
                "--isocentre.dicom.tls.key-store-password=" + PASSWORD,
                "--isocentre.dicom.tls.trust-store=" + trust,
                "--isocentre.dicom.tls.trust-store-password=" + PASSWORD,
                "--isocentre.trusts[0].application-entities[0].certificate-names[0]=pacs.example",
                "--isocentre.trusts[0].application-entities[1].ae-title=RTHARCHIVE",
                "--isocentre.trusts[0].application-entities[1].host=127.0.0.1",
                "--isocentre.trusts[0].application-entities[1].port=" + archive.port(),
                "--isocentre.trusts[0].application-entities[1].tls=true",
                "--isocentre.trusts[0].application-entities[2].ae-title=RTHSTORE",
                "--isocentre.trusts[0].application-entities[2].host=127.0.0.1",
                "--isocentre.trusts[0].application-entities[2].port=" + STORESCP_PORT,
                "--isocentre.trusts[0].application-entities[2].tls=true")
            .with(OrthancAtHub.node(3, orthanc.dicom, true))
            .start();
  }

  @AfterAll
  static void stop() {
    if (hub != null) {
      hub.close();
    }
    archive.close();
    TRANSPORT.close();
    WORKERS.shutdownNow();
    LOOPS.close();
  }

  private static TlsSettings tls() {
    return new TlsSettings(
        () -> RTH.trusting(HUB),
        TlsSettings.ClientAuthentication.NEED,
        TlsProfile.NON_DOWNGRADING_BCP_195);
  }

  private static ServiceUser connect(int port, TlsSettings tls) {
    AssociationRequestor requestor =
        new AssociationRequestor(LOOPS, AssociationSettings.DEFAULT, tls);
    List<AssociationRequestor.Proposal> proposals =
        List.of(
            new AssociationRequestor.Proposal(
                Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)),
            new AssociationRequestor.Proposal(
                ServiceSopClass.STUDY_ROOT_MOVE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)));
    return ServiceUser.connect(
        handler -> requestor.connect("127.0.0.1", port, "RTHPACS", "ISOCENTRE", proposals, handler),
        WORKERS,
        Services.NONE,
        DimseSettings.DEFAULT);
  }

  @Test
  void aNodeThatIsBoundToItsCertificateCannotUseThePlainPort() {
    assertThatThrownBy(() -> connect(hub.dicom, null))
        .isInstanceOfSatisfying(
            AssociationException.class,
            e -> assertThat(e.kind()).isEqualTo(AssociationException.Kind.REJECTED_PERMANENT));
  }

  @Test
  void anObjectComesInAndGoesOutOverTls() throws Exception {
    String study = Uid.random();
    Pacs.Image image =
        Pacs.image(study, Uid.random(), new Pacs.About("9990000018", "19700101", "TLS1"));
    try (ServiceUser user = connect(tlsPort, tls())) {
      assertThat(Pacs.store(user, image)).isZero();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(hub.study(study)).hasSize(1));
      DataSet identifier =
          new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, study);
      ServiceUser.Retrieved moved =
          user.move(
              ServiceSopClass.STUDY_ROOT_MOVE, identifier, "RTHARCHIVE", ServiceUser.Watch.PATIENT);
      assertThat(moved.status()).isZero();
    }
    assertThat(RECEIVED).containsEntry(image.uid(), "true");
  }

  // --- DCMTK

  private static Peer.Run dcmtk(String program, List<String> options, Path... files)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(Dcmtk.program(program)));
    command.addAll(TRANSPORT.options(directory));
    return run(command, options, tlsPort, files);
  }

  private static Peer.Run run(List<String> command, List<String> options, int port, Path... files)
      throws Exception {
    command.addAll(List.of("-aet", "RTHPACS", "-aec", "ISOCENTRE"));
    command.addAll(options);
    command.addAll(List.of("127.0.0.1", Integer.toString(port)));
    Stream.of(files).map(Path::toString).forEach(command::add);
    Peer.Run run = Peer.run(command);
    assertThat(run.exit()).as(run.output()).isZero();
    return run;
  }

  @Test
  void echoscuIsAnswered() throws Exception {
    dcmtk("echoscu", List.of());
  }

  @Test
  void findscuSeesTheWorklist() throws Exception {
    assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order("9990000018", "19700101", "TLSWL"))))
        .isEqualTo("AA");
    List<String> keys =
        List.of(
            "-W",
            "-k",
            "AccessionNumber=TLSWL",
            "-k",
            "ScheduledProcedureStepSequence[0].Modality=CT");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(dcmtk("findscu", keys).output()).contains("[TLSWL"));
  }

  @Test
  void dcmtkSendsFindsAndMovesEverySyntax(@TempDir Path into) throws Exception {
    String study = Uid.random();
    List<String> syntaxes = SampleObject.everySyntaxOfDcmtk();
    List<SampleObject> objects = SampleObject.inEach(syntaxes, study);
    dcmtk("storescu", Dcmtk.proposing(into, syntaxes), Dcmtk.write(objects, into));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> has(study, objects.size()));
    List<String> keys =
        List.of("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=" + study);
    assertThat(dcmtk("findscu", keys).output()).contains(study);
    Process storescp = storescp(into, syntaxes);
    try {
      List<String> options = new ArrayList<>(keys);
      options.addAll(List.of("-v", "-aem", "RTHSTORE"));
      List<String> movescu = new ArrayList<>(List.of(Dcmtk.program("movescu")));
      assertThat(run(movescu, options, TRANSPORT.towardsOurs(tlsPort)).output())
          .contains("Received Final Move Response (Success)");
    } finally {
      storescp.destroy();
      storescp.waitFor();
    }
    for (SampleObject object : objects) {
      assertThat(object.sameIn(SampleObject.dataSetOf(into, object.sopInstanceUid())))
          .as(object.transferSyntaxUid())
          .isTrue();
    }
  }

  @Test
  void orthancLosesAStudyAndHasItBack() throws Exception {
    Map<String, Object> settings = OrthancAtHub.settings(tlsPort, true);
    settings.putAll(TRANSPORT.orthanc(directory));
    try (Orthanc running = orthanc) {
      running.start(settings);
      OrthancAtHub.losesAStudyAndHasItBack(running, hub);
    }
  }

  private static boolean has(String study, int instances) {
    return hub.study(study).stream()
        .anyMatch(found -> found.path("numberOfInstances").asInt() == instances);
  }

  private static Process storescp(Path into, List<String> syntaxes) throws Exception {
    List<String> command = new ArrayList<>(List.of(Dcmtk.program("storescp")));
    command.addAll(TRANSPORT.options(directory));
    command.addAll(List.of("+B", "-od", into.toString()));
    command.addAll(Dcmtk.accepting(into, syntaxes));
    command.add(Integer.toString(STORESCP_PORT));
    return Dcmtk.start(command, into, STORESCP_PORT);
  }
}
