package org.isocentre.camel.dicom;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationPolicy;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.CertificateBinding;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.association.UserIdentityPolicy;
import org.isocentre.dicom.association.UserIdentityVerifier;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.pdu.Pdu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening port, and the consumers behind it. A called AE title may be served by several
 * consumers, as long as each SOP class and operation has one only.
 */
final class DicomListener implements AssociationPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(DicomListener.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private final DicomComponent component;
  private final DicomAddress address;
  private final Map<String, List<DicomConsumer>> consumers = new ConcurrentHashMap<>();
  private PortOptions options;
  private EndpointTls tls;
  private TlsSettings tlsSettings;
  private volatile AssociationAcceptor acceptor;
  private AssociationAcceptor tlsAcceptor;
  private boolean closed;

  /** What all consumers of a port share. */
  private record PortOptions(
      AssociationSettings settings, SSLContextParameters tls, Integer tlsPort) {
    private static final PortOptions DEFAULT = of(new DicomConfiguration());

    static PortOptions of(DicomConfiguration configuration) {
      return new PortOptions(
          configuration.associationSettings(),
          configuration.getSslContextParameters(),
          configuration.getTlsPort());
    }

    /** Whether another consumer says the same, or nothing of its own. */
    boolean fits(PortOptions other) {
      return (other.settings.equals(DEFAULT.settings) || other.settings.equals(settings))
          && (other.tls == null || other.tls.equals(tls))
          && (other.tlsPort == null || other.tlsPort.equals(tlsPort));
    }

    boolean isTls() {
      return tls != null && (tlsPort == null || tlsPort > 0);
    }

    boolean isTlsBesides() {
      return isTls() && tlsPort != null;
    }
  }

  DicomListener(DicomComponent component, DicomAddress address) {
    this.component = component;
    this.address = address;
  }

  /**
   * Takes a consumer in; the first one opens the port.
   *
   * @throws IllegalStateException if another consumer does the same already, or has other options
   *     for the port
   */
  synchronized void add(DicomConsumer consumer) throws InterruptedException {
    String aeTitle = consumer.getEndpoint().getAddress().aeTitle();
    consumers(aeTitle).forEach(other -> refuseOtherAccess(consumer, other));
    consumers(aeTitle).forEach(other -> refuseOverlap(consumer, other));
    DicomConfiguration configuration = consumer.getEndpoint().getConfiguration();
    agree(configuration);
    consumers.computeIfAbsent(aeTitle, k -> new CopyOnWriteArrayList<>()).add(consumer);
    if (acceptor == null) {
      if (tls == null && options.isTls()) {
        tls = EndpointTls.of(component, configuration);
        tlsSettings = tls.settings(configuration);
      }
      open(configuration);
    }
  }

  /** Who may call an AE title is said once: an association may use all of its consumers. */
  private record Access(
      UserIdentityVerifier verifier, boolean required, Map<String, List<String>> boundNames) {
    static Access of(DicomConsumer consumer) {
      DicomConfiguration configuration = consumer.getEndpoint().getConfiguration();
      return new Access(
          configuration.getUserIdentityVerifier(),
          configuration.isUserIdentityRequired(),
          configuration.boundNames());
    }
  }

  private void refuseOtherAccess(DicomConsumer one, DicomConsumer other) {
    if (!Access.of(one).equals(Access.of(other))) {
      throw new IllegalStateException(
          "ISO-DICOM-618: consumers for AE title %s on %s:%d have different userIdentityVerifier, userIdentityRequired or certificateNames; set the same on all of them, or give one another AE title or port"
              .formatted(one.getEndpoint().getAddress().aeTitle(), address.host(), address.port()));
    }
  }

  private void refuseOverlap(DicomConsumer one, DicomConsumer other) {
    one.sopClasses()
        .forEach(
            (operation, sopClasses) -> {
              Set<String> both = new HashSet<>(sopClasses);
              both.retainAll(other.sopClasses().getOrDefault(operation, Set.of()));
              if (!both.isEmpty()) {
                throw new IllegalStateException(
                    "ISO-DICOM-602: two consumers for AE title %s on %s:%d offer %s of SOP class %s; give one another AE title, port, operation or sopClasses"
                        .formatted(
                            one.getEndpoint().getAddress().aeTitle(),
                            address.host(),
                            address.port(),
                            operation.option(),
                            both.iterator().next()));
              }
            });
  }

  /** Options of the port are set by the first consumer; others leave them out or say the same. */
  private void agree(DicomConfiguration configuration) {
    PortOptions asked = PortOptions.of(configuration);
    if (options == null) {
      options = asked;
    } else if (!options.fits(asked)) {
      throw new IllegalStateException(
          "ISO-DICOM-605: consumers on %s:%d have different options for the port (maxAssociations, timeouts, maxPduLength, maxOpsPerformed, TLS); set them on the one that starts first, and leave them out or repeat them on the others"
              .formatted(address.host(), address.port()));
    }
  }

  private void open(DicomConfiguration configuration) throws InterruptedException {
    long until = System.nanoTime() + configuration.getBindTimeout().toNanos();
    while (true) {
      try {
        bind();
        return;
      } catch (AssociationException e) {
        if (configuration.isLenientBind()) {
          LOG.warn(
              "{}; it is tried again every {}",
              e.getMessage(),
              configuration.getBindRetryInterval());
          bindLater(configuration.getBindRetryInterval());
          return;
        }
        if (System.nanoTime() + configuration.getBindRetryInterval().toNanos() > until) {
          throw e;
        }
        LOG.warn(
            "{}; it is tried again after {}", e.getMessage(), configuration.getBindRetryInterval());
        wait(Math.max(configuration.getBindRetryInterval().toMillis(), 1));
      }
    }
  }

  private void bindLater(Duration interval) {
    component.later(
        interval,
        () -> {
          synchronized (this) {
            if (closed || acceptor != null) {
              return;
            }
            try {
              bind();
            } catch (AssociationException e) {
              LOG.debug("{}", e.getMessage());
              bindLater(interval);
            }
          }
        });
  }

  private void bind() {
    boolean besides = options.isTlsBesides();
    AssociationAcceptor first = bind(address.port(), besides ? null : tlsSettings);
    try {
      tlsAcceptor = besides ? bind(options.tlsPort(), tlsSettings) : null;
    } catch (AssociationException e) {
      first.close();
      throw e;
    }
    acceptor = first;
  }

  private AssociationAcceptor bind(int port, TlsSettings secured) {
    AssociationAcceptor bound =
        new AssociationAcceptor(
            component.loops(), address.host(), port, options.settings(), secured, this);
    LOG.info(
        "Listening for DICOM associations on {}:{}{}",
        address.host(),
        bound.port(),
        secured == null ? "" : " with TLS");
    return bound;
  }

  /**
   * @return true if it was the last one, and the port is closed now
   */
  synchronized boolean remove(DicomConsumer consumer) {
    String aeTitle = consumer.getEndpoint().getAddress().aeTitle();
    List<DicomConsumer> others = consumers.get(aeTitle);
    if (others != null) {
      others.remove(consumer);
      if (others.isEmpty()) {
        consumers.remove(aeTitle);
      }
    }
    if (!consumers.isEmpty()) {
      return false;
    }
    closed = true;
    if (tls != null) {
      tls.stop();
    }
    if (acceptor != null) {
      acceptor.close(PATIENCE);
    }
    if (tlsAcceptor != null) {
      tlsAcceptor.close(PATIENCE);
    }
    return true;
  }

  List<DicomConsumer> consumers(String aeTitle) {
    return consumers.getOrDefault(aeTitle, List.of());
  }

  /** 0 while {@code lenientBind} still waits for the port. */
  int port() {
    AssociationAcceptor open = acceptor;
    return open == null ? 0 : open.port();
  }

  @Override
  public Decision decide(Pdu.AssociateRq request, InetSocketAddress remote) {
    return decide(new Candidate(request, remote, null));
  }

  @Override
  public Decision decide(Candidate candidate) {
    Pdu.AssociateRq request = candidate.request();
    List<DicomConsumer> called = consumers.get(request.calledAeTitle());
    if (called == null) {
      return new Decision.Reject(Pdu.AssociateRj.CALLED_AE_TITLE_NOT_RECOGNIZED);
    }
    if (called.stream().noneMatch(DicomListener::isRunning)) {
      return new Decision.Reject(Pdu.AssociateRj.TEMPORARY_CONGESTION);
    }
    Map<Boolean, List<DicomConsumer>> open =
        called.stream()
            .filter(c -> c.mayAssociate(request.callingAeTitle(), candidate.remote().getAddress()))
            .collect(Collectors.partitioningBy(DicomListener::isRunning));
    ConsumerServices services = new ConsumerServices(component, open.get(true));
    if (isMissed(request, services, new ConsumerServices(component, open.get(false)))) {
      return new Decision.Reject(Pdu.AssociateRj.TEMPORARY_CONGESTION);
    }
    if (open.get(true).isEmpty()) {
      return new Decision.Reject(Pdu.AssociateRj.CALLING_AE_TITLE_NOT_RECOGNIZED);
    }
    return new CertificateBinding(
            services.boundNames(), false, (ignored, remote) -> identified(candidate, services))
        .decide(candidate);
  }

  private static boolean isRunning(DicomConsumer consumer) {
    return !consumer.isSuspendingOrSuspended() && !consumer.isStoppingOrStopped();
  }

  /**
   * Whether a consumer that does not run now would take what none that runs takes. To refuse the
   * abstract syntax would say that it never does.
   */
  private static boolean isMissed(
      Pdu.AssociateRq request, ConsumerServices running, ConsumerServices absent) {
    return request.contexts().stream()
        .map(Pdu.ProposedContext::abstractSyntax)
        .anyMatch(uid -> absent.offers(uid) && !running.offers(uid));
  }

  private Decision identified(Candidate candidate, ConsumerServices services) {
    Decision accept = accept(candidate.request(), services);
    DicomConfiguration identities = services.identities();
    return identities == null ? accept : verified(identities, candidate, accept);
  }

  private Decision verified(
      DicomConfiguration identities, Candidate candidate, Decision otherwise) {
    return new UserIdentityPolicy(
            (request, remote) -> otherwise,
            identities.getUserIdentityVerifier(),
            identities.isUserIdentityRequired(),
            component.workers(),
            identities.getAcceptTimeout())
        .decide(candidate);
  }

  private Decision accept(Pdu.AssociateRq request, ConsumerServices services) {
    Set<String> asProvider = asProvider(request, services);
    List<Pdu.ContextResult> contexts =
        Negotiation.negotiate(
            request.contexts(),
            uid -> uid.equals(Uid.VERIFICATION) || services.offers(uid) || asProvider.contains(uid),
            syntax -> true,
            services.transferSyntaxes());
    return new Decision.Accept(
        contexts,
        ServiceProvider.handler(component.workers(), services, services.dimseSettings()),
        Negotiation.roles(
            request.userInformation().roles(), services::offers, services::mayBeProvider),
        Negotiation.extended(
            request.userInformation().extendedNegotiations(), services.queryOptions()),
        null);
  }

  /** SOP classes that the requestor proposes to provide: it is to be sent objects by C-GET. */
  private static Set<String> asProvider(Pdu.AssociateRq request, ConsumerServices services) {
    Set<String> uids = new HashSet<>();
    for (Pdu.RoleSelection role : request.userInformation().roles()) {
      if (role.scp() && services.mayBeProvider(role.sopClassUid())) {
        uids.add(role.sopClassUid());
      }
    }
    return uids;
  }
}
