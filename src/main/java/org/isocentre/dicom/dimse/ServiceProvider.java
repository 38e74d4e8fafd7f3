package org.isocentre.dicom.dimse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationHandler;
import org.isocentre.dicom.association.PresentationContext;
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
              ? new Intake.ToSink(openSink())
              : new Intake.ToMemory(new ByteArrayOutputStream(512), settings.maxDataSetBytes());
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

  static DimseStatusException unsupported() {
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
    PerformedOperation operation = operation(running.get(command.messageId()));
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

  /**
   * @param known what is under way of the command's message ID: another one, if this is refused for
   *     that
   */
  private PerformedOperation operation(Running known) {
    Running self =
        known != null && known.request() == command
            ? known
            : new Running(command, new Cancellation());
    return new PerformedOperation(
        channel, services, life(self), command, context, intake, refusal, self.cancellation());
  }

  private PerformedOperation.Life life(Running self) {
    return new PerformedOperation.Life() {
      @Override
      public void answering() {
        // Before the answer is out: the next request, and of the same ID, may come at once.
        running.remove(self.request().messageId(), self);
        turn(Association.Turn.NOBODY, 1);
      }

      @Override
      public void over() {
        running.remove(self.request().messageId(), self);
        synchronized (active) {
          active.decrementAndGet();
          turn(Association.Turn.NOBODY, 0);
        }
        oneLess();
      }
    };
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
}
