package org.isocentre.camel.dicom;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.pdu.Pdu;

/**
 * Associations of one producer. Each is used by as many exchanges at once as its window of
 * operations takes, and waits for the next when it is idle. A new association proposes every
 * context that this producer has needed, newest first, up to 128.
 */
final class AssociationPool {
  private static final int MAX_CONTEXTS = 128;
  private final DicomEndpoint endpoint;
  private final Services services;
  private final List<Lease> leases = new ArrayList<>();
  private final Set<Proposal> needed = new LinkedHashSet<>();
  private boolean closed;

  /** An association, in use or idle. Guarded by the pool. */
  static final class Lease {
    private final ServiceUser user;
    private final Set<Proposal> proposed;
    private int uses = 1;
    private boolean alone;
    private long idleSince;

    Lease(ServiceUser user, Set<Proposal> proposed, boolean alone) {
      this.user = user;
      this.proposed = proposed;
      this.alone = alone;
    }

    ServiceUser user() {
      return user;
    }

    private boolean takes(Collection<Proposal> wanted, boolean asOnly) {
      int most = asOnly ? 1 : user.maxOperationsInvoked();
      return user.isOpen() && !alone && uses < most && proposed.containsAll(wanted);
    }
  }

  AssociationPool(DicomEndpoint endpoint, Services services) {
    this.endpoint = endpoint;
    this.services = services;
  }

  /** One that has proposed {@code wanted}, up to 128 of it: one with room, or a new one. */
  Lease take(Collection<Proposal> wanted) {
    return take(wanted, false);
  }

  /**
   * One that nobody else uses until it is given back: for responses that are read as slowly as they
   * are used, which would hold up the responses to others.
   */
  Lease takeAlone(Collection<Proposal> wanted) {
    return take(wanted, true);
  }

  private Lease take(Collection<Proposal> wanted, boolean alone) {
    List<Proposal> fitting = wanted.stream().limit(MAX_CONTEXTS).toList();
    evict();
    List<Proposal> proposals;
    synchronized (this) {
      refuseIfClosed();
      for (Lease lease : leases) {
        if (lease.takes(fitting, alone)) {
          lease.uses++;
          lease.alone = alone;
          return lease;
        }
      }
      proposals = proposals(fitting);
    }
    return added(new Lease(connect(proposals), Set.copyOf(proposals), alone));
  }

  private Lease added(Lease made) {
    try {
      synchronized (this) {
        refuseIfClosed();
        leases.add(made);
        return made;
      }
    } catch (IllegalStateException e) {
      made.user.close();
      throw e;
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new IllegalStateException(
          "ISO-DICOM-619: the producer for %s is stopped, and makes no more associations"
              .formatted(endpoint.getAddress().aeTitle()));
    }
  }

  private List<Proposal> proposals(Collection<Proposal> wanted) {
    needed.removeAll(wanted);
    List<Proposal> others = new ArrayList<>(needed);
    java.util.Collections.reverse(others);
    List<Proposal> proposals = new ArrayList<>(wanted);
    proposals.addAll(others);
    needed.addAll(wanted);
    while (needed.size() > MAX_CONTEXTS) {
      needed.remove(needed.iterator().next());
    }
    return List.copyOf(proposals.subList(0, Math.min(MAX_CONTEXTS, proposals.size())));
  }

  private ServiceUser connect(List<Proposal> proposals) {
    return endpoint.associate(proposals, roles(proposals), services);
  }

  /** Storage Commitment: as user it asks, as provider it tells what became of it. */
  private static List<Pdu.RoleSelection> roles(List<Proposal> proposals) {
    return proposals.stream()
        .map(Proposal::abstractSyntax)
        .filter(ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL::equals)
        .distinct()
        .map(uid -> new Pdu.RoleSelection(uid, true, true))
        .toList();
  }

  /** After use; kept if it still is good and there is room. */
  void give(Lease lease) {
    synchronized (this) {
      lease.uses--;
      lease.alone = false;
      lease.idleSince = System.nanoTime();
    }
    evict();
  }

  /** Releases what is broken, has waited too long, or is more than is kept. */
  void evict() {
    List<Lease> over = new ArrayList<>();
    synchronized (this) {
      int kept = 0;
      for (Lease lease : List.copyOf(leases)) {
        if (lease.uses > 0 && lease.user.isOpen()) {
          continue;
        }
        boolean good = lease.user.isOpen() && isFresh(lease);
        if (!good || ++kept > endpoint.getConfiguration().getMaxPooled()) {
          leases.remove(lease);
          over.add(lease);
        }
      }
    }
    over.forEach(lease -> lease.user.close());
  }

  private boolean isFresh(Lease lease) {
    long age = System.nanoTime() - lease.idleSince;
    return age < endpoint.getConfiguration().getPooledIdle().toNanos();
  }

  void close() {
    List<Lease> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(leases);
      leases.clear();
    }
    all.forEach(lease -> lease.user.close());
  }
}
