package org.isocentre.camel.dicom;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.WritableHealthCheckRepository;
import org.apache.camel.support.DefaultProducer;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.Status;

/**
 * Service class user: does what {@code operation} says. The exchange succeeds only when the peer
 * answered success, or a warning unless {@code throwOnWarning}.
 *
 * <p>Fails with {@link org.isocentre.dicom.association.AssociationException} (its kind tells
 * connect, rejection, abort, timeout, and whether a repetition may help), {@link
 * org.isocentre.dicom.dimse.NoPresentationContextException}, {@link DicomOperationFailedException}.
 */
public class DicomProducer extends DefaultProducer {
  static final List<String> NATIVE =
      List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN, Uid.IMPLICIT_VR_LITTLE_ENDIAN);
  private AssociationPool pool;
  private ScheduledExecutorService evictor;
  private WritableHealthCheckRepository healthChecks;
  private EchoHealthCheck healthCheck;
  private StoreOperation storing;
  private RetrieveOperations retrieving;
  private NormalizedOperations normalizing;

  DicomProducer(DicomEndpoint endpoint) {
    super(endpoint);
  }

  @Override
  public DicomEndpoint getEndpoint() {
    return (DicomEndpoint) super.getEndpoint();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    DicomEndpoint endpoint = getEndpoint();
    pool = new AssociationPool(endpoint, new Answering());
    storing = new StoreOperation(this);
    retrieving = new RetrieveOperations(this);
    normalizing = new NormalizedOperations(this);
    long period = Math.max(endpoint.getConfiguration().getPooledIdle().toMillis(), 100);
    evictor =
        endpoint
            .getCamelContext()
            .getExecutorServiceManager()
            .newSingleThreadScheduledExecutor(this, "dicom-pool");
    evictor.scheduleWithFixedDelay(pool::evict, period, period, TimeUnit.MILLISECONDS);
    watchHealth();
  }

  /** As Camel's other components do: in the repository of producers, if that is there. */
  private void watchHealth() {
    DicomEndpoint endpoint = getEndpoint();
    if (!endpoint.getConfiguration().isHealthCheck()) {
      return;
    }
    healthChecks =
        HealthCheckHelper.getHealthCheckRepository(
            endpoint.getCamelContext(), "producers", WritableHealthCheckRepository.class);
    if (healthChecks != null) {
      healthCheck =
          new EchoHealthCheck(
              endpoint,
              "producer:dicom-" + endpoint.getAddress().aeTitle() + "-" + endpoint.getId(),
              endpoint.getConfiguration().getHealthCheckInterval());
      healthCheck.setEnabled(endpoint.getComponent().isHealthCheckProducerEnabled());
      healthChecks.addHealthCheck(healthCheck);
    }
  }

  @Override
  protected void doStop() throws Exception {
    if (healthCheck != null) {
      healthChecks.removeHealthCheck(healthCheck);
      healthCheck = null;
    }
    if (evictor != null) {
      getEndpoint().getCamelContext().getExecutorServiceManager().shutdownNow(evictor);
    }
    if (pool != null) {
      pool.close();
    }
    super.doStop();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    Message message = exchange.getMessage();
    DicomOperation operation =
        DicomOperation.of(
            message.getHeader(
                DicomConstants.OPERATION,
                getEndpoint().getConfiguration().getOperation(),
                String.class));
    int status = perform(exchange, operation);
    message.setHeader(DicomConstants.STATUS, status);
    boolean warning =
        Status.isWarning(status) && !getEndpoint().getConfiguration().isThrowOnWarning();
    if (!Status.isSuccess(status) && !warning) {
      throw new DicomOperationFailedException(getEndpoint().getAddress().aeTitle(), status);
    }
  }

  private int perform(Exchange exchange, DicomOperation operation) throws Exception {
    if (operation == DicomOperation.FIND || operation == DicomOperation.WORKLIST) {
      // Ends with its last match, and is told of then.
      return retrieving.find(exchange, operation);
    }
    DicomObservations.Running running = begin(operation);
    try {
      int status = single(exchange, operation);
      running.ended(status);
      return status;
    } catch (Exception e) {
      running.ended(e);
      throw e;
    }
  }

  private int single(Exchange exchange, DicomOperation operation) throws Exception {
    Message message = exchange.getMessage();
    return switch (operation) {
      case ECHO -> echo();
      case STORE -> storing.store(message);
      case MOVE -> retrieving.move(message);
      case GET -> retrieving.get(exchange);
      case COMMIT -> normalizing.commit(message);
      case MPPS -> normalizing.mpps(message);
      case IAN -> normalizing.ian(message);
      case EVENT -> normalizing.event(message);
      case FIND, WORKLIST -> throw new IllegalStateException("has many responses");
    };
  }

  DicomObservations.Running begin(DicomOperation operation) {
    return getEndpoint()
        .getComponent()
        .observations()
        .begin(operation, DicomOperationObserver.Role.USER);
  }

  /** The matches of the identifier in the body; closed by the caller. */
  RetrieveOperations.FoundIterator find(Message message) throws Exception {
    return retrieving.open(message, DicomOperation.FIND);
  }

  private int echo() throws Exception {
    return with(List.of(new Proposal(Uid.VERIFICATION, NATIVE)), ServiceUser::echo);
  }

  /** What is done on an association. */
  interface Use<T> {
    T on(ServiceUser user) throws Exception;
  }

  <T> T with(Collection<Proposal> wanted, Use<T> use) throws Exception {
    AssociationPool.Lease lease = pool.take(wanted);
    try {
      return use.on(lease.user());
    } finally {
      pool.give(lease);
    }
  }

  AssociationPool pool() {
    return pool;
  }

  /**
   * What a peer may ask on an association of this producer: it tells Storage Commitment results.
   */
  private final class Answering implements Services {
    @Override
    public NormalizedHandler normalized(String sopClassUid, Operation operation) {
      DicomConsumer consumer =
          operation == Operation.N_EVENT_REPORT
              ? getEndpoint()
                  .getComponent()
                  .committed(getEndpoint().getConfiguration().getCallingAet())
              : null;
      return consumer == null ? null : consumer.requests();
    }
  }
}
