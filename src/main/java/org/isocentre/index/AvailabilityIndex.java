package org.isocentre.index;

import java.time.Instant;
import java.util.List;
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
              return true;
            }));
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
}
