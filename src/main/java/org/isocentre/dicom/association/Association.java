package org.isocentre.dicom.association;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.isocentre.dicom.pdu.Pdu;

/**
 * One established association, as the DIMSE layer sees it (PS3.8 §7). Every method may be called
 * from any thread; none may be called on the event loop when it says that it waits.
 */
public interface Association {
  /** Unique in this process; used in logs and headers. */
  long id();

  AssociationRole role();

  /** Trimmed, as negotiated. */
  String callingAeTitle();

  /** Trimmed, as negotiated. */
  String calledAeTitle();

  InetSocketAddress remoteAddress();

  /**
   * The peer's own certificate as the TLS handshake verified it, or null: a plain connection, or a
   * requestor that showed none.
   */
  X509Certificate peerCertificate();

  /** Implementation class UID that the peer announced, or an empty string. */
  String peerImplementationClassUid();

  /** Implementation version name that the peer announced, or an empty string. */
  String peerImplementationVersionName();

  /** The accepted contexts only, in order of id. */
  List<PresentationContext> presentationContexts();

  /** The accepted context with this id, or null. */
  PresentationContext presentationContext(int id);

  /**
   * Whether this end may invoke operations of a SOP class (PS3.7 §D.3.3.4). The requestor may and
   * the acceptor may not unless roles were negotiated.
   */
  boolean mayBeScu(String sopClassUid);

  /** Whether this end may be asked to perform operations of a SOP class (PS3.7 §D.3.3.4). */
  boolean mayBeScp(String sopClassUid);

  /**
   * The acceptor's answer to SOP Class Extended Negotiation (PS3.7 §D.3.3.5), or null if the
   * requestor proposed none or the acceptor took none.
   */
  byte[] extendedNegotiation(String sopClassUid);

  /**
   * What the requestor told of a SOP class: its service class, and more general SOP classes (PS3.7
   * §D.3.3.6); or null.
   */
  Pdu.CommonExtendedNegotiation commonExtendedNegotiation(String sopClassUid);

  /**
   * The user's identity as the acceptor took it (PS3.7 §D.3.3.7): on the acceptor of a policy that
   * verified it, on the requestor the server's response; else null. Not to be logged.
   */
  VerifiedIdentity userIdentity();

  /**
   * Operations this end may have outstanding at the peer at once (PS3.7 §D.3.3.3): 1 unless an
   * asynchronous window was negotiated; 0 is unlimited.
   */
  int maxOperationsInvoked();

  /**
   * Operations the peer may have outstanding at once here: 1 unless an asynchronous window was
   * negotiated; 0 is unlimited.
   */
  int maxOperationsPerformed();

  /**
   * Largest message fragment that fits the peer's maximum PDU length: that length less 6 (PDV
   * header). At least 1.
   */
  int maxFragmentLength();

  /**
   * Sends one PDV in a P-DATA-TF of its own. Takes over {@code fragment} and releases it in every
   * case. Waits (never on the event loop) while the peer does not take bytes, at most the send
   * timeout; then the association is aborted.
   *
   * @param command true for a command fragment, false for a data-set fragment (PS3.8 Annex E.2)
   * @param last true for the last fragment of the command or data set
   * @param fragment 1 to {@link #maxFragmentLength()} bytes (0 bytes only if {@code last})
   * @throws AssociationException when the association is no longer in Sta6 or the peer did not take
   *     the bytes in time
   */
  void sendPdv(int contextId, boolean command, boolean last, ByteBuf fragment);

  /**
   * Stops or resumes reading from the peer (backpressure). May be called on the event loop. Calls
   * do not nest.
   */
  void reading(boolean on);

  /** Whose turn it is; {@link Turn#NOBODY} at the start. */
  void turn(Turn turn);

  /** Whose turn it is to do something. */
  enum Turn {
    /** Between operations: the idle timeout runs, and a stop may end the association at once. */
    NOBODY,
    /** More of an operation must come from the peer: the idle timeout runs, a stop waits. */
    PEER,
    /** An operation is being carried out here: the idle timeout does not run, a stop waits. */
    HERE
  }

  /**
   * Releases in an orderly way and waits for the end, at most the release timeout; then aborts.
   * Idempotent.
   */
  void release();

  /**
   * A-ABORT as service user, reason 0 (PS3.8 §9.3.8); closes the transport. Idempotent. May be
   * called on the event loop.
   */
  void abort();

  /** False from the moment that release, abort or the loss of the transport began. */
  boolean isOpen();
}
