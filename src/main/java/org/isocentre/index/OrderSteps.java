package org.isocentre.index;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderRequest.Field;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ScheduledStep;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The scheduled procedure steps of orders that have several (HL7 v2 §4.5.6, PS3.4 §K.6). Each is an
 * item of the worklist, and has a status of its own; what they add up to is that of the order. An
 * order with one step has it in its own row alone. Callers hold the lock of the order's row.
 */
final class OrderSteps {
  /** How far a step is. */
  enum Status {
    SCHEDULED,
    CANCELLED,
    STARTED,
    COMPLETED;

    boolean isBegun() {
      return this == STARTED || this == COMPLETED;
    }
  }

  /** What a worklist calls a step, which SQL names {@code st}, of an order {@code o}. */
  static final String SHOWN_ID =
      """
      coalesce(st.step_id, coalesce(st.requested_procedure_id, o.requested_procedure_id, o.filler_number,
        o.placer_number, o.accession_value) || '-' || cast(st.position as varchar(8)))""";

  /** The study that a worklist gives out for a step. */
  static final String SHOWN_STUDY =
      "coalesce(st.study_instance_uid, st.worklist_study_uid, o.study_instance_uid, o.worklist_study_uid)";

  private final JdbcClient jdbc;

  OrderSteps(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A step as it is kept.
   *
   * @param position from 1
   * @param shownId what a worklist calls it
   * @param shownStudy what a worklist gives out for it
   */
  record Filed(
      int position,
      ProcedureStep step,
      Status status,
      String mppsUid,
      String shownId,
      String shownStudy) {
    Filed with(ProcedureStep other, Status now) {
      return new Filed(position, other, now, mppsUid, shownId, shownStudy);
    }
  }

  /** Of orders that have several, by order. */
  Map<UUID, List<ProcedureStep>> of(Collection<UUID> orders) {
    Map<UUID, List<ProcedureStep>> found = new LinkedHashMap<>();
    if (!orders.isEmpty()) {
      jdbc.sql("select * from order_step where order_id in (:ids) order by order_id, position")
          .param("ids", orders)
          .query(
              row -> {
                found
                    .computeIfAbsent(Rows.uuid(row, "order_id"), id -> new ArrayList<>())
                    .add(step(row));
              });
    }
    return found;
  }

  /** In order of position; none for an order with one step. */
  List<Filed> of(UUID order) {
    return jdbc.sql(
            """
            select st.*, %s as shown_id, %s as shown_study from order_step st join imaging_order o on o.id = st.order_id
            where st.order_id = ? order by st.position"""
                .formatted(SHOWN_ID, SHOWN_STUDY))
        .param(order)
        .query(OrderSteps::map)
        .list();
  }

  /**
   * What a message says of the order itself: of one that is about some of its steps, nothing that
   * is these steps' own, and no status but what all steps add up to.
   */
  OrderRequest ofOrder(List<Filed> known, OrderRequest r) {
    if (!isOfSome(known, r)) {
      return r;
    }
    ScheduledStep s = r.step();
    Set<Field> deleted =
        r.deleted().stream()
            .filter(f -> f != Field.STATION && f != Field.LOCATION)
            .collect(Collectors.toSet());
    return new OrderRequest(
        r.custodian(),
        r.placerNumber(),
        r.placerIssuer(),
        r.fillerNumber(),
        r.fillerIssuer(),
        null,
        null,
        r.patient(),
        r.procedure(),
        null,
        r.priority(),
        r.reason(),
        r.referrerCode(),
        r.referrerName(),
        r.referringOrganisation(),
        status(next(known, r), r.status()),
        r.authoredOn(),
        r.messageKey(),
        r.messageAt(),
        new ScheduledStep(
            s.start(),
            s.requestedAt(),
            null,
            s.performer(),
            null,
            null,
            null,
            s.admissionId(),
            s.patientLocation()),
        r.ubrn(),
        deleted,
        r.steps());
  }

  /** Whether a message names some steps of an order and says nothing of the others. */
  private static boolean isOfSome(List<Filed> known, OrderRequest r) {
    return !known.isEmpty()
        && !r.steps().isEmpty()
        && !r.deleted().contains(Field.OTHER_STEPS)
        && known.stream().anyMatch(k -> r.steps().stream().noneMatch(s -> isSame(k, s)));
  }

  private static boolean isSame(Filed known, ProcedureStep said) {
    return Objects.equals(known.step().stepId(), said.stepId())
        && Objects.equals(known.step().requestedProcedureId(), said.requestedProcedureId());
  }

  /** That of the message, unless steps that it does not name have yet to be done. */
  private static OrderStatus status(List<Filed> steps, OrderStatus said) {
    if (said != OrderStatus.COMPLETED && said != OrderStatus.REVOKED) {
      return said;
    }
    boolean done = steps.stream().anyMatch(s -> s.status() == Status.COMPLETED);
    return !areEnded(steps) ? null : done ? OrderStatus.COMPLETED : OrderStatus.REVOKED;
  }

  private static boolean areEnded(List<Filed> steps) {
    return steps.stream()
        .allMatch(s -> s.status() == Status.COMPLETED || s.status() == Status.CANCELLED);
  }

  /**
   * Files the steps that a message names, and what all add up to.
   *
   * @param known before the message; where the order had one step, that one if the modality has
   *     begun it
   */
  void file(UUID order, List<Filed> known, OrderRequest r) {
    boolean had = known.stream().anyMatch(k -> k.position() > 0);
    if (r.steps().isEmpty() || !had && r.steps().size() < 2) {
      return;
    }
    List<Filed> steps = next(known, r);
    jdbc.sql("delete from order_step where order_id = ?").param(order).update();
    if (steps.size() > 1) {
      steps.forEach(s -> insert(order, steps.get(0), s));
    }
    jdbc.sql("update imaging_order set steps = ? where id = ?")
        .params(steps.size() > 1 ? steps.size() : 0, order)
        .update();
    settle(order, steps);
  }

  /**
   * The steps after a message. One that the modality has begun stays, whatever the message names.
   */
  private static List<Filed> next(List<Filed> known, OrderRequest r) {
    boolean some = isOfSome(known, r);
    List<Filed> left = new ArrayList<>(known);
    List<Filed> said = new ArrayList<>();
    int position = known.stream().mapToInt(Filed::position).max().orElse(0);
    for (ProcedureStep step : r.steps()) {
      Filed before = left.stream().filter(k -> isSame(k, step)).findFirst().orElse(null);
      left.remove(before);
      Filed now = before;
      if (now == null || now.position() == 0) {
        position++;
        now =
            new Filed(
                position,
                step,
                before == null ? Status.SCHEDULED : before.status(),
                before == null ? null : before.mppsUid(),
                null,
                null);
      }
      said.add(
          now.with(
              before == null ? step : filled(step, before.step()),
              some ? status(now.status(), r.status()) : now.status()));
    }
    List<Filed> all = new ArrayList<>(said);
    for (Filed other : left) {
      if (some || other.status().isBegun()) {
        all.add(
            other.position() > 0
                ? other
                : new Filed(++position, other.step(), other.status(), other.mppsUid(), null, null));
      }
    }
    all.sort(Comparator.comparingInt(Filed::position));
    return all;
  }

  private static Status status(Status before, OrderStatus said) {
    if (said == OrderStatus.COMPLETED) {
      return Status.COMPLETED;
    }
    if (said == OrderStatus.REVOKED && before != Status.COMPLETED) {
      return Status.CANCELLED;
    }
    return said == OrderStatus.ACTIVE && before == Status.CANCELLED ? Status.SCHEDULED : before;
  }

  /** What a message leaves out stays as it was. */
  private static ProcedureStep filled(ProcedureStep said, ProcedureStep known) {
    return new ProcedureStep(
        said.stepId(),
        said.requestedProcedureId(),
        either(said.studyInstanceUid(), known.studyInstanceUid()),
        either(said.accession(), known.accession()),
        either(said.modality(), known.modality()),
        either(said.protocol(), known.protocol()),
        either(said.stationAeTitle(), known.stationAeTitle()),
        either(said.location(), known.location()));
  }

  private static <T> T either(T one, T other) {
    return one != null ? one : other;
  }

  private void insert(UUID order, Filed first, Filed filed) {
    ProcedureStep s = filed.step();
    Code protocol = s.protocol() == null ? new Code(null, null, null) : s.protocol();
    AccessionKey accession = s.accession();
    jdbc.sql(
            """
            insert into order_step (order_id, position, step_id, requested_procedure_id, study_instance_uid,
              worklist_study_uid, accession_issuer, accession_value, modality, protocol_code, protocol_system,
              protocol_display, station_ae_title, location, status, mpps_uid)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
        .params(
            order,
            filed.position(),
            Rows.cut(s.stepId(), 64),
            Rows.cut(s.requestedProcedureId(), 64),
            s.studyInstanceUid(),
            studyOfItsOwn(order, first.step(), s),
            accession == null ? null : accession.issuer(),
            accession == null ? null : accession.value(),
            Rows.cut(s.modality(), 16),
            Rows.cut(protocol.value(), 64),
            Rows.cut(protocol.system(), 200),
            Rows.cut(protocol.display(), 400),
            Rows.cut(s.stationAeTitle(), 16),
            Rows.cut(s.location(), 64),
            filed.status().name(),
            filed.mppsUid())
        .update();
  }

  /** Another requested procedure is another study (PS3.3 §C.4.11). */
  private static String studyOfItsOwn(UUID order, ProcedureStep first, ProcedureStep s) {
    String procedure = s.requestedProcedureId();
    if (s.studyInstanceUid() != null
        || procedure == null
        || procedure.equals(first.requestedProcedureId())) {
      return null;
    }
    UUID id = UUID.nameUUIDFromBytes((order + "|" + procedure).getBytes(StandardCharsets.UTF_8));
    return "2.25." + new BigInteger(id.toString().replace("-", ""), 16);
  }

  /**
   * What a modality says of a performed step: the scheduled one that it names is moved; if none can
   * be told from the others, the order has begun and each of its steps is still to be done.
   *
   * @param steps of the order, several
   * @return how many rows changed
   */
  int move(
      UUID order,
      List<Filed> steps,
      MppsIndex.StepReference said,
      String mppsUid,
      MppsIndex.Status status) {
    List<Filed> meant = meant(steps, said);
    int changed = 0;
    List<Filed> after = new ArrayList<>();
    for (Filed step : steps) {
      Status next = meant.contains(step) ? moved(step, mppsUid, status) : step.status();
      after.add(step.with(step.step(), next));
      if (next != step.status()) {
        changed++;
        jdbc.sql(
                "update order_step set status = ?, mpps_uid = ? where order_id = ? and position = ?")
            .params(next.name(), mppsUid, order, step.position())
            .update();
      }
    }
    boolean unknown = meant.isEmpty() && status != MppsIndex.Status.DISCONTINUED;
    if (unknown) {
      changed +=
          jdbc.sql(
                  """
                  update imaging_order set step_status = 'STARTED' where id = ?
                    and step_status in ('SCHEDULED', 'CANCELLED')""")
              .param(order)
              .update();
    }
    if (changed > 0) {
      if (!unknown) {
        settle(order, after);
      }
      jdbc.sql(
              """
              update imaging_order set step_mpps_uid = ?, last_updated = ?,
                status = case when ? and status in ('ACTIVE', 'ON_HOLD', 'UNKNOWN') then 'COMPLETED' else status end
              where id = ?""")
          .params(mppsUid, Rows.utc(Instant.now()), areEnded(after), order)
          .update();
    }
    return changed;
  }

  private static Status moved(Filed step, String mppsUid, MppsIndex.Status said) {
    return switch (said) {
      case IN_PROGRESS -> step.status().isBegun() ? step.status() : Status.STARTED;
      case COMPLETED -> Status.COMPLETED;
      case DISCONTINUED ->
          step.status() == Status.STARTED && mppsUid.equals(step.mppsUid())
              ? Status.SCHEDULED
              : step.status();
    };
  }

  /** By step ID; a modality that tells none is believed where only one step can be meant. */
  private static List<Filed> meant(List<Filed> steps, MppsIndex.StepReference said) {
    List<Filed> ofStudy =
        steps.stream()
            .filter(s -> Objects.equals(s.shownStudy(), said.studyInstanceUid()))
            .toList();
    List<Filed> possible = ofStudy.isEmpty() ? steps : ofStudy;
    if (said.stepId() != null) {
      List<Filed> named = possible.stream().filter(s -> said.stepId().equals(s.shownId())).toList();
      List<Filed> ofProcedure =
          named.stream()
              .filter(
                  s -> Objects.equals(s.step().requestedProcedureId(), said.requestedProcedureId()))
              .toList();
      if (!named.isEmpty()) {
        return ofProcedure.isEmpty() ? named : ofProcedure;
      }
    }
    if (possible.size() == 1) {
      return possible;
    }
    List<Filed> ofModality =
        possible.stream()
            .filter(s -> said.modality() != null && said.modality().equals(s.step().modality()))
            .toList();
    return ofModality.size() == 1 ? ofModality : List.of();
  }

  /** The order has begun when a step has, and is done when none is left. */
  private void settle(UUID order, List<Filed> steps) {
    boolean begun = steps.stream().anyMatch(s -> s.status().isBegun());
    boolean done = begun && areEnded(steps);
    jdbc.sql(
            """
            update imaging_order set step_status =
              case when ? then 'COMPLETED' when ? then 'STARTED'
                when step_status = 'CANCELLED' then 'CANCELLED' else 'SCHEDULED' end where id = ?""")
        .params(done, begun, order)
        .update();
  }

  static ProcedureStep step(ResultSet row) throws SQLException {
    String code = row.getString("protocol_code");
    String display = row.getString("protocol_display");
    return new ProcedureStep(
        row.getString("step_id"),
        row.getString("requested_procedure_id"),
        row.getString("study_instance_uid"),
        Rows.accession(row),
        row.getString("modality"),
        code == null && display == null
            ? null
            : new Code(code, row.getString("protocol_system"), display),
        row.getString("station_ae_title"),
        row.getString("location"));
  }

  private static Filed map(ResultSet row, int number) throws SQLException {
    return new Filed(
        row.getInt("position"),
        step(row),
        Status.valueOf(row.getString("status")),
        row.getString("mpps_uid"),
        row.getString("shown_id"),
        row.getString("shown_study"));
  }
}
