package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Modality performed procedure steps, each with the orders that it is about. */
public final class MppsIndex {
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final OrderIndex orders;

  public MppsIndex(JdbcClient jdbc, TransactionOperations transactions, OrderIndex orders) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.orders = orders;
  }

  /** Performed Procedure Step Status (PS3.3 §C.4.14). */
  public enum Status {
    IN_PROGRESS,
    COMPLETED,
    DISCONTINUED
  }

  /**
   * Names a scheduled step and its order; each part may be null.
   *
   * @param modality of the performed step
   */
  public record StepReference(
      String studyInstanceUid,
      String accessionNumber,
      String requestedProcedureId,
      String stepId,
      String modality) {
    /** Of an order, whichever of its steps. */
    public StepReference(String studyInstanceUid, String accessionNumber) {
      this(studyInstanceUid, accessionNumber, null, null, null);
    }
  }

  /**
   * @param custodian ODS code of the trust whose modality it is
   * @param dataSet encoded
   * @param steps which orders it is about
   */
  public record Mpps(
      String sopInstanceUid,
      String custodian,
      String callingAeTitle,
      Status status,
      byte[] dataSet,
      List<StepReference> steps) {
    @Override
    public String toString() {
      return "Mpps[" + sopInstanceUid + ", " + status + "]";
    }
  }

  /**
   * Files a new step and moves its orders.
   *
   * @return false, and nothing is changed, if this trust has one with this UID
   */
  public boolean create(Mpps mpps) {
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              var now = Rows.utc(Instant.now());
              int added =
                  jdbc.sql(
                          """
                          insert into mpps (sop_instance_uid, custodian, status, data_set, calling_ae_title, created_at,
                            last_updated) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
                      .params(
                          mpps.sopInstanceUid(),
                          mpps.custodian(),
                          mpps.status().name(),
                          mpps.dataSet(),
                          mpps.callingAeTitle(),
                          now,
                          now)
                      .update();
              if (added == 1) {
                moveOrders(mpps);
              }
              return added == 1;
            }));
  }

  /**
   * Changes a step under lock and moves its orders; what {@code change} throws undoes all.
   *
   * @return false if this trust has no such step
   */
  public boolean update(String custodian, String sopInstanceUid, UnaryOperator<Mpps> change) {
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              Optional<Mpps> known = find(custodian, sopInstanceUid, " for update");
              if (known.isEmpty()) {
                return false;
              }
              Mpps changed = change.apply(known.get());
              jdbc.sql(
                      "update mpps set status = ?, data_set = ?, last_updated = ? where custodian = ? and sop_instance_uid = ?")
                  .params(
                      changed.status().name(),
                      changed.dataSet(),
                      Rows.utc(Instant.now()),
                      custodian,
                      sopInstanceUid)
                  .update();
              moveOrders(changed);
              return true;
            }));
  }

  private void moveOrders(Mpps mpps) {
    for (StepReference step : mpps.steps()) {
      orders.moveStep(mpps.custodian(), step, mpps.sopInstanceUid(), mpps.status());
    }
  }

  /** The step with this UID of this trust; without its references. */
  public Optional<Mpps> find(String custodian, String sopInstanceUid) {
    return find(custodian, sopInstanceUid, "");
  }

  private Optional<Mpps> find(String custodian, String sopInstanceUid, String locking) {
    return jdbc.sql("select * from mpps where custodian = ? and sop_instance_uid = ?" + locking)
        .params(custodian, sopInstanceUid)
        .query(
            (row, number) ->
                new Mpps(
                    row.getString("sop_instance_uid"),
                    row.getString("custodian"),
                    row.getString("calling_ae_title"),
                    Status.valueOf(row.getString("status")),
                    row.getBytes("data_set"),
                    List.of()))
        .optional();
  }
}
