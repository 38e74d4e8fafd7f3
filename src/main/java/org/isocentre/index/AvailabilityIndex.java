package org.isocentre.index;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** What other nodes say of where objects are available. */
public final class AvailabilityIndex {
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public AvailabilityIndex(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * One object of a notification.
   *
   * @param availability ONLINE, NEARLINE, OFFLINE or UNAVAILABLE
   */
  public record Availability(
      String studyInstanceUid,
      String seriesInstanceUid,
      String sopInstanceUid,
      String sopClassUid,
      String availability,
      String retrieveAeTitle) {}

  /**
   * @param custodian ODS code of the trust whose node says so
   * @return false, and nothing is changed, if the notification was filed before
   */
  public boolean record(String notificationUid, String custodian, List<Availability> objects) {
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              int known =
                  jdbc.sql("select count(*) from instance_availability where notification_uid = ?")
                      .param(notificationUid)
                      .query(Integer.class)
                      .single();
              if (known > 0) {
                return false;
              }
              var now = Rows.utc(Instant.now());
              for (Availability o : objects) {
                jdbc.sql(
                        """
                        insert into instance_availability (notification_uid, custodian, study_instance_uid,
                          series_instance_uid, sop_instance_uid, sop_class_uid, availability, retrieve_ae_title,
                          received_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
                    .params(
                        notificationUid,
                        custodian,
                        o.studyInstanceUid(),
                        o.seriesInstanceUid(),
                        o.sopInstanceUid(),
                        o.sopClassUid(),
                        o.availability(),
                        o.retrieveAeTitle(),
                        now)
                    .update();
              }
              objects.stream()
                  .map(Availability::studyInstanceUid)
                  .distinct()
                  .forEach(uid -> touch(custodian, uid));
              return true;
            }));
  }

  /** The study and its orders say where it is. */
  private void touch(String custodian, String studyInstanceUid) {
    var now = Rows.utc(Instant.now());
    jdbc.sql("update study set last_updated = ? where custodian = ? and study_instance_uid = ?")
        .params(now, custodian, studyInstanceUid)
        .update();
    OrderVersions versions = new OrderVersions(jdbc);
    for (UUID order :
        jdbc.sql(
                """
                select id from imaging_order where custodian = :custodian and study_instance_uid = :uid
                union all select id from imaging_order
                  where custodian = :custodian and study_instance_uid is null and worklist_study_uid = :uid""")
            .param("custodian", custodian)
            .param("uid", studyInstanceUid)
            .query(UUID.class)
            .list()) {
      versions.keep(order);
      jdbc.sql("update imaging_order set last_updated = ? where id = ?")
          .params(now, order)
          .update();
    }
  }

  /** What was said of an object by nodes of this trust, newest first. */
  public List<Availability> of(String custodian, String sopInstanceUid) {
    return jdbc.sql(
            """
            select * from instance_availability where custodian = ? and sop_instance_uid = ?
            order by received_at desc""")
        .params(custodian, sopInstanceUid)
        .query(
            (row, number) ->
                new Availability(
                    row.getString("study_instance_uid"),
                    row.getString("series_instance_uid"),
                    row.getString("sop_instance_uid"),
                    row.getString("sop_class_uid"),
                    row.getString("availability"),
                    row.getString("retrieve_ae_title")))
        .list();
  }

  /**
   * Where a study is, as nodes of its own trust said last.
   *
   * @param of id of the order or study that was asked for
   * @param availability ONLINE, NEARLINE or OFFLINE
   * @param objects of which that was said
   */
  public record Whereabouts(
      UUID of, String studyInstanceUid, String retrieveAeTitle, String availability, int objects) {}

  /** Of studies that the hub has. */
  public List<Whereabouts> ofStudies(Collection<UUID> ids) {
    return whereabouts("study", "x.study_instance_uid", ids);
  }

  /** Of studies that were ordered, whether the hub has them or not. */
  public List<Whereabouts> ofOrders(Collection<UUID> ids) {
    return whereabouts(
        "imaging_order", "coalesce(x.study_instance_uid, x.worklist_study_uid)", ids);
  }

  private List<Whereabouts> whereabouts(String table, String uid, Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : jdbc.sql(
                """
                select x.id, a.study_instance_uid, a.retrieve_ae_title, a.availability, count(*) as objects
                from %s x join instance_availability a on a.custodian = x.custodian and a.study_instance_uid = %s
                where x.id in (:ids) and a.availability <> 'UNAVAILABLE' and not exists
                  (select 1 from instance_availability b where b.custodian = a.custodian
                   and b.sop_instance_uid = a.sop_instance_uid and b.retrieve_ae_title = a.retrieve_ae_title
                   and b.received_at > a.received_at)
                group by x.id, a.study_instance_uid, a.retrieve_ae_title, a.availability
                order by x.id, a.retrieve_ae_title, a.availability"""
                    .formatted(table, uid))
            .param("ids", ids)
            .query(
                (row, number) ->
                    new Whereabouts(
                        Rows.uuid(row, "id"),
                        row.getString("study_instance_uid"),
                        row.getString("retrieve_ae_title"),
                        row.getString("availability"),
                        row.getInt("objects")))
            .list();
  }

  /** Whether a node is to be told of a study: it is complete, and that was not told yet. */
  public boolean isToTell(UUID studyId, String aeTitle) {
    return jdbc.sql(
                """
                select count(*) from study s where s.id = ? and s.completed_at is not null and not exists
                  (select 1 from availability_told t
                   where t.study_id = s.id and t.ae_title = ? and t.told_at >= s.completed_at)""")
            .params(studyId, aeTitle)
            .query(Integer.class)
            .single()
        > 0;
  }

  /** A node was told of a study, and confirmed it. */
  public void told(UUID studyId, String aeTitle) {
    transactions.executeWithoutResult(
        status -> {
          var now = Rows.utc(Instant.now());
          jdbc.sql(
                  "insert into availability_told (study_id, ae_title, told_at) values (?, ?, ?) on conflict do nothing")
              .params(studyId, aeTitle, now)
              .update();
          jdbc.sql("update availability_told set told_at = ? where study_id = ? and ae_title = ?")
              .params(now, studyId, aeTitle)
              .update();
        });
  }
}
