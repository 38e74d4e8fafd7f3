package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A destination that is asked for storage commitment of what it was sent: what it says, and when.
 */
class TransferCommitmentIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int OBJECTS = 3;
  @TempDir Path data;
  private final int port = TestHub.freePort();
  private final Pacs rth = new Pacs();
  private final ScriptedScp rj1 = new ScriptedScp();
  private TestHub hub;

  private TestHub hub(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--isocentre.transfer.commitment-check-period=200",
                "--isocentre.trusts[1].application-entities[0].commitment=true",
                "--isocentre.trusts[1].application-entities[1].ae-title=SCRIPTED",
                "--isocentre.trusts[1].application-entities[1].host=127.0.0.1"));
    arguments.addAll(List.of(more));
    hub = new TestHub(data, port, arguments.toArray(String[]::new));
    return hub;
  }

  @AfterEach
  void stop() {
    hub.close();
    rj1.close();
    rth.close();
  }

  private void sendStudyWithOrder() throws Exception {
    Pacs.About about = new Pacs.About("9990000018", "19700101", "SC1");
    assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order("9990000018", "19700101", "SC1"))))
        .isEqualTo("AA");
    String study = Uid.random();
    String series = Uid.random();
    Pacs.Image[] images = new Pacs.Image[OBJECTS];
    for (int i = 0; i < OBJECTS; i++) {
      images[i] = Pacs.image(study, series, about);
    }
    assertThat(rth.send(hub.dicom, images)).hasSize(OBJECTS).containsOnly(0);
  }

  private JsonNode awaitTransfer(String state) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> hub.json("/api/transfers", hub.system()),
            l -> l.size() == 1 && l.get(0).path("state").asText().equals(state))
        .get(0);
  }

  private JsonNode task() {
    return hub.search("Task", hub.system()).get(0);
  }

  private static int output(JsonNode task, String code) {
    for (JsonNode output : task.path("output")) {
      if (output.at("/type/coding/0/code").asText().equals(code)) {
        return output.path("valueInteger").asInt();
      }
    }
    throw new AssertionError("no output " + code + " in " + task);
  }

  private List<JsonNode> reviews() {
    List<JsonNode> reviews = new ArrayList<>();
    hub.json("/api/reviews", hub.system()).forEach(reviews::add);
    return reviews;
  }

  /** On the association that asked: the first object is not there. */
  private static Reaction firstIsMissing() {
    Reaction report =
        (request, conversation) -> {
          DataSet action = request.parsed();
          DataSet event = new DataSet().set(Tag.TransactionUID, action.string(Tag.TransactionUID));
          for (DataSet item : action.items(Tag.ReferencedSOPSequence)) {
            boolean first = !event.contains(Tag.FailedSOPSequence);
            DataSet said =
                event
                    .addItem(first ? Tag.FailedSOPSequence : Tag.ReferencedSOPSequence)
                    .set(Tag.ReferencedSOPClassUID, item.string(Tag.ReferencedSOPClassUID))
                    .set(Tag.ReferencedSOPInstanceUID, item.string(Tag.ReferencedSOPInstanceUID));
            if (first) {
              said.set(Tag.FailureReason, Integer.toString(Status.NO_SUCH_SOP_INSTANCE));
            }
          }
          conversation.send(
              request.context(),
              Command.normalizedRequest(
                  1,
                  new NormalizedRequest(
                      Operation.N_EVENT_REPORT,
                      request.command().sopClassUid(),
                      request.command().sopInstanceUid(),
                      2,
                      List.of(),
                      event,
                      null)),
              event);
        };
    return Reaction.status(Status.SUCCESS).then(report);
  }

  @Test
  void itCommitsLateOnTheAssociationThatAsked() throws Exception {
    hub();
    rj1.on(Command.N_ACTION_RQ, Reaction.commitment(Duration.ofSeconds(1))).listen(port);
    hub.start();
    sendStudyWithOrder();
    JsonNode done = awaitTransfer("COMPLETED");
    assertThat(done.path("committed").asInt()).isEqualTo(OBJECTS);
    assertThat(output(task(), "committed")).isEqualTo(OBJECTS);
    assertThat(rj1.requests(Command.N_ACTION_RQ)).hasSize(1);
    assertThat(reviews()).isEmpty();
  }

  @Test
  void whatItDoesNotCommitToIsShownAndSentAgainOnRequest() throws Exception {
    hub();
    rj1.on(Command.N_ACTION_RQ, Reaction.commitment(Duration.ZERO))
        .nth(1, Command.N_ACTION_RQ, firstIsMissing())
        .listen(port);
    hub.start();
    sendStudyWithOrder();
    JsonNode failed = awaitTransfer("FAILED");
    assertThat(failed.path("committed").asInt()).isEqualTo(OBJECTS - 1);
    assertThat(failed.path("lastError").asText()).contains("ISO-EXCHANGE-020", "0112H");
    assertThat(task().path("status").asText()).isEqualTo("failed");
    assertThat(task().at("/statusReason/text").asText()).contains("did not commit to 1 of 3");
    String path = "/api/transfers/" + failed.path("id").asText();
    assertThat(hub.json(path + "/commitment", hub.system()))
        .filteredOn(f -> f.path("commitment").asText().equals("FAILED"))
        .singleElement()
        .satisfies(
            f ->
                assertThat(f.path("failureReason").asInt()).isEqualTo(Status.NO_SUCH_SOP_INSTANCE));
    assertThat(reviews())
        .singleElement()
        .satisfies(r -> assertThat(r.path("kind").asText()).isEqualTo("COMMITMENT"));
    assertThat(hub.call("POST", path + "/retry", hub.system(), "").statusCode()).isEqualTo(202);
    awaitTransfer("COMPLETED");
    assertThat(rj1.requests(Command.C_STORE_RQ)).hasSize(OBJECTS + 1);
    assertThat(rj1.requests(Command.N_ACTION_RQ).get(1).parsed().items(Tag.ReferencedSOPSequence))
        .hasSize(1);
    assertThat(reviews()).isEmpty();
  }

  @Test
  void whoNeverAnswersIsAskedAgainAndThenAPersonIsTold() throws Exception {
    hub("--isocentre.transfer.commitment-wait=1s", "--isocentre.transfer.commitment-rounds=2");
    rj1.listen(port);
    hub.start();
    sendStudyWithOrder();
    JsonNode failed = awaitTransfer("FAILED");
    assertThat(failed.path("lastError").asText()).contains("ISO-EXCHANGE-021");
    assertThat(failed.path("confirmed").asInt()).isEqualTo(OBJECTS);
    assertThat(rj1.requests(Command.N_ACTION_RQ)).hasSize(2);
    assertThat(reviews())
        .singleElement()
        .satisfies(r -> assertThat(r.path("reason").asText()).isEqualTo("COMMITMENT_UNANSWERED"));
  }

  @Test
  void whoDoesNotKnowTheServiceIsNotAskedForEver() throws Exception {
    hub();
    rj1.refuseSopClass("1.2.840.10008.1.20.1").listen(port);
    hub.start();
    sendStudyWithOrder();
    JsonNode failed = awaitTransfer("FAILED");
    assertThat(failed.path("lastError").asText()).contains("1.2.840.10008.1.20.1");
    assertThat(rj1.requests(Command.C_STORE_RQ)).hasSize(OBJECTS);
    assertThat(reviews()).hasSize(1);
  }

  /** It answers on an association of its own, under another AE title, after the hub came back. */
  @Test
  void aRestartForgetsNothing() throws Exception {
    hub("--isocentre.transfer.commitment-wait=5m");
    rj1.listen(port);
    hub.start();
    sendStudyWithOrder();
    JsonNode waiting = awaitTransfer("COMMITTING");
    assertThat(task().path("status").asText()).isEqualTo("in-progress");
    assertThat(task().at("/businessStatus/text").asText()).isEqualTo("Awaiting storage commitment");
    assertThat(hub.search("Task?status=in-progress", hub.system())).hasSize(1);
    await().atMost(PATIENCE).until(() -> rj1.requests(Command.N_ACTION_RQ).size() == 1);
    hub.stop();
    hub.start();
    assertThat(awaitTransfer("COMMITTING").path("id")).isEqualTo(waiting.path("id"));
    Reaction.commitment(Duration.ZERO, "127.0.0.1", hub.dicom, "ISOCENTRE")
        .to(rj1.requests(Command.N_ACTION_RQ).get(0), rj1.conversations().get(0));
    JsonNode done = awaitTransfer("COMPLETED");
    assertThat(done.path("committed").asInt()).isEqualTo(OBJECTS);
    assertThat(rj1.requests(Command.N_ACTION_RQ)).hasSize(1);
  }
}
