package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MPPS, Storage Commitment and Instance Availability Notification. */
class DicomNormalizedTest {
  private final Loopback loopback = new Loopback();
  private final List<NormalizedRequest> asked = new CopyOnWriteArrayList<>();
  private final List<NormalizedRequest> results = new CopyOnWriteArrayList<>();
  private volatile Object answer;
  private volatile Integer status;

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void take(Exchange exchange) {
    asked.add(exchange.getMessage().getBody(NormalizedRequest.class));
    exchange.getMessage().setHeader(DicomConstants.STATUS, status);
    exchange.getMessage().setBody(answer);
  }

  private static DataSet step(String state) {
    DataSet step = new DataSet().set(Tag.PerformedProcedureStepStatus, state);
    if (state.equals("IN PROGRESS")) {
      step.addItem(Tag.ScheduledStepAttributesSequence).set(Tag.StudyInstanceUID, "1.2.3");
    }
    return step;
  }

  @Test
  void aProcedureStepBeginsAndEnds() throws Exception {
    loopback.from("in", "operations=mpps", this::take);
    String uri = loopback.to("in", "operation=mpps");
    Exchange begun = loopback.send(uri, step("IN PROGRESS"));
    assertThat(begun.getException()).isNull();
    String instance = begun.getMessage().getHeader(DicomConstants.SOP_INSTANCE_UID, String.class);
    Exchange ended =
        loopback.template.request(
            uri,
            e -> {
              e.getMessage().setHeader(DicomConstants.SOP_INSTANCE_UID, instance);
              e.getMessage().setBody(step("COMPLETED"));
            });
    assertThat(ended.getException()).isNull();
    assertThat(asked)
        .extracting(NormalizedRequest::operation)
        .containsExactly(Operation.N_CREATE, Operation.N_SET);
    assertThat(asked).extracting(NormalizedRequest::sopInstanceUid).containsOnly(instance);
    assertThat(asked.get(0).dataSet().items(Tag.ScheduledStepAttributesSequence)).hasSize(1);
    assertThat(loopback.failure(uri, step("COMPLETED"))).hasMessageContaining("ISO-DICOM-612");
  }

  @Test
  void theRouteChoosesTheAnswer() throws Exception {
    loopback.from("in", "operations=mpps", this::take);
    String uri = loopback.to("in", "operation=mpps");
    answer = new DataSet().set(Tag.PerformedStationAETitle, "CT1");
    Exchange done = loopback.send(uri, step("IN PROGRESS"));
    assertThat(done.getMessage().getBody(DataSet.class).string(Tag.PerformedStationAETitle))
        .isEqualTo("CT1");
    answer = new NormalizedResponse(Status.DUPLICATE_SOP_INSTANCE, "there is one", null, null);
    assertThat(
            ((DicomOperationFailedException) loopback.failure(uri, step("IN PROGRESS")))
                .getStatus())
        .isEqualTo(Status.DUPLICATE_SOP_INSTANCE);
    answer = null;
    status = Status.MISSING_ATTRIBUTE;
    assertThat(
            ((DicomOperationFailedException) loopback.failure(uri, step("IN PROGRESS")))
                .getStatus())
        .isEqualTo(Status.MISSING_ATTRIBUTE);
    status = null;
    answer = 17;
    assertThat(
            ((DicomOperationFailedException) loopback.failure(uri, step("IN PROGRESS")))
                .getStatus())
        .isEqualTo(Status.PROCESSING_FAILURE);
  }

  @Test
  void availabilityIsTold() throws Exception {
    loopback.from("in", "operations=ian", this::take);
    DataSet notice = new DataSet();
    notice.addItem(Tag.ReferencedSeriesSequence).set(Tag.SeriesInstanceUID, "1.2.3.1");
    notice.set(Tag.StudyInstanceUID, "1.2.3");
    assertThat(loopback.send(loopback.to("in", "operation=ian"), notice).getException()).isNull();
    assertThat(asked.get(0).operation()).isEqualTo(Operation.N_CREATE);
    assertThat(asked.get(0).sopClassUid())
        .isEqualTo(ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION);
    assertThat(asked.get(0).dataSet().items(Tag.ReferencedSeriesSequence)).hasSize(1);
  }

  // --- Storage Commitment

  private static DataSet references() {
    DataSet wanted = new DataSet();
    wanted
        .addItem(Tag.ReferencedSOPSequence)
        .set(Tag.ReferencedSOPClassUID, Uid.CT_IMAGE_STORAGE)
        .set(Tag.ReferencedSOPInstanceUID, "1.2.3.4");
    return wanted;
  }

  private void modality() throws Exception {
    loopback.route(
        "modality",
        "dicom:MODALITY@127.0.0.1:0?operations=commit",
        e -> {
          results.add(e.getMessage().getBody(NormalizedRequest.class));
          e.getMessage().setBody(null);
        });
  }

  /**
   * The result goes out on the association that asked where the route says which that was, else on
   * one of its own to the consumer of who asked.
   */
  @ParameterizedTest
  @ValueSource(strings = {"same", "new"})
  void aCommitmentIsAskedAndToldLater(String association) throws Exception {
    modality();
    CopyOnWriteArrayList<Long> associations = new CopyOnWriteArrayList<>();
    loopback.from(
        "in",
        "operations=commit",
        e -> {
          associations.add(e.getMessage().getHeader(DicomConstants.ASSOCIATION_ID, Long.class));
          take(e);
        });
    String uri =
        "dicom:HUB@127.0.0.1:%d?operation=commit&callingAet=MODALITY"
            .formatted(loopback.port("in"));
    assertThat(loopback.send(uri, references()).getException()).isNull();
    String transaction = asked.get(0).dataSet().string(Tag.TransactionUID);
    assertThat(transaction).isNotNull();
    assertThat(asked.get(0).operation()).isEqualTo(Operation.N_ACTION);

    DataSet result = references().set(Tag.TransactionUID, transaction);
    Exchange told =
        loopback.template.request(
            "dicom:MODALITY@127.0.0.1:%d?operation=event&callingAet=HUB"
                .formatted(loopback.port("modality")),
            e -> {
              if (association.equals("same")) {
                e.getMessage().setHeader(DicomConstants.ASSOCIATION_ID, associations.get(0));
              }
              e.getMessage().setHeader(DicomConstants.TYPE_ID, 1);
              e.getMessage().setBody(result);
            });
    assertThat(told.getException()).isNull();
    await().untilAsserted(() -> assertThat(results).hasSize(1));
    NormalizedRequest event = results.get(0);
    assertThat(event.operation()).isEqualTo(Operation.N_EVENT_REPORT);
    assertThat(event.typeId()).isEqualTo(1);
    assertThat(event.dataSet().string(Tag.TransactionUID)).isEqualTo(transaction);
    assertThat(event.peer().callingAeTitle())
        .isEqualTo(association.equals("same") ? "MODALITY" : "HUB");
  }

  /** Numbers of associations begin anew with the process; one that was kept may be another's. */
  @Test
  void aResultIsNeverToldOnTheAssociationOfAnotherNode() throws Exception {
    modality();
    CopyOnWriteArrayList<Long> associations = new CopyOnWriteArrayList<>();
    loopback.from(
        "in",
        "operations=commit",
        e -> {
          associations.add(e.getMessage().getHeader(DicomConstants.ASSOCIATION_ID, Long.class));
          take(e);
        });
    loopback.send(
        "dicom:HUB@127.0.0.1:%d?operation=commit&callingAet=OTHER".formatted(loopback.port("in")),
        references());
    Exchange told =
        loopback.template.request(
            "dicom:MODALITY@127.0.0.1:%d?operation=event&callingAet=HUB"
                .formatted(loopback.port("modality")),
            e -> {
              e.getMessage().setHeader(DicomConstants.ASSOCIATION_ID, associations.get(0));
              e.getMessage().setBody(references().set(Tag.TransactionUID, "1.2"));
            });
    assertThat(told.getException()).isNull();
    assertThat(results).extracting(result -> result.peer().callingAeTitle()).containsExactly("HUB");
  }

  @Test
  void aResultIsToldAnewWhenTheAssociationThatAskedEndsAmidIt() throws Exception {
    DicomComponent component = loopback.context.getComponent("dicom", DicomComponent.class);
    CopyOnWriteArrayList<Long> associations = new CopyOnWriteArrayList<>();
    loopback.route(
        "modality",
        "dicom:MODALITY@127.0.0.1:0?operations=commit",
        e -> {
          results.add(e.getMessage().getBody(NormalizedRequest.class));
          e.getMessage().setBody(null);
          if (results.size() == 1) {
            Association asking = component.peer(associations.get(0)).association();
            asking.abort();
            await().until(() -> !asking.isOpen());
          }
        });
    loopback.from(
        "in",
        "operations=commit",
        e -> {
          associations.add(e.getMessage().getHeader(DicomConstants.ASSOCIATION_ID, Long.class));
          take(e);
        });
    loopback.send(
        "dicom:HUB@127.0.0.1:%d?operation=commit&callingAet=MODALITY"
            .formatted(loopback.port("in")),
        references());
    Exchange told =
        loopback.template.request(
            "dicom:MODALITY@127.0.0.1:%d?operation=event&callingAet=HUB"
                .formatted(loopback.port("modality")),
            e -> {
              e.getMessage().setHeader(DicomConstants.ASSOCIATION_ID, associations.get(0));
              e.getMessage().setBody(references().set(Tag.TransactionUID, "1.2"));
            });
    assertThat(told.getException()).isNull();
    assertThat(results)
        .extracting(result -> result.peer().callingAeTitle())
        .containsExactly("MODALITY", "HUB");
  }

  @Test
  void storeAsksForCommitment() throws Exception {
    loopback.route("in", "dicom:HUB@127.0.0.1:0?operations=store", e -> {});
    loopback.from("commit", "operations=commit", this::take);
    Exchange done =
        loopback.send(loopback.to("in", "commit=request"), Loopback.file("1.2.3.4", 10));
    assertThat(done.getException()).isNull();
    assertThat(asked.get(0).dataSet().string(Tag.TransactionUID))
        .isEqualTo(done.getMessage().getHeader(DicomConstants.TRANSACTION_UID));
    status = Status.PROCESSING_FAILURE;
    assertThat(loopback.failure(loopback.to("in", "commit=request"), Loopback.file("1.2.3.5", 10)))
        .isInstanceOf(DicomOperationFailedException.class);
  }
}
