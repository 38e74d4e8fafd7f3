package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.testkit.Message;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.isocentre.dicom.testkit.ScriptedScu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storage commitment result that the peer could not be told in all deliveries of the step. */
class CommitmentReportIT {
  private static final String SOP_CLASS = ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  @TempDir Path data;
  private final int rj1 = TestHub.freePort();
  private TestHub hub;

  @BeforeEach
  void start() {
    hub =
        new TestHub(
                data,
                rj1,
                "--isocentre.queues.max-deliveries=2",
                "--isocentre.query.commitment-patience=0s",
                "--isocentre.query.commitment-check-period=200",
                "--isocentre.query.commitment-retell=2s")
            .start();
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private ScriptedScu associate(String aeTitle) {
    return ScriptedScu.connect(
        new AssociationRequest(
            "127.0.0.1",
            hub.dicom,
            aeTitle,
            "ISOCENTRE",
            List.of(new Proposal(SOP_CLASS, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)))));
  }

  /** Asks for an object that nobody has. @return Transaction UID */
  private static String ask(ScriptedScu scu) {
    String transaction = Uid.random();
    DataSet action = new DataSet().set(Tag.TransactionUID, transaction);
    action
        .addItem(Tag.ReferencedSOPSequence)
        .set(Tag.ReferencedSOPClassUID, Uid.CT_IMAGE_STORAGE)
        .set(Tag.ReferencedSOPInstanceUID, Uid.random());
    NormalizedRequest request =
        new NormalizedRequest(
            Operation.N_ACTION,
            SOP_CLASS,
            ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
            1,
            List.of(),
            action,
            null);
    scu.send(SOP_CLASS, Command.normalizedRequest(1, request), action);
    return transaction;
  }

  /** The next result; the hub is told that it came. @return Transaction UID */
  private static String result(ScriptedScu scu) {
    Message event = scu.await(PATIENCE);
    assertThat(event.command().field()).isEqualTo(Command.N_EVENT_REPORT_RQ);
    scu.conversation()
        .send(event.context(), event.command().response(Status.SUCCESS, null, false), null);
    return event.parsed().string(Tag.TransactionUID);
  }

  /** Asks, and is gone before the result comes. */
  private String askAndLeave(String aeTitle) {
    try (ScriptedScu scu = associate(aeTitle)) {
      // Reading nothing, it answers nothing: a result on this association is lost, too.
      String transaction = ask(scu);
      assertThat(scu.await().command().isResponse()).isTrue();
      scu.conversation().close();
      return transaction;
    }
  }

  private int waiting() {
    return hub.bean(org.springframework.jdbc.core.simple.JdbcClient.class)
        .sql(
            "select count(*) from storage_commitment where state = 'OPEN' and tell_after is not null")
        .query(Integer.class)
        .single();
  }

  @Test
  void aNodeIsToldWhenItIsBack() {
    String transaction = askAndLeave("RJ1PACS");
    await().atMost(PATIENCE).until(() -> waiting() == 1);
    try (ScriptedScp back = new ScriptedScp().listen(rj1)) {
      await().atMost(PATIENCE).until(() -> !back.requests(Command.N_EVENT_REPORT_RQ).isEmpty());
      DataSet told = back.requests(Command.N_EVENT_REPORT_RQ).get(0).parsed();
      assertThat(told.string(Tag.TransactionUID)).isEqualTo(transaction);
      await().atMost(PATIENCE).until(() -> waiting() == 0);
    }
  }

  /** RTHPACS listens nowhere: it can be told only while it has an association open. */
  @Test
  void aNodeThatOnlyCallsIsToldWhenItCalls() {
    String missed = askAndLeave("RTHPACS");
    await().atMost(PATIENCE).until(() -> waiting() == 1);
    try (ScriptedScu scu = associate("RTHPACS")) {
      String asked = ask(scu);
      assertThat(scu.await().command().isResponse()).isTrue();
      Set<String> told = new HashSet<>(Set.of(result(scu)));
      told.add(result(scu));
      assertThat(told).containsExactlyInAnyOrder(missed, asked);
    }
  }
}
