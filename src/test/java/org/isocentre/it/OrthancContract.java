package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.Loopback;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every service that Orthanc has, in both roles; every object is compared byte for byte. One
 * Orthanc for all: each test has a study of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OrthancContract {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Path WORKLIST_PLUGIN =
      Path.of("/usr/share/orthanc/plugins/libModalityWorklists.so");
  private Path directory;
  private final Transport transport;
  private final QueryableArchive archive = new QueryableArchive();
  private final Loopback ours;
  private ScriptedScp committing;
  private Orthanc orthanc;
  private String study;
  private List<SampleObject> objects;

  OrthancContract(Transport transport) {
    this.transport = transport;
    ours = new Loopback(archive, transport.ours());
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    this.directory = directory;
    orthanc = new Orthanc(directory);
    Duration late = Duration.ofMillis(200);
    int reportTo = transport.scriptedTowardsTheirs(orthanc.dicom);
    committing =
        new ScriptedScp()
            .on(Command.N_ACTION_RQ, Reaction.commitment(late, "127.0.0.1", reportTo, "ORTHANC"))
            .listen();
    archive.loopback = ours;
    archive.tls = transport.ours();
    archive.destinationPort = orthanc.dicom;
    orthanc.start(settings());
  }

  private Map<String, Object> settings() throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("DicomAlwaysAllowFind", true);
    settings.put("DicomAlwaysAllowFindWorklist", true);
    settings.put("DicomAlwaysAllowGet", true);
    settings.put("DicomAlwaysAllowMove", true);
    settings.put("DicomScpTimeout", 5);
    settings.put(
        "DicomModalities",
        Map.of(
            "ours",
            modality("SCU", ours.port()),
            "committing",
            modality("SCRIPTED", transport.towardsScripted(committing.port()))));
    settings.putAll(transport.orthanc(directory));
    if (Files.exists(WORKLIST_PLUGIN)) {
      Path worklists = Files.createDirectories(directory.resolve("worklists"));
      for (String accession : List.of("A1", "A2")) {
        Files.write(worklists.resolve(accession + ".wl"), SampleWorklist.file(accession));
      }
      settings.put("Plugins", List.of(WORKLIST_PLUGIN.toString()));
      settings.put("Worklists", Map.of("Enable", true, "Database", worklists.toString()));
    }
    return settings;
  }

  private Map<String, Object> modality(String aeTitle, int port) {
    return Map.of(
        "AET",
        aeTitle,
        "Host",
        "127.0.0.1",
        "Port",
        port,
        "UseDicomTls",
        transport.secured(),
        "AllowTranscoding",
        false);
  }

  @BeforeEach
  void newStudy() {
    study = Uid.random();
    objects =
        SampleObject.inEach(
            List.of(Loopback.EXPLICIT, Loopback.EXPLICIT, Loopback.EXPLICIT), study);
    archive.objects = List.of();
    archive.received.clear();
    archive.syntaxes.clear();
    archive.normalized.clear();
  }

  @AfterAll
  void stop() {
    if (orthanc != null) {
      orthanc.close();
    }
    if (committing != null) {
      committing.close();
    }
    ours.close();
    transport.close();
  }

  /**
   * @param syntaxes of the storage contexts, one each
   */
  private ServiceUser connect(List<String> syntaxes) {
    List<Proposal> proposals = new ArrayList<>();
    for (String uid :
        List.of(
            Uid.VERIFICATION,
            ServiceSopClass.STUDY_ROOT_FIND,
            ServiceSopClass.STUDY_ROOT_MOVE,
            ServiceSopClass.STUDY_ROOT_GET,
            ServiceSopClass.MODALITY_WORKLIST_FIND,
            ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL)) {
      proposals.add(new Proposal(uid, List.of(Loopback.EXPLICIT)));
    }
    syntaxes.forEach(syntax -> proposals.add(new Proposal(Loopback.CT, List.of(syntax))));
    AssociationRequest request =
        new AssociationRequest("127.0.0.1", orthanc.dicom, "SCU", "ORTHANC", proposals)
            .withRoles(List.of(new Pdu.RoleSelection(Loopback.CT, true, true)));
    return ours.connect(request, archive, Loopback.SETTINGS);
  }

  private ServiceUser connect() {
    return connect(List.of(Loopback.EXPLICIT));
  }

  private void storeAll(ServiceUser user) throws Exception {
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

  private DataSet identifier() {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, study);
  }

  private void assertReceivedAll() throws Exception {
    for (SampleObject object : objects) {
      assertThat(object.sameIn(archive.received.get(object.sopInstanceUid())))
          .as(object.transferSyntaxUid())
          .isTrue();
      assertThat(archive.syntaxes)
          .containsEntry(object.sopInstanceUid(), object.transferSyntaxUid());
    }
  }

  private void assertOrthancHasAll() throws Exception {
    for (SampleObject object : objects) {
      byte[] file = orthanc.bytes("/instances/" + idOf(object) + "/file");
      assertThat(object.sameIn(SampleObject.dataSetOf(file)))
          .as(object.transferSyntaxUid())
          .isTrue();
    }
  }

  private String idOf(SampleObject object) throws Exception {
    JsonNode found =
        orthanc.post(
            "/tools/find",
            Map.of(
                "Level", "Instance", "Query", Map.of("SOPInstanceUID", object.sopInstanceUid())));
    assertThat(found.size()).as(object.transferSyntaxUid()).isEqualTo(1);
    return found.get(0).asText();
  }

  // --- ours asks Orthanc

  @Test
  void itAnswersOurEcho() throws Exception {
    try (ServiceUser user = connect()) {
      assertThat(user.echo()).isZero();
    }
  }

  @Test
  void itFindsMovesAndGivesWhatItTookInEverySyntax() throws Exception {
    List<String> syntaxes = SampleObject.everySyntaxOfDcmtk();
    objects = SampleObject.inEach(syntaxes, study);
    try (ServiceUser user = connect(syntaxes)) {
      storeAll(user);
      assertOrthancHasAll();
      List<String> found = new ArrayList<>();
      try (Matches matches = user.find(ServiceSopClass.STUDY_ROOT_FIND, identifier())) {
        matches.forEachRemaining(m -> found.add(m.string(Tag.StudyInstanceUID)));
      }
      assertThat(found).containsExactly(study);
      assertBrought(
          user.get(ServiceSopClass.STUDY_ROOT_GET, identifier(), ServiceUser.Watch.PATIENT));
      archive.received.clear();
      assertBrought(
          user.move(
              ServiceSopClass.STUDY_ROOT_MOVE, identifier(), "SCU", ServiceUser.Watch.PATIENT));
    }
  }

  private void assertBrought(ServiceUser.Retrieved retrieved) throws Exception {
    assertThat(retrieved.status()).isZero();
    assertThat(retrieved.progress()).isEqualTo(new Progress(0, objects.size(), 0, 0));
    assertReceivedAll();
  }

  @Test
  void itCommitsToWhatOursSent() throws Exception {
    DataSet action = new DataSet().set(Tag.TransactionUID, Uid.random());
    try (ServiceUser user = connect()) {
      storeAll(user);
      for (SampleObject object : objects) {
        action
            .addItem(Tag.ReferencedSOPSequence)
            .set(Tag.ReferencedSOPClassUID, object.sopClassUid())
            .set(Tag.ReferencedSOPInstanceUID, object.sopInstanceUid());
      }
      assertThat(
              user.request(
                      new NormalizedRequest(
                          Operation.N_ACTION,
                          ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                          ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
                          1,
                          List.of(),
                          action,
                          null))
                  .status())
          .isZero();
    }
    await().atMost(PATIENCE).until(() -> archive.normalized.size() == 1);
    NormalizedRequest report = archive.normalized.get(0);
    assertThat(report.operation()).isEqualTo(Operation.N_EVENT_REPORT);
    assertThat(report.typeId()).as("complete without failures").isEqualTo(1);
    assertThat(report.dataSet().string(Tag.TransactionUID))
        .isEqualTo(action.string(Tag.TransactionUID));
    assertThat(report.dataSet().items(Tag.ReferencedSOPSequence)).hasSize(3);
  }

  @Test
  void itsWorklistPluginAnswersOurQuery() throws Exception {
    Peer.requireFile(WORKLIST_PLUGIN, "orthanc");
    try (ServiceUser user = connect();
        Matches matches =
            user.find(ServiceSopClass.MODALITY_WORKLIST_FIND, SampleWorklist.keys())) {
      SampleWorklist.assertScheduled(matches, "A1", "A2");
    }
  }

  @Test
  void itsWorklistPluginAnswersTheComponent() throws Exception {
    Peer.requireFile(WORKLIST_PLUGIN, "orthanc");
    DefaultCamelContext camel = new DefaultCamelContext();
    try {
      camel.start();
      camel.getRegistry().bind("certificates", new Certificates());
      List<?> found =
          camel
              .createFluentProducerTemplate()
              .to(worklistUri())
              .withBody(SampleWorklist.keys())
              .request(List.class);
      SampleWorklist.assertScheduled(
          found.stream().map(DataSet.class::cast).iterator(), "A1", "A2");
    } finally {
      camel.stop();
    }
  }

  private String worklistUri() {
    return "dicom:ORTHANC@127.0.0.1:%d?callingAet=SCU&operation=find&model=worklist%s"
        .formatted(orthanc.dicom, transport.secured() ? "&sslContextParameters=#certificates" : "");
  }

  private final class Certificates extends SSLContextParameters {
    @Override
    public SSLContext createSSLContext(CamelContext context) {
      return transport.ours().context().get();
    }
  }

  // --- Orthanc asks ours

  @Test
  void oursAnswersItsEcho() throws Exception {
    orthanc.post("/modalities/ours/echo", Map.of());
  }

  @Test
  void itSendsOursEverySyntax() throws Exception {
    objects = SampleObject.inEach(SampleObject.everySyntaxOfDcmtk(), study);
    List<String> ids = new ArrayList<>();
    for (SampleObject object : objects) {
      ids.add(orthanc.upload(object.file()));
    }
    JsonNode sent =
        orthanc.post("/modalities/ours/store", Map.of("Resources", ids, "Synchronous", true));
    assertThat(sent.path("FailedInstancesCount").asInt()).isZero();
    assertReceivedAll();
  }

  @Test
  void itFindsAtOursAndHasItMovedInEverySyntax() throws Exception {
    objects = SampleObject.inEach(SampleObject.everySyntaxOfDcmtk(), study);
    archive.objects = objects;
    JsonNode query =
        orthanc.post(
            "/modalities/ours/query",
            Map.of("Level", "Study", "Query", Map.of("StudyInstanceUID", study)));
    String path = "/queries/" + query.path("ID").asText();
    assertThat(orthanc.get(path + "/answers").size()).isEqualTo(1);
    orthanc.post(path + "/retrieve", Map.of("TargetAet", "ORTHANC", "Synchronous", true));
    assertOrthancHasAll();
  }

  @Test
  void itAsksOurWorklist() throws Exception {
    archive.objects = objects;
    JsonNode found =
        orthanc.post(
            "/modalities/ours/find-worklist",
            Map.of(
                "PatientID",
                "",
                "StudyInstanceUID",
                "",
                "ScheduledProcedureStepSequence",
                List.of(Map.of("Modality", "CT"))));
    assertThat(found.size()).isEqualTo(1);
    assertThat(found.get(0).path("StudyInstanceUID").asText()).isEqualTo(study);
    assertThat(found.at("/0/ScheduledProcedureStepSequence/0/Modality").asText()).isEqualTo("CT");
  }

  @Test
  void itIsToldLateThatWhatItSentIsCommitted() throws Exception {
    try (ServiceUser user = connect()) {
      storeAll(user);
    }
    List<List<String>> references =
        objects.stream().map(o -> List.of(o.sopClassUid(), o.sopInstanceUid())).toList();
    JsonNode transaction =
        orthanc.post(
            "/modalities/committing/storage-commitment", Map.of("DicomInstances", references));
    String path = "/storage-commitment/" + transaction.path("ID").asText();
    await()
        .atMost(PATIENCE)
        .until(() -> orthanc.get(path).path("Status").asText().equals("Success"));
    assertThat(orthanc.get(path).path("Success").size()).isEqualTo(3);
  }
}
