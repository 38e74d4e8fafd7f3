package org.isocentre.dicom.association;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.StateTable.Action;
import org.isocentre.dicom.association.StateTable.Event;
import org.isocentre.dicom.association.StateTable.State;
import org.isocentre.dicom.pdu.Pdu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One association of either role: carries out the actions of {@link StateTable} (PS3.8 §9.2). All
 * but the methods of {@link Association} runs on the event loop.
 */
abstract class AssociationMachine extends NegotiatedAssociation {
  private static final Logger LOG = LoggerFactory.getLogger(AssociationMachine.class);

  final AssociationSettings settings;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Outflow outflow = new Outflow();
  private volatile State state = State.STA1;
  private volatile boolean open;
  private AssociationHandler handler;
  private volatile AssociationException cause;
  private boolean told;
  private ScheduledFuture<?> artim;
  private IdleWatch idle;
  private volatile boolean reading = true;
  private volatile Turn turn = Turn.NOBODY;

  AssociationMachine(AssociationRole role, AssociationSettings settings) {
    super(role);
    this.settings = settings;
  }

  // --- what the roles add

  /** AE-1: connect is under way. */
  abstract Pdu.AssociateRq requestToSend();

  /** AE-3: the peer accepted. */
  abstract void accepted(Pdu.AssociateAc answer);

  /** AE-6: looks at the request and answers with {@link #accept} or {@link #reject}. */
  abstract void requested(Pdu.AssociateRq request);

  /**
   * The end of an association that never was established, or of one that was; the transport may
   * stay until the peer closes it.
   */
  abstract void over(AssociationException cause);

  // --- events of the transport

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    connected(context.channel());
    if (role() == AssociationRole.REQUESTOR) {
      fire(Event.ASSOCIATE_REQUEST, null);
      if (!isSecured()) {
        fire(Event.TRANSPORT_CONFIRMED, null);
      }
    } else {
      fire(Event.TRANSPORT_INDICATION, null);
    }
    super.channelActive(context);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (!handshake.isSuccess()) {
        because(TlsFailure.ofHandshake(handshake.cause()));
      } else if (role() == AssociationRole.REQUESTOR) {
        // The transport is there when it is secure (PS3.15 Annex B).
        fire(Event.TRANSPORT_CONFIRMED, null);
      }
    }
    super.userEventTriggered(context, event);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Pdu pdu) {
    if (!(pdu instanceof Pdu.PdvChunk chunk)) {
      progress();
      fire(eventOf(pdu), pdu);
      return;
    }
    try {
      if (chunk.endOfPdu()) {
        progress();
      }
      fire(Event.P_DATA_TF_PDU, pdu);
    } finally {
      chunk.bytes().release();
    }
  }

  private static Event eventOf(Pdu pdu) {
    if (pdu instanceof Pdu.AssociateRq) {
      return Event.ASSOCIATE_RQ_PDU;
    } else if (pdu instanceof Pdu.AssociateAc) {
      return Event.ASSOCIATE_AC_PDU;
    } else if (pdu instanceof Pdu.AssociateRj) {
      return Event.ASSOCIATE_RJ_PDU;
    } else if (pdu instanceof Pdu.ReleaseRq) {
      return Event.RELEASE_RQ_PDU;
    } else if (pdu instanceof Pdu.ReleaseRp) {
      return Event.RELEASE_RP_PDU;
    } else if (pdu instanceof Pdu.Abort) {
      return Event.ABORT_PDU;
    }
    return Event.UNRECOGNIZED_PDU;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    fire(Event.TRANSPORT_CLOSED, null);
    super.channelInactive(context);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
    outflow.changed();
    super.channelWritabilityChanged(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
    TlsFailure failure = isHandshaking() ? TlsFailure.ofHandshake(error) : TlsFailure.of(error);
    if (failure != null) {
      because(failure);
    } else if (error instanceof java.io.IOException) {
      because(Kind.CONNECTION_LOST, "the connection was lost: " + error.getMessage());
    } else {
      LOG.warn("{}: unexpected failure, the association is aborted", this, error);
      because(Kind.ABORTED, "an unexpected failure here: " + error.getClass().getSimpleName());
      end();
      return;
    }
    context.close();
  }

  // --- the machine

  final void fire(Event event, Pdu pdu) {
    Action action = StateTable.action(event, state);
    if (action == null) {
      return;
    }
    boolean alternative = action == Action.AR8 && role() == AssociationRole.ACCEPTOR;
    if (action == Action.AE6) {
      Pdu.AssociateRj refusal = refusal((Pdu.AssociateRq) pdu);
      alternative = refusal != null;
      state = StateTable.next(action, state, alternative);
      if (refusal != null) {
        sendRejection(refusal);
      } else {
        stopArtim();
        named((Pdu.AssociateRq) pdu);
        requested((Pdu.AssociateRq) pdu);
      }
      return;
    }
    State before = state;
    state = StateTable.next(action, state, alternative);
    perform(action, event, before, pdu);
  }

  private void perform(Action action, Event event, State before, Pdu pdu) {
    switch (action) {
      case AE2 -> {
        send(requestToSend());
        startTimer(settings.acceptTimeout(), () -> timeout("no answer to A-ASSOCIATE-RQ"));
      }
      case AE3 -> {
        stopArtim();
        accepted((Pdu.AssociateAc) pdu);
      }
      case AE4 -> {
        Pdu.AssociateRj rj = (Pdu.AssociateRj) pdu;
        because(
            rj.result() == Pdu.AssociateRj.TRANSIENT
                ? Kind.REJECTED_TRANSIENT
                : Kind.REJECTED_PERMANENT,
            rj.text());
        close();
      }
      case AE5 -> startTimer(settings.artimTimeout(), this::artimExpired);
      case DT2, AR6 -> data((Pdu.PdvChunk) pdu);
      case AR1 -> send(new Pdu.ReleaseRq());
      case AR2 -> {
        open = false;
        handler.released(this);
        fire(Event.RELEASE_RESPONSE, null);
      }
      case AR3 -> {
        because(Kind.CLOSED, "released");
        close();
      }
      case AR4 -> {
        because(Kind.CLOSED, "released");
        send(new Pdu.ReleaseRp());
        startTimer(settings.artimTimeout(), this::artimExpired);
        awaitClose();
      }
      case AR8 -> {
        open = false;
        if (role() == AssociationRole.REQUESTOR) {
          fire(Event.RELEASE_RESPONSE, null);
        }
      }
      case AR9 -> send(new Pdu.ReleaseRp());
      case AR10 -> fire(Event.RELEASE_RESPONSE, null);
      case AA1 -> abortBecause(event, pdu);
      case AA2 -> {
        stopArtim();
        close();
      }
      case AA3 -> {
        Pdu.Abort abort = (Pdu.Abort) pdu;
        because(
            Kind.ABORTED,
            "aborted by the peer, source %d, reason %d (PS3.8 §9.3.8)"
                .formatted(abort.source(), abort.reason()));
        close();
      }
      case AA4, AA5, AR5 -> {
        stopArtim();
        because(
            Kind.CONNECTION_LOST,
            before == State.STA5
                ? "the peer closed the connection instead of an answer; is TLS used at one end only?"
                : "the peer closed the connection without release or abort");
        finish();
      }
      case AA7 -> send(new Pdu.Abort(Pdu.Abort.SERVICE_PROVIDER, Pdu.Abort.UNEXPECTED_PDU));
      case AA8 -> abortBecause(event, pdu);
      default -> {
        // AE-1, AE-7, AE-8, DT-1, AR-7, AA-6: done by the caller, or nothing to do.
      }
    }
  }

  private void abortBecause(Event event, Pdu pdu) {
    int source = event == Event.ABORT_REQUEST ? Pdu.Abort.SERVICE_USER : Pdu.Abort.SERVICE_PROVIDER;
    int reason = event == Event.ABORT_REQUEST ? 0 : Pdu.Abort.UNEXPECTED_PDU;
    if (pdu instanceof Pdu.Invalid invalid) {
      reason = invalid.abortReason();
      because(Kind.PROTOCOL, "the peer sent " + invalid.what() + " (PS3.8 §9.3)");
    } else if (event != Event.ABORT_REQUEST) {
      because(Kind.PROTOCOL, "the peer sent " + event + ", which is not expected now (PS3.8 §9.2)");
    } else {
      because(Kind.ABORTED, "aborted here");
    }
    open = false;
    send(new Pdu.Abort(source, reason));
    startTimer(settings.artimTimeout(), this::artimExpired);
    awaitClose();
  }

  /** Refusals that the upper layer itself makes (PS3.8 §9.3.4, source 2). */
  private static Pdu.AssociateRj refusal(Pdu.AssociateRq request) {
    if ((request.protocolVersion() & 1) == 0) {
      return Pdu.AssociateRj.PROTOCOL_VERSION_NOT_SUPPORTED;
    }
    return request.applicationContext().equals(org.isocentre.dicom.data.Uid.APPLICATION_CONTEXT)
        ? null
        : Pdu.AssociateRj.APPLICATION_CONTEXT_NOT_SUPPORTED;
  }

  /** Whether it is, or once was, an association that a handler is told of. */
  final boolean isEstablished() {
    return handler != null;
  }

  /** Whether the acceptor still owes an answer (Sta3). */
  final boolean isDeciding() {
    return state == State.STA3;
  }

  /** The acceptor's yes (Evt7, AE-7). @param verified or null */
  final void accept(
      Pdu.AssociateRq request,
      Pdu.AssociateAc answer,
      AssociationHandler user,
      VerifiedIdentity verified) {
    stopArtim();
    handler = user;
    send(answer);
    fire(Event.ASSOCIATE_ACCEPT, null);
    agreed(request, answer, verified);
    established();
  }

  /** The acceptor's no (Evt8, AE-8). */
  final void reject(Pdu.AssociateRj rejection) {
    fire(Event.ASSOCIATE_REJECT, null);
    sendRejection(rejection);
  }

  /** Has {@code late} done unless an answer is given before. */
  final void answerWithin(Duration patience, Runnable late) {
    startTimer(patience, late);
  }

  private void sendRejection(Pdu.AssociateRj rejection) {
    because(
        rejection.result() == Pdu.AssociateRj.TRANSIENT
            ? Kind.REJECTED_TRANSIENT
            : Kind.REJECTED_PERMANENT,
        rejection.text());
    send(rejection);
    startTimer(settings.artimTimeout(), this::artimExpired);
    awaitClose();
  }

  /** The requestor's part of AE-3. */
  final void establishAsRequestor(
      Pdu.AssociateRq request, Pdu.AssociateAc answer, AssociationHandler user) {
    handler = user;
    Pdu.UserIdentityResponse response = answer.userInformation().userIdentityResponse();
    agreed(request, answer, response == null ? null : new VerifiedIdentity("", response.bytes()));
    established();
  }

  private void established() {
    open = true;
    if (role() == AssociationRole.ACCEPTOR && !settings.idleTimeout().isZero()) {
      idle =
          new IdleWatch(
              channel().eventLoop(),
              settings.idleTimeout(),
              () -> !reading || turn == Turn.HERE || state != State.STA6,
              () -> timeout("the peer completed no PDU within " + settings.idleTimeout()));
    }
    handler.established(this);
  }

  private void data(Pdu.PdvChunk chunk) {
    if (presentationContext(chunk.contextId()) == null) {
      fire(
          Event.UNRECOGNIZED_PDU,
          new Pdu.Invalid(
              Pdu.Abort.INVALID_PARAMETER,
              "a PDV for presentation context " + chunk.contextId() + ", which was not accepted"));
      return;
    }
    handler.pdv(this, chunk.contextId(), chunk.command(), chunk.last(), chunk.bytes());
  }

  // --- timers

  private void startTimer(Duration after, Runnable task) {
    stopArtim();
    artim = channel().eventLoop().schedule(task, after.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void stopArtim() {
    if (artim != null) {
      artim.cancel(false);
      artim = null;
    }
  }

  private void artimExpired() {
    because(
        Kind.TIMEOUT,
        "the peer did not send an A-ASSOCIATE-RQ, or did not close, within "
            + settings.artimTimeout());
    fire(Event.ARTIM_EXPIRED, null);
  }

  private void timeout(String what) {
    because(Kind.TIMEOUT, what);
    fire(Event.ABORT_REQUEST, null);
  }

  private void progress() {
    if (idle != null) {
      idle.progress();
    }
  }

  // --- ends

  private void because(Kind kind, String what) {
    if (cause == null) {
      cause = new AssociationException(kind, "association " + this + ": " + what);
    }
  }

  private void because(TlsFailure failure) {
    because(failure.kind(), failure.text());
  }

  private void send(Pdu pdu) {
    channel()
        .writeAndFlush(pdu)
        .addListener(
            done -> {
              if (done.cause() instanceof IllegalArgumentException e) {
                because(Kind.PROTOCOL, "what was to be sent cannot be: " + e.getMessage());
                channel().close();
              }
            });
  }

  /**
   * Sta13: the peer closes, after it has read what was sent last; ARTIM waits no longer than its
   * time. To close at once while bytes of the peer are unread would reset the connection, and the
   * peer would lose the A-ABORT on its way (RFC 1122 §4.2.2.13).
   */
  private void awaitClose() {
    channel().config().setAutoRead(true);
    // Not now: who is told may be the one that is in the middle of taking a fragment.
    channel().eventLoop().execute(this::tell);
    if (isSecured()) {
      return;
    }
    // Everything is written in order, so the end of an empty write is the end of all before it.
    channel()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> ((DuplexChannel) channel()).shutdownOutput());
  }

  private void close() {
    channel().close();
    finish();
  }

  private void finish() {
    stopArtim();
    tell();
  }

  /** There is no association any more, though the transport may stay for a moment (Sta13). */
  private void tell() {
    if (told) {
      return;
    }
    told = true;
    open = false;
    if (idle != null) {
      idle.stop();
    }
    because(Kind.CLOSED, "closed");
    ended.countDown();
    outflow.changed();
    try {
      if (handler != null) {
        handler.closed(this, cause);
      }
    } finally {
      over(cause);
    }
  }

  /** The transport could not be made. */
  final void failedToConnect(Throwable error) {
    because(
        error instanceof io.netty.channel.ConnectTimeoutException ? Kind.TIMEOUT : Kind.CONNECT,
        "cannot connect: " + error.getMessage());
    finish();
  }

  // --- Association

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void sendPdv(int contextId, boolean command, boolean last, ByteBuf fragment) {
    boolean onLoop = channel().eventLoop().inEventLoop();
    try {
      checkSendable(fragment);
      if (!onLoop) {
        awaitWritable();
      }
    } catch (RuntimeException e) {
      fragment.release();
      throw e;
    }
    Pdu.PDataTf pdu = new Pdu.PDataTf(contextId, command, last, fragment);
    // TLS holds what is not flushed, out of sight of the watermarks.
    if (last || onLoop || isSecured() || outflow.isFlushDue(fragment.readableBytes())) {
      outflow.flushed();
      channel().writeAndFlush(pdu);
    } else {
      channel().write(pdu);
    }
  }

  private void checkSendable(ByteBuf fragment) {
    if (!open || StateTable.action(Event.P_DATA_REQUEST, state) == null) {
      throw gone();
    }
    if (fragment.readableBytes() > maxFragmentLength()) {
      throw new IllegalArgumentException(
          "ISO-DICOM-406: a fragment of %d bytes; the peer takes %d (PS3.8 §D.1)"
              .formatted(fragment.readableBytes(), maxFragmentLength()));
    }
  }

  private void awaitWritable() {
    try {
      if (!outflow.await(channel(), settings.sendTimeout(), () -> open)) {
        String what = "the peer took no bytes within " + settings.sendTimeout();
        onLoop(() -> timeout(what));
        throw new AssociationException(Kind.TIMEOUT, "association " + this + ": " + what);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abort();
      throw new AssociationException(
          Kind.ABORTED, "association " + this + ": interrupted while sending", e);
    }
    if (!open) {
      throw gone();
    }
  }

  private AssociationException gone() {
    AssociationException why = cause;
    return why != null
        ? why.again()
        : new AssociationException(Kind.CLOSED, "association " + this + " is closed");
  }

  @Override
  public void reading(boolean on) {
    reading = on;
    if (on || state != State.STA13) {
      channel().config().setAutoRead(on);
    }
  }

  @Override
  public void turn(Turn whose) {
    turn = whose;
  }

  /** Ends it in whatever state: where there is no association to abort, by closing (Sta2). */
  final void end() {
    onLoop(
        () -> {
          if (StateTable.action(Event.ABORT_REQUEST, state) == null) {
            channel().close();
          } else {
            fire(Event.ABORT_REQUEST, null);
          }
        });
  }

  /** Waits for the end of the operation that runs, at most so long. */
  final void awaitEnd(long nanos) {
    try {
      long until = System.nanoTime() + nanos;
      while (turn != Turn.NOBODY && System.nanoTime() < until) {
        if (ended.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void release() {
    onLoop(
        () -> {
          open = false;
          fire(Event.RELEASE_REQUEST, null);
        });
    try {
      if (!ended.await(settings.releaseTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        abort();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abort();
    }
  }

  @Override
  public void abort() {
    onLoop(() -> fire(Event.ABORT_REQUEST, null));
  }

  final void onLoop(Runnable task) {
    if (channel().eventLoop().inEventLoop()) {
      task.run();
    } else {
      channel().eventLoop().execute(task);
    }
  }
}
