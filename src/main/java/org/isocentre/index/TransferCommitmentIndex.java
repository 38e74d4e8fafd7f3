package org.isocentre.index;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.index.CommitmentIndex.Item;
import org.isocentre.model.Instance;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.Transfer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Which objects of a transfer its destination is to commit to, was asked for, has committed to
 * (PS3.4 §J.3). A transfer's state follows from it, and what is not committed waits for a person.
 */
public final class TransferCommitmentIndex {
  private static final String KEY = "COMMITMENT|";
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final TransferIndex transfers;
  private final ReviewList reviews;

  public TransferCommitmentIndex(
      JdbcClient jdbc,
      TransactionOperations transactions,
      TransferIndex transfers,
      ReviewList reviews) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.transfers = transfers;
    this.reviews = reviews;
  }

  /** What a round came to that is over. */
  public enum Round {
    /** Objects wait to be asked for. */
    ASK,
    /** The last round has gone by without an answer. */
    GIVEN_UP,
    /** There is nothing to do. */
    NOTHING
  }

  /**
   * Every object that the destination confirmed is to be committed to, from now on; once no object
   * is pending any more. Idempotent.
   */
  public void want(UUID transferId) {
    transactions.executeWithoutResult(
        status -> {
          transfers.lock(transferId);
          int wanted =
              jdbc.sql(
                      """
                      update transfer_item set commitment = 'WANTED'
                      where transfer_id = ? and state = 'CONFIRMED' and commitment is null and not exists
                        (select 1 from transfer_item p where p.transfer_id = ? and p.state = 'PENDING')""")
                  .params(transferId, transferId)
                  .update();
          if (wanted > 0) {
            jdbc.sql("update transfer set commitment_due = ?, commitment_rounds = 0 where id = ?")
                .params(Rows.utc(Instant.now()), transferId)
                .update();
          }
        });
  }

  /** Transfers with something to do, longest due first. */
  public List<UUID> due(Instant now, int limit) {
    return jdbc.sql(
            "select id from transfer where commitment_due <= ? order by commitment_due fetch first "
                + limit
                + " rows only")
        .param(Rows.utc(now))
        .query(UUID.class)
        .list();
  }

  /**
   * Ends the round of a transfer that is due: what was asked for and is not answered is asked
   * again, or given up.
   *
   * @param next when to look again if objects are to be asked for now
   * @param maxRounds after which it is given up
   */
  public Round turn(UUID transferId, Instant next, int maxRounds) {
    return transactions.execute(
        status -> {
          transfers.lock(transferId);
          if (count(transferId, "WANTED") > 0) {
            dueAt(transferId, next);
            return Round.ASK;
          } else if (count(transferId, "ASKED") == 0) {
            dueAt(transferId, null);
            return Round.NOTHING;
          }
          jdbc.sql("update transfer set commitment_rounds = commitment_rounds + 1 where id = ?")
              .param(transferId)
              .update();
          int rounds =
              jdbc.sql("select commitment_rounds from transfer where id = ?")
                  .param(transferId)
                  .query(Integer.class)
                  .single();
          if (rounds >= maxRounds) {
            giveUp(
                transferId,
                "ISO-EXCHANGE-021: storage commitment was asked for %d times and not answered in time"
                    .formatted(rounds));
            return Round.GIVEN_UP;
          }
          set(transferId, "ASKED", "WANTED");
          dueAt(transferId, next);
          return Round.ASK;
        });
  }

  private int count(UUID transferId, String commitment) {
    return jdbc.sql("select count(*) from transfer_item where transfer_id = ? and commitment = ?")
        .params(transferId, commitment)
        .query(Integer.class)
        .single();
  }

  private void set(UUID transferId, String from, String to) {
    jdbc.sql(
            "update transfer_item set commitment = ?, last_updated = ? where transfer_id = ? and commitment = ?")
        .params(to, Rows.utc(Instant.now()), transferId, from)
        .update();
  }

  private void dueAt(UUID transferId, Instant due) {
    jdbc.sql("update transfer set commitment_due = ? where id = ?")
        .params(Rows.utc(due), transferId)
        .update();
  }

  /** Objects that are to be asked for, so many at most. */
  public List<Instance> wanted(UUID transferId, int most) {
    return jdbc.sql(
            "select n.* from transfer_item i join instance n on n.id = i.instance_id where i.transfer_id = ? and i.commitment = 'WANTED' order by n.id fetch first "
                + most
                + " rows only")
        .param(transferId)
        .query(StudyIndex::mapInstance)
        .list();
  }

  /**
   * These are about to be asked for.
   *
   * @param due until when the answer is waited for; others that are wanted are due at once
   */
  public void asked(UUID transferId, Collection<UUID> instanceIds, Instant due) {
    transactions.executeWithoutResult(
        status -> {
          transfers.lock(transferId);
          change(transferId, instanceIds, "WANTED", "ASKED");
          dueAt(transferId, count(transferId, "WANTED") > 0 ? Instant.now() : due);
        });
  }

  /** The destination could not be asked for these; somebody is about to ask again. */
  public void notAsked(UUID transferId, Collection<UUID> instanceIds) {
    change(transferId, instanceIds, "ASKED", "WANTED");
  }

  private void change(UUID transferId, Collection<UUID> instanceIds, String from, String to) {
    for (UUID instanceId : instanceIds) {
      jdbc.sql(
              "update transfer_item set commitment = ? where transfer_id = ? and instance_id = ? and commitment = ?")
          .params(to, transferId, instanceId, from)
          .update();
    }
  }

  /** Notes why the destination cannot be asked now. */
  public void note(UUID transferId, String error) {
    jdbc.sql("update transfer set last_error = ?, last_updated = ? where id = ?")
        .params(Rows.cut(error, 1000), Rows.utc(Instant.now()), transferId)
        .update();
  }

  /** What is not answered never will be: the transfer has failed, and a person is told. */
  public void giveUp(UUID transferId, String error) {
    transactions.executeWithoutResult(
        status -> {
          transfers.lock(transferId);
          set(transferId, "WANTED", "UNANSWERED");
          set(transferId, "ASKED", "UNANSWERED");
          dueAt(transferId, null);
          raise(settle(transferId, error), "COMMITMENT_UNANSWERED", error);
        });
  }

  /** The destination is no longer to be asked: what it has not answered counts as not asked for. */
  public void forget(UUID transferId) {
    transactions.executeWithoutResult(
        status -> {
          transfers.lock(transferId);
          set(transferId, "WANTED", null);
          set(transferId, "ASKED", null);
          dueAt(transferId, null);
          settle(transferId, null);
        });
  }

  /**
   * The destination has answered. An answer that comes too late still counts; one for an object
   * that is being sent again, or that was answered before, does not.
   *
   * @param error what to say if it does not commit to all of them, without patient data
   * @return the transfer as it is now; empty if there was nothing new
   */
  public Optional<Transfer> told(UUID transferId, List<Item> results, String error) {
    return transactions.execute(
        status -> {
          transfers.lock(transferId);
          int news = 0;
          boolean failures = false;
          for (Item item : results) {
            int changed = told(transferId, item, error);
            news += changed;
            failures |= changed > 0 && item.failureReason() != null;
          }
          if (news == 0) {
            return Optional.<Transfer>empty();
          }
          Transfer transfer = settle(transferId, failures ? error : null);
          if (failures) {
            raise(transfer, "NOT_COMMITTED", error);
          } else if (transfer.notCommitted() == 0) {
            reviews.withdrawAll(key(transferId));
          }
          return Optional.of(transfer);
        });
  }

  private int told(UUID transferId, Item item, String error) {
    boolean committed = item.failureReason() == null;
    return jdbc.sql(
            """
            update transfer_item set commitment = ?, commitment_failure = ?, error = ?, last_updated = ?
            where transfer_id = ? and commitment in ('WANTED', 'ASKED', 'UNANSWERED') and instance_id in
              (select n.id from instance n join transfer t on t.study_id = n.study_id
               where t.id = ? and n.sop_instance_uid = ?)""")
        .params(
            committed ? "COMMITTED" : "FAILED",
            item.failureReason(),
            committed ? null : Rows.cut(error, 1000),
            Rows.utc(Instant.now()),
            transferId,
            transferId,
            item.sopInstanceUid())
        .update();
  }

  /** A transfer that is under way, suspended or cancelled stays so. */
  private Transfer settle(UUID transferId, String error) {
    Transfer transfer = transfers.find(transferId).orElseThrow();
    return switch (transfer.state()) {
      case COMMITTING, COMPLETED, FAILED -> transfers.settle(transferId, error);
      case REQUESTED, IN_PROGRESS, SUSPENDED, CANCELLED -> transfer;
    };
  }

  private void raise(Transfer transfer, String reason, String detail) {
    reviews.withdrawAll(key(transfer.id()));
    reviews.raise(
        ReviewItem.Kind.COMMITMENT,
        key(transfer.id()) + UUID.randomUUID(),
        null,
        transfer.studyId(),
        null,
        null,
        null,
        reason,
        Rows.cut("transfer " + transfer.id() + ": " + detail, 1000));
  }

  private static String key(UUID transferId) {
    return KEY + transferId + "|";
  }

  /**
   * What became of each object that the destination was asked to commit to.
   *
   * @param commitment WANTED, ASKED, COMMITTED, FAILED or UNANSWERED
   * @param failureReason (0008,1197) where it FAILED, else null
   */
  public record Fate(String sopInstanceUid, String commitment, Integer failureReason) {}

  /** By SOP Instance UID. */
  public List<Fate> fates(UUID transferId) {
    return jdbc.sql(
            """
            select n.sop_instance_uid, i.commitment, i.commitment_failure
            from transfer_item i join instance n on n.id = i.instance_id
            where i.transfer_id = ? and i.commitment is not null order by n.sop_instance_uid""")
        .param(transferId)
        .query(
            (row, number) ->
                new Fate(
                    row.getString("sop_instance_uid"),
                    row.getString("commitment"),
                    Rows.integer(row, "commitment_failure")))
        .list();
  }
}
