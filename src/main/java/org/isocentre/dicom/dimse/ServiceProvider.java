package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationHandler;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service class provider's end of one association: carries out requests by {@link Services} and
 * answers them (PS3.7 §9, §10). While one operation is carried out the next message is taken in, if
 * an asynchronous operations window was negotiated; operations that were asked one by one are
 * carried out one by one.
 */
public final class ServiceProvider implements DimseChannel.Requests {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceProvider.class);

  /** Always 1 (PS3.4 §K.5.1.1), so nothing is agreed by them. */
  private static final Set<Query.Option> RESERVED_OF_WORKLIST =
      Set.of(Query.Option.RELATIONAL, Query.Option.COMBINED_DATE_TIME);

  private final Executor workers;
  private final Services services;
  private final DimseSettings settings;
  private final Map<Integer, Running> running = new ConcurrentHashMap<>();
  private final Set<Command> duplicates = ConcurrentHashMap.newKeySet();
  private final AtomicInteger active = new AtomicInteger();

  /** Operations that are carried out, and one for as long as messages are taken in. */
  private final AtomicInteger untilEnd = new AtomicInteger(1);

  private DimseChannel channel;
  private Association association;

  /** Operations that may run beside the one that the worker who takes messages in may carry out. */
  private Semaphore window;

  // Of the worker that takes messages in:
  private Command command;
  private PresentationContext context;
  private Intake intake;
  private DimseStatusException refusal;

  private ServiceProvider(Executor workers, Services services, DimseSettings settings) {
    this.workers = workers;
    this.services = services;
    this.settings = settings;
  }

  /**
   * For an acceptor.
   *
   * @param workers runs one task at a time for this association, and one for each operation beyond
   *     the first that was negotiated; a task may wait
   */
  public static AssociationHandler handler(
      Executor workers, Services services, DimseSettings settings) {
    return new DimseChannel(workers, new ServiceProvider(workers, services, settings), settings);
  }

  /** For a requestor that may be asked, too: C-GET, N-EVENT-REPORT. */
  static DimseChannel.Requests requests(
      Executor workers, Services services, DimseSettings settings) {
    return new ServiceProvider(workers, services, settings);
  }

  /** Where the data set of a request goes. */
  private sealed interface Intake {
    void write(ByteBuffer bytes) throws IOException;

    void abandon();
  }

  private record ToSink(DataSetSink sink) implements Intake {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
      sink.write(bytes);
    }

    @Override
    public void abandon() {
      sink.abandon();
    }
  }

  private record ToMemory(java.io.ByteArrayOutputStream bytes, int limit) implements Intake {
    @Override
    public void write(ByteBuffer more) {
      if (more.remaining() > limit - bytes.size()) {
        throw new DimseStatusException(
            Status.OUT_OF_RESOURCES, "the data set is longer than " + limit + " bytes");
      }
      byte[] copy = new byte[more.remaining()];
      more.get(copy);
      bytes.writeBytes(copy);
    }

    @Override
    public void abandon() {
      bytes.reset();
    }
  }

  // --- on the event loop

  @Override
  public void established(DimseChannel established) {
    channel = established;
    association = established.association();
    int limit = association.maxOperationsPerformed();
    window = new Semaphore((limit == 0 ? settings.maxOperationsInvoked() : limit) - 1);
    services.begun(ServiceUser.on(established));
  }

  /** A request that is not answered yet, by its message ID. */
  private record Running(Command request, Cancellation cancellation) {}

  @Override
  public void arrived(Command request) {
    synchronized (active) {
      active.incrementAndGet();
      association.turn(Association.Turn.PEER);
    }
    Running arrived = new Running(request, new Cancellation());
    if (running.putIfAbsent(request.messageId(), arrived) != null) {
      duplicates.add(request);
    }
  }

  private void turn(Association.Turn next, int whenActive) {
    synchronized (active) {
      if (active.get() == whenActive) {
        association.turn(next);
      }
    }
  }

  @Override
  public void cancel(int messageId) {
    Running one = running.get(messageId);
    if (one != null) {
      one.cancellation().cancel();
    }
  }

  // --- on the worker that takes messages in

  @Override
  public void begin(Command request, PresentationContext on) {
    command = request;
    context = on;
    refusal = null;
    intake = null;
    if (duplicates.remove(request)) {
      refusal =
          new DimseStatusException(
              Status.DUPLICATE_INVOCATION, "the message ID is that of a request under way");
      return;
    }
    try {
      if (!request.hasDataSet()) {
        return;
      }
      intake =
          request.field() == Command.C_STORE_RQ
              ? new ToSink(openSink())
              : new ToMemory(new java.io.ByteArrayOutputStream(512), settings.maxDataSetBytes());
    } catch (IOException | RuntimeException e) {
      refusal = refusal(e, Status.OUT_OF_RESOURCES);
    }
  }

  private DataSetSink openSink() throws IOException {
    String sopClass = command.sopClassUid();
    if (sopClass == null || command.sopInstanceUid() == null) {
      throw new DimseStatusException(
          Status.CANNOT_UNDERSTAND, "C-STORE-RQ without SOP class or instance");
    }
    if (!sopClass.equals(context.abstractSyntax())) {
      throw new DimseStatusException(
          Status.SOP_CLASS_NOT_SUPPORTED, "SOP class is not the one of the presentation context");
    }
    if (services.storage(sopClass) == null) {
      throw unsupported();
    }
    return services
        .sinks(sopClass)
        .open(
            new DataSetInfo(
                association.callingAeTitle(),
                association.calledAeTitle(),
                association.remoteAddress().getAddress().getHostAddress(),
                sopClass,
                command.sopInstanceUid(),
                context.transferSyntax(),
                association.peerImplementationClassUid(),
                association.peerImplementationVersionName()));
  }

  private static DimseStatusException unsupported() {
    return new DimseStatusException(Status.UNRECOGNIZED_OPERATION, "operation not supported");
  }

  @Override
  public void data(ByteBuffer bytes) {
    if (intake == null) {
      return;
    }
    try {
      intake.write(bytes);
    } catch (IOException | RuntimeException e) {
      refusal = refusal(e, Status.OUT_OF_RESOURCES);
      forget();
    }
  }

  @Override
  public void end() {
    association.turn(Association.Turn.HERE);
    Operation operation = new Operation(command, context, intake, refusal);
    intake = null;
    untilEnd.incrementAndGet();
    if (!window.tryAcquire()) {
      // The window is full with it, so no more is taken in until it ends. To wait for another one
      // instead could be for ever, where all workers wait so.
      operation.run();
      return;
    }
    try {
      workers.execute(
          () -> {
            try {
              operation.run();
            } finally {
              window.release();
            }
          });
    } catch (RejectedExecutionException e) {
      window.release();
      operation.run();
    }
  }

  private void forget() {
    if (intake != null) {
      intake.abandon();
      intake = null;
    }
  }

  @Override
  public void abandon() {
    forget();
    running.values().forEach(one -> one.cancellation().cancel());
    oneLess();
  }

  private void oneLess() {
    if (untilEnd.decrementAndGet() == 0) {
      services.ended(association);
    }
  }

  private DimseStatusException refusal(Exception e, int status) {
    if (e instanceof DimseStatusException chosen) {
      LOG.warn(
          "Association {}: {} of {} refused with {}: {}",
          association,
          command,
          command.sopInstanceUid(),
          Status.text(chosen.status()),
          chosen.getMessage());
      return chosen;
    }
    LOG.warn(
        "Association {}: {} of {} failed, answered {}",
        association,
        command,
        command.sopInstanceUid(),
        Status.text(status),
        e);
    return new DimseStatusException(
        status,
        status == Status.OUT_OF_RESOURCES
            ? "could not be done now, send again"
            : "failed, send again or see the log");
  }

  /** One operation, once its message is whole. */
  private final class Operation implements Runnable {
    private final Command request;
    private final PresentationContext on;
    private final Intake taken;
    private final DimseStatusException refused;
    private final Running self;
    private boolean complete;

    /** Of a retrieval that is under way, else null. */
    private RetrieveHandler.Ending ending;

    Operation(Command request, PresentationContext on, Intake taken, DimseStatusException refused) {
      this.request = request;
      this.on = on;
      this.taken = taken;
      this.refused = refused;
      Running known = running.get(request.messageId());
      this.self =
          known != null && known.request() == request
              ? known
              : new Running(request, new Cancellation());
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
        running.remove(request.messageId(), self);
        synchronized (active) {
          active.decrementAndGet();
          turn(Association.Turn.NOBODY, 0);
        }
        oneLess();
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
        running.remove(request.messageId(), self);
        turn(Association.Turn.NOBODY, 1);
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
      if (!(taken instanceof ToSink sink)) {
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
      if (!(taken instanceof ToMemory memory)) {
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
        throw unsupported();
      }
      Query query = new Query(request.sopClassUid(), identifier(), options(), Peer.of(association));
      boolean toItsEnd;
      try (Matches matches = handler.find(query)) {
        toItsEnd = sendMatches(matches, self.cancellation());
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
        int status =
            matches.hasUnsupportedKeys() ? Status.PENDING_UNSUPPORTED_KEYS : Status.PENDING;
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
        throw unsupported();
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
            new SubOperations(retrieval, self.cancellation(), this::pending)
                .run(target(retrieval, move));
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
        throw new java.io.UncheckedIOException(e);
      }
    }

    private void normalized() throws IOException {
      NormalizedHandler handler =
          request.operation() == null
              ? null
              : services.normalized(request.sopClassUid(), request.operation());
      if (handler == null) {
        throw unsupported();
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

  /** Set by C-CANCEL or the end of the association. */
  static final class Cancellation {
    private volatile boolean cancelled;

    void cancel() {
      cancelled = true;
    }

    boolean isCancelled() {
      return cancelled;
    }
  }
}
