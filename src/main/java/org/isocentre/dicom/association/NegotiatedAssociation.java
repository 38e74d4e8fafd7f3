package org.isocentre.dicom.association;

import io.netty.channel.Channel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.isocentre.dicom.pdu.Pdu;

/** Who the ends of an association are, and what they agreed on. */
abstract class NegotiatedAssociation extends SimpleChannelInboundHandler<Pdu>
    implements Association {
  private static final AtomicLong IDS = new AtomicLong();
  private static final int PDV_HEADER = 6;

  /** Fragment size towards a peer that set no limit. */
  private static final int UNLIMITED_FRAGMENT = 256 * 1024;

  private final long id = IDS.incrementAndGet();
  private final AssociationRole role;
  private volatile Channel channel;
  private volatile SslHandler secured;
  private volatile String callingAeTitle = "";
  private volatile String calledAeTitle = "";
  private volatile Agreement agreement = Agreement.NONE;
  private volatile String peerClassUid = "";
  private volatile String peerVersionName = "";
  private volatile VerifiedIdentity identity;
  private volatile int maxFragment = 1;

  NegotiatedAssociation(AssociationRole role) {
    super(Pdu.class);
    this.role = role;
  }

  /** The transport is there, TLS or not. */
  final void connected(Channel transport) {
    channel = transport;
    secured = transport.pipeline().get(SslHandler.class);
  }

  /** A request is there. */
  final void named(Pdu.AssociateRq request) {
    callingAeTitle = request.callingAeTitle();
    calledAeTitle = request.calledAeTitle();
  }

  /**
   * An answer is there, too. Nothing of either is kept that may be a credential.
   *
   * @param verified the user's identity, or null
   */
  final void agreed(Pdu.AssociateRq request, Pdu.AssociateAc answer, VerifiedIdentity verified) {
    named(request);
    Pdu.UserInformation peer =
        role == AssociationRole.REQUESTOR ? answer.userInformation() : request.userInformation();
    peerClassUid = peer.implementationClassUid();
    peerVersionName = peer.implementationVersionName();
    identity = verified;
    agreement = Agreement.of(request, answer);
    long peerMax = peer.maxPduLength() == 0 ? Long.MAX_VALUE : peer.maxPduLength();
    maxFragment = (int) Math.max(1, Math.min(peerMax - PDV_HEADER, UNLIMITED_FRAGMENT));
  }

  /** Null before there is a transport. */
  final Channel channel() {
    return channel;
  }

  final boolean isSecured() {
    return secured != null;
  }

  final boolean isHandshaking() {
    return secured != null && !secured.handshakeFuture().isDone();
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public AssociationRole role() {
    return role;
  }

  @Override
  public String callingAeTitle() {
    return callingAeTitle;
  }

  @Override
  public String calledAeTitle() {
    return calledAeTitle;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return channel == null ? null : (InetSocketAddress) channel.remoteAddress();
  }

  @Override
  public X509Certificate peerCertificate() {
    if (secured == null) {
      return null;
    }
    try {
      Certificate[] chain = secured.engine().getSession().getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? leaf : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  @Override
  public String peerImplementationClassUid() {
    return peerClassUid;
  }

  @Override
  public String peerImplementationVersionName() {
    return peerVersionName;
  }

  @Override
  public List<PresentationContext> presentationContexts() {
    return List.copyOf(agreement.contexts().values());
  }

  @Override
  public PresentationContext presentationContext(int contextId) {
    return agreement.contexts().get(contextId);
  }

  @Override
  public boolean mayBeScu(String sopClassUid) {
    return agreement.mayBeScu(role, sopClassUid);
  }

  @Override
  public boolean mayBeScp(String sopClassUid) {
    return agreement.mayBeScu(role.other(), sopClassUid);
  }

  @Override
  public byte[] extendedNegotiation(String sopClassUid) {
    Pdu.ExtendedNegotiation answer = agreement.extended().get(sopClassUid);
    return answer == null ? null : answer.information();
  }

  @Override
  public Pdu.CommonExtendedNegotiation commonExtendedNegotiation(String sopClassUid) {
    return agreement.common().get(sopClassUid);
  }

  @Override
  public VerifiedIdentity userIdentity() {
    return identity;
  }

  @Override
  public int maxOperationsInvoked() {
    Pdu.AsyncWindow window = agreement.window();
    return role == AssociationRole.REQUESTOR ? window.invoked() : window.performed();
  }

  @Override
  public int maxOperationsPerformed() {
    Pdu.AsyncWindow window = agreement.window();
    return role == AssociationRole.REQUESTOR ? window.performed() : window.invoked();
  }

  @Override
  public int maxFragmentLength() {
    return maxFragment;
  }

  /** For logs: who with whom, where from. */
  @Override
  public String toString() {
    return "%d %s->%s (%s)"
        .formatted(
            id,
            callingAeTitle,
            calledAeTitle,
            channel == null ? "not connected" : channel.remoteAddress());
  }
}
