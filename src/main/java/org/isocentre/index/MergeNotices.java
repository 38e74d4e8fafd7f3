package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.index.MergeFacts.Filed;
import org.isocentre.index.MergeGraph.Verdict;
import org.isocentre.model.PatientMerged;
import org.isocentre.model.PatientMerged.Change;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What merges, and orders that are written, have to tell by queues. Written in the transaction of
 * its reason, read and removed by a route: told at least once, also after a crash.
 */
public final class MergeNotices {
  private final JdbcClient jdbc;

  public MergeNotices(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What is told. */
  public enum Kind {
    /** A merge came into force, was confirmed, or is not in force any more; by merge id. */
    MERGED,
    /** A study has to be linked anew, by its id. */
    STUDY,
    /** A transfer may go on, by its id. */
    TRANSFER,
    /** An order was written, by its id; its studies are not looked for yet. */
    ORDER
  }

  /**
   * @param id in order of time
   * @param change of a merge, else null
   * @param confirmed whether the merge was at that moment
   * @param surviving record of a merge at that moment, else null
   * @param prior record of a merge at that moment, else null
   */
  public record Notice(
      long id,
      Kind kind,
      UUID subject,
      Change change,
      boolean confirmed,
      UUID surviving,
      UUID prior) {}

  void merged(UUID merge, Change change, Verdict when) {
    jdbc.sql(
            """
            insert into merge_notice (kind, subject, change, confirmed, surviving_patient, prior_patient, created_at)
            values ('MERGED', ?, ?, ?, ?, ?, ?)""")
        .params(
            merge,
            change.name(),
            when.confirmed(),
            when.surviving(),
            when.prior(),
            Rows.utc(Instant.now()))
        .update();
  }

  void order(UUID id) {
    jdbc.sql("insert into merge_notice (kind, subject, created_at) values ('ORDER', ?, ?)")
        .params(id, Rows.utc(Instant.now()))
        .update();
  }

  void study(UUID id) {
    jdbc.sql("insert into merge_notice (kind, subject, created_at) values ('STUDY', ?, ?)")
        .params(id, Rows.utc(Instant.now()))
        .update();
  }

  void studiesOf(UUID record) {
    jdbc.sql(
            """
            insert into merge_notice (kind, subject, created_at)
            select 'STUDY', id, cast(? as timestamp(6) with time zone) from study where patient_id = ?""")
        .params(Rows.utc(Instant.now()), record)
        .update();
  }

  /** Transfers whose study is nobody's question any more wait for their next attempt again. */
  public void resumeTransfers() {
    List<UUID> free =
        jdbc.sql(
                "select t.id from transfer t where t.state = 'SUSPENDED' and not "
                    + TransferIndex.SUSPENDED)
            .query(UUID.class)
            .list();
    for (UUID id : free) {
      var now = Rows.utc(Instant.now());
      int resumed =
          jdbc.sql(
                  "update transfer set state = 'REQUESTED', last_error = null, last_updated = ? where id = ? and state = 'SUSPENDED'")
              .params(now, id)
              .update();
      if (resumed == 1) {
        jdbc.sql("insert into merge_notice (kind, subject, created_at) values ('TRANSFER', ?, ?)")
            .params(id, now)
            .update();
      }
    }
  }

  /**
   * Oldest first.
   *
   * @param limit at most so many
   */
  public List<Notice> next(int limit) {
    return jdbc.sql(
            "select * from merge_notice order by id fetch first %d rows only".formatted(limit))
        .query(MergeNotices::map)
        .list();
  }

  /** It is on its queue. */
  public void told(long id) {
    jdbc.sql("delete from merge_notice where id = ?").param(id).update();
  }

  /** The event of a notice of kind {@link Kind#MERGED}. */
  public Optional<PatientMerged> event(Notice notice) {
    return new MergeFacts(jdbc).find(notice.subject()).map(filed -> event(notice, filed));
  }

  private PatientMerged event(Notice notice, Filed filed) {
    MergeFact f = filed.fact();
    return new PatientMerged(
        f.id() + "-" + notice.id(),
        f.id(),
        f.kind(),
        notice.change(),
        notice.confirmed(),
        f.surviving().key(),
        f.prior().key(),
        notice.surviving(),
        notice.prior(),
        f.custodian(),
        holders(List.of(notice.surviving(), notice.prior())),
        f.at());
  }

  /** Who has data of these records or of those that they absorbed. */
  private List<String> holders(List<UUID> records) {
    return jdbc.sql(
            """
            with family as (select id from patient where id in (:ids) or merged_into in (:ids))
            select custodian from study where patient_id in (select id from family)
            union select custodian from imaging_order where patient_id in (select id from family)
            union select custodian from report where patient_id in (select id from family)
            union select t.destination from transfer t join study s on s.id = t.study_id
              where s.patient_id in (select id from family) and exists
                (select 1 from transfer_item i where i.transfer_id = t.id and i.state = 'CONFIRMED')
            order by 1""")
        .param("ids", records)
        .query(String.class)
        .list();
  }

  private static Notice map(ResultSet row, int number) throws SQLException {
    String change = row.getString("change");
    return new Notice(
        row.getLong("id"),
        Kind.valueOf(row.getString("kind")),
        Rows.uuid(row, "subject"),
        change == null ? null : Change.valueOf(change),
        row.getBoolean("confirmed"),
        Rows.uuid(row, "surviving_patient"),
        Rows.uuid(row, "prior_patient"));
  }
}
