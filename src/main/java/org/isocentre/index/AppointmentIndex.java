package org.isocentre.index;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.Appointment;
import org.isocentre.model.Code;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.TimeUuid;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Appointments, which say when orders are to be done. One that names no order is kept all the same.
 */
public final class AppointmentIndex {
  private static final String PLACED =
      "select id from imaging_order where custodian = ? and placer_issuer = ? and placer_number = ?";
  private static final String FILLED =
      "select id from imaging_order where custodian = ? and filler_issuer = ? and filler_number = ?";
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final Schedule schedule;

  public AppointmentIndex(
      JdbcClient jdbc,
      TransactionOperations transactions,
      PatientIndex patients,
      ReviewList reviews) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.patients = patients;
    this.schedule = new Schedule(jdbc, transactions, patients);
  }

  /**
   * Files what a message says. Found by filler, else by placer appointment ID; a message older than
   * the newest one filed changes nothing. Orders that it names, or named before, are scheduled
   * anew; one of another patient is not, and a person is asked. Idempotent.
   *
   * @return ids of these orders
   */
  public List<UUID> record(Appointment a) {
    Set<UUID> touched = new LinkedHashSet<>();
    UUID appointment =
        transactions.execute(
            status -> {
              UUID patient = patients.resolve(a.patient(), a.messageAt());
              UUID id = TimeUuid.next();
              if (find(a, "").isPresent() || insert(id, patient, a) == 0) {
                Known known =
                    find(a, " for update")
                        .orElseThrow(
                            () ->
                                new IllegalStateException(
                                    "ISO-INDEX-015: an appointment was neither new nor found"));
                id = known.id();
                if (a.messageAt().isBefore(known.messageAt())) {
                  return id;
                }
                touched.addAll(orders(id, a.custodian()));
                update(id, patient, a);
              }
              name(id, a);
              return id;
            });
    // After the commit: an order that comes at the same moment looks for appointments after its
    // own.
    touched.addAll(orders(appointment, a.custodian()));
    touched.forEach(schedule::apply);
    return List.copyOf(touched);
  }

  private record Known(UUID id, Instant messageAt) {}

  private Optional<Known> find(Appointment a, String locking) {
    for (String kind : List.of("filler", "placer")) {
      String number = kind.equals("filler") ? a.fillerNumber() : a.placerNumber();
      Optional<Known> found =
          number == null
              ? Optional.empty()
              : jdbc.sql(
                      "select id, message_at from appointment where custodian = ? and %s_number = ?%s"
                          .formatted(kind, locking))
                  .params(a.custodian(), number)
                  .query(
                      (row, n) -> new Known(Rows.uuid(row, "id"), Rows.instant(row, "message_at")))
                  .optional();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private int insert(UUID id, UUID patient, Appointment a) {
    return bind(
        """
        insert into appointment (id, custodian, placer_number, filler_number, status, patient_id, said_key_issuer,
          said_key_value, said_nhs_number, said_birth_date, scheduled_start, minutes, performer, performer_folded,
          location, procedure_code, procedure_system, procedure_display, message_key, message_at, last_updated)
        values (:id, :custodian, :placer, :filler, :status, :patient, :keyIssuer, :key, :nhs, :birth, :start, :minutes,
          :performer, :performerFolded, :location, :code, :system, :display, :messageKey, :messageAt, :now)
        on conflict do nothing""",
        id,
        patient,
        a);
  }

  /** A number that another appointment has stays there. */
  private void update(UUID id, UUID patient, Appointment a) {
    bind(
        """
        update appointment set status = :status, patient_id = :patient, said_key_issuer = :keyIssuer,
          said_key_value = :key, said_nhs_number = :nhs, said_birth_date = :birth,
          scheduled_start = coalesce(:start, scheduled_start), minutes = coalesce(:minutes, minutes),
          performer = coalesce(:performer, performer), performer_folded = coalesce(:performerFolded, performer_folded),
          location = coalesce(:location, location), procedure_code = coalesce(:code, procedure_code),
          procedure_system = coalesce(:system, procedure_system),
          procedure_display = coalesce(:display, procedure_display), message_key = :messageKey,
          message_at = :messageAt, last_updated = :now,
          filler_number = case when exists (select 1 from appointment o where o.custodian = :custodian
            and o.filler_number = :filler and o.id <> :id) then filler_number else coalesce(:filler, filler_number) end,
          placer_number = case when exists (select 1 from appointment o where o.custodian = :custodian
            and o.placer_number = :placer and o.id <> :id) then placer_number else coalesce(:placer, placer_number) end
        where id = :id""",
        id,
        patient,
        a);
  }

  private int bind(String sql, UUID id, UUID patient, Appointment a) {
    PatientIdentity said = a.patient().identity();
    Code procedure = a.procedure() == null ? new Code(null, null, null) : a.procedure();
    String performer = OrderIndex.dicomName(a.step().performer());
    return jdbc.sql(sql)
        .param("id", id)
        .param("custodian", a.custodian())
        .param("placer", a.placerNumber())
        .param("filler", a.fillerNumber())
        .param("status", a.status().name())
        .param("patient", patient)
        .param("keyIssuer", said.key() == null ? null : said.key().issuer())
        .param("key", said.key() == null ? null : said.key().value())
        .param("nhs", said.nhsNumber())
        .param("birth", said.birthDate())
        .param("start", a.start())
        .param("minutes", a.minutes())
        .param("performer", performer)
        .param("performerFolded", Rows.cut(Folding.name(performer), 400))
        .param("location", Rows.cut(a.step().location(), 64))
        .param("code", Rows.cut(procedure.value(), 64))
        .param("system", Rows.cut(procedure.system(), 200))
        .param("display", Rows.cut(procedure.display(), 400))
        .param("messageKey", a.messageKey())
        .param("messageAt", Rows.utc(a.messageAt()))
        .param("now", Rows.utc(Instant.now()))
        .update();
  }

  /** A message that names no order leaves those that were named. */
  private void name(UUID id, Appointment a) {
    if (a.orders().isEmpty()) {
      return;
    }
    jdbc.sql("delete from appointment_order where appointment_id = ?").param(id).update();
    for (Appointment.OrderNumber order : a.orders()) {
      jdbc.sql(
              """
              insert into appointment_order (appointment_id, placer, issuer, order_number) values (?, ?, ?, ?)
              on conflict do nothing""")
          .params(id, order.placer(), order.issuer(), order.value())
          .update();
    }
  }

  /**
   * Orders of the custodian that the appointment names: each number is looked up by itself, so that
   * no database chooses to join by way of all orders of a custodian.
   */
  private List<UUID> orders(UUID appointment, String custodian) {
    List<Appointment.OrderNumber> named =
        jdbc.sql("select * from appointment_order where appointment_id = ?")
            .param(appointment)
            .query(
                (row, n) ->
                    new Appointment.OrderNumber(
                        row.getBoolean("placer"),
                        row.getString("issuer"),
                        row.getString("order_number")))
            .list();
    return named.stream().flatMap(number -> order(custodian, number).stream()).distinct().toList();
  }

  private Optional<UUID> order(String custodian, Appointment.OrderNumber number) {
    return jdbc.sql(number.placer() ? PLACED : FILLED)
        .params(custodian, number.issuer(), number.value())
        .query(UUID.class)
        .optional();
  }
}
