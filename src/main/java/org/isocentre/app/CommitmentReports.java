package org.isocentre.app;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.isocentre.camel.dicom.DicomConstants;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.query.CommitmentReporter;
import org.isocentre.query.CommitmentResult;
import org.isocentre.query.StorageCommitment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The steps of telling a Storage Commitment result, as {@code routes/dicom-commitment.yaml} calls
 * them.
 */
final class CommitmentReports implements CommitmentReporter {
  private static final String RESULT = "commitmentResult";
  private static final String REQUEST = "commitmentRequest";
  private static final String PEER = "commitmentPeer";
  private static final long NO_ASSOCIATION = -1;
  private static final Logger LOG = LoggerFactory.getLogger(CommitmentReports.class);
  private final ObjectProvider<ProducerTemplate> producer;
  private final ObjectProvider<StorageCommitment> commitments;
  private final TrustDirectory directory;
  private final String aeTitle;
  private final int maxDeliveries;

  CommitmentReports(
      ObjectProvider<ProducerTemplate> producer,
      ObjectProvider<StorageCommitment> commitments,
      TrustDirectory directory,
      String aeTitle,
      int maxDeliveries) {
    this.producer = producer;
    this.commitments = commitments;
    this.directory = directory;
    this.aeTitle = aeTitle;
    this.maxDeliveries = maxDeliveries;
  }

  /** Event: a result is to be told. */
  public record Requested(UUID commitmentId, long associationId) {}

  /** Some objects may still be filed: the step is tried again. */
  static final class NotYetKnownException extends Exception {
    private static final long serialVersionUID = 1L;

    NotYetKnownException() {
      super("ISO-QUERY-045: objects of a storage commitment are not filed yet");
    }
  }

  @Override
  public void requested(UUID commitmentId, long associationId) {
    producer
        .getObject()
        .sendBody("direct:request-commitment", new Requested(commitmentId, associationId));
  }

  /** Makes the event; leaves null where it was confirmed before. */
  public void prepare(Exchange exchange) throws NotYetKnownException {
    Message message = exchange.getMessage();
    Requested requested = message.getBody(Requested.class);
    StorageCommitment commitment = commitments.getObject();
    Optional<CommitmentResult> result = commitment.result(requested.commitmentId());
    if (result.isEmpty()) {
      if (commitment.isOpen(requested.commitmentId())) {
        throw new NotYetKnownException();
      }
      message.setBody(null);
      return;
    }
    CommitmentResult known = result.get();
    exchange.setProperty(RESULT, known);
    exchange.setProperty(REQUEST, requested);
    exchange.setProperty(PEER, peer(known.peerAeTitle()));
    message.removeHeaders("CamelDicom*");
    message.setHeader(DicomConstants.ASSOCIATION_ID, requested.associationId());
    message.setHeader(DicomConstants.TYPE_ID, known.eventTypeId());
    message.setBody(known.dataSet(aeTitle));
  }

  /** A node without a port can be told on its own association only. */
  private String peer(String peerAeTitle) {
    return directory
        .destination(peerAeTitle)
        .map(d -> PeerUri.of(d.node(), "event", aeTitle))
        .orElse("%s@localhost:0?operation=event&callingAet=%s".formatted(peerAeTitle, aeTitle));
  }

  /**
   * The peer did not take the result.
   *
   * @throws Exception what happened, if the event is to come again, or is too old to be kept
   */
  public void notTold(Exchange exchange) throws Exception {
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    UUID id = exchange.getProperty(REQUEST, Requested.class).commitmentId();
    int delivery = exchange.getMessage().getHeader("JMSXDeliveryCount", 1, Integer.class);
    if (delivery < maxDeliveries || !commitments.getObject().untold(id)) {
      throw cause;
    }
    LOG.warn(
        "Result of storage commitment {} could not be told to {} and is told again later: {}",
        id,
        exchange.getProperty(RESULT, CommitmentResult.class).peerAeTitle(),
        DeadLetters.reason(cause));
  }

  /** Results that could not be told and are to be told again now; on a new association. */
  public List<Requested> retell() {
    return commitments.getObject().toRetell().stream()
        .map(id -> new Requested(id, NO_ASSOCIATION))
        .toList();
  }

  /** The peer has confirmed. */
  public void reported(Exchange exchange) {
    commitments
        .getObject()
        .reported(
            exchange.getProperty(REQUEST, Requested.class).commitmentId(),
            exchange.getProperty(RESULT, CommitmentResult.class));
  }
}
