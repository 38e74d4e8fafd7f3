package org.isocentre.app;

import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.isocentre.camel.dicom.DicomOperationFailedException;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.dimse.NoPresentationContextException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.exchange.TransferCommitment;
import org.isocentre.exchange.TransferCommitment.CommitmentDue;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.model.Instance;
import org.isocentre.query.StorageCommitment;

/**
 * The steps of asking a destination for storage commitment, as {@code
 * routes/transfer-commitment.yaml} calls them.
 */
final class CommitmentRequests {
  private static final String DUE = "commitmentDue";
  private static final String OBJECTS = "commitmentObjects";
  private final TransferCommitment transfers;
  private final StorageCommitment commitments;
  private final TrustDirectory directory;
  private final int maxDeliveries;

  CommitmentRequests(
      TransferCommitment transfers,
      StorageCommitment commitments,
      TrustDirectory directory,
      int maxDeliveries) {
    this.transfers = transfers;
    this.commitments = commitments;
    this.directory = directory;
    this.maxDeliveries = maxDeliveries;
  }

  /** Makes the request; leaves null where there is nothing to ask for any more. */
  public void prepare(Exchange exchange) {
    Message message = exchange.getMessage();
    CommitmentDue due = message.getBody(CommitmentDue.class);
    List<Instance> objects = transfers.wanted(due);
    if (objects.isEmpty()) {
      message.setBody(null);
      return;
    }
    List<UUID> ids = objects.stream().map(Instance::id).toList();
    exchange.setProperty(DUE, due);
    exchange.setProperty(OBJECTS, ids);
    String peer = directory.committer(due.destination()).orElseThrow().aeTitle();
    message.setBody(commitments.ask(peer, due.transferId(), objects));
    transfers.asked(due, ids);
  }

  /**
   * The peer was not asked, or would not be.
   *
   * @throws Exception what happened, if the event is to come again
   */
  @SuppressWarnings("unchecked")
  public void notAsked(Exchange exchange) throws Exception {
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    CommitmentDue due = exchange.getProperty(DUE, CommitmentDue.class);
    int delivery = exchange.getMessage().getHeader("JMSXDeliveryCount", 1, Integer.class);
    if (isFinal(cause)) {
      transfers.refused(due, DeadLetters.reason(cause));
    } else if (delivery >= maxDeliveries) {
      transfers.away(due, DeadLetters.reason(cause));
    } else {
      transfers.notAsked(due, (List<UUID>) exchange.getProperty(OBJECTS, List.class));
      throw cause;
    }
  }

  /** Whether the same request would be refused for the same reason later. */
  private static boolean isFinal(Exception cause) {
    if (cause instanceof AssociationException association) {
      return !association.isRetryable();
    } else if (cause instanceof DicomOperationFailedException refused) {
      return !refused.isRetryable() && refused.getStatus() != Status.PROCESSING_FAILURE;
    }
    return cause instanceof NoPresentationContextException;
  }
}
