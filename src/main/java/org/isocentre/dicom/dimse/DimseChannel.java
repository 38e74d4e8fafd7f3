package org.isocentre.dicom.dimse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationHandler;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DIMSE messages on one association, in both directions (PS3.7 §6.3, §8.1). Requests of the peer go
 * from the event loop through a bounded queue to one worker at a time; while the queue is full the
 * peer is not read from. Its responses are matched with what was asked here. A data set of a
 * C-STORE is never held whole.
 */
final class DimseChannel implements AssociationHandler {
  private static final Logger LOG = LoggerFactory.getLogger(DimseChannel.class);
  private static final int MAX_MESSAGE_ID = 0xffff;
  private static final int SMALL_FRAGMENT = 16 * 1024;

  /** What a queued step costs beside its bytes: many small fragments must not pass the limit. */
  private static final int STEP_BYTES = 256;

  private final Executor workers;
  private final Requests requests;
  private final DimseSettings settings;
  private final Map<Integer, Asked> outstanding = new ConcurrentHashMap<>();
  private final ReentrantLock sending = new ReentrantLock();
  private volatile Association association;
  private volatile AssociationException end;
  private Semaphore window;
  private int lastMessageId;

  private final Queue<Step> steps = new ArrayDeque<>();
  private boolean working;
  private boolean ended;
  private int queuedBytes;
  private boolean queueIsFull;
  private int holds;

  // Of the event loop only:
  private ByteBuf commandBytes;
  private int contextId;
  private Command incoming;
  private ByteBuf answerBytes;

  /** One piece of work, in the order of arrival. */
  private record Step(int bytes, Runnable work, Runnable drop) {}

  /**
   * A request that is not answered yet.
   *
   * @param field Command Field of its responses
   */
  private record Asked(int field, Responses responses) {}

  /** What is done with the peer's requests. */
  interface Requests {
    /** The association is established. On the event loop. */
    void established(DimseChannel channel);

    /** A request's command came. On the event loop: must not wait. */
    void arrived(Command request);

    /** The same, in its turn. Off the event loop, as all below but {@link #cancel}. */
    void begin(Command request, PresentationContext context);

    /** The next bytes of its data set, valid during the call only. */
    void data(ByteBuffer bytes);

    /** All of the message came. */
    void end();

    /** C-CANCEL-RQ. On the event loop: must not wait. */
    void cancel(int messageId);

    /** The association is over, whatever was under way. */
    void abandon();
  }

  /** What is done with the responses to one request. On the event loop: must not wait. */
  interface Responses {
    /** One response; the last one is not pending. */
    void response(Command response, DataSet dataSet);

    /** The association ended before the last response. */
    void failed(AssociationException cause);
  }

  DimseChannel(Executor workers, Requests requests, DimseSettings settings) {
    this.workers = workers;
    this.requests = requests;
    this.settings = settings;
  }

  Association association() {
    return association;
  }

  DimseSettings settings() {
    return settings;
  }

  // --- on the event loop

  @Override
  public void established(Association established) {
    int limit = established.maxOperationsInvoked();
    window = new Semaphore(limit == 0 ? settings.maxOperationsInvoked() : limit);
    association = established;
    requests.established(this);
    LOG.debug("Association {} established", established);
  }

  @Override
  public void pdv(Association from, int context, boolean command, boolean last, ByteBuf fragment) {
    boolean dataSetExpected = incoming != null;
    if (command == dataSetExpected
        || (commandBytes != null || dataSetExpected) && context != contextId) {
      abort(
          "a %s fragment for context %d where a %s fragment was expected (PS3.8 Annex E.2)",
          command ? "command" : "data set", context, dataSetExpected ? "data set" : "command");
    } else if (command) {
      contextId = context;
      commandFragment(last, fragment);
    } else if (incoming.isResponse()) {
      answerFragment(last, fragment);
    } else {
      requestFragment(last, fragment);
    }
  }

  private void abort(String why, Object... arguments) {
    LOG.warn("Association {}: {}; aborted", association, why.formatted(arguments));
    association.abort();
  }

  private void commandFragment(boolean last, ByteBuf fragment) {
    if (commandBytes == null) {
      commandBytes = Unpooled.buffer(256, settings.maxCommandBytes());
    }
    if (fragment.readableBytes() > settings.maxCommandBytes() - commandBytes.readableBytes()) {
      abort("a command set of more than %d bytes", settings.maxCommandBytes());
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
      command(Command.decode(bytes));
    } catch (IOException e) {
      abort("not a command set: %s", e.getMessage());
    }
  }

  private void command(Command command) {
    if (command.field() == Command.C_CANCEL_RQ) {
      requests.cancel(command.messageId());
      return;
    }
    if (command.isResponse() && !isAsked(command)) {
      abort(
          "an answer %04XH to message %d, which was not asked or is answered",
          command.field(), command.messageId());
      return;
    }
    boolean more = command.hasDataSet();
    incoming = more ? command : null;
    if (command.isResponse()) {
      if (!more) {
        answer(command, null);
      }
      return;
    }
    requests.arrived(command);
    PresentationContext on = association.presentationContext(contextId);
    submit(
        new Step(
            0,
            () -> {
              requests.begin(command, on);
              if (!more) {
                requests.end();
              }
            },
            () -> {}));
  }

  private boolean isAsked(Command response) {
    Asked asked = outstanding.get(response.messageId());
    return asked != null && asked.field() == response.field();
  }

  private void requestFragment(boolean last, ByteBuf fragment) {
    ByteBuf bytes = fragment.retain();
    submit(new Step(bytes.readableBytes(), () -> data(bytes, last), bytes::release));
    if (last) {
      incoming = null;
    }
  }

  private void data(ByteBuf bytes, boolean last) {
    try {
      if (bytes.isReadable()) {
        requests.data(bytes.nioBuffer());
      }
    } finally {
      bytes.release();
    }
    if (last) {
      requests.end();
    }
  }

  private void answerFragment(boolean last, ByteBuf fragment) {
    if (answerBytes == null) {
      answerBytes = Unpooled.buffer(512, settings.maxDataSetBytes());
    }
    if (fragment.readableBytes() > settings.maxDataSetBytes() - answerBytes.readableBytes()) {
      abort("a response's data set of more than %d bytes", settings.maxDataSetBytes());
      return;
    }
    answerBytes.writeBytes(fragment);
    if (!last) {
      return;
    }
    byte[] bytes = new byte[answerBytes.readableBytes()];
    answerBytes.readBytes(bytes);
    answerBytes = null;
    Command response = incoming;
    incoming = null;
    try {
      answer(
          response,
          Identifiers.decode(bytes, association.presentationContext(contextId).transferSyntax()));
    } catch (IOException e) {
      abort("a response's data set cannot be read: %s", e.getMessage());
    }
  }

  private void answer(Command response, DataSet dataSet) {
    boolean last = !Status.isPending(response.status());
    Asked asked =
        last ? outstanding.remove(response.messageId()) : outstanding.get(response.messageId());
    if (asked == null) {
      return;
    }
    if (last) {
      window.release();
    }
    asked.responses().response(response, dataSet);
  }

  @Override
  public void released(Association released) {
    LOG.debug("Association {} released", released);
  }

  @Override
  public void closed(Association closed, AssociationException cause) {
    if (cause.kind() != Kind.CLOSED) {
      LOG.info("{}", cause.getMessage());
    }
    end = cause;
    commandBytes = null;
    answerBytes = null;
    outstanding.keySet().forEach(id -> fail(id, cause));
    synchronized (steps) {
      dropSteps();
      steps.add(new Step(0, requests::abandon, requests::abandon));
      if (working) {
        return;
      }
      working = true;
    }
    execute();
  }

  private void fail(int messageId, AssociationException cause) {
    Asked asked = outstanding.remove(messageId);
    if (asked != null) {
      window.release();
      asked.responses().failed(cause);
    }
  }

  /** With the lock of {@link #steps}. */
  private void dropSteps() {
    ended = true;
    steps.forEach(step -> step.drop().run());
    steps.clear();
  }

  // --- from the event loop to the worker

  private void submit(Step step) {
    synchronized (steps) {
      if (ended) {
        step.drop().run();
        return;
      }
      steps.add(step);
      queuedBytes += step.bytes() + STEP_BYTES;
      if (!queueIsFull && queuedBytes > settings.maxQueuedBytes()) {
        queueIsFull = true;
        hold();
      }
      if (working) {
        return;
      }
      working = true;
    }
    execute();
  }

  private void execute() {
    try {
      workers.execute(this::work);
    } catch (java.util.concurrent.RejectedExecutionException e) {
      abort("no worker is free; raise the limit of workers if this is seen often");
      synchronized (steps) {
        // This is the event loop: what may wait must not be done here.
        dropSteps();
        working = false;
      }
    }
  }

  private void work() {
    while (true) {
      Step step;
      synchronized (steps) {
        step = steps.poll();
        if (step == null) {
          working = false;
          return;
        }
        queuedBytes -= step.bytes() + STEP_BYTES;
        if (queueIsFull && queuedBytes < settings.maxQueuedBytes() / 2) {
          queueIsFull = false;
          unhold();
        }
      }
      try {
        step.work().run();
      } catch (RuntimeException | Error e) {
        LOG.warn("Association {}: unexpected failure, aborted", association, e);
        association.abort();
      }
    }
  }

  /** Stops reading from the peer until as many {@link #unhold} as holds were called. */
  void hold() {
    synchronized (steps) {
      if (holds++ == 0) {
        association.reading(false);
      }
    }
  }

  void unhold() {
    synchronized (steps) {
      if (--holds == 0) {
        association.reading(true);
      }
    }
  }

  // --- sending, from any thread but the event loop

  /**
   * Sends a message. Waits for one that is being sent: the fragments of two messages never mix.
   *
   * @param dataSet read to its end, never held whole; null for none
   */
  void send(PresentationContext context, Command command, InputStream dataSet) throws IOException {
    sending.lock();
    try {
      // A data set that cannot be read at all is found out before anything is sent.
      ByteBuf first = dataSet == null ? null : fill(dataSet, fragmentLength(), expected(dataSet));
      sendAll(context, command, first, dataSet);
    } finally {
      sending.unlock();
    }
  }

  private void sendAll(
      PresentationContext context, Command command, ByteBuf first, InputStream dataSet)
      throws IOException {
    ByteBuf unsent = first;
    try {
      sendCommand(context, command);
      if (first != null) {
        unsent = null;
        sendDataSet(context, first, dataSet);
      }
    } catch (IOException | RuntimeException | Error e) {
      if (unsent != null) {
        unsent.release();
      }
      // Part of the message is out: the peer must not take it for the whole.
      association.abort();
      throw e;
    }
  }

  private int fragmentLength() {
    return Math.max(association.maxFragmentLength() & ~1, 1);
  }

  /**
   * Sends a request when the window of operations has room.
   *
   * @param request makes the command for the message ID that it gets
   * @return the message ID
   * @throws AssociationException if the association is over, or the window had no room for as long
   *     as the response timeout
   */
  int invoke(
      PresentationContext context,
      IntFunction<Command> request,
      InputStream dataSet,
      Responses responses)
      throws IOException {
    awaitRoom();
    Command command = register(request, responses);
    int messageId = command.messageId();
    AssociationException over = end;
    if (over != null) {
      fail(messageId, over);
      throw over.again();
    }
    try {
      send(context, command, dataSet);
    } catch (IOException | RuntimeException e) {
      if (outstanding.remove(messageId) != null) {
        window.release();
      }
      throw e;
    }
    return messageId;
  }

  private void awaitRoom() {
    try {
      if (!window.tryAcquire(settings.responseTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssociationException(
            Kind.TIMEOUT,
            "as many operations as were negotiated are outstanding with %s, and none ended within %s"
                .formatted(association, settings.responseTimeout()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssociationException(Kind.ABORTED, "interrupted while waiting for a turn", e);
    }
  }

  private synchronized Command register(IntFunction<Command> request, Responses responses) {
    while (true) {
      lastMessageId = lastMessageId == MAX_MESSAGE_ID ? 1 : lastMessageId + 1;
      Command command = request.apply(lastMessageId);
      Asked asked = new Asked(command.responseField(), responses);
      if (outstanding.putIfAbsent(lastMessageId, asked) == null) {
        return command;
      }
    }
  }

  /** C-CANCEL-RQ for an operation that is still outstanding. */
  void cancel(PresentationContext context, int messageId) {
    if (!outstanding.containsKey(messageId)) {
      return;
    }
    try {
      send(context, Command.cancelRequest(messageId), null);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void sendCommand(PresentationContext context, Command command) {
    byte[] bytes = command.encode();
    int most = association.maxFragmentLength();
    for (int at = 0; at < bytes.length; at += most) {
      int count = Math.min(most, bytes.length - at);
      association.sendPdv(
          context.id(), true, at + count == bytes.length, Unpooled.wrappedBuffer(bytes, at, count));
    }
  }

  private void sendDataSet(PresentationContext context, ByteBuf first, InputStream in)
      throws IOException {
    int most = fragmentLength();
    ByteBuf fragment = first;
    while (true) {
      ByteBuf following;
      try {
        following = fill(in, most, fragment.readableBytes() == most ? most : expected(in));
      } catch (IOException | RuntimeException | Error e) {
        fragment.release();
        throw e;
      }
      boolean last = !following.isReadable();
      if (last) {
        following.release();
      }
      try {
        association.sendPdv(context.id(), false, last, fragment);
      } catch (RuntimeException e) {
        if (!last) {
          following.release();
        }
        throw e;
      }
      if (last) {
        return;
      }
      fragment = following;
    }
  }

  /** Bytes that a stream holds ready; many small messages may wait to be sent, so no more. */
  private static int expected(InputStream in) throws IOException {
    int available = in.available();
    return available > 0 ? Math.max(available, 512) : SMALL_FRAGMENT;
  }

  private static ByteBuf fill(InputStream in, int most, int expected) throws IOException {
    ByteBuf buffer =
        io.netty.buffer.PooledByteBufAllocator.DEFAULT.heapBuffer(Math.min(expected, most), most);
    try {
      while (buffer.readableBytes() < most) {
        int room = Math.min(most - buffer.readableBytes(), buffer.capacity());
        if (buffer.writeBytes(in, buffer.isWritable() ? buffer.writableBytes() : room) < 0) {
          break;
        }
      }
      return buffer;
    } catch (IOException | RuntimeException | Error e) {
      buffer.release();
      throw e;
    }
  }

  /** A data set that is small enough to be held, as a stream. */
  static InputStream stream(DataSet dataSet, PresentationContext context) {
    return dataSet == null
        ? null
        : new ByteArrayInputStream(Identifiers.encode(dataSet, context.transferSyntax()));
  }
}
