package org.isocentre.camel.dicom;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.dimse.ServiceUser;

/**
 * Associations of one producer that wait for the next object. A new association proposes every
 * context that this producer has needed, newest first, up to 128.
 */
final class AssociationPool {
  private static final int MAX_CONTEXTS = 128;
  private final DicomEndpoint endpoint;
  private final AssociationRequestor requestor;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private final Set<Proposal> needed = new LinkedHashSet<>();

  private record Idle(ServiceUser user, long since, Set<Proposal> proposed) {}

  /** An association in use. */
  record Lease(ServiceUser user, Set<Proposal> proposed) {}

  AssociationPool(DicomEndpoint endpoint) {
    this.endpoint = endpoint;
    this.requestor =
        new AssociationRequestor(
            endpoint.getComponent().loops(), endpoint.getConfiguration().associationSettings());
  }

  /** One that has proposed all of {@code wanted}: an idle one, or a new one. */
  Lease take(Collection<Proposal> wanted) {
    List<ServiceUser> useless = new ArrayList<>();
    Lease found = null;
    List<Proposal> proposals;
    synchronized (this) {
      while (found == null && !idle.isEmpty()) {
        Idle next = idle.pop();
        if (isFresh(next) && next.proposed().containsAll(wanted)) {
          found = new Lease(next.user(), next.proposed());
        } else {
          useless.add(next.user());
        }
      }
      needed.removeAll(wanted);
      proposals = new ArrayList<>(wanted);
      List<Proposal> others = new ArrayList<>(needed);
      java.util.Collections.reverse(others);
      proposals.addAll(others);
      proposals = List.copyOf(proposals.subList(0, Math.min(MAX_CONTEXTS, proposals.size())));
      needed.addAll(wanted);
      while (needed.size() > MAX_CONTEXTS) {
        needed.remove(needed.iterator().next());
      }
    }
    useless.forEach(ServiceUser::close);
    return found != null ? found : connect(proposals);
  }

  private boolean isFresh(Idle next) {
    long age = System.nanoTime() - next.since();
    return next.user().isOpen() && age < endpoint.getConfiguration().getPooledIdle().toNanos();
  }

  private Lease connect(List<Proposal> proposals) {
    DicomAddress address = endpoint.getAddress();
    DicomConfiguration configuration = endpoint.getConfiguration();
    ServiceUser user =
        ServiceUser.connect(
            requestor,
            address.host(),
            address.port(),
            configuration.getCallingAet(),
            address.aeTitle(),
            proposals,
            configuration.getResponseTimeout());
    return new Lease(user, Set.copyOf(proposals));
  }

  /** After use; kept if it still is good and there is room. */
  void give(Lease lease) {
    synchronized (this) {
      if (lease.user().isOpen() && idle.size() < endpoint.getConfiguration().getMaxPooled()) {
        idle.push(new Idle(lease.user(), System.nanoTime(), lease.proposed()));
        return;
      }
    }
    lease.user().close();
  }

  /** Releases what has waited too long. */
  void evict() {
    List<ServiceUser> old = new ArrayList<>();
    synchronized (this) {
      idle.removeIf(
          next -> {
            boolean stale = !isFresh(next);
            if (stale) {
              old.add(next.user());
            }
            return stale;
          });
    }
    old.forEach(ServiceUser::close);
  }

  void close() {
    List<Idle> all;
    synchronized (this) {
      all = List.copyOf(idle);
      idle.clear();
    }
    all.forEach(next -> next.user().close());
  }
}
