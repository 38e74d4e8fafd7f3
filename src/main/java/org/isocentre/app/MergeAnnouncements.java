package org.isocentre.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.index.MergeNotices;
import org.isocentre.index.MergeNotices.Notice;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.StudyChanged;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Carries what merges have to tell from the index to queues, in order of time and at least once:
 * {@code patient.merged} for partners' copies, {@code study.changed} to link anew, {@code
 * transfer.requested.<destination>} for transfers that may go on.
 */
public final class MergeAnnouncements {
  private static final int MOST = 200;
  private final MergeNotices notices;
  private final TransactionOperations transactions;
  private final TransferIndex transfers;
  private final StudyIndex studies;

  MergeAnnouncements(
      MergeNotices notices,
      TransactionOperations transactions,
      TransferIndex transfers,
      StudyIndex studies) {
    this.notices = notices;
    this.transactions = transactions;
    this.transfers = transfers;
    this.studies = studies;
  }

  /** An event and its queue. */
  public record Announcement(long id, String queue, Object event) {}

  /** The oldest that are not on their queue yet, at most 200. */
  public List<Announcement> next() {
    transactions.executeWithoutResult(status -> notices.resumeTransfers());
    List<Announcement> next = new ArrayList<>();
    for (Notice notice : notices.next(MOST)) {
      // What it was about may be gone.
      announcement(notice).ifPresentOrElse(next::add, () -> notices.told(notice.id()));
    }
    return next;
  }

  /** It is durable on its queue. */
  public void told(Announcement announcement) {
    notices.told(announcement.id());
  }

  private Optional<Announcement> announcement(Notice notice) {
    return switch (notice.kind()) {
      case MERGED ->
          notices.event(notice).map(e -> new Announcement(notice.id(), "patient.merged", e));
      case STUDY ->
          studies
              .find(notice.subject())
              .map(s -> new StudyChanged(s.id(), s.studyInstanceUid()))
              .map(e -> new Announcement(notice.id(), "study.changed", e));
      case ORDER ->
          Optional.of(
              new Announcement(notice.id(), "order.changed", new OrderChanged(notice.subject())));
      case TRANSFER ->
          transfers
              .find(notice.subject())
              .map(t -> new TransferRequested(t.id(), t.destination()))
              .map(e -> new Announcement(notice.id(), "transfer.requested." + e.destination(), e));
    };
  }
}
