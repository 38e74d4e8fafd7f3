package org.isocentre.camel.dicom;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.pdu.Pdu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listening port, and the consumers behind it by AE title. */
final class DicomListener implements AssociationPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(DicomListener.class);
  private final EventLoops loops;
  private final Executor workers;
  private final DicomAddress address;
  private final Map<String, DicomConsumer> consumers = new ConcurrentHashMap<>();
  private AssociationAcceptor acceptor;

  DicomListener(EventLoops loops, Executor workers, DicomAddress address) {
    this.loops = loops;
    this.workers = workers;
    this.address = address;
  }

  void add(DicomConsumer consumer) {
    String aeTitle = consumer.getEndpoint().getAddress().aeTitle();
    if (consumers.putIfAbsent(aeTitle, consumer) != null) {
      throw new IllegalStateException(
          "ISO-DICOM-602: two consumers for AE title %s on %s:%d; give one another AE title or port"
              .formatted(aeTitle, address.host(), address.port()));
    }
    if (acceptor == null) {
      acceptor =
          new AssociationAcceptor(
              loops,
              address.host(),
              address.port(),
              consumer.getEndpoint().getConfiguration().associationSettings(),
              this);
      LOG.info("Listening for DICOM associations on {}:{}", address.host(), acceptor.port());
    }
  }

  /**
   * @return true if it was the last one, and the port is closed now
   */
  boolean remove(DicomConsumer consumer) {
    consumers.remove(consumer.getEndpoint().getAddress().aeTitle());
    if (!consumers.isEmpty()) {
      return false;
    }
    acceptor.close(Duration.ofSeconds(10));
    return true;
  }

  int port() {
    return acceptor.port();
  }

  @Override
  public Decision decide(Pdu.AssociateRq request, InetSocketAddress remote) {
    DicomConsumer consumer = consumers.get(request.calledAeTitle());
    if (consumer == null) {
      return new Decision.Reject(Pdu.AssociateRj.CALLED_AE_TITLE_NOT_RECOGNIZED);
    }
    if (consumer.isSuspendingOrSuspended() || consumer.isStoppingOrStopped()) {
      return new Decision.Reject(Pdu.AssociateRj.TEMPORARY_CONGESTION);
    }
    DicomConfiguration configuration = consumer.getEndpoint().getConfiguration();
    if (!consumer.mayAssociate(request.callingAeTitle(), remote.getAddress())) {
      return new Decision.Reject(Pdu.AssociateRj.CALLING_AE_TITLE_NOT_RECOGNIZED);
    }
    List<Pdu.ContextResult> contexts =
        Negotiation.negotiate(
            request.contexts(),
            consumer.sopClasses()::contains,
            syntax -> true,
            DicomConfiguration.list(configuration.getTransferSyntaxes()));
    return new Decision.Accept(
        contexts,
        ServiceProvider.handler(
            workers, Services.storage(configuration.sinks(), consumer), DimseSettings.DEFAULT));
  }
}
