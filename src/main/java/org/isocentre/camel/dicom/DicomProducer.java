package org.isocentre.camel.dicom;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
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
  }

  @Override
  protected void doStop() throws Exception {
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
    int status =
        switch (operation) {
          case ECHO -> echo();
          case STORE -> storing.store(message);
          case FIND, WORKLIST -> retrieving.find(exchange, operation);
          case MOVE -> retrieving.move(message);
          case GET -> retrieving.get(exchange);
          case COMMIT -> normalizing.commit(message);
          case MPPS -> normalizing.mpps(message);
          case IAN -> normalizing.ian(message);
          case EVENT -> normalizing.event(message);
        };
    message.setHeader(DicomConstants.STATUS, status);
    boolean warning =
        Status.isWarning(status) && !getEndpoint().getConfiguration().isThrowOnWarning();
    if (!Status.isSuccess(status) && !warning) {
      throw new DicomOperationFailedException(getEndpoint().getAddress().aeTitle(), status);
    }
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
