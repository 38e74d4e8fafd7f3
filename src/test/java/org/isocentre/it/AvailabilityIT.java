package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.testkit.Message;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.isocentre.dicom.testkit.ScriptedScu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Instance availability notifications, told and shown. */
class AvailabilityIT {
  private static final String SOP_CLASS = ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  @TempDir Path data;

  @Test
  void nodesAreToldOfAStudyAndWhatTheySayIsShown() throws Exception {
    try (ScriptedScp ris =
            new ScriptedScp()
                .nth(1, Command.N_CREATE_RQ, Reaction.abort())
                .nth(2, Command.N_CREATE_RQ, Reaction.status(Status.DUPLICATE_SOP_INSTANCE))
                .listen();
        ScriptedScp rj1 = new ScriptedScp().listen();
        Pacs rth = new Pacs();
        TestHub hub =
            new TestHub(
                    data,
                    rj1.port(),
                    "--isocentre.trusts[1].application-entities[0].notify=true",
                    "--isocentre.trusts[0].application-entities[1].ae-title=RTHRIS",
                    "--isocentre.trusts[0].application-entities[1].host=127.0.0.1",
                    "--isocentre.trusts[0].application-entities[1].port=" + ris.port(),
                    "--isocentre.trusts[0].application-entities[1].notify=true")
                .start()) {
      order(hub, "IAN1");
      Pacs.About about = new Pacs.About("9990000018", "19700101", "IAN1");
      String study = Uid.random();
      String series = Uid.random();
      Pacs.Image image = Pacs.image(study, series, about);
      assertThat(rth.send(hub.dicom, image, Pacs.image(study, series, about)))
          .containsExactly(0, 0);

      await().atMost(PATIENCE).until(() -> told(hub) == 2);
      assertThat(rj1.requests(Command.C_STORE_RQ)).hasSize(2);
      assertThat(rj1.requests(Command.N_CREATE_RQ)).hasSize(1);
      List<Message> tries = ris.requests(Command.N_CREATE_RQ);
      assertThat(tries).hasSize(2);
      assertThat(tries.get(1).command().sopInstanceUid())
          .isEqualTo(tries.get(0).command().sopInstanceUid());
      DataSet notice = tries.get(0).parsed();
      assertThat(notice.string(Tag.StudyInstanceUID)).isEqualTo(study);
      DataSet object =
          notice.items(Tag.ReferencedSeriesSequence).get(0).items(Tag.ReferencedSOPSequence).get(0);
      assertThat(object.string(Tag.InstanceAvailability)).isEqualTo("ONLINE");
      assertThat(object.string(Tag.RetrieveAETitle)).isEqualTo("ISOCENTRE");

      say(hub, notice(study, series, image.uid(), "NEARLINE", "RTHRIS"));
      say(hub, notice(study, series, image.uid(), "ONLINE", "ARCHIVE"));
      JsonNode shown = hub.study(study).get(0);
      assertThat(shown.path("endpoint"))
          .extracting(e -> e.path("reference").asText(), e -> e.path("display").asText())
          .contains(
              org.assertj.core.groups.Tuple.tuple("", "AE title ARCHIVE"),
              org.assertj.core.groups.Tuple.tuple("Endpoint/ae-RTHRIS", "AE title RTHRIS"));
      say(hub, notice(study, series, image.uid(), "UNAVAILABLE", "ARCHIVE"));
      assertThat(hub.study(study).get(0).path("endpoint").toString()).doesNotContain("ARCHIVE");
    }
  }

  @Test
  void anOrderShowsThatItsStudyIsAvailableElsewhere() throws Exception {
    try (TestHub hub = new TestHub(data, 1).start()) {
      order(hub, "IAN2");
      await()
          .atMost(PATIENCE)
          .until(() -> hub.search("ServiceRequest?identifier=FIAN2", hub.system()).size() == 1);
      String study =
          hub.bean(JdbcClient.class)
              .sql("select worklist_study_uid from imaging_order")
              .query(String.class)
              .single();
      say(hub, notice(study, Uid.random(), Uid.random(), "ONLINE", "RTHPACS"));
      JsonNode info =
          hub.search("ServiceRequest?identifier=FIAN2", hub.system())
              .get(0)
              .at("/supportingInfo/0");
      assertThat(info.path("type").asText()).isEqualTo("ImagingStudy");
      assertThat(info.at("/identifier/value").asText()).isEqualTo("urn:oid:" + study);
      assertThat(info.path("display").asText()).isEqualTo("1 objects ONLINE at AE title RTHPACS");
    }
  }

  private static void order(TestHub hub, String accession) throws Exception {
    assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order("9990000018", "19700101", accession))))
        .isEqualTo("AA");
  }

  private static int told(TestHub hub) {
    return hub.bean(JdbcClient.class)
        .sql("select count(*) from availability_told")
        .query(Integer.class)
        .single();
  }

  private static DataSet notice(
      String study, String series, String object, String availability, String aeTitle) {
    DataSet set = new DataSet().set(Tag.StudyInstanceUID, study);
    set.put(new Element.Sequence(Tag.ReferencedPerformedProcedureStepSequence, List.of()));
    set.addItem(Tag.ReferencedSeriesSequence)
        .set(Tag.SeriesInstanceUID, series)
        .addItem(Tag.ReferencedSOPSequence)
        .set(Tag.ReferencedSOPClassUID, Uid.CT_IMAGE_STORAGE)
        .set(Tag.ReferencedSOPInstanceUID, object)
        .set(Tag.InstanceAvailability, availability)
        .set(Tag.RetrieveAETitle, aeTitle);
    return set;
  }

  private static void say(TestHub hub, DataSet notice) {
    NormalizedRequest request =
        new NormalizedRequest(
            Operation.N_CREATE, SOP_CLASS, Uid.random(), 0, List.of(), notice, null);
    try (ScriptedScu scu =
        ScriptedScu.connect(
            new AssociationRequest(
                "127.0.0.1",
                hub.dicom,
                "RTHPACS",
                "ISOCENTRE",
                List.of(new Proposal(SOP_CLASS, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)))))) {
      scu.send(SOP_CLASS, Command.normalizedRequest(1, request), notice);
      assertThat(scu.await().command().status()).isZero();
    }
  }
}
