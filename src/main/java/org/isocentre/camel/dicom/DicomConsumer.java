package org.isocentre.camel.dicom;

import java.net.InetAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Status;

/**
 * Service class provider: an exchange for each object or request; its response is sent after the
 * route is done with it, unless {@code ackMode} says otherwise.
 */
public class DicomConsumer extends DefaultConsumer implements Suspendable {
  private final Map<DicomOperation, Set<String>> sopClasses = new EnumMap<>(DicomOperation.class);
  private final List<String> callingAets;
  private final List<String> callingHosts;
  private final StoreExchanges stores;
  private final RequestExchanges requests;
  private final DataSetLog log;
  private DicomListener listener;

  DicomConsumer(DicomEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    DicomConfiguration configuration = endpoint.getConfiguration();
    for (DicomOperation offered : configuration.offeredOperations()) {
      sopClasses.put(offered, configuration.acceptedSopClasses(offered));
    }
    this.callingAets = DicomConfiguration.list(configuration.getCallingAets());
    this.callingHosts = DicomConfiguration.list(configuration.getCallingHosts());
    this.log = new DataSetLog(DicomConsumer.class, configuration.isLogPhi());
    this.stores = new StoreExchanges(this);
    this.requests = new RequestExchanges(this);
  }

  @Override
  public DicomEndpoint getEndpoint() {
    return (DicomEndpoint) super.getEndpoint();
  }

  /** The port that is listened on, also when the endpoint says 0. */
  public int getPort() {
    return listener.port();
  }

  /** What is offered, and for which SOP classes. */
  Map<DicomOperation, Set<String>> sopClasses() {
    return sopClasses;
  }

  StoreExchanges stores() {
    return stores;
  }

  RequestExchanges requests() {
    return requests;
  }

  DataSetLog log() {
    return log;
  }

  DicomObservations.Running begin(DicomOperation operation) {
    return getEndpoint()
        .getComponent()
        .observations()
        .begin(operation, DicomOperationObserver.Role.PROVIDER);
  }

  Executor workers() {
    return getEndpoint().getComponent().workers();
  }

  boolean mayAssociate(String callingAet, InetAddress address) {
    CallerPolicy policy = getEndpoint().getConfiguration().getCallerPolicy();
    return (callingAets.isEmpty() || callingAets.contains(callingAet))
        && (callingHosts.isEmpty() || callingHosts.contains(address.getHostAddress()))
        && (policy == null || policy.mayAssociate(callingAet, address));
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    stores.start();
    listener = getEndpoint().getComponent().register(this);
  }

  @Override
  protected void doStop() throws Exception {
    stores.stop();
    getEndpoint().getComponent().deregister(this);
    super.doStop();
  }

  void describe(Message message, Association association) {
    describe(message, Peer.of(association));
  }

  void describe(Message message, Peer peer) {
    message.setHeader(DicomConstants.CALLING_AE_TITLE, peer.callingAeTitle());
    message.setHeader(DicomConstants.CALLED_AE_TITLE, peer.calledAeTitle());
    message.setHeader(DicomConstants.REMOTE_ADDRESS, peer.remoteAddress());
    message.setHeader(DicomConstants.ASSOCIATION_ID, peer.associationId());
  }

  /**
   * What to answer to what a failed exchange was made of; tells the exception handler.
   *
   * @param otherwise the status where the failure names none and resources are not at fault
   */
  DimseStatusException failure(Exchange exchange, int otherwise, String what) {
    DimseStatusException chosen = exchange.getException(DimseStatusException.class);
    if (chosen != null) {
      return chosen;
    }
    getExceptionHandler().handleException(what, exchange, exchange.getException());
    boolean resources = exchange.getException(java.io.IOException.class) != null;
    return new DimseStatusException(
        resources ? Status.OUT_OF_RESOURCES : otherwise, "failed here, send again later");
  }
}
