package org.isocentre.dicom.dimse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationHandler;
import org.isocentre.dicom.association.PresentationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service class provider's end of one association: Verification and Storage (PS3.4 Annexes A
 * and B). Bytes go from the event loop through a bounded queue to one worker at a time; while the
 * queue is full the peer is not read from. A data set is never held whole.
 */
public final class ServiceProvider implements AssociationHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceProvider.class);

  private final Executor workers;
  private final DataSetSink.Factory sinks;
  private final StorageHandler storage;
  private final ScpSettings settings;

  private final Queue<Step> steps = new ArrayDeque<>();
  private boolean working;
  private boolean ended;
  private int queuedBytes;
  private boolean paused;

  // Of the event loop only:
  private ByteBuf commandBytes;
  private int commandContext;
  private boolean dataSetExpected;

  // Of the worker only:
  private Command command;
  private PresentationContext context;
  private DataSetSink sink;
  private StorageHandler.Result refusal;

  /** One piece of work, in the order of arrival. */
  private record Step(int bytes, Runnable work, Runnable drop) {}

  /**
   * @param workers runs one task at a time for this association; a task may wait
   * @param sinks where data sets go as they arrive
   * @param storage what is done with each
   */
  public ServiceProvider(
      Executor workers, DataSetSink.Factory sinks, StorageHandler storage, ScpSettings settings) {
    this.workers = workers;
    this.sinks = sinks;
    this.storage = storage;
    this.settings = settings;
  }

  // --- on the event loop

  @Override
  public void established(Association association) {
    LOG.debug("Association {} established", association);
  }

  @Override
  public void pdv(
      Association association, int contextId, boolean isCommand, boolean last, ByteBuf fragment) {
    if (isCommand == dataSetExpected || commandBytes != null && contextId != commandContext) {
      LOG.warn(
          "Association {}: a {} fragment where a {} fragment was expected (PS3.8 Annex E.2); aborted",
          association,
          isCommand ? "command" : "data set",
          dataSetExpected ? "data set" : "command");
      association.abort();
      return;
    }
    if (isCommand) {
      commandFragment(association, contextId, last, fragment);
    } else {
      ByteBuf bytes = fragment.retain();
      submit(
          association,
          new Step(bytes.readableBytes(), () -> data(association, bytes, last), bytes::release));
      if (last) {
        dataSetExpected = false;
        association.turn(Association.Turn.HERE);
      }
    }
  }

  private void commandFragment(
      Association association, int contextId, boolean last, ByteBuf fragment) {
    if (commandBytes == null) {
      commandBytes = Unpooled.buffer(256, settings.maxCommandBytes());
      commandContext = contextId;
    }
    if (fragment.readableBytes() > settings.maxCommandBytes() - commandBytes.readableBytes()) {
      LOG.warn(
          "Association {}: a command set of more than {} bytes; aborted",
          association,
          settings.maxCommandBytes());
      association.abort();
      return;
    }
    commandBytes.writeBytes(fragment);
    if (!last) {
      return;
    }
    byte[] bytes = new byte[commandBytes.readableBytes()];
    commandBytes.readBytes(bytes);
    commandBytes = null;
    try {
      Command received = Command.decode(bytes);
      dataSetExpected = received.hasDataSet();
      association.turn(dataSetExpected ? Association.Turn.PEER : Association.Turn.HERE);
      PresentationContext on = association.presentationContext(contextId);
      submit(association, new Step(0, () -> begin(association, received, on), () -> {}));
    } catch (IOException e) {
      LOG.warn("Association {}: not a command set, aborted: {}", association, e.getMessage());
      association.abort();
    }
  }

  @Override
  public void released(Association association) {
    LOG.debug("Association {} released", association);
  }

  @Override
  public void closed(Association association, AssociationException cause) {
    if (cause.kind() != AssociationException.Kind.CLOSED) {
      LOG.info("{}", cause.getMessage());
    }
    commandBytes = null;
    synchronized (steps) {
      ended = true;
      steps.forEach(step -> step.drop().run());
      steps.clear();
      if (working) {
        steps.add(new Step(0, this::abandon, () -> {}));
        return;
      }
      working = true;
      steps.add(new Step(0, this::abandon, () -> {}));
    }
    execute(association);
  }

  // --- from the event loop to the worker

  private void submit(Association association, Step step) {
    boolean start;
    synchronized (steps) {
      if (ended) {
        step.drop().run();
        return;
      }
      steps.add(step);
      queuedBytes += step.bytes();
      if (!paused && queuedBytes > settings.maxQueuedBytes()) {
        paused = true;
        association.reading(false);
      }
      start = !working;
      working = true;
    }
    if (start) {
      execute(association);
    }
  }

  private void execute(Association association) {
    try {
      workers.execute(() -> work(association));
    } catch (java.util.concurrent.RejectedExecutionException e) {
      LOG.warn(
          "Association {}: no worker is free, aborted; raise the limit of workers if this is seen often",
          association);
      association.abort();
      work(association);
    }
  }

  private void work(Association association) {
    while (true) {
      Step step;
      synchronized (steps) {
        step = steps.poll();
        if (step == null) {
          working = false;
          return;
        }
        queuedBytes -= step.bytes();
        if (paused && queuedBytes < settings.maxQueuedBytes() / 2) {
          paused = false;
          association.reading(true);
        }
      }
      try {
        step.work().run();
      } catch (RuntimeException e) {
        LOG.warn("Association {}: unexpected failure, aborted", association, e);
        association.abort();
      }
    }
  }

  // --- on the worker

  private void begin(Association association, Command received, PresentationContext on) {
    command = received;
    context = on;
    refusal = null;
    switch (received.field()) {
      case Command.C_ECHO_RQ -> respond(association, received.response(Status.SUCCESS, null));
      case Command.C_STORE_RQ -> open(association);
      case Command.C_CANCEL_RQ -> association.turn(Association.Turn.NOBODY);
      default ->
          refusal =
              new StorageHandler.Result(Status.UNRECOGNIZED_OPERATION, "operation not supported");
    }
    if (refusal != null && !received.hasDataSet()) {
      respond(association, received.response(refusal.status(), refusal.comment()));
    }
  }

  private void open(Association association) {
    String sopClass = command.sopClassUid();
    if (sopClass == null || command.sopInstanceUid() == null || !command.hasDataSet()) {
      refusal =
          new StorageHandler.Result(
              Status.CANNOT_UNDERSTAND, "C-STORE-RQ without SOP class, instance or data set");
    } else if (!sopClass.equals(context.abstractSyntax())) {
      refusal =
          new StorageHandler.Result(
              Status.SOP_CLASS_NOT_SUPPORTED,
              "SOP class is not the one of the presentation context");
    } else {
      try {
        sink = sinks.open(info(association));
      } catch (IOException | RuntimeException e) {
        refusal = failure(association, e, Status.OUT_OF_RESOURCES);
      }
    }
  }

  private DataSetInfo info(Association association) {
    return new DataSetInfo(
        association.callingAeTitle(),
        association.calledAeTitle(),
        association.remoteAddress().getAddress().getHostAddress(),
        command.sopClassUid(),
        command.sopInstanceUid(),
        context.transferSyntax(),
        association.peerImplementationClassUid(),
        association.peerImplementationVersionName());
  }

  private void data(Association association, ByteBuf bytes, boolean last) {
    try {
      if (sink != null && bytes.isReadable()) {
        sink.write(bytes.nioBuffer());
      }
    } catch (IOException | RuntimeException e) {
      refusal = failure(association, e, Status.OUT_OF_RESOURCES);
      abandon();
    } finally {
      bytes.release();
    }
    if (last) {
      end(association);
    }
  }

  private void end(Association association) {
    StorageHandler.Result result = refusal;
    if (sink != null) {
      DataSetSink full = sink;
      sink = null;
      try (ReceivedDataSet object = full.complete()) {
        result = storage.store(association, object);
      } catch (IOException e) {
        result = failure(association, e, Status.OUT_OF_RESOURCES);
      } catch (RuntimeException e) {
        result = failure(association, e, Status.PROCESSING_FAILURE);
      }
    }
    respond(association, command.response(result.status(), result.comment()));
  }

  private StorageHandler.Result failure(Association association, Exception e, int status) {
    if (e instanceof DimseStatusException chosen) {
      LOG.warn(
          "Association {}: object {} refused with {}: {}",
          association,
          command.sopInstanceUid(),
          Status.text(chosen.status()),
          chosen.getMessage());
      return new StorageHandler.Result(chosen.status(), chosen.getMessage());
    }
    LOG.warn(
        "Association {}: object {} could not be stored, answered {}",
        association,
        command.sopInstanceUid(),
        Status.text(status),
        e);
    return new StorageHandler.Result(
        status,
        status == Status.OUT_OF_RESOURCES
            ? "could not be stored now, send again"
            : "failed, send again or see the log");
  }

  private void respond(Association association, Command response) {
    association.turn(Association.Turn.NOBODY);
    byte[] bytes = response.encode();
    try {
      int most = association.maxFragmentLength();
      for (int at = 0; at < bytes.length; at += most) {
        int count = Math.min(most, bytes.length - at);
        association.sendPdv(
            context.id(),
            true,
            at + count == bytes.length,
            Unpooled.wrappedBuffer(bytes, at, count));
      }
    } catch (AssociationException e) {
      LOG.info(
          "The answer {} could not be sent: {}", Status.text(response.status()), e.getMessage());
    }
  }

  private void abandon() {
    if (sink != null) {
      sink.abandon();
      sink = null;
    }
  }
}
