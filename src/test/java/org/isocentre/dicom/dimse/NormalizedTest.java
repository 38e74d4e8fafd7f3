package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** DIMSE-N in both directions (PS3.7 §10). */
class NormalizedTest {
  private static final String MPPS = ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP;
  private static final String COMMITMENT = ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL;
  private static final String INSTANCE = "2.25.77";
  private final List<NormalizedRequest> asked = new CopyOnWriteArrayList<>();
  private final CompletableFuture<ServiceUser> peer = new CompletableFuture<>();
  private volatile NormalizedHandler handler = request -> NormalizedResponse.SUCCESS;
  private final Loopback loopback =
      new Loopback(
          new Services() {
            @Override
            public NormalizedHandler normalized(String sopClassUid, Operation operation) {
              return handler == null ? null : NormalizedTest.this::handle;
            }

            @Override
            public void begun(ServiceUser user) {
              peer.complete(user);
            }
          });

  private NormalizedResponse handle(NormalizedRequest request) {
    asked.add(request);
    return handler.handle(request);
  }

  @AfterEach
  void close() {
    loopback.close();
  }

  private static NormalizedRequest request(Operation operation, DataSet dataSet) {
    boolean typed = operation == Operation.N_ACTION || operation == Operation.N_EVENT_REPORT;
    return new NormalizedRequest(
        operation,
        MPPS,
        INSTANCE,
        typed ? 2 : 0,
        operation == Operation.N_GET
            ? List.of(Tag.PerformedProcedureStepStatus, Tag.PatientID)
            : List.of(),
        dataSet,
        null);
  }

  /** An N-EVENT-REPORT goes from the provider to the user; all else the other way. */
  private ServiceUser from(Operation operation, ServiceUser requestor) {
    return operation == Operation.N_EVENT_REPORT ? peer.join() : requestor;
  }

  private ServiceUser connect() {
    return loopback.connect(
        loopback.request(),
        new Services() {
          @Override
          public NormalizedHandler normalized(String sopClassUid, Operation operation) {
            return NormalizedTest.this::handle;
          }
        },
        Loopback.SETTINGS);
  }

  @ParameterizedTest
  @EnumSource
  void requestAndResponseComeWhole(Operation operation) throws Exception {
    handler =
        request ->
            new NormalizedResponse(
                0x0107,
                "attribute list error",
                null,
                new DataSet().set(Tag.PerformedStationName, "ROOM1"));
    DataSet sent =
        operation == Operation.N_GET || operation == Operation.N_DELETE
            ? null
            : new DataSet().set(Tag.PerformedProcedureStepStatus, "IN PROGRESS");
    try (ServiceUser user = connect()) {
      NormalizedResponse response = from(operation, user).request(request(operation, sent));
      assertThat(response.status()).isEqualTo(0x0107);
      assertThat(response.isFailure()).isFalse();
      assertThat(response.comment()).isEqualTo("attribute list error");
      assertThat(response.sopInstanceUid()).isEqualTo(INSTANCE);
      assertThat(response.dataSet().string(Tag.PerformedStationName)).isEqualTo("ROOM1");
    }
    assertThat(asked)
        .singleElement()
        .satisfies(
            got -> {
              assertThat(got.operation()).isEqualTo(operation);
              assertThat(got.sopClassUid()).isEqualTo(MPPS);
              assertThat(got.sopInstanceUid()).isEqualTo(INSTANCE);
              assertThat(got.typeId()).isEqualTo(request(operation, null).typeId());
              assertThat(got.attributes()).isEqualTo(request(operation, null).attributes());
              assertThat(got.callingAeTitle()).isEqualTo("SCU");
              if (sent == null) {
                assertThat(got.dataSet()).isNull();
              } else {
                assertThat(got.dataSet().string(Tag.PerformedProcedureStepStatus))
                    .isEqualTo("IN PROGRESS");
              }
            });
  }

  @ParameterizedTest
  @EnumSource
  void aResponseWithoutDataSetHasNone(Operation operation) throws Exception {
    try (ServiceUser user = connect()) {
      NormalizedResponse response =
          from(operation, user).request(request(operation, new DataSet()));
      assertThat(response.status()).isZero();
      assertThat(response.dataSet()).isNull();
      assertThat(response.comment()).isNull();
    }
  }

  @Test
  void anInstanceThatTheProviderMadeIsNamed() throws Exception {
    handler = request -> new NormalizedResponse(Status.SUCCESS, null, "2.25.99", null);
    try (ServiceUser user = connect()) {
      NormalizedResponse response =
          user.request(
              new NormalizedRequest(
                  Operation.N_CREATE, MPPS, null, 0, List.of(), new DataSet(), null));
      assertThat(response.sopInstanceUid()).isEqualTo("2.25.99");
    }
    assertThat(asked).singleElement().satisfies(r -> assertThat(r.sopInstanceUid()).isNull());
  }

  @ParameterizedTest
  @CsvSource({"status, 274", "runtime, 272", "none, 529"}) // 0112, 0110, 0211
  void aFailureIsAnswered(String how, int status) throws Exception {
    handler =
        switch (how) {
          case "status" ->
              request -> {
                throw new DimseStatusException(Status.NO_SUCH_SOP_INSTANCE, "not known");
              };
          case "runtime" ->
              request -> {
                throw new IllegalStateException("broken");
              };
          default -> null;
        };
    try (ServiceUser user = connect()) {
      NormalizedResponse response = user.request(request(Operation.N_SET, new DataSet()));
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.isFailure()).isTrue();
      assertThat(user.echo()).isZero();
    }
  }

  @Test
  void aDataSetThatCannotBeReadIsAnswered() throws Exception {
    try (var scu = org.isocentre.dicom.testkit.ScriptedScu.connect(loopback.request())) {
      var context = scu.conversation().context(MPPS);
      scu.conversation()
          .sendBytes(
              context,
              Command.normalizedRequest(3, request(Operation.N_CREATE, new DataSet())),
              new byte[] {1, 2, 3});
      assertThat(scu.await().command().status()).isEqualTo(Status.PROCESSING_FAILURE);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void aRequestIsRefusedOnAContextOfAnotherSopClass() throws Exception {
    try (var scu = org.isocentre.dicom.testkit.ScriptedScu.connect(loopback.request())) {
      scu.send(
          org.isocentre.dicom.data.Uid.VERIFICATION,
          Command.normalizedRequest(3, request(Operation.N_CREATE, new DataSet())),
          new DataSet().set(Tag.Modality, "CT"));
      assertThat(scu.await().command().status()).isEqualTo(Status.SOP_CLASS_NOT_SUPPORTED);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void aMessageIdUnderWayIsRefusedAndAnAnsweredOneIsFree() throws Exception {
    java.util.concurrent.Semaphore go = new java.util.concurrent.Semaphore(0);
    handler =
        request -> {
          go.acquireUninterruptibly();
          return NormalizedResponse.SUCCESS;
        };
    try (var scu = org.isocentre.dicom.testkit.ScriptedScu.connect(loopback.request())) {
      DataSet dataSet = new DataSet().set(Tag.Modality, "CT");
      Command command = Command.normalizedRequest(5, request(Operation.N_SET, dataSet));
      scu.send(MPPS, command, dataSet);
      scu.send(MPPS, command, dataSet);
      go.release();
      assertThat(scu.await().command().status()).isZero();
      assertThat(scu.await().command().status()).isEqualTo(Status.DUPLICATE_INVOCATION);
      go.release();
      scu.send(MPPS, command, dataSet);
      assertThat(scu.await().command().status()).isZero();
    }
    assertThat(asked).hasSize(2);
  }

  // --- storage commitment: N-ACTION there, N-EVENT-REPORT back

  private static NormalizedRequest commit(String transaction) {
    DataSet action = new DataSet().set(Tag.TransactionUID, transaction);
    action
        .addItem(Tag.ReferencedSOPSequence)
        .set(Tag.ReferencedSOPClassUID, Loopback.CT)
        .set(Tag.ReferencedSOPInstanceUID, "2.25.5");
    return new NormalizedRequest(
        Operation.N_ACTION,
        COMMITMENT,
        ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
        1,
        List.of(),
        action,
        null);
  }

  @Test
  void aLateReportComesOnTheSameAssociation() throws Exception {
    try (ScriptedScp scp =
        new ScriptedScp()
            .on(Command.N_ACTION_RQ, Reaction.commitment(Duration.ofMillis(100)))
            .listen()) {
      commitWith(Loopback.request(scp.port()), () -> !responses(scp).isEmpty());
    }
  }

  @Test
  void aLateReportComesOnAnAssociationOfItsOwn() throws Exception {
    try (ScriptedScp scp =
        new ScriptedScp()
            .on(
                Command.N_ACTION_RQ,
                Reaction.commitment(Duration.ofMillis(100), "127.0.0.1", loopback.port(), "SCP"))
            .listen()) {
      commitWith(Loopback.request(scp.port()), () -> true);
    }
  }

  private static List<Integer> responses(ScriptedScp scp) {
    List<Integer> statuses = new ArrayList<>();
    scp.messages().stream()
        .filter(m -> m.command().isResponse())
        .forEach(m -> statuses.add(m.command().status()));
    return statuses;
  }

  private void commitWith(
      AssociationRequest association, java.util.concurrent.Callable<Boolean> answered)
      throws Exception {
    try (ServiceUser user =
        loopback.connect(
            association,
            new Services() {
              @Override
              public NormalizedHandler normalized(String sopClassUid, Operation operation) {
                return NormalizedTest.this::handle;
              }
            },
            Loopback.SETTINGS)) {
      assertThat(user.request(commit("2.25.4711")).status()).isZero();
      assertThat(asked).as("the report is late").isEmpty();
      await().until(() -> asked.size() == 1);
      await().until(answered);
    }
    NormalizedRequest report = asked.get(0);
    assertThat(report.operation()).isEqualTo(Operation.N_EVENT_REPORT);
    assertThat(report.typeId()).isEqualTo(1);
    assertThat(report.dataSet().string(Tag.TransactionUID)).isEqualTo("2.25.4711");
    assertThat(report.dataSet().items(Tag.ReferencedSOPSequence)).hasSize(1);
  }
}
