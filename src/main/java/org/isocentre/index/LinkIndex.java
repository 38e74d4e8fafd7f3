package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.isocentre.model.StudyLink;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which study answers which order. */
public final class LinkIndex {
  private static final String TO_LINK =
      """
      select o.id from imaging_order o where o.id in (:ids) and (
        exists (select 1 from study_link l where l.order_id = o.id)
        or exists (select 1 from study s where s.study_instance_uid = o.study_instance_uid)
        or exists (select 1 from study s where s.study_instance_uid = o.worklist_study_uid)
        or exists (select 1 from study s
          where s.accession_issuer = o.accession_issuer and s.accession_value = o.accession_value)
        or exists (select 1 from report r where r.study_instance_uid = o.study_instance_uid)
        or exists (select 1 from report_named_study n where n.study_instance_uid = o.study_instance_uid)
        or exists (select 1 from report r
          where r.placer_number = o.placer_number and r.custodian = o.custodian)
        or exists (select 1 from report r
          where r.filler_number = o.filler_number and r.custodian = o.custodian)
        or exists (select 1 from report r
          where r.accession_issuer = o.accession_issuer and r.accession_value = o.accession_value))""";

  private final JdbcClient jdbc;

  public LinkIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @return false if they were linked before
   */
  public boolean link(UUID orderId, UUID studyId, StudyLink.Rule rule) {
    boolean added =
        jdbc.sql(
                    "insert into study_link (order_id, study_id, link_rule, linked_at) values (?, ?, ?, ?) on conflict do nothing")
                .params(orderId, studyId, rule.name(), Rows.utc(Instant.now()))
                .update()
            == 1;
    if (added) {
      touch(studyId);
    }
    return added;
  }

  /**
   * @return false if they were not linked
   */
  public boolean unlink(UUID orderId, UUID studyId) {
    boolean removed =
        jdbc.sql("delete from study_link where order_id = ? and study_id = ?")
                .params(orderId, studyId)
                .update()
            == 1;
    if (removed) {
      touch(studyId);
    }
    return removed;
  }

  private void touch(UUID studyId) {
    jdbc.sql("update study set last_updated = ? where id = ?")
        .params(Rows.utc(Instant.now()), studyId)
        .update();
  }

  public List<StudyLink> ofStudies(Collection<UUID> studyIds) {
    return by("study_id", studyIds);
  }

  public List<StudyLink> ofOrders(Collection<UUID> orderIds) {
    return by("order_id", orderIds);
  }

  /**
   * Those of these orders that a study or a report may belong to, or does. For the others linking
   * has nothing to do. After the commit of the orders: what comes at the same moment looks for
   * orders after its own.
   */
  public List<UUID> ordersToLink(Collection<UUID> orderIds) {
    return orderIds.isEmpty()
        ? List.of()
        : jdbc.sql(TO_LINK).param("ids", Rows.padded(orderIds)).query(UUID.class).list();
  }

  private List<StudyLink> by(String column, Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : jdbc.sql(
                "select * from study_link where "
                    + column
                    + " in (:ids) order by linked_at, order_id, study_id")
            .param("ids", ids)
            .query(LinkIndex::map)
            .list();
  }

  private static StudyLink map(ResultSet row, int number) throws SQLException {
    return new StudyLink(
        Rows.uuid(row, "order_id"),
        Rows.uuid(row, "study_id"),
        StudyLink.Rule.valueOf(row.getString("link_rule")),
        Rows.instant(row, "linked_at"));
  }
}
