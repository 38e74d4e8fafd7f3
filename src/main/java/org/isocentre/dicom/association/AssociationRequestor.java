package org.isocentre.dicom.association;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.pdu.PduSize;

/** Asks others for associations (PS3.8 §7.1, requestor). */
public final class AssociationRequestor {
  private final EventLoops loops;
  private final AssociationSettings settings;
  private final TlsSettings tls;

  /** For plain connections. */
  public AssociationRequestor(EventLoops loops, AssociationSettings settings) {
    this(loops, settings, null);
  }

  /**
   * @param tls null for plain connections
   */
  public AssociationRequestor(EventLoops loops, AssociationSettings settings, TlsSettings tls) {
    this.loops = loops;
    this.settings = settings;
    this.tls = tls;
  }

  /**
   * What to ask for.
   *
   * @param abstractSyntax SOP class UID
   * @param transferSyntaxes in order of preference; one alone where the choice must be known
   *     beforehand
   */
  public record Proposal(String abstractSyntax, List<String> transferSyntaxes) {
    public Proposal {
      transferSyntaxes = List.copyOf(transferSyntaxes);
    }
  }

  /** {@link #connect(AssociationRequest, AssociationHandler)} with presentation contexts alone. */
  public Association connect(
      String host,
      int port,
      String callingAet,
      String calledAet,
      List<Proposal> proposals,
      AssociationHandler handler) {
    return connect(new AssociationRequest(host, port, callingAet, calledAet, proposals), handler);
  }

  /**
   * Connects and negotiates; waits at most the connect, TLS handshake and accept timeouts.
   *
   * @throws AssociationException of the kind that tells why there is no association
   */
  public Association connect(AssociationRequest request, AssociationHandler handler) {
    Outbound outbound = new Outbound(pdu(request), handler);
    SslHandler secured =
        tls == null ? null : tls.requestor(request.host(), request.port(), loops.handshakes());
    ChannelFuture connecting = bootstrap(outbound, secured).connect(request.host(), request.port());
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            outbound.failedToConnect(done.cause());
          }
        });
    return outbound.await();
  }

  private Bootstrap bootstrap(Outbound outbound, SslHandler secured) {
    return new Bootstrap()
        .group(loops.group())
        .channel(EventLoops.channel())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.connectTimeout().toMillis())
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(512 * 1024, 2 * 1024 * 1024))
        .option(ChannelOption.MESSAGE_SIZE_ESTIMATOR, PduSize.ESTIMATOR)
        .handler(
            new AssociationPipeline(
                settings, secured == null ? null : () -> secured, () -> outbound));
  }

  private Pdu.AssociateRq pdu(AssociationRequest request) {
    List<Pdu.ProposedContext> contexts = new ArrayList<>();
    for (Proposal proposal : request.proposals()) {
      contexts.add(
          new Pdu.ProposedContext(
              2 * contexts.size() + 1, proposal.abstractSyntax(), proposal.transferSyntaxes()));
    }
    return new Pdu.AssociateRq(
        1,
        request.calledAeTitle(),
        request.callingAeTitle(),
        Uid.APPLICATION_CONTEXT,
        contexts,
        new Pdu.UserInformation(
            settings.maxPduLength(),
            FileMetaInformation.IMPLEMENTATION_CLASS_UID,
            FileMetaInformation.IMPLEMENTATION_VERSION_NAME,
            window(request),
            request.roles(),
            request.extendedNegotiations(),
            request.commonExtendedNegotiations(),
            request.userIdentity(),
            null,
            0));
  }

  private Pdu.AsyncWindow window(AssociationRequest request) {
    if (request.asyncWindow() != null || settings.maxOperationsInvoked() == 1) {
      return request.asyncWindow();
    }
    return new Pdu.AsyncWindow(settings.maxOperationsInvoked(), settings.maxOperationsPerformed());
  }

  private final class Outbound extends AssociationMachine {
    private Pdu.AssociateRq request;
    private final AssociationHandler user;
    private final CompletableFuture<Association> result = new CompletableFuture<>();

    Outbound(Pdu.AssociateRq request, AssociationHandler user) {
      super(AssociationRole.REQUESTOR, AssociationRequestor.this.settings);
      this.request = request;
      this.user = user;
    }

    @Override
    Pdu.AssociateRq requestToSend() {
      return request;
    }

    @Override
    void accepted(Pdu.AssociateAc answer) {
      establishAsRequestor(request, answer, user);
      // It may hold credentials.
      request = null;
      result.complete(this);
    }

    @Override
    void requested(Pdu.AssociateRq other) {
      throw new IllegalStateException("ISO-DICOM-405: a requestor gets no request");
    }

    @Override
    void over(AssociationException cause) {
      result.completeExceptionally(cause);
    }

    Association await() {
      Duration handshake = tls == null ? Duration.ZERO : tls.handshakeTimeout();
      long patience =
          settings
              .connectTimeout()
              .plus(handshake)
              .plus(settings.acceptTimeout())
              .plusSeconds(5)
              .toMillis();
      try {
        return result.get(patience, TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw ((AssociationException) e.getCause()).again();
      } catch (TimeoutException e) {
        throw new AssociationException(
            AssociationException.Kind.TIMEOUT, "no association within " + patience + " ms");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssociationException(
            AssociationException.Kind.ABORTED, "interrupted while associating", e);
      }
    }
  }
}
