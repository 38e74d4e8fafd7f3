package org.isocentre.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.Instance;
import org.isocentre.model.Study;
import org.isocentre.model.Transfer;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of sending one study to one destination, as the route calls them. Every object's fate
 * is noted as it is known.
 */
public final class TransferRun {
  private static final Logger LOG = LoggerFactory.getLogger(TransferRun.class);
  private static final String WITHDRAWN =
      "ISO-EXCHANGE-013: the patient's consent was withdrawn while it was sent";
  private final TransferIndex transfers;
  private final StudyIndex studies;
  private final ObjectStore store;
  private final ForwardingPermission permission;
  private final TransferCommitment commitment;
  private final Predicate<Exception> retryable;
  private final int maxAttempts;

  /** One for each attempt that runs. */
  private final Map<UUID, UnaryOperator<InputStream>> guards = new ConcurrentHashMap<>();

  /**
   * @param retryable whether a failure may be mended by waiting
   * @param maxAttempts before a transfer is marked as failed
   */
  public TransferRun(
      TransferIndex transfers,
      StudyIndex studies,
      ObjectStore store,
      ForwardingPermission permission,
      TransferCommitment commitment,
      Predicate<Exception> retryable,
      int maxAttempts) {
    this.retryable = retryable;
    this.maxAttempts = maxAttempts;
    this.transfers = transfers;
    this.studies = studies;
    this.store = store;
    this.permission = permission;
    this.commitment = commitment;
  }

  /**
   * One object to send. @param contexts {@code SOP class/transfer syntax} of all objects that
   * follow on the association
   */
  public record Item(UUID transferId, Instance instance, Set<String> contexts) {}

  /** An attempt failed; its objects that are pending can be tried again later. */
  public static final class TransferIncompleteException extends Exception {
    private static final long serialVersionUID = 1L;

    TransferIncompleteException(Transfer transfer) {
      super(
          "ISO-EXCHANGE-010: transfer %s to %s: %d of %d objects confirmed, the rest is tried again: %s"
              .formatted(
                  transfer.id(),
                  transfer.destination(),
                  transfer.confirmed(),
                  transfer.expected(),
                  transfer.lastError()));
    }
  }

  /** Nothing more may be sent until a person has confirmed or undone a merge. */
  public static final class TransferSuspendedException extends Exception {
    private static final long serialVersionUID = 1L;

    TransferSuspendedException(UUID transfer) {
      super(
          "ISO-EXCHANGE-011: transfer %s is suspended: a merge that nobody has confirmed gave its study to another patient; confirm it or undo it"
              .formatted(transfer));
    }
  }

  /**
   * Begins an attempt. @return the objects that still have to go; none if the patient refuses by
   * now, or while a merge that nobody has confirmed suspends the transfer
   */
  public List<Item> begin(TransferRequested event) {
    Transfer transfer = transfers.find(event.transferId()).orElse(null);
    if (transfer == null
        || transfer.state() == Transfer.State.CANCELLED
        || transfers.suspend(transfer.id())) {
      return List.of();
    }
    Study study = studies.find(transfer.studyId()).orElseThrow();
    if (!permission.mayReceive(study, transfer.destination())) {
      transfers.cancel(transfer.id(), "the patient's consent does not allow it");
      return List.of();
    }
    String destination = transfer.destination();
    guards.put(
        transfer.id(), permission.guard(() -> permission.mayStillReceive(study, destination)));
    List<Instance> pending = transfers.pending(transfer.id());
    if (!pending.isEmpty() && !transfers.begin(transfer.id())) {
      return List.of();
    }
    Set<String> contexts = new TreeSet<>();
    pending.forEach(i -> contexts.add(i.sopClassUid() + "/" + i.transferSyntaxUid()));
    return pending.stream().map(i -> new Item(transfer.id(), i, contexts)).toList();
  }

  /**
   * The object's bytes. The caller closes the stream.
   *
   * @throws TransferSuspendedException if a merge has suspended the transfer in the meantime
   */
  public InputStream open(Item item) throws IOException, TransferSuspendedException {
    if (transfers.isSuspended(item.transferId())) {
      throw new TransferSuspendedException(item.transferId());
    }
    return guards
        .getOrDefault(item.transferId(), UnaryOperator.identity())
        .apply(store.open(item.instance().objectKey()));
  }

  /**
   * The destination has the object.
   *
   * @param transferSyntaxUid that it was sent in, where the destination did not take it as it is;
   *     else null
   */
  public void confirmed(Item item, int status, String transferSyntaxUid) {
    boolean transcoded =
        transferSyntaxUid != null && !transferSyntaxUid.equals(item.instance().transferSyntaxUid());
    if (transcoded) {
      LOG.info(
          "Transfer {}: object {} was transcoded without loss from {} to {}",
          item.transferId(),
          item.instance().sopInstanceUid(),
          item.instance().transferSyntaxUid(),
          transferSyntaxUid);
    }
    transfers.confirmed(
        item.transferId(), item.instance().id(), status, transcoded ? transferSyntaxUid : null);
  }

  /** The destination will never take the object as it is. */
  public void refused(Item item, Integer status, String why) {
    LOG.warn(
        "Transfer {}: object {} was refused: {}",
        item.transferId(),
        item.instance().sopInstanceUid(),
        why);
    transfers.failed(item.transferId(), item.instance().id(), status, why);
  }

  /**
   * Ends an attempt that went through all objects.
   *
   * @throws TransferIncompleteException if objects have come in the meantime
   */
  public void finish(TransferRequested event) throws TransferIncompleteException {
    guards.remove(event.transferId());
    end(event, null);
  }

  /**
   * Ends an attempt that was cut short. What was confirmed stays so.
   *
   * @param cause a failure of the association or of the destination; one that cannot be mended by
   *     waiting ends the transfer
   * @param attempt which delivery of the event this is
   * @throws TransferIncompleteException if there will be another attempt
   */
  public void interrupted(TransferRequested event, Exception cause, int attempt)
      throws TransferIncompleteException {
    guards.remove(event.transferId());
    if (isWithdrawn(event)) {
      return;
    }
    String why = reason(cause);
    if (!retryable.test(cause) || attempt >= maxAttempts) {
      LOG.warn("Transfer {} to {} has failed: {}", event.transferId(), event.destination(), why);
      transfers.giveUp(event.transferId(), why);
      commitment.sent(event);
      return;
    }
    end(event, why);
  }

  /**
   * Stops what consent does not allow any more. What was confirmed before stays known: the
   * destination has it, and somebody has to tell them.
   */
  private boolean isWithdrawn(TransferRequested event) {
    Transfer transfer = transfers.find(event.transferId()).orElse(null);
    if (transfer == null || transfer.state() == Transfer.State.CANCELLED) {
      return true;
    }
    Study study = studies.find(transfer.studyId()).orElseThrow();
    if (permission.mayStillReceive(study, transfer.destination())) {
      return false;
    }
    transfers.cancel(transfer.id(), WITHDRAWN);
    permission.stopped(study, transfer.destination(), transfer.confirmed());
    LOG.info(
        "ISO-EXCHANGE-013: transfer {} to {} was stopped: consent was withdrawn; {} of {} objects had been confirmed",
        transfer.id(),
        transfer.destination(),
        transfer.confirmed(),
        transfer.expected());
    return true;
  }

  private static String reason(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t.getMessage() != null && t.getMessage().startsWith("ISO-")) {
        return t.getMessage();
      }
    }
    return cause.getClass().getSimpleName();
  }

  private void end(TransferRequested event, String why) throws TransferIncompleteException {
    if (transfers
        .find(event.transferId())
        .filter(t -> t.state() != Transfer.State.CANCELLED)
        .isEmpty()) {
      return;
    }
    commitment.sent(event);
    Transfer transfer = transfers.finish(event.transferId(), why);
    LOG.info(
        "Transfer {} to {}: {}, {} of {} objects confirmed, {} failed",
        transfer.id(),
        transfer.destination(),
        transfer.state(),
        transfer.confirmed(),
        transfer.expected(),
        transfer.failed());
    if (transfer.state() == Transfer.State.REQUESTED) {
      throw new TransferIncompleteException(transfer);
    }
  }
}
