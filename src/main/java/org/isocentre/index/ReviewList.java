package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.isocentre.model.ReviewItem;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What waits for a person. The same question is asked once, however often its evidence is
 * delivered.
 */
public final class ReviewList {
  private final JdbcClient jdbc;

  public ReviewList(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Adds an item unless one with this key was ever raised.
   *
   * @param dedupeKey at most 300 characters, without patient data
   * @param detail without patient data
   */
  public void raise(
      ReviewItem.Kind kind,
      String dedupeKey,
      UUID orderId,
      UUID studyId,
      String custodian,
      String sopInstanceUid,
      String objectKey,
      String reason,
      String detail) {
    jdbc.sql(
            """
            insert into review_item (id, dedupe_key, kind, order_id, study_id, custodian, sop_instance_uid, object_key,
              reason, detail, created_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
        .params(
            UUID.randomUUID(),
            dedupeKey,
            kind.name(),
            orderId,
            studyId,
            custodian,
            sopInstanceUid,
            objectKey,
            reason,
            detail,
            Rows.utc(Instant.now()))
        .update();
  }

  /** A person answered an open question elsewhere. */
  void settled(String dedupeKey, String by) {
    jdbc.sql(
            "update review_item set resolved_at = ?, resolved_by = ? where dedupe_key like ? and resolved_at is null")
        .params(Rows.utc(Instant.now()), Rows.cut(by, 200), dedupeKey + "%")
        .update();
  }

  /** Withdraws an open question that the evidence no longer asks. */
  public void withdraw(String dedupeKey) {
    jdbc.sql("delete from review_item where dedupe_key = ? and resolved_at is null")
        .param(dedupeKey)
        .update();
  }

  /**
   * As {@link #withdraw}, of every key that begins so. @param prefix without {@code %} and {@code
   * _}
   */
  void withdrawAll(String prefix) {
    jdbc.sql("delete from review_item where dedupe_key like ? and resolved_at is null")
        .param(prefix + "%")
        .update();
  }

  /**
   * The question is settled: by a person, or because the evidence no longer asks it.
   *
   * @param by who answered, or null to withdraw it
   */
  void answered(String dedupeKey, String by) {
    if (by == null) {
      withdraw(dedupeKey);
      return;
    }
    jdbc.sql(
            "update review_item set resolved_at = ?, resolved_by = ? where dedupe_key = ? and resolved_at is null")
        .params(Rows.utc(Instant.now()), Rows.cut(by, 200), dedupeKey)
        .update();
  }

  /** Open items, oldest first. */
  public List<ReviewItem> open(PageRequest page) {
    return new SearchSql()
        .when(Boolean.TRUE, "(resolved_at is null) = ?")
        .list(jdbc, "select * from review_item", "created_at, id", page, ReviewList::map);
  }

  /**
   * @return false if there is no open item with this id, or if it is a merge, which is confirmed or
   *     undone instead ({@link PatientMerges})
   */
  public boolean resolve(UUID id, String by) {
    return jdbc.sql(
                "update review_item set resolved_at = ?, resolved_by = ? where id = ? and resolved_at is null and kind <> 'MERGE'")
            .params(Rows.utc(Instant.now()), by, id)
            .update()
        == 1;
  }

  private static ReviewItem map(ResultSet row, int number) throws SQLException {
    return new ReviewItem(
        Rows.uuid(row, "id"),
        ReviewItem.Kind.valueOf(row.getString("kind")),
        Rows.uuid(row, "order_id"),
        Rows.uuid(row, "study_id"),
        row.getString("reason"),
        row.getString("detail"),
        Rows.instant(row, "created_at"),
        Rows.instant(row, "resolved_at"),
        row.getString("resolved_by"));
  }
}
