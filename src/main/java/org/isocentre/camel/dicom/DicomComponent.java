package org.isocentre.camel.dicom;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;
import org.apache.camel.util.PropertiesHelper;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.pdu.Pdu;

/**
 * Speaks DICOM: receives objects as a service class provider, sends them as a service class user.
 * Consumers on the same host and port share one listener and are told apart by AE title.
 */
@Component("dicom")
public class DicomComponent extends HealthCheckComponent {
  private static final int WORKERS = 256;
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);

  /** Also the lock of starts and stops, which may wait: for a port, for what still runs. */
  private final Map<String, DicomListener> listeners = new ConcurrentHashMap<>();

  private final Map<Long, ServiceUser> peers = new ConcurrentHashMap<>();
  private DicomObservations observations;
  private EventLoops loops;
  private ExecutorService workers;

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    DicomConfiguration configuration = new DicomConfiguration();
    DicomAddress address = DicomAddress.parse(remaining);
    DicomEndpoint endpoint = new DicomEndpoint(uri, this, address, configuration);
    endpoint.getPolling().setQuery(PropertiesHelper.extractProperties(parameters, "query."));
    for (String time : List.of("delay", "initialDelay")) {
      parameters.computeIfPresent(time, (name, value) -> millis(value));
    }
    setProperties(endpoint.getPolling(), parameters);
    setProperties(configuration, parameters);
    setProperties(endpoint, parameters);
    return endpoint;
  }

  /** Camel's own options of time are plain numbers where nothing generated sets them. */
  private long millis(Object time) {
    return getCamelContext().getTypeConverter().convertTo(Duration.class, time).toMillis();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    observations =
        new DicomObservations(
            getCamelContext().getRegistry().findByType(DicomOperationObserver.class));
  }

  DicomObservations observations() {
    return observations;
  }

  /** The listener of this consumer's address, made by the first that asks. */
  DicomListener register(DicomConsumer consumer) throws InterruptedException {
    DicomAddress address = consumer.getEndpoint().getAddress();
    synchronized (listeners) {
      DicomListener listener =
          listeners.computeIfAbsent(
              address.host() + ":" + address.port(), k -> new DicomListener(this, address));
      try {
        listener.add(consumer);
      } catch (RuntimeException | InterruptedException e) {
        deregister(consumer);
        throw e;
      }
      return listener;
    }
  }

  void deregister(DicomConsumer consumer) {
    DicomAddress address = consumer.getEndpoint().getAddress();
    synchronized (listeners) {
      DicomListener listener = listeners.get(address.host() + ":" + address.port());
      if (listener != null && listener.remove(consumer)) {
        listeners.remove(address.host() + ":" + address.port());
      }
    }
  }

  synchronized EventLoops loops() {
    if (loops == null) {
      loops = new EventLoops(Math.max(2, Runtime.getRuntime().availableProcessors() / 2));
    }
    return loops;
  }

  /** Carries out what peers ask: a thread for each request that is under way, up to a limit. */
  synchronized ExecutorService workers() {
    if (workers == null) {
      workers =
          new ThreadPoolExecutor(
              0,
              WORKERS,
              30,
              TimeUnit.SECONDS,
              new SynchronousQueue<>(),
              new CamelThreadFactory(
                  getCamelContext().getExecutorServiceManager().getThreadNamePattern(),
                  "dicom-worker",
                  true));
    }
    return workers;
  }

  /** A peer that Storage Commitment results may be told on its own association. */
  void begun(ServiceUser peer) {
    peers.put(peer.association().id(), peer);
  }

  void ended(Association association) {
    peers.remove(association.id());
  }

  /** The peer of an association that is still open, or null. */
  ServiceUser peer(Long associationId) {
    ServiceUser peer = associationId == null ? null : peers.get(associationId);
    return peer != null && peer.isOpen() ? peer : null;
  }

  /** The consumer that takes Storage Commitment results for a local AE title, or null. */
  DicomConsumer committed(String aeTitle) {
    return listeners.values().stream()
        .flatMap(listener -> listener.consumers(aeTitle).stream())
        .filter(consumer -> consumer.sopClasses().containsKey(DicomOperation.COMMIT))
        .findFirst()
        .orElse(null);
  }

  /** Runs a short task after a while; later still when all workers are busy then. */
  void later(Duration delay, Runnable task) {
    loops().schedule(delay, () -> run(task));
  }

  private void run(Runnable task) {
    ExecutorService executor = workers();
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      if (!executor.isShutdown()) {
        later(BUSY_RETRY, task);
      }
    }
  }

  /** Associates as a service class user. */
  ServiceUser associate(
      DicomAddress to,
      String callingAet,
      DicomConfiguration configuration,
      TlsSettings tls,
      List<Proposal> proposals,
      List<Pdu.RoleSelection> roles,
      Services services) {
    AssociationRequestor requestor =
        new AssociationRequestor(loops(), configuration.associationSettings(), tls);
    AssociationRequest request =
        new AssociationRequest(to.host(), to.port(), callingAet, to.aeTitle(), proposals)
            .withRoles(roles)
            .withExtendedNegotiations(extended(proposals, configuration), List.of())
            .withUserIdentity(configuration.shownIdentity());
    return ServiceUser.connect(
        handler -> requestor.connect(request, handler),
        workers(),
        services,
        configuration.dimseSettings());
  }

  private static List<Pdu.ExtendedNegotiation> extended(
      List<Proposal> proposals, DicomConfiguration configuration) {
    Map<String, byte[]> options = new HashMap<>();
    for (DicomOperation operation : DicomOperation.QUERIES) {
      byte[] switches = configuration.extendedNegotiation(operation);
      if (switches != null) {
        operation.sopClasses().forEach(uid -> options.put(uid, switches));
      }
    }
    return proposals.stream()
        .map(Proposal::abstractSyntax)
        .distinct()
        .filter(options::containsKey)
        .map(uid -> new Pdu.ExtendedNegotiation(uid, options.get(uid)))
        .toList();
  }

  @Override
  protected synchronized void doShutdown() throws Exception {
    if (workers != null) {
      getCamelContext().getExecutorServiceManager().shutdownGraceful(workers);
      workers = null;
    }
    if (loops != null) {
      loops.close();
      loops = null;
    }
    super.doShutdown();
  }
}
