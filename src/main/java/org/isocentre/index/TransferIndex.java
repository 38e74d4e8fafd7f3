package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.Instance;
import org.isocentre.model.Transfer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Transfers and the state of each of their objects; counts are always taken from the objects, never
 * kept beside them.
 */
public final class TransferIndex {
  private static final String SELECT =
      """
      select t.*,
        (select count(*) from transfer_item i where i.transfer_id = t.id) as expected,
        (select count(*) from transfer_item i where i.transfer_id = t.id and i.state <> 'PENDING') as sent,
        (select count(*) from transfer_item i where i.transfer_id = t.id and i.state = 'CONFIRMED') as confirmed,
        (select count(*) from transfer_item i where i.transfer_id = t.id and i.state = 'FAILED') as failed,
        (select count(*) from transfer_item i where i.transfer_id = t.id and i.commitment is not null) as commitment_expected,
        (select count(*) from transfer_item i where i.transfer_id = t.id and i.commitment = 'COMMITTED') as committed,
        (select count(*) from transfer_item i where i.transfer_id = t.id and i.commitment in ('FAILED', 'UNANSWERED')) as not_committed
      from transfer t join study s on s.id = t.study_id join patient p on p.id = s.patient_id""";

  /** Whether a transfer {@code t} waits for somebody to confirm a merge. */
  static final String SUSPENDED =
      """
      exists (select 1 from study u join patient q on q.id = u.patient_id
        where u.id = t.study_id and q.merged_into is not null and q.merge_confirmed = false)""";

  static final String WHY_SUSPENDED =
      "ISO-INDEX-024: a merge that nobody has confirmed gave the study to another patient";

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final IndexChanges changes;

  public TransferIndex(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.changes = new IndexChanges(jdbc);
  }

  /**
   * Asks for every object of the study to go to the destination. Objects that are there already are
   * not asked for again.
   *
   * @return the transfer if there is something to send, also when it was asked for before
   */
  public Optional<Transfer> request(UUID studyId, String destination) {
    return transactions.execute(
        status -> {
          var now = Rows.utc(Instant.now());
          jdbc.sql(
                  """
                  insert into transfer (id, study_id, destination, state, attempts, created_at, last_updated)
                  values (?, ?, ?, 'COMPLETED', 0, ?, ?) on conflict do nothing""")
              .params(UUID.randomUUID(), studyId, destination, now, now)
              .update();
          UUID id =
              jdbc.sql("select id from transfer where study_id = ? and destination = ? for update")
                  .params(studyId, destination)
                  .query(UUID.class)
                  .single();
          int added =
              jdbc.sql(
                      """
                      insert into transfer_item (transfer_id, instance_id, state, last_updated)
                      select ?, i.id, 'PENDING', ? from instance i where i.study_id = ? and (i.rejected_by is null or i.rejected_by = i.id) and not exists
                        (select 1 from transfer_item x where x.transfer_id = ? and x.instance_id = i.id)""")
                  .params(id, now, studyId, id)
                  .update();
          if (added > 0) {
            state(id, Transfer.State.REQUESTED, null);
            suspend(id);
          }
          return find(id)
              .filter(
                  t ->
                      t.state() == Transfer.State.REQUESTED
                          || t.state() == Transfer.State.IN_PROGRESS);
        });
  }

  /**
   * Sets every object that failed, or that the destination does not commit to, back to pending;
   * what it did not answer for is asked again. @return the transfer, if it exists and had failed or
   * was cancelled
   */
  public Optional<Transfer> retry(UUID id) {
    return transactions.execute(
        status -> {
          int changed =
              jdbc.sql(
                      "update transfer set state = 'REQUESTED', last_updated = ? where id = ? and state in ('FAILED', 'CANCELLED')")
                  .params(Rows.utc(Instant.now()), id)
                  .update();
          if (changed == 0) {
            return Optional.<Transfer>empty();
          }
          jdbc.sql(
                  """
                  update transfer_item set state = 'PENDING', status_code = null, error = null, commitment = null,
                    commitment_failure = null
                  where transfer_id = ? and (state = 'FAILED' or commitment = 'FAILED')""")
              .param(id)
              .update();
          jdbc.sql(
                  "update transfer_item set commitment = null where transfer_id = ? and commitment = 'UNANSWERED'")
              .param(id)
              .update();
          suspend(id);
          return find(id);
        });
  }

  /**
   * An attempt begins.
   *
   * @return false if the transfer was cancelled, or is suspended by a merge that nobody has
   *     confirmed: then nothing may be sent
   */
  public boolean begin(UUID id) {
    return jdbc.sql(
                "update transfer t set state = 'IN_PROGRESS', attempts = attempts + 1, last_updated = ? where t.id = ? and t.state not in ('CANCELLED', 'SUSPENDED')")
            .params(Rows.utc(Instant.now()), id)
            .update()
        == 1;
  }

  /** Whether nothing of a transfer may be sent until somebody decides on a merge. */
  public boolean isSuspended(UUID id) {
    return jdbc.sql(
                "select count(*) from transfer t where t.id = ? and (t.state = 'SUSPENDED' or "
                    + SUSPENDED
                    + ")")
            .param(id)
            .query(Integer.class)
            .single()
        > 0;
  }

  /**
   * Suspends a transfer whose study a merge that nobody has confirmed gave to another patient.
   *
   * @return whether it is suspended
   */
  public boolean suspend(UUID id) {
    jdbc.sql(
            "update transfer t set state = 'SUSPENDED', last_error = ?, last_updated = ? where t.id = ? and t.state in ('REQUESTED', 'IN_PROGRESS') and "
                + SUSPENDED)
        .params(WHY_SUSPENDED, Rows.utc(Instant.now()), id)
        .update();
    return jdbc.sql("select count(*) from transfer where id = ? and state = 'SUSPENDED'")
            .param(id)
            .query(Integer.class)
            .single()
        > 0;
  }

  /**
   * Objects that still have to be sent, in order of series and Instance Number. A rejected one is
   * not; the note that rejects it is, so that who has a copy learns of it.
   */
  public List<Instance> pending(UUID id) {
    return jdbc.sql(
            """
            select n.* from transfer_item i join instance n on n.id = i.instance_id join series r on r.id = n.series_id
            where i.transfer_id = ? and i.state = 'PENDING' and (n.rejected_by is null or n.rejected_by = n.id)
            order by r.series_number, r.series_instance_uid, n.instance_number, n.sop_instance_uid""")
        .param(id)
        .query(StudyIndex::mapInstance)
        .list();
  }

  /**
   * The destination answered with success (or a warning that keeps the object).
   *
   * @param transcodedTo transfer syntax that it was sent in, or null if as it is stored
   */
  public void confirmed(UUID id, UUID instanceId, int statusCode, String transcodedTo) {
    item(id, instanceId, "CONFIRMED", statusCode, null, transcodedTo);
  }

  /**
   * The destination will not take the object. @param statusCode DIMSE status, or null when there
   * was none
   */
  public void failed(UUID id, UUID instanceId, Integer statusCode, String error) {
    item(id, instanceId, "FAILED", statusCode, Rows.cut(error, 1000), null);
  }

  private void item(
      UUID id,
      UUID instanceId,
      String state,
      Integer statusCode,
      String error,
      String transcodedTo) {
    jdbc.sql(
            "update transfer_item set state = ?, status_code = ?, error = ?, transcoded_to = ?, last_updated = ? where transfer_id = ? and instance_id = ?")
        .params(state, statusCode, error, transcodedTo, Rows.utc(Instant.now()), id, instanceId)
        .update();
  }

  /**
   * The attempt is over: completed only if every object is confirmed, and committed to where that
   * is asked for; failed if any failed; else requested again. One that was suspended in the
   * meantime stays so while it has objects to send.
   */
  public Transfer finish(UUID id, String lastError) {
    return transactions.execute(
        status -> {
          lock(id);
          return settle(id, lastError);
        });
  }

  /** Keeps others from changing the transfer for the rest of the transaction. */
  void lock(UUID id) {
    jdbc.sql("select id from transfer where id = ? for update")
        .param(id)
        .query(UUID.class)
        .single();
  }

  /** The state that follows from the objects. */
  Transfer settle(UUID id, String lastError) {
    Transfer transfer = find(id).orElseThrow();
    if (transfer.state() == Transfer.State.SUSPENDED && transfer.sent() < transfer.expected()) {
      return transfer;
    }
    Transfer.State state = state(transfer);
    boolean well = state == Transfer.State.COMPLETED || state == Transfer.State.COMMITTING;
    String error = lastError == null ? firstError(id) : lastError;
    if (error == null && state == Transfer.State.FAILED) {
      error = transfer.lastError();
    }
    state(id, state, well ? null : error);
    if (state == Transfer.State.COMPLETED && transfer.state() != state) {
      changes.note(IndexChanged.Kind.TRANSFER, id, null);
    }
    return find(id).orElseThrow();
  }

  private static Transfer.State state(Transfer t) {
    if (t.sent() < t.expected()) {
      return Transfer.State.REQUESTED;
    } else if (t.failed() > 0 || t.notCommitted() > 0) {
      return Transfer.State.FAILED;
    }
    return t.committed() < t.commitmentExpected()
        ? Transfer.State.COMMITTING
        : Transfer.State.COMPLETED;
  }

  /** No further attempt will be made: what is pending has failed, unless it is suspended. */
  public void giveUp(UUID id, String error) {
    transactions.executeWithoutResult(
        status -> {
          if (suspend(id)) {
            return;
          }
          jdbc.sql(
                  "update transfer_item set state = 'FAILED', error = ?, last_updated = ? where transfer_id = ? and state = 'PENDING'")
              .params(Rows.cut(error, 1000), Rows.utc(Instant.now()), id)
              .update();
          state(id, Transfer.State.FAILED, error);
        });
  }

  /**
   * Cancels a transfer of which something may have to be sent still.
   *
   * @return false if it has ended, or all of it has been sent
   */
  public boolean cancelOpen(UUID id, String why) {
    return jdbc.sql(
                """
                update transfer set state = 'CANCELLED', last_error = ?, last_updated = ?
                where id = ? and state in ('REQUESTED', 'IN_PROGRESS', 'SUSPENDED')""")
            .params(Rows.cut(why, 1000), Rows.utc(Instant.now()), id)
            .update()
        == 1;
  }

  public void cancel(UUID id, String why) {
    state(id, Transfer.State.CANCELLED, why);
  }

  private void state(UUID id, Transfer.State state, String error) {
    jdbc.sql("update transfer set state = ?, last_error = ?, last_updated = ? where id = ?")
        .params(state.name(), Rows.cut(error, 1000), Rows.utc(Instant.now()), id)
        .update();
  }

  private String firstError(UUID id) {
    return jdbc.sql(
            """
            select error from transfer_item where transfer_id = ? and error is not null
            order by last_updated fetch first 1 rows only""")
        .param(id)
        .query(String.class)
        .optional()
        .orElse(null);
  }

  public Optional<Transfer> find(UUID id) {
    return jdbc.sql(SELECT + " where t.id = ?").param(id).query(TransferIndex::map).optional();
  }

  public List<Transfer> search(TransferQuery query) {
    return where(query)
        .list(jdbc, SELECT, "t.last_updated desc, t.id", query.page(), TransferIndex::map);
  }

  public int count(TransferQuery query) {
    return where(query)
        .count(
            jdbc,
            "transfer t join study s on s.id = t.study_id join patient p on p.id = s.patient_id");
  }

  public List<Transfer> ofStudies(Collection<UUID> studyIds) {
    return studyIds.isEmpty()
        ? List.of()
        : jdbc.sql(SELECT + " where t.study_id in (:ids) order by t.created_at")
            .param("ids", studyIds)
            .query(TransferIndex::map)
            .list();
  }

  private static SearchSql where(TransferQuery q) {
    return new SearchSql()
        .visible(q.visible(), "Task", "t")
        .in("t.id", q.ids())
        .in("t.study_id", q.studyIds())
        .ofPatients("s.patient_id", q.patientIds())
        .in("t.state", q.states() == null ? null : q.states().stream().map(Enum::name).toList())
        .in("t.destination", q.destinations())
        .between("t.last_updated", q.lastUpdated());
  }

  private static Transfer map(ResultSet row, int number) throws SQLException {
    return new Transfer(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "study_id"),
        row.getString("destination"),
        Transfer.State.valueOf(row.getString("state")),
        row.getInt("expected"),
        row.getInt("sent"),
        row.getInt("confirmed"),
        row.getInt("failed"),
        row.getInt("commitment_expected"),
        row.getInt("committed"),
        row.getInt("not_committed"),
        row.getInt("attempts"),
        row.getString("last_error"),
        Rows.instant(row, "created_at"),
        Rows.instant(row, "last_updated"));
  }
}
