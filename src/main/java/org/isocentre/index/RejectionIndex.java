package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.isocentre.model.RejectionNote;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * What custodians rejected. The objects stay as they came, and are shown and sent no more; those
 * that come after their note, too. A person can undo a note.
 */
public final class RejectionIndex {
  private final JdbcClient jdbc;
  private final JdbcOperations batches;
  private final TransactionOperations transactions;

  public RejectionIndex(
      JdbcClient jdbc, JdbcOperations batches, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.batches = batches;
    this.transactions = transactions;
  }

  /**
   * A note as it stands.
   *
   * @param id of the note
   * @param objects that it names
   * @param undoneBy who undid it, or null
   */
  public record Rejection(
      UUID id,
      UUID studyId,
      UUID patientId,
      String custodian,
      String sopInstanceUid,
      String reason,
      int objects,
      Instant receivedAt,
      Instant undoneAt,
      String undoneBy) {}

  /**
   * Takes back what a note names. The note itself must be filed. Idempotent: one that was undone
   * stays so, however often it comes.
   *
   * @param noted told of what it does in the same transaction: what that throws takes all of it
   *     back
   * @return what it did, or empty if it was known
   */
  public Optional<Rejection> apply(RejectionNote note, Consumer<Rejection> noted) {
    return transactions.execute(
        status -> {
          UUID id = StudyIndex.instanceId(note.custodian(), note.sopInstanceUid());
          UUID study = StudyIndex.studyId(note.custodian(), note.studyInstanceUid());
          lock(study);
          if (!insert(id, study, note)) {
            return Optional.<Rejection>empty();
          }
          batches.batchUpdate(
              "insert into rejection_item (note_id, instance_id) values (?, ?)",
              note.rejected().stream()
                  .map(uid -> new Object[] {id, StudyIndex.instanceId(note.custodian(), uid)})
                  .filter(row -> !row[1].equals(id))
                  .toList());
          jdbc.sql("update instance set rejected_by = id where id = ?").param(id).update();
          jdbc.sql("update study set rejections = rejections + 1 where id = ?")
              .param(study)
              .update();
          StudyVersionIndex.withdraw(jdbc, study);
          settle(jdbc, study);
          Optional<Rejection> done = find(id);
          done.ifPresent(noted);
          return done;
        });
  }

  private boolean insert(UUID id, UUID study, RejectionNote note) {
    return jdbc.sql(
                """
                insert into rejection (note_id, study_id, reason, received_at)
                select i.id, i.study_id, ?, i.received_at from instance i
                where i.id = ? and i.study_id = ? and not exists (select 1 from rejection r where r.note_id = i.id)""")
            .params(note.reason().code(), id, study)
            .update()
        == 1;
  }

  /**
   * What a note named is shown again, unless another one names it.
   *
   * @return empty if there is no such note, or it was undone before
   */
  public Optional<Rejection> undo(UUID noteId, String by) {
    return transactions.execute(
        status -> {
          Optional<Rejection> known = find(noteId).filter(r -> r.undoneAt() == null);
          if (known.isEmpty()) {
            return known;
          }
          lock(known.get().studyId());
          int changed =
              jdbc.sql(
                      "update rejection set undone_at = ?, undone_by = ? where note_id = ? and undone_at is null")
                  .params(Rows.utc(Instant.now()), Rows.cut(by, 200), noteId)
                  .update();
          if (changed == 0) {
            return Optional.<Rejection>empty();
          }
          settle(jdbc, known.get().studyId());
          return find(noteId);
        });
  }

  private void lock(UUID study) {
    jdbc.sql("select id from study where id = ? for update").param(study).query(UUID.class).list();
  }

  /**
   * Says of each object of a study which note rejects it, counts what is left, and has the study
   * looked at anew. What was to be sent and is rejected now is not to be sent. The study must be
   * locked.
   */
  static void settle(JdbcClient jdbc, UUID study) {
    jdbc.sql(
            """
            update instance set rejected_by =
              (select x.note_id from rejection_item x join rejection n on n.note_id = x.note_id
               where x.instance_id = instance.id and n.undone_at is null
               order by n.received_at, n.note_id fetch first 1 rows only)
            where study_id = ? and not exists (select 1 from rejection r where r.note_id = instance.id)""")
        .param(study)
        .update();
    var now = Rows.utc(Instant.now());
    jdbc.sql(
            """
            update series set last_updated = ?, number_of_instances =
              (select count(*) from instance i where i.series_id = series.id and i.rejected_by is null)
            where study_id = ?""")
        .params(now, study)
        .update();
    jdbc.sql(
            """
            update study set completed_at = null, last_updated = ?,
              number_of_instances = (select count(*) from instance i where i.study_id = study.id and i.rejected_by is null),
              number_of_series = (select count(*) from series r where r.study_id = study.id and r.number_of_instances > 0)
            where id = ?""")
        .params(now, study)
        .update();
    jdbc.sql(
            """
            delete from transfer_item where state = 'PENDING' and instance_id in
              (select i.id from instance i where i.study_id = ? and i.rejected_by <> i.id)""")
        .param(study)
        .update();
  }

  public Optional<Rejection> find(UUID noteId) {
    return jdbc
        .sql(SELECT + " where r.note_id = ?")
        .param(noteId)
        .query(RejectionIndex::map)
        .list()
        .stream()
        .findFirst();
  }

  /** The newest first. */
  public List<Rejection> list(PageRequest page) {
    return jdbc.sql(
            SELECT
                + " order by r.received_at desc, r.note_id offset "
                + page.offset()
                + " rows fetch next "
                + page.limit()
                + " rows only")
        .query(RejectionIndex::map)
        .list();
  }

  private static final String SELECT =
      """
      select r.*, s.custodian, s.patient_id, i.sop_instance_uid,
        (select count(*) from rejection_item x where x.note_id = r.note_id) as objects
      from rejection r join study s on s.id = r.study_id join instance i on i.id = r.note_id""";

  private static Rejection map(java.sql.ResultSet row, int number) throws java.sql.SQLException {
    return new Rejection(
        Rows.uuid(row, "note_id"),
        Rows.uuid(row, "study_id"),
        Rows.uuid(row, "patient_id"),
        row.getString("custodian"),
        row.getString("sop_instance_uid"),
        row.getString("reason"),
        row.getInt("objects"),
        Rows.instant(row, "received_at"),
        Rows.instant(row, "undone_at"),
        row.getString("undone_by"));
  }
}
