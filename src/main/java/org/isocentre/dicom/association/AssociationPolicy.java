package org.isocentre.dicom.association;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.isocentre.dicom.pdu.Pdu;

/**
 * Who may associate, and for what. Called on the event loop: must not wait; what takes time is
 * answered with {@link Decision.Later}.
 */
@FunctionalInterface
public interface AssociationPolicy {
  /** Looks at a request whose protocol version and application context are right. */
  Decision decide(Pdu.AssociateRq request, InetSocketAddress remote);

  /** The same, of a peer that may have shown a certificate. This is what the acceptor calls. */
  default Decision decide(Candidate candidate) {
    return decide(candidate.request(), candidate.remote());
  }

  /**
   * Who asks.
   *
   * @param certificate the peer's own, verified by the TLS handshake; null on a plain connection or
   *     of an anonymous peer
   */
  record Candidate(
      Pdu.AssociateRq request, InetSocketAddress remote, X509Certificate certificate) {}

  /** What to answer. */
  sealed interface Decision {
    /**
     * A-ASSOCIATE-AC.
     *
     * @param contexts a result for each proposed context
     * @param handler is told of what comes; if the peer is gone when the decision is made, it is
     *     told nothing
     * @param roles that are agreed to, of those proposed (PS3.7 §D.3.3.4)
     * @param extendedNegotiations answers to those proposed (PS3.7 §D.3.3.5)
     * @param identity the user's, or null if it was not looked at (PS3.7 §D.3.3.7)
     */
    record Accept(
        List<Pdu.ContextResult> contexts,
        AssociationHandler handler,
        List<Pdu.RoleSelection> roles,
        List<Pdu.ExtendedNegotiation> extendedNegotiations,
        VerifiedIdentity identity)
        implements Decision {
      public Accept {
        contexts = List.copyOf(contexts);
        roles = List.copyOf(roles);
        extendedNegotiations = List.copyOf(extendedNegotiations);
      }

      /** With the usual roles: the requestor is SCU, the acceptor SCP. */
      public Accept(List<Pdu.ContextResult> contexts, AssociationHandler handler) {
        this(contexts, handler, List.of(), List.of(), null);
      }

      public Accept withIdentity(VerifiedIdentity verified) {
        return new Accept(contexts, handler, roles, extendedNegotiations, verified);
      }
    }

    /** A-ASSOCIATE-RJ. */
    record Reject(Pdu.AssociateRj rejection) implements Decision {}

    /**
     * Not known yet. It must be within {@link AssociationSettings#acceptTimeout()}; else, and if it
     * fails, the request is rejected as transient. May be completed on any thread.
     */
    record Later(CompletionStage<? extends Decision> decision) implements Decision {}
  }
}
