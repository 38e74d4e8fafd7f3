package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.Appointment;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.ReviewItem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * When an order is to be done: what the newest of its own messages and of the appointments that
 * name it says. Looked at anew after either was committed, with the order's row locked, so the
 * order of arrival does not matter, even when both come at once.
 */
final class Schedule {
  private static final int MOST_APPOINTMENTS = 100;

  static final String APPOINTMENTS =
      """
      select * from appointment where custodian = :custodian and id in
        (select appointment_id from appointment_order
           where placer and issuer = :placerIssuer and order_number = :placer
         union select appointment_id from appointment_order
           where not placer and issuer = :fillerIssuer and order_number = :filler)
      order by message_at desc, id fetch first %d rows only"""
          .formatted(MOST_APPOINTMENTS);

  private static final String UNSETTLED =
      """
      select o.id from imaging_order o where o.id in (:ids) and (
        o.step_status <> 'SCHEDULED' or o.scheduled_start is distinct from o.ordered_start
        or exists (select 1 from appointment_order a
          where a.placer and a.issuer = o.placer_issuer and a.order_number = o.placer_number)
        or exists (select 1 from appointment_order a
          where not a.placer and a.issuer = o.filler_issuer and a.order_number = o.filler_number))""";

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final IndexChanges changes;
  private final ReviewList reviews;

  Schedule(JdbcClient jdbc, TransactionOperations transactions, PatientIndex patients) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.patients = patients;
    this.changes = new IndexChanges(jdbc);
    this.reviews = new ReviewList(jdbc);
  }

  private record Ordered(
      String custodian,
      String placerIssuer,
      String placer,
      String fillerIssuer,
      String filler,
      LocalDateTime start,
      Instant saidAt,
      LocalDateTime scheduled,
      String step,
      PatientIdentity patient) {
    static Ordered map(ResultSet row, int number) throws SQLException {
      return new Ordered(
          row.getString("custodian"),
          row.getString("placer_issuer"),
          row.getString("placer_number"),
          row.getString("filler_issuer"),
          row.getString("filler_number"),
          Rows.dateTime(row, "ordered_start"),
          Rows.instant(row, "ordered_start_at"),
          Rows.dateTime(row, "scheduled_start"),
          row.getString("step_status"),
          Rows.said(row));
    }

    boolean cancelled() {
      return step.equals("CANCELLED");
    }

    /** The modality has it: appointments do not change the state any more. */
    boolean begun() {
      return !cancelled() && !step.equals("SCHEDULED");
    }
  }

  private record Booked(
      UUID id,
      Appointment.Status status,
      LocalDateTime start,
      String performer,
      String performerFolded,
      String location,
      Instant saidAt,
      String messageKey,
      PatientIdentity patient) {
    static Booked map(ResultSet row, int number) throws SQLException {
      return new Booked(
          Rows.uuid(row, "id"),
          Appointment.Status.valueOf(row.getString("status")),
          Rows.dateTime(row, "scheduled_start"),
          row.getString("performer"),
          row.getString("performer_folded"),
          row.getString("location"),
          Rows.instant(row, "message_at"),
          row.getString("message_key"),
          Rows.said(row));
    }
  }

  /**
   * Those of these orders that {@link #apply} may change: an appointment names them, or did. A new
   * order without appointments is as its message says.
   */
  List<UUID> unsettled(Collection<UUID> orders) {
    return orders.isEmpty()
        ? List.of()
        : jdbc.sql(UNSETTLED).param("ids", Rows.padded(orders)).query(UUID.class).list();
  }

  /**
   * An appointment of somebody else than the order's patient moves nothing, and a person is asked,
   * whichever of the two came first. One that stands goes before one that was cancelled: moving is
   * often sent as a new one and the end of the old.
   */
  void apply(UUID orderId) {
    transactions.executeWithoutResult(status -> applyLocked(orderId));
  }

  private void applyLocked(UUID orderId) {
    Ordered order =
        jdbc.sql("select * from imaging_order where id = ? for update")
            .param(orderId)
            .query(Ordered::map)
            .single();
    List<Booked> found =
        appointments(order).stream().filter(a -> isOfThePatient(a, orderId, order)).toList();
    Optional<Booked> counts =
        found.stream()
            .filter(a -> a.status() == Appointment.Status.BOOKED)
            .findFirst()
            .or(() -> found.stream().findFirst())
            .filter(a -> order.saidAt() == null || !a.saidAt().isBefore(order.saidAt()));
    boolean cancelled = counts.filter(a -> a.status() == Appointment.Status.CANCELLED).isPresent();
    LocalDateTime start = cancelled ? null : counts.map(Booked::start).orElse(order.start());
    boolean moved =
        cancelled != order.cancelled() && !order.begun()
            || !Objects.equals(start, order.scheduled());
    if (counts.isEmpty() && !moved) {
      return;
    }
    new OrderVersions(jdbc).keep(orderId);
    jdbc.sql(
            """
            update imaging_order set scheduled_start = :start, performer = coalesce(:performer, performer),
              performer_folded = coalesce(:performerFolded, performer_folded),
              step_location = coalesce(:location, step_location),
              step_status = case when step_status in ('SCHEDULED', 'CANCELLED') then :status else step_status end,
              schedule_version = schedule_version + :moved, last_updated = :now
            where id = :id""")
        .param("start", start)
        .param("now", Rows.utc(Instant.now()))
        .param("performer", counts.map(Booked::performer).orElse(null))
        .param("performerFolded", counts.map(Booked::performerFolded).orElse(null))
        .param("location", counts.map(Booked::location).orElse(null))
        .param("status", cancelled ? "CANCELLED" : "SCHEDULED")
        .param("moved", moved ? 1 : 0)
        .param("id", orderId)
        .update();
    counts.map(Booked::location).ifPresent(room -> relocate(orderId, room));
    if (moved) {
      changes.note(Kind.ORDER, orderId, order.custodian());
    }
  }

  private boolean isOfThePatient(Booked appointment, UUID orderId, Ordered order) {
    String question = "APPOINTMENT|" + orderId + "|" + appointment.id();
    if (patients.compare(appointment.patient(), order.patient())
        != PatientIdentity.Comparison.DISAGREES) {
      reviews.withdraw(question);
      return true;
    }
    reviews.raise(
        ReviewItem.Kind.LINK,
        question,
        orderId,
        null,
        order.custodian(),
        null,
        appointment.messageKey(),
        "APPOINTMENT_PATIENT_DIFFERS",
        "an appointment names order " + orderId + " but not its patient; it was not moved");
    return false;
  }

  /** Steps that are all done in one room; an appointment does not say which of several it means. */
  private void relocate(UUID orderId, String room) {
    jdbc.sql(
            """
            update order_step set location = :room where order_id = :id and not exists
              (select 1 from order_step a join order_step b on b.order_id = a.order_id
                where a.order_id = :id and coalesce(a.location, '') <> coalesce(b.location, ''))""")
        .param("room", room)
        .param("id", orderId)
        .update();
  }

  private List<Booked> appointments(Ordered order) {
    return jdbc.sql(APPOINTMENTS)
        .param("custodian", order.custodian())
        .param("placerIssuer", order.placer() == null ? "" : order.placerIssuer())
        .param("placer", order.placer() == null ? "" : order.placer())
        .param("fillerIssuer", order.filler() == null ? "" : order.fillerIssuer())
        .param("filler", order.filler() == null ? "" : order.filler())
        .query(Booked::map)
        .list();
  }
}
