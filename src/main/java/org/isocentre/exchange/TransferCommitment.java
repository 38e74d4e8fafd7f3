package org.isocentre.exchange;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.index.CommitmentIndex.Item;
import org.isocentre.index.TransferCommitmentIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.Instance;
import org.isocentre.model.Transfer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks destinations that have {@code commitment: true} for storage commitment of what they were
 * sent (PS3.4 §J.3), again where no answer comes in time, a limited number of times. What is still
 * to be done is in the index, so a restart forgets nothing.
 */
public final class TransferCommitment {
  private static final Logger LOG = LoggerFactory.getLogger(TransferCommitment.class);
  private static final int BATCH = 200;

  /** Objects of one request: peers hold it in memory. */
  private static final int MOST_OBJECTS = 2_000;

  private final TransferCommitmentIndex index;
  private final TransferIndex transfers;
  private final TrustDirectory directory;
  private final Duration wait;
  private final int maxRounds;
  private final Clock clock;

  /**
   * @param wait for an answer, before it is asked again
   * @param maxRounds of asking, before the transfer is marked as failed
   */
  public TransferCommitment(
      TransferCommitmentIndex index,
      TransferIndex transfers,
      TrustDirectory directory,
      Duration wait,
      int maxRounds,
      Clock clock) {
    this.index = index;
    this.transfers = transfers;
    this.directory = directory;
    this.wait = wait;
    this.maxRounds = maxRounds;
    this.clock = clock;
  }

  /**
   * Event: a destination is to be asked. Travels on {@code commitment.due.<destination>}; what to
   * ask for is read from the index, so it may come twice.
   */
  public record CommitmentDue(UUID transferId, String destination) {}

  /** A transfer has no object to send any more. */
  void sent(TransferRequested transfer) {
    if (asks(transfer.destination())) {
      index.want(transfer.transferId());
    }
  }

  private boolean asks(String destination) {
    return directory.committer(destination).isPresent();
  }

  /** Transfers whose destination is to be asked now. */
  public List<CommitmentDue> due() {
    List<CommitmentDue> due = new ArrayList<>();
    Instant now = clock.instant();
    for (UUID id : index.due(now, BATCH)) {
      Transfer transfer = transfers.find(id).orElseThrow();
      if (!asks(transfer.destination()) || transfer.state() == Transfer.State.CANCELLED) {
        index.forget(id);
        continue;
      }
      switch (index.turn(id, now.plus(wait), maxRounds)) {
        case ASK -> due.add(new CommitmentDue(id, transfer.destination()));
        case GIVEN_UP ->
            LOG.warn(
                "Transfer {} to {}: storage commitment was asked for {} times and not answered in time",
                id,
                transfer.destination(),
                maxRounds);
        case NOTHING -> {
          // All are answered.
        }
      }
    }
    return due;
  }

  /** Objects to ask for in one request; none where that was done meanwhile. */
  public List<Instance> wanted(CommitmentDue event) {
    return index.wanted(event.transferId(), MOST_OBJECTS);
  }

  /** The destination is about to be asked for these. */
  public void asked(CommitmentDue event, List<UUID> instanceIds) {
    index.asked(event.transferId(), instanceIds, clock.instant().plus(wait));
  }

  /** It could not be asked; the event comes again. */
  public void notAsked(CommitmentDue event, List<UUID> instanceIds) {
    index.notAsked(event.transferId(), instanceIds);
  }

  /** It could not be asked at all in this round. */
  public void away(CommitmentDue event, String why) {
    LOG.warn(
        "Transfer {}: {} could not be asked for storage commitment, asked again in {}: {}",
        event.transferId(),
        event.destination(),
        wait,
        why);
    index.note(event.transferId(), why);
  }

  /** It will never answer such a request. */
  public void refused(CommitmentDue event, String why) {
    LOG.warn(
        "Transfer {}: {} refuses storage commitment: {}",
        event.transferId(),
        event.destination(),
        why);
    index.giveUp(event.transferId(), why);
  }

  /** The destination has answered (PS3.4 §J.3.3). */
  public void told(UUID transferId, List<Item> results) {
    List<Integer> failures =
        results.stream().map(Item::failureReason).filter(r -> r != null).toList();
    String error =
        failures.isEmpty()
            ? null
            : "ISO-EXCHANGE-020: the destination did not commit to %d of %d objects: %s"
                .formatted(failures.size(), results.size(), reasons(failures));
    index
        .told(transferId, results, error)
        .ifPresent(
            t ->
                LOG.info(
                    "Transfer {} to {}: {}, {} of {} objects committed, {} not",
                    t.id(),
                    t.destination(),
                    t.state(),
                    t.committed(),
                    t.commitmentExpected(),
                    t.notCommitted()));
  }

  private static String reasons(List<Integer> failures) {
    return String.join(
        ", ", new TreeSet<>(failures).stream().map(TransferCommitment::reason).toList());
  }

  /** Failure Reason (0008,1197) in the standard's words (PS3.3 §C.14.1.1). */
  private static String reason(int code) {
    String name =
        switch (code) {
          case 0x0110 -> "processing failure";
          case 0x0112 -> "no such object instance";
          case 0x0119 -> "class / instance conflict";
          case 0x0122 -> "referenced SOP Class not supported";
          case 0x0131 -> "duplicate transaction UID";
          case 0x0213 -> "resource limitation";
          default -> "unknown reason";
        };
    return "%04XH %s".formatted(code, name);
  }
}
