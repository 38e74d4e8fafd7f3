package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.Appointment;
import org.isocentre.model.FiledAppointment;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads appointments, with the orders that a caller may see. */
public final class AppointmentSearch {
  /** Orders by the numbers that appointments name; each kind by its own index. */
  private static final List<String> ORDERS =
      List.of(
          named("n.placer", "o.placer_number = n.order_number and o.placer_issuer = n.issuer"),
          named("not n.placer", "o.filler_number = n.order_number and o.filler_issuer = n.issuer"));

  private final JdbcClient jdbc;

  public AppointmentSearch(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  private static String named(String kind, String number) {
    return "appointment_order n join appointment x on x.id = n.appointment_id join imaging_order o"
        + " on o.custodian = x.custodian and "
        + number
        + " and "
        + kind;
  }

  /**
   * A select over appointments {@code x} and the orders {@code o} that they are for.
   *
   * @param what column
   * @param where condition
   */
  static String pairs(String what, String where) {
    return "select "
        + what
        + " from "
        + String.join(" where " + where + " union all select " + what + " from ", ORDERS)
        + " where "
        + where;
  }

  /** Those that the caller may see, at most {@value PageRequest#MAX_LIMIT}. */
  public List<FiledAppointment> search(Visibility visible, Collection<UUID> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<UUID, Set<UUID>> orders = orders(visible, ids);
    return new SearchSql()
        .visible(visible, "Appointment", "a")
        .in("a.id", ids)
        .list(
            jdbc,
            "select a.*, "
                + Rows.currentPatient(visible)
                + " from appointment a join patient p on p.id = a.patient_id",
            "a.id",
            new PageRequest(0, PageRequest.MAX_LIMIT),
            (row, number) -> map(row, orders));
  }

  private Map<UUID, Set<UUID>> orders(Visibility visible, Collection<UUID> ids) {
    Map<UUID, Set<UUID>> orders = new HashMap<>();
    for (String named : ORDERS) {
      new SearchSql()
          .visible(visible, "ServiceRequest", "o")
          .in("n.appointment_id", ids)
          .list(
              jdbc,
              "select n.appointment_id, o.id from " + named,
              "o.id",
              new PageRequest(0, PageRequest.MAX_LIMIT),
              (row, number) ->
                  orders
                      .computeIfAbsent(
                          Rows.uuid(row, "appointment_id"), key -> new LinkedHashSet<>())
                      .add(Rows.uuid(row, "id")));
    }
    return orders;
  }

  private static FiledAppointment map(ResultSet row, Map<UUID, Set<UUID>> orders)
      throws SQLException {
    UUID id = Rows.uuid(row, "id");
    return new FiledAppointment(
        id,
        row.getString("custodian"),
        row.getString("placer_number"),
        row.getString("filler_number"),
        Appointment.Status.valueOf(row.getString("status")),
        Rows.uuid(row, "current_patient_id"),
        Rows.dateTime(row, "scheduled_start"),
        Rows.integer(row, "minutes"),
        row.getString("performer"),
        row.getString("location"),
        Rows.procedure(row),
        List.copyOf(orders.getOrDefault(id, Set.of())),
        Rows.instant(row, "last_updated"));
  }
}
