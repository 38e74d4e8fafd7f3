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

  /** An association, in use or idle. Guarded by the pool. */
  static final class Lease {
    private final ServiceUser user;
    private final Set<Proposal> proposed;
    private int uses = 1;
    private long idleSince;

    Lease(ServiceUser user, Set<Proposal> proposed) {
      this.user = user;
      this.proposed = proposed;
    }

    ServiceUser user() {
      return user;
    }

    private boolean takes(Collection<Proposal> wanted) {
      return user.isOpen() && uses < user.maxOperationsInvoked() && proposed.containsAll(wanted);
    }
  }

  AssociationPool(DicomEndpoint endpoint, Services services) {
    this.endpoint = endpoint;
    this.services = services;
  }

  /** One that has proposed all of {@code wanted}: one with room, or a new one. */
  Lease take(Collection<Proposal> wanted) {
    evict();
    List<Proposal> proposals;
    synchronized (this) {
      for (Lease lease : leases) {
        if (lease.takes(wanted)) {
          lease.uses++;
          return lease;
        }
      }
      proposals = proposals(wanted);
    }
    Lease made = new Lease(connect(proposals), Set.copyOf(proposals));
    synchronized (this) {
      leases.add(made);
    }
    return made;
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
      all = List.copyOf(leases);
      leases.clear();
    }
    all.forEach(lease -> lease.user.close());
  }
}
