package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Storage commitments that others asked of the hub, and that the hub asked of others. */
public final class CommitmentIndex {
  private static final String SELECT = "select * from storage_commitment where ";
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public CommitmentIndex(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /** Which part the hub has. */
  public enum Side {
    /** The hub was asked. */
    PROVIDER,
    /** The hub asked. */
    USER
  }

  /** How far a transaction is. */
  public enum State {
    /** Asked; the result was not told yet. */
    OPEN,
    /** The result was told. */
    CLOSED
  }

  /**
   * An object of a transaction.
   *
   * @param failureReason (0008,1197) of one that was not committed, else null
   */
  public record Item(String sopClassUid, String sopInstanceUid, Integer failureReason) {}

  /**
   * @param peerAeTitle who asked, or was asked
   * @param custodian ODS code of the trust whose objects it is about, or null
   * @param transferId for the sake of which the hub asked, or null
   */
  public record Commitment(
      UUID id,
      Side side,
      String transactionUid,
      String peerAeTitle,
      String custodian,
      UUID transferId,
      State state,
      Instant createdAt) {}

  /**
   * Files a transaction. Idempotent: asked again, it is open again with the objects named now.
   *
   * @param transferId for the sake of which the hub asks, or null
   * @param items with distinct SOP Instance UIDs
   */
  public UUID open(
      Side side,
      String transactionUid,
      String peerAeTitle,
      String custodian,
      UUID transferId,
      List<Item> items) {
    return transactions.execute(
        status -> {
          var now = Rows.utc(Instant.now());
          jdbc.sql(
                  """
                  insert into storage_commitment (id, transaction_uid, peer_ae_title, side, custodian, transfer_id, state,
                    created_at, last_updated) values (?, ?, ?, ?, ?, ?, 'OPEN', ?, ?) on conflict do nothing""")
              .params(
                  UUID.randomUUID(),
                  transactionUid,
                  peerAeTitle,
                  side.name(),
                  custodian,
                  transferId,
                  now,
                  now)
              .update();
          UUID id =
              jdbc.sql(
                      """
                      select id from storage_commitment where side = ? and peer_ae_title = ? and transaction_uid = ?
                      for update""")
                  .params(side.name(), peerAeTitle, transactionUid)
                  .query(UUID.class)
                  .single();
          jdbc.sql("delete from storage_commitment_item where commitment_id = ?")
              .param(id)
              .update();
          jdbc.sql(
                  "update storage_commitment set state = 'OPEN', tell_after = null, created_at = ?, last_updated = ? where id = ?")
              .params(now, now, id)
              .update();
          items.forEach(item -> insert(id, item));
          return id;
        });
  }

  private void insert(UUID id, Item item) {
    jdbc.sql(
            """
            insert into storage_commitment_item (commitment_id, sop_instance_uid, sop_class_uid, state)
            values (?, ?, ?, 'ASKED')""")
        .params(id, item.sopInstanceUid(), item.sopClassUid())
        .update();
  }

  public Optional<Commitment> find(UUID id) {
    return jdbc.sql(SELECT + "id = ?").param(id).query(CommitmentIndex::map).optional();
  }

  /** The transaction that the hub asked one of these peers for. */
  public Optional<Commitment> asked(String transactionUid, List<String> peerAeTitles) {
    return jdbc
        .sql(SELECT + "side = 'USER' and transaction_uid = :uid and peer_ae_title in (:peers)")
        .param("uid", transactionUid)
        .param("peers", peerAeTitles)
        .query(CommitmentIndex::map)
        .list()
        .stream()
        .findFirst();
  }

  /** The result could not be told: it is told again from then on. */
  public void tellAfter(UUID id, Instant after) {
    jdbc.sql("update storage_commitment set tell_after = ? where id = ? and state = 'OPEN'")
        .params(Rows.utc(after), id)
        .update();
  }

  /**
   * Transactions whose result could not be told and is to be told again now, oldest first. Not
   * given out again before {@code next}.
   *
   * @param askedSince older ones are left alone
   */
  public List<UUID> untold(Instant now, Instant askedSince, Instant next, int limit) {
    return claim(
        jdbc.sql(
                "select id from storage_commitment where side = 'PROVIDER' and state = 'OPEN' and tell_after <= ? and created_at > ? order by tell_after fetch first "
                    + limit
                    + " rows only")
            .params(Rows.utc(now), Rows.utc(askedSince))
            .query(UUID.class)
            .list(),
        next);
  }

  /** As {@link #untold}, of one peer, whenever it was asked and is due. */
  public List<UUID> untoldOf(String peerAeTitle, Instant next, int limit) {
    return claim(
        jdbc.sql(
                "select id from storage_commitment where side = 'PROVIDER' and state = 'OPEN' and tell_after is not null and peer_ae_title = ? order by created_at fetch first "
                    + limit
                    + " rows only")
            .param(peerAeTitle)
            .query(UUID.class)
            .list(),
        next);
  }

  private List<UUID> claim(List<UUID> ids, Instant next) {
    ids.forEach(id -> tellAfter(id, next));
    return ids;
  }

  /** Objects of a transaction, by SOP Instance UID. */
  public List<Item> items(UUID id) {
    return jdbc.sql(
            "select * from storage_commitment_item where commitment_id = ? order by sop_instance_uid")
        .param(id)
        .query(
            (row, number) ->
                new Item(
                    row.getString("sop_class_uid"),
                    row.getString("sop_instance_uid"),
                    Rows.integer(row, "failure_reason")))
        .list();
  }

  /** SOP Instance UIDs of a transaction that are committed. */
  public List<String> committed(UUID id) {
    return jdbc.sql(
            """
            select sop_instance_uid from storage_commitment_item where commitment_id = ? and state = 'COMMITTED'
            order by sop_instance_uid""")
        .param(id)
        .query(String.class)
        .list();
  }

  /** Notes what became of each object; an object that is not of the transaction is left out. */
  public void close(UUID id, List<Item> results) {
    transactions.executeWithoutResult(
        status -> {
          for (Item item : results) {
            jdbc.sql(
                    """
                    update storage_commitment_item set state = ?, failure_reason = ?
                    where commitment_id = ? and sop_instance_uid = ?""")
                .params(
                    item.failureReason() == null ? "COMMITTED" : "FAILED",
                    item.failureReason(),
                    id,
                    item.sopInstanceUid())
                .update();
          }
          jdbc.sql("update storage_commitment set state = 'CLOSED', last_updated = ? where id = ?")
              .params(Rows.utc(Instant.now()), id)
              .update();
        });
  }

  private static Commitment map(java.sql.ResultSet row, int number) throws java.sql.SQLException {
    return new Commitment(
        Rows.uuid(row, "id"),
        Side.valueOf(row.getString("side")),
        row.getString("transaction_uid"),
        row.getString("peer_ae_title"),
        row.getString("custodian"),
        Rows.uuid(row, "transfer_id"),
        State.valueOf(row.getString("state")),
        Rows.instant(row, "created_at"));
  }
}
