package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Notes of what changed, for those who tell other trusts. A note is written in the transaction of
 * its change, so there is never the one without the other.
 */
public final class IndexChanges {
  private final JdbcClient jdbc;

  public IndexChanges(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param origin ODS code of the trust that said so, or null
   */
  public void note(Kind kind, UUID subjectId, String origin) {
    note(kind, subjectId, null, origin);
  }

  /** The numbers of {@code merged} now belong to {@code survivor}. */
  public void merged(UUID survivor, UUID merged, String origin) {
    note(Kind.MERGE, survivor, merged, origin);
  }

  /**
   * The numbers of {@code merged} do not belong to {@code survivor} any more; nor does what is
   * filed under them, which is noted, too.
   */
  public void unmerged(UUID survivor, UUID merged) {
    note(Kind.UNMERGE, survivor, merged, null);
    for (Map.Entry<Kind, String> table :
        List.of(Map.entry(Kind.ORDER, "imaging_order"), Map.entry(Kind.REPORT, "report"))) {
      jdbc.sql(
              """
              insert into index_change (kind, subject_id, origin, noted_at)
              select cast(:kind as varchar(16)), id, custodian, cast(:now as timestamp(6) with time zone) from %s
                where patient_id in (select id from patient where id = :merged or merged_into = :merged) order by id"""
                  .formatted(table.getValue()))
          .param("kind", table.getKey().name())
          .param("now", Rows.utc(Instant.now()))
          .param("merged", merged)
          .update();
    }
  }

  /**
   * What was said of two patients.
   *
   * @param kind one that is about two
   * @param origin ODS code of the trust that said so, or null
   */
  public void notePair(Kind kind, UUID subjectId, UUID otherId, String origin) {
    note(kind, subjectId, otherId, origin);
  }

  private void note(Kind kind, UUID subjectId, UUID otherId, String origin) {
    jdbc.sql(
            "insert into index_change (kind, subject_id, other_id, origin, noted_at) values (?, ?, ?, ?, ?)")
        .params(kind.name(), subjectId, otherId, origin, Rows.utc(Instant.now()))
        .update();
  }

  /** The oldest notes, at most so many. */
  public List<IndexChanged> oldest(int most) {
    return jdbc.sql("select * from index_change order by id fetch first " + most + " rows only")
        .query(
            (row, number) ->
                new IndexChanged(
                    row.getLong("id"),
                    Kind.valueOf(row.getString("kind")),
                    Rows.uuid(row, "subject_id"),
                    Rows.uuid(row, "other_id"),
                    row.getString("origin")))
        .list();
  }

  /** What waits is of no use to anybody. */
  public void forgetAll() {
    jdbc.sql("delete from index_change").update();
  }

  /** These are on their way. */
  public void forget(List<IndexChanged> changes) {
    if (!changes.isEmpty()) {
      jdbc.sql("delete from index_change where id in (:ids)")
          .param("ids", changes.stream().map(IndexChanged::id).toList())
          .update();
    }
  }
}
