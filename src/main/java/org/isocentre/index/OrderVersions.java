package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.isocentre.model.Order;
import org.isocentre.model.ProcedureStep;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What orders were. Whoever changes an order {@link #keep keeps} it first; one that never changed
 * has no row here.
 */
final class OrderVersions {
  private final JdbcClient jdbc;

  OrderVersions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Keeps an order as it is, in the transaction of what changes it. Idempotent. */
  void keep(UUID id) {
    keep("id", id);
  }

  /** As {@link #keep}, all orders that are filed under a record of a patient. */
  void keepOf(UUID patient) {
    keep("patient_id", patient);
  }

  private void keep(String column, UUID value) {
    int kept =
        jdbc.sql(
                "insert into imaging_order_version select * from imaging_order where %s = ? on conflict do nothing"
                    .formatted(column))
            .param(value)
            .update();
    if (kept > 0) {
      jdbc.sql(
              """
              insert into order_step_version select s.*, o.last_updated from order_step s
                join imaging_order o on o.id = s.order_id where o.%s = ? on conflict do nothing"""
                  .formatted(column))
          .param(value)
          .update();
    }
  }

  /** Forgets what it was between two steps of one change. */
  void forgetAfter(UUID id, Instant lastUpdated) {
    for (String table : List.of("imaging_order_version", "order_step_version")) {
      boolean step = table.startsWith("order_step");
      jdbc.sql(
              "delete from %s where %s = ? and %s > ?"
                  .formatted(
                      table, step ? "order_id" : "id", step ? "order_updated" : "last_updated"))
          .params(id, Rows.utc(lastUpdated))
          .update();
    }
  }

  /**
   * What an order was before it became what it is, the newest first; only what was of the patient
   * whose it is now: one that was filed under somebody else is not shown as theirs.
   *
   * @param most how many at most
   */
  List<Order> before(Order now, Visibility visible, int most, RowMapper<Order> mapper) {
    return jdbc
        .sql(
            """
            select o.*, %s from imaging_order_version o join patient p on p.id = o.patient_id
              where o.id = ? and o.last_updated < ?
              order by o.last_updated desc fetch first %d rows only"""
                .formatted(Rows.currentPatient(visible), most))
        .params(now.id(), Rows.utc(now.lastUpdated()))
        .query(mapper)
        .list()
        .stream()
        .filter(o -> o.patientId().equals(now.patientId()))
        .toList();
  }

  /** The steps that it had then, where it had several. */
  List<ProcedureStep> steps(UUID id, Instant lastUpdated) {
    return jdbc.sql(
            "select * from order_step_version where order_id = ? and order_updated = ? order by position")
        .params(id, Rows.utc(lastUpdated))
        .query((row, n) -> OrderSteps.step(row))
        .list();
  }
}
