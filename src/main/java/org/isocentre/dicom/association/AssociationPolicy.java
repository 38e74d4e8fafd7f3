package org.isocentre.dicom.association;

import java.net.InetSocketAddress;
import java.util.List;
import org.isocentre.dicom.pdu.Pdu;

/** Who may associate, and for what. Called on the event loop: must not wait. */
@FunctionalInterface
public interface AssociationPolicy {
  /** Looks at a request whose protocol version and application context are right. */
  Decision decide(Pdu.AssociateRq request, InetSocketAddress remote);

  /** What to answer. */
  sealed interface Decision {
    /** A-ASSOCIATE-AC with these results; {@code handler} is told of what comes. */
    record Accept(List<Pdu.ContextResult> contexts, AssociationHandler handler)
        implements Decision {}

    /** A-ASSOCIATE-RJ. */
    record Reject(Pdu.AssociateRj rejection) implements Decision {}
  }
}
