package org.isocentre.dicom.association;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.pdu.PduSize;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for associations (PS3.8 §7.1, acceptor). */
public final class AssociationAcceptor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AssociationAcceptor.class);
  private static final int RECEIVE_BUFFER = 256 * 1024;

  /** Connections beyond the limit of associations that are kept until they can be told. */
  private static final int UNDECIDED = 128;

  private final AssociationSettings settings;
  private final AssociationPolicy policy;
  private final Channel server;
  private final Set<Inbound> running = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> perAeTitle = new ConcurrentHashMap<>();
  private volatile boolean suspended;

  /** Binds and listens for plain connections. */
  public AssociationAcceptor(
      EventLoops loops,
      String host,
      int port,
      AssociationSettings settings,
      AssociationPolicy policy) {
    this(loops, host, port, settings, null, policy);
  }

  /**
   * Binds and listens.
   *
   * @param port 0 for any free one
   * @param tls null for plain connections
   * @throws AssociationException if the port cannot be had
   */
  public AssociationAcceptor(
      EventLoops loops,
      String host,
      int port,
      AssociationSettings settings,
      TlsSettings tls,
      AssociationPolicy policy) {
    this.settings = settings;
    this.policy = policy;
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(EventLoops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, 256)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(
                ChannelOption.RCVBUF_ALLOCATOR,
                new io.netty.channel.AdaptiveRecvByteBufAllocator(2048, 65536, RECEIVE_BUFFER))
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(256 * 1024, 1024 * 1024))
            .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, PduSize.ESTIMATOR)
            .childHandler(
                new AssociationPipeline(
                    settings,
                    tls == null ? null : () -> tls.acceptor(loops.handshakes()),
                    Inbound::new));
    try {
      this.server = bootstrap.bind(host, port).syncUninterruptibly().channel();
    } catch (Exception e) {
      // Netty throws IOException here though no signature says so.
      throw new AssociationException(
          AssociationException.Kind.CONNECT,
          "cannot listen on %s:%d: %s; is another process using the port?"
              .formatted(host, port, e.getMessage()),
          e);
    }
  }

  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** Associations that are established or being negotiated, or whose connection still stands. */
  public int associations() {
    return running.size();
  }

  /** While suspended, new associations are rejected as transient; those that run go on. */
  public void suspended(boolean on) {
    suspended = on;
  }

  /**
   * Stops listening, lets running associations end by themselves for {@code patience}, then aborts
   * them.
   */
  public void close(Duration patience) {
    suspended = true;
    server.close().awaitUninterruptibly();
    long until = System.nanoTime() + patience.toNanos();
    for (Inbound association : running) {
      association.awaitEnd(until - System.nanoTime());
    }
    running.forEach(Inbound::end);
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }

  private final class Inbound extends AssociationMachine {
    private String countedFor;

    Inbound() {
      super(AssociationRole.ACCEPTOR, AssociationAcceptor.this.settings);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
      running.add(this);
      if (running.size() > settings.maxAssociations() + UNDECIDED) {
        context.close();
      }
      super.channelActive(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      running.remove(this);
      super.channelInactive(context);
    }

    @Override
    Pdu.AssociateRq requestToSend() {
      throw new IllegalStateException("ISO-DICOM-403: an acceptor sends no request");
    }

    @Override
    void accepted(Pdu.AssociateAc answer) {
      throw new IllegalStateException("ISO-DICOM-403: an acceptor gets no answer");
    }

    @Override
    void requested(Pdu.AssociateRq request) {
      if (suspended || running.size() > settings.maxAssociations()) {
        refuse(
            request,
            suspended
                ? Pdu.AssociateRj.TEMPORARY_CONGESTION
                : Pdu.AssociateRj.LOCAL_LIMIT_EXCEEDED);
        return;
      }
      countedFor = request.callingAeTitle();
      if (perAeTitle.merge(countedFor, 1, Integer::sum) > settings.maxAssociationsPerAeTitle()) {
        refuse(request, Pdu.AssociateRj.LOCAL_LIMIT_EXCEEDED);
        return;
      }
      settle(
          request,
          policy.decide(
              new AssociationPolicy.Candidate(request, remoteAddress(), peerCertificate())));
    }

    private void settle(Pdu.AssociateRq request, Decision decision) {
      if (decision instanceof Decision.Accept accept) {
        accept(request, answer(request, accept), accept.handler(), accept.identity());
      } else if (decision instanceof Decision.Reject reject) {
        refuse(request, reject.rejection());
      } else if (decision instanceof Decision.Later later) {
        await(request, later.decision());
      } else {
        throw new IllegalStateException("ISO-DICOM-410: the policy made no decision");
      }
    }

    /** In Sta3, where an abort, the end of the transport or a close may come before the answer. */
    private void await(Pdu.AssociateRq request, CompletionStage<? extends Decision> later) {
      answerWithin(settings.acceptTimeout(), () -> tooLate(request));
      later.whenComplete(
          (decision, error) ->
              onLoop(
                  () -> {
                    try {
                      settleLate(request, decision, error);
                    } catch (RuntimeException e) {
                      channel().pipeline().fireExceptionCaught(e);
                    }
                  }));
    }

    private void settleLate(Pdu.AssociateRq request, Decision decision, Throwable error) {
      if (!isDeciding()) {
        return;
      }
      if (error == null && decision != null && !(decision instanceof Decision.Later)) {
        settle(request, decision);
        return;
      }
      // Only the kind of failure is shown: its message may hold what must not be.
      LOG.warn(
          "Association {}: ISO-DICOM-410: no decision was made ({}), rejected as transient",
          this,
          error == null ? decision : error.getClass().getName());
      refuse(request, Pdu.AssociateRj.TEMPORARY_CONGESTION);
    }

    private void tooLate(Pdu.AssociateRq request) {
      if (isDeciding()) {
        LOG.warn(
            "Association {}: ISO-DICOM-410: no decision was made within {}",
            this,
            settings.acceptTimeout());
        refuse(request, Pdu.AssociateRj.TEMPORARY_CONGESTION);
      }
    }

    private void refuse(Pdu.AssociateRq request, Pdu.AssociateRj rejection) {
      LOG.warn(
          "Association {} -> {} from {} {}",
          request.callingAeTitle(),
          request.calledAeTitle(),
          remoteAddress(),
          rejection.text());
      reject(rejection);
    }

    private Pdu.AssociateAc answer(Pdu.AssociateRq request, Decision.Accept accept) {
      Pdu.UserInformation asked = request.userInformation();
      boolean confirm =
          accept.identity() != null
              && asked.userIdentity() != null
              && asked.userIdentity().responseRequested();
      return new Pdu.AssociateAc(
          1,
          request.calledAeTitle(),
          request.callingAeTitle(),
          request.applicationContext(),
          accept.contexts(),
          new Pdu.UserInformation(
              settings.maxPduLength(),
              FileMetaInformation.IMPLEMENTATION_CLASS_UID,
              FileMetaInformation.IMPLEMENTATION_VERSION_NAME,
              Negotiation.window(asked.asyncWindow(), settings),
              accept.roles(),
              accept.extendedNegotiations(),
              List.of(),
              null,
              confirm ? new Pdu.UserIdentityResponse(accept.identity().response()) : null,
              0));
    }

    @Override
    void over(AssociationException cause) {
      boolean telling =
          cause.kind() == AssociationException.Kind.TLS
              || cause.kind() == AssociationException.Kind.PROTOCOL;
      if (telling && !isEstablished()) {
        // Nobody else is told of it.
        LOG.warn("{}", cause.getMessage());
      }
      if (countedFor != null) {
        perAeTitle.computeIfPresent(countedFor, (k, n) -> n > 1 ? n - 1 : null);
      }
    }
  }
}
