package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operation that a peer asked for, once its message is whole: is carried out by {@link
 * Services} and answered (PS3.7 §9, §10). Run once.
 */
final class PerformedOperation implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PerformedOperation.class);

  /** Always 1 (PS3.4 §K.5.1.1), so nothing is agreed by them. */
  private static final Set<Query.Option> RESERVED_OF_WORKLIST =
      Set.of(Query.Option.RELATIONAL, Query.Option.COMBINED_DATE_TIME);

  /** What the association is told of it. */
  interface Life {
    /** The final response is about to be sent. */
    void answering();

    /** It is over, answered or not. */
    void over();
  }

  private final DimseChannel channel;
  private final Association association;
  private final Services services;
  private final Life life;
  private final Command request;
  private final PresentationContext on;
  private final Intake taken;
  private final DimseStatusException refused;
  private final Cancellation cancellation;
  private boolean complete;

  /** Of a retrieval that is under way, else null. */
  private RetrieveHandler.Ending ending;

  /**
   * @param taken its data set, or null
   * @param refused why it is not done, or null
   */
  PerformedOperation(
      DimseChannel channel,
      Services services,
      Life life,
      Command request,
      PresentationContext on,
      Intake taken,
      DimseStatusException refused,
      Cancellation cancellation) {
    this.channel = channel;
    this.association = channel.association();
    this.services = services;
    this.life = life;
    this.request = request;
    this.on = on;
    this.taken = taken;
    this.refused = refused;
    this.cancellation = cancellation;
  }

  @Override
  public void run() {
    try {
      perform();
    } catch (AssociationException e) {
      LOG.info("Association {}: {} cannot be answered: {}", association, request, e.getMessage());
    } catch (IOException | RuntimeException | Error e) {
      LOG.warn("Association {}: {} failed, aborted", association, request, e);
      association.abort();
    } finally {
      ended(OptionalInt.empty());
      life.over();
    }
  }

  private void perform() throws IOException {
    DimseStatusException failure = refused;
    if (failure == null) {
      try {
        dispatch();
        return;
      } catch (DimseStatusException e) {
        failure = e;
      }
    }
    if (taken != null && !complete) {
      taken.abandon();
    }
    respond(request.response(failure.status(), failure.getMessage()), null);
  }

  private void dispatch() throws IOException {
    checkSopClass();
    switch (request.field()) {
      case Command.C_ECHO_RQ -> respond(request.response(Status.SUCCESS, null), null);
      case Command.C_STORE_RQ -> store();
      case Command.C_FIND_RQ -> find();
      case Command.C_MOVE_RQ, Command.C_GET_RQ -> retrieve();
      default -> normalized();
    }
  }

  /** What a context was accepted for is all that may be asked on it (PS3.7 §D.3.3.1). */
  private void checkSopClass() {
    boolean known =
        request.field() == Command.C_STORE_RQ
            || request.field() == Command.C_FIND_RQ
            || request.field() == Command.C_MOVE_RQ
            || request.field() == Command.C_GET_RQ
            || request.operation() != null;
    String sopClass = request.sopClassUid();
    if (known && sopClass == null) {
      throw new DimseStatusException(
          Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, "the request names no SOP class");
    }
    if (known && !sopClass.equals(on.abstractSyntax())) {
      throw new DimseStatusException(
          Status.SOP_CLASS_NOT_SUPPORTED, "SOP class is not the one of the presentation context");
    }
  }

  private void respond(Command response, DataSet dataSet) throws IOException {
    if (!Status.isPending(response.status())) {
      // Before the answer is out: the next request, and of the same ID, may come at once.
      life.answering();
    }
    channel.send(on, response, DimseChannel.stream(dataSet, on));
    if (!Status.isPending(response.status())) {
      ended(OptionalInt.of(response.status()));
    }
  }

  private void ended(OptionalInt status) {
    RetrieveHandler.Ending told = ending;
    ending = null;
    if (told != null) {
      try {
        told.ended(status);
      } catch (RuntimeException e) {
        LOG.warn("Association {}: what follows the end of {} failed", association, request, e);
      }
    }
  }

  private void store() throws IOException {
    if (!(taken instanceof Intake.ToSink sink)) {
      throw new DimseStatusException(Status.CANNOT_UNDERSTAND, "C-STORE-RQ without a data set");
    }
    StorageHandler.Result result = null;
    ReceivedDataSet object = null;
    try {
      complete = true;
      object = sink.sink().complete();
      result = services.storage(request.sopClassUid()).store(association, object);
    } catch (IOException e) {
      throw failed(e, Status.OUT_OF_RESOURCES);
    } catch (RuntimeException e) {
      throw failed(e, Status.PROCESSING_FAILURE);
    } finally {
      if (object != null && (result == null || !result.kept())) {
        object.close();
      }
    }
    respond(request.response(result.status(), result.comment()), null);
  }

  private DimseStatusException failed(Exception e, int status) {
    if (e instanceof DimseStatusException chosen) {
      return chosen;
    }
    LOG.warn(
        "Association {}: {} of {} failed, answered {}",
        association,
        request,
        request.sopInstanceUid(),
        Status.text(status),
        e);
    return new DimseStatusException(status, "failed here, send again or see the log");
  }

  /** An association that a handler has elsewhere may have ended, too: that is to be answered. */
  private RuntimeException failedUnlessOver(RuntimeException e) {
    return e instanceof AssociationException && !association.isOpen()
        ? e
        : failed(e, Status.UNABLE_TO_PROCESS);
  }

  private DataSet dataSet() {
    if (!(taken instanceof Intake.ToMemory memory)) {
      return null;
    }
    try {
      return Identifiers.decode(memory.bytes().toByteArray(), on.transferSyntax());
    } catch (IOException e) {
      LOG.warn(
          "Association {}: the data set of {} cannot be read: {}",
          association,
          request,
          e.getMessage());
      throw new DimseStatusException(
          request.operation() == null ? Status.CANNOT_UNDERSTAND : Status.PROCESSING_FAILURE,
          "the data set cannot be read");
    }
  }

  private DataSet identifier() {
    DataSet identifier = dataSet();
    if (identifier == null) {
      throw new DimseStatusException(
          Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, "the request has no identifier");
    }
    return identifier;
  }

  private void find() throws IOException {
    QueryHandler handler = services.query(request.sopClassUid());
    if (handler == null) {
      throw ServiceProvider.unsupported();
    }
    Query query = new Query(request.sopClassUid(), identifier(), options(), Peer.of(association));
    boolean toItsEnd;
    try (Matches matches = handler.find(query)) {
      toItsEnd = sendMatches(matches, cancellation);
    } catch (RuntimeException e) {
      throw failedUnlessOver(e);
    }
    respond(request.response(toItsEnd ? Status.SUCCESS : Status.CANCEL, null), null);
  }

  private boolean sendMatches(Matches matches, Cancellation cancelled) throws IOException {
    while (!cancelled.isCancelled() && matches.hasNext()) {
      DataSet match = matches.next();
      if (cancelled.isCancelled()) {
        break;
      }
      int status = matches.hasUnsupportedKeys() ? Status.PENDING_UNSUPPORTED_KEYS : Status.PENDING;
      respond(request.response(status, null, true), match);
    }
    return !cancelled.isCancelled();
  }

  /** PS3.4 §C.5.1.1, §K.5.1.2: a byte each, 1 where both agreed. */
  private Set<Query.Option> options() {
    byte[] agreed = association.extendedNegotiation(request.sopClassUid());
    Set<Query.Option> options = EnumSet.noneOf(Query.Option.class);
    for (Query.Option option : Query.Option.values()) {
      if (agreed != null && option.ordinal() < agreed.length && agreed[option.ordinal()] == 1) {
        options.add(option);
      }
    }
    if (ServiceSopClass.MODALITY_WORKLIST_FIND.equals(request.sopClassUid())) {
      options.removeAll(RESERVED_OF_WORKLIST);
    }
    return options;
  }

  private void retrieve() throws IOException {
    boolean move = request.field() == Command.C_MOVE_RQ;
    RetrieveHandler handler = services.retrieve(request.sopClassUid(), move);
    if (handler == null || move && services.mover() == null) {
      throw ServiceProvider.unsupported();
    }
    if (move && request.moveDestination() == null) {
      throw new DimseStatusException(
          Status.MOVE_DESTINATION_UNKNOWN, "C-MOVE-RQ without a move destination");
    }
    RetrieveRequest wanted =
        new RetrieveRequest(
            request.sopClassUid(),
            identifier(),
            options().contains(Query.Option.RELATIONAL),
            request.moveDestination(),
            Peer.of(association));
    SubOperations.Outcome outcome;
    try {
      RetrieveHandler.Retrieval retrieval = handler.retrieve(wanted);
      ending = retrieval.ending();
      outcome =
          new SubOperations(retrieval, cancellation, this::pending).run(target(retrieval, move));
    } catch (RuntimeException e) {
      throw failedUnlessOver(e);
    }
    DataSet failed = outcome.failedList();
    respond(
        request.response(outcome.status(), outcome.comment(), outcome.progress(), failed != null),
        failed);
  }

  private SubOperations.Target target(RetrieveHandler.Retrieval retrieval, boolean move) {
    return move
        ? new SubOperations.ToDestination(
            services.mover(),
            retrieval.destination(),
            association.calledAeTitle(),
            association.callingAeTitle(),
            request.messageId())
        : new SubOperations.ToRequestor(ServiceUser.on(channel));
  }

  private void pending(Progress progress) {
    try {
      respond(request.response(Status.PENDING, null, progress, false), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void normalized() throws IOException {
    NormalizedHandler handler =
        request.operation() == null
            ? null
            : services.normalized(request.sopClassUid(), request.operation());
    if (handler == null) {
      throw ServiceProvider.unsupported();
    }
    NormalizedRequest normalized =
        new NormalizedRequest(
            request.operation(),
            request.sopClassUid(),
            request.sopInstanceUid(),
            request.typeId(),
            List.copyOf(request.attributes()),
            dataSet(),
            Peer.of(association));
    NormalizedResponse response;
    try {
      response = handler.handle(normalized);
    } catch (RuntimeException e) {
      throw failed(e, Status.PROCESSING_FAILURE);
    }
    Command answer =
        request.response(response.status(), response.comment(), response.dataSet() != null);
    respond(
        response.sopInstanceUid() == null ? answer : answer.naming(response.sopInstanceUid()),
        response.dataSet());
  }
}
