package org.isocentre.index;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.index.OrderNotWrittenException.Why;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.IndexChanged.Kind;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.TimeUuid;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Imaging orders. */
public final class OrderIndex {
  private static final String FROM = " from imaging_order o join patient p on p.id = o.patient_id";

  private static final String SELECT = select(Visibility.ALL);
  private static final ProcedureStep UNREAD =
      new ProcedureStep(null, null, null, null, null, null, null, null);
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final IndexChanges changes;
  private final Schedule schedule;
  private final OrderSteps steps;
  private final PractitionerIndex practitioners;
  private final OrderVersions versions;

  public OrderIndex(JdbcClient jdbc, TransactionOperations transactions, PatientIndex patients) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.patients = patients;
    this.changes = new IndexChanges(jdbc);
    this.schedule = new Schedule(jdbc, transactions, patients);
    this.steps = new OrderSteps(jdbc);
    this.practitioners = new PractitionerIndex(jdbc, Clock.systemUTC());
    this.versions = new OrderVersions(jdbc);
  }

  /**
   * Files what a message says. Found by placer number, else by filler number; a part that the
   * message leaves out stays as it was, one that it deletes is gone; a message older than the
   * newest one filed changes nothing. Idempotent.
   *
   * @return the order's id
   */
  public UUID record(OrderRequest request) {
    introduce(List.of(request));
    UUID order = file(request).id();
    schedule.apply(order);
    return order;
  }

  /** Notes who asks, before orders are {@link #file filed} in one transaction. */
  public void introduce(List<OrderRequest> requests) {
    practitioners.introduce(requests);
  }

  /**
   * An order as a message left it.
   *
   * @param patient whose it is now
   * @param taken false if it says something newer, and stays
   */
  public record Recorded(UUID id, UUID patient, boolean taken) {}

  /**
   * As {@link #record}, in the transaction of the caller if there is one, who calls {@link
   * #scheduleAnew} after its commit.
   */
  public Recorded file(OrderRequest request) {
    return transactions.execute(
        status -> {
          UUID patient = patients.resolve(request.patient(), request.messageAt());
          UUID id = TimeUuid.next();
          if (insert(id, patient, request)) {
            steps.file(id, List.of(), request);
            changes.note(Kind.ORDER, id, request.custodian());
            return new Recorded(id, patients.current(patient), true);
          }
          Order known = lockKnown(request);
          if (request.messageAt().isBefore(known.request().messageAt())) {
            return new Recorded(known.id(), known.patientId(), false);
          }
          update(known, patient, request);
          changes.note(Kind.ORDER, known.id(), request.custodian());
          return new Recorded(known.id(), patients.current(patient), true);
        });
  }

  private void update(Order known, UUID patient, OrderRequest said) {
    List<OrderSteps.Filed> before = stepsOf(known, said);
    versions.keep(known.id());
    assign(known, patient, steps.ofOrder(before, said));
    introduceMerged(known, said);
    steps.file(known.id(), before, said);
  }

  /**
   * Files an order that is new, whoever its sender is. Its links are looked for once this is
   * committed, and partners are told, its custodian's systems too.
   *
   * @param patient whose it is; null for whom the request says
   * @return the order's patient
   * @throws OrderNotWrittenException if an order of its custodian has one of its numbers
   */
  public UUID add(UUID id, UUID patient, OrderRequest request) {
    return transactions.execute(
        status -> {
          introduceWithin(request);
          UUID whose =
              patient == null ? patients.resolve(request.patient(), request.messageAt()) : patient;
          if (!insert(id, whose, request)) {
            throw new OrderNotWrittenException(Why.NUMBER_TAKEN);
          }
          written(id);
          return patients.current(whose);
        });
  }

  /**
   * Files what an order is to be from now on. Its patient stays, and so do its numbers, if it has
   * them; otherwise as {@link #add}.
   *
   * @param lastUpdated of the order as its writer saw it; null if that does not matter
   * @throws OrderNotWrittenException if it was changed since, or an order of its custodian has one
   *     of its numbers
   */
  public void replace(UUID id, Instant lastUpdated, OrderRequest request) {
    transactions.executeWithoutResult(
        status -> {
          introduceWithin(request);
          UUID patient =
              jdbc.sql("select patient_id from imaging_order where id = ? for update")
                  .param(id)
                  .query(UUID.class)
                  .single();
          Order known = find(id).orElseThrow();
          if (lastUpdated != null && !lastUpdated.equals(known.lastUpdated())) {
            throw new OrderNotWrittenException(Why.CHANGED);
          }
          update(known, patient, request);
          if (!hasNumbers(find(id).orElseThrow().request(), request)) {
            throw new OrderNotWrittenException(Why.NUMBER_TAKEN);
          }
          schedule.apply(id);
          versions.forgetAfter(id, known.lastUpdated());
          written(id);
        });
  }

  /** In a transaction that may be undone. */
  private void introduceWithin(OrderRequest request) {
    PractitionerIndex.Requester requester = PractitionerIndex.Requester.of(request);
    if (requester != null) {
      practitioners.add(requester);
    }
  }

  private static boolean hasNumbers(OrderRequest now, OrderRequest said) {
    return (said.placerNumber() == null || said.placerNumber().equals(now.placerNumber()))
        && (said.fillerNumber() == null || said.fillerNumber().equals(now.fillerNumber()));
  }

  /** Nobody has been told of it yet, nor looked for its studies. */
  private void written(UUID id) {
    changes.note(Kind.ORDER, id, null);
    new MergeNotices(jdbc).order(id);
  }

  /**
   * What an order was, the newest first, as far as it was of the patient whose it is now; without
   * what it is.
   *
   * @param most how many at most
   */
  public List<Order> history(Order now, Visibility visible, int most) {
    return versions.before(now, visible, most, OrderIndex::map).stream()
        .map(
            o ->
                o.request().steps().isEmpty()
                    ? o
                    : new Order(
                        o.id(),
                        o.patientId(),
                        o.request().withSteps(versions.steps(o.id(), o.lastUpdated())),
                        o.lastUpdated()))
        .toList();
  }

  /** A message may name one of clinician and organisation, and leave the other as it was. */
  private void introduceMerged(Order before, OrderRequest said) {
    boolean oneAlone = (said.referrerCode() == null) != (said.referringOrganisation() == null);
    if (oneAlone || !said.deleted().isEmpty()) {
      find(before.id())
          .map(now -> PractitionerIndex.Requester.of(now.request()))
          .ifPresent(practitioners::add);
    }
  }

  /**
   * Brings orders in line with the appointments that name them. After the commit of what was filed:
   * an appointment that comes at the same moment looks for orders after its own.
   */
  public void scheduleAnew(Collection<UUID> orders) {
    schedule.unsettled(orders).forEach(schedule::apply);
  }

  /** Of an order that gets several: the one that it had, if the modality has begun it. */
  private List<OrderSteps.Filed> stepsOf(Order known, OrderRequest said) {
    if (!known.request().steps().isEmpty()) {
      return steps.of(known.id());
    }
    if (said.steps().size() < 2) {
      return List.of();
    }
    return jdbc.sql(
            "select * from imaging_order where id = ? and step_status in ('STARTED', 'COMPLETED')")
        .param(known.id())
        .query(OrderIndex::onlyStep)
        .list();
  }

  private static OrderSteps.Filed onlyStep(ResultSet row, int number) throws SQLException {
    return new OrderSteps.Filed(
        0,
        new ProcedureStep(
            row.getString("step_id"),
            row.getString("requested_procedure_id"),
            row.getString("study_instance_uid"),
            null,
            row.getString("modality"),
            null,
            row.getString("station_ae_title"),
            row.getString("step_location")),
        OrderSteps.Status.valueOf(row.getString("step_status")),
        row.getString("step_mpps_uid"),
        null,
        null);
  }

  private static String select(Visibility visible) {
    return "select o.*, " + Rows.currentPatient(visible) + FROM;
  }

  private boolean insert(UUID id, UUID patient, OrderRequest r) {
    boolean known = !byNumbers(r, false).isEmpty();
    return !known
        && bind(
                """
                insert into imaging_order (id, custodian, placer_issuer, placer_number, filler_issuer, filler_number,
                  accession_issuer, accession_value, study_instance_uid, patient_id, said_key_issuer, said_key_value,
                  said_nhs_number, said_birth_date, procedure_code, procedure_system, procedure_display, modality,
                  priority, reason, referrer_code, referrer_family, referrer_given, referrer_prefix,
                  referring_organisation, status, authored_on, message_key, message_at, last_updated, patient_name,
                  patient_name_folded, patient_sex, scheduled_start, requested_at, station_ae_title, performer,
                  performer_folded, step_id, requested_procedure_id, step_location, admission_id, patient_location,
                  worklist_study_uid, ubrn, ordered_start, ordered_start_at, referrer_id)
                values (:id, :custodian, :placerIssuer, :placer, :fillerIssuer, :filler, :accessionIssuer, :accession,
                  :uid, :patient, :keyIssuer, :key, :nhs, :birth, :code, :system, :display, :modality, :priority,
                  :reason, :referrer, :referrerFamily, :referrerGiven, :referrerPrefix, :referring,
                  coalesce(:status, 'ACTIVE'), :authored,
                  :messageKey, :messageAt, :now, :name, :nameFolded, :sex, :start, :requestedAt, :station, :performer,
                  :performerFolded, :step, :requestedProcedure, :location, :admission, :patientLocation, :worklistUid,
                  :ubrn, :start, :startAt, :referrerId)
                on conflict do nothing""",
                id,
                patient,
                r)
            == 1;
  }

  /** A column, the parameter for it, and what deletes it. */
  private record Part(String column, String parameter, OrderRequest.Field deletedBy) {
    Part(String column, String parameter) {
      this(column, parameter, null);
    }

    String assignment(Set<OrderRequest.Field> deleted) {
      return deletedBy != null && deleted.contains(deletedBy)
          ? column + " = null"
          : column + " = coalesce(:" + parameter + ", " + column + ")";
    }
  }

  /** What stays as it was where a message leaves it out. */
  private static final List<Part> PARTS =
      List.of(
          new Part("accession_issuer", "accessionIssuer", OrderRequest.Field.ACCESSION),
          new Part("accession_value", "accession", OrderRequest.Field.ACCESSION),
          new Part("study_instance_uid", "uid", OrderRequest.Field.STUDY_INSTANCE_UID),
          new Part("said_key_issuer", "keyIssuer"),
          new Part("said_key_value", "key"),
          new Part("said_nhs_number", "nhs"),
          new Part("said_birth_date", "birth"),
          new Part("procedure_code", "code", OrderRequest.Field.PROCEDURE),
          new Part("procedure_system", "system", OrderRequest.Field.PROCEDURE),
          new Part("procedure_display", "display", OrderRequest.Field.PROCEDURE),
          new Part("modality", "modality", OrderRequest.Field.MODALITY),
          new Part("priority", "priority", OrderRequest.Field.PRIORITY),
          new Part("reason", "reason", OrderRequest.Field.REASON),
          new Part("referrer_id", "referrerId", OrderRequest.Field.REFERRER),
          new Part("referrer_code", "referrer", OrderRequest.Field.REFERRER),
          new Part("referrer_family", "referrerFamily", OrderRequest.Field.REFERRER),
          new Part("referrer_given", "referrerGiven", OrderRequest.Field.REFERRER),
          new Part("referrer_prefix", "referrerPrefix", OrderRequest.Field.REFERRER),
          new Part(
              "referring_organisation", "referring", OrderRequest.Field.REFERRING_ORGANISATION),
          new Part("status", "status"),
          new Part("authored_on", "authored"),
          new Part("patient_name", "name"),
          new Part("patient_name_folded", "nameFolded"),
          new Part("patient_sex", "sex"),
          new Part("requested_at", "requestedAt"),
          new Part("station_ae_title", "station", OrderRequest.Field.STATION),
          new Part("performer", "performer", OrderRequest.Field.PERFORMER),
          new Part("performer_folded", "performerFolded", OrderRequest.Field.PERFORMER),
          new Part("step_id", "step"),
          new Part("requested_procedure_id", "requestedProcedure"),
          new Part("step_location", "location", OrderRequest.Field.LOCATION),
          new Part("admission_id", "admission"),
          new Part("patient_location", "patientLocation"),
          new Part("ubrn", "ubrn", OrderRequest.Field.UBRN),
          new Part("ordered_start", "start", OrderRequest.Field.START),
          new Part("ordered_start_at", "startAt", OrderRequest.Field.START));

  /** A number that another order has stays there: a message may name the numbers of two. */
  private static final String NUMBERS =
      Stream.of("placer", "filler")
          .map(
              kind ->
                  """
                  %1$s_issuer = case when %2$s then %1$s_issuer else coalesce(:%1$sIssuer, %1$s_issuer) end,
                  %1$s_number = case when %2$s then %1$s_number else coalesce(:%1$s, %1$s_number) end"""
                      .formatted(
                          kind,
                          """
                          exists (select 1 from imaging_order o where o.custodian = :custodian
                            and o.%1$s_issuer = :%1$sIssuer and o.%1$s_number = :%1$s and o.id <> :id)"""
                              .formatted(kind)))
          .collect(Collectors.joining(", "));

  private void assign(Order known, UUID patient, OrderRequest r) {
    bind(
        PARTS.stream()
            .map(part -> part.assignment(r.deleted()))
            .collect(
                Collectors.joining(
                    ", ",
                    "update imaging_order set " + NUMBERS + ", ",
                    """
                    , custodian = :custodian, patient_id = :patient, message_key = :messageKey,
                      message_at = :messageAt, last_updated = :now,
                      worklist_study_uid = coalesce(worklist_study_uid, :worklistUid)
                    where id = :id""")),
        known.id(),
        patient,
        r);
  }

  private int bind(String sql, UUID id, UUID patient, OrderRequest r) {
    Code procedure = r.procedure() == null ? new Code(null, null, null) : r.procedure();
    PersonName referrer =
        r.referrerName() == null ? new PersonName(null, null, null) : r.referrerName();
    PractitionerIndex.Requester requester = PractitionerIndex.Requester.of(r);
    var said = r.patient().identity();
    ScheduledStep step = r.step();
    String personName = dicomName(r.patient().name());
    String performer = dicomName(step.performer());
    return jdbc.sql(sql)
        .param("id", id)
        .param("custodian", r.custodian())
        .param("placerIssuer", r.placerNumber() == null ? null : r.placerIssuer())
        .param("placer", r.placerNumber())
        .param("fillerIssuer", r.fillerNumber() == null ? null : r.fillerIssuer())
        .param("filler", r.fillerNumber())
        .param("accessionIssuer", r.accession() == null ? null : r.accession().issuer())
        .param("accession", r.accession() == null ? null : r.accession().value())
        .param("uid", r.studyInstanceUid())
        .param("patient", patient)
        .param("keyIssuer", said.key() == null ? null : said.key().issuer())
        .param("key", said.key() == null ? null : said.key().value())
        .param("nhs", said.nhsNumber())
        .param("birth", said.birthDate())
        .param("code", Rows.cut(procedure.value(), 64))
        .param("system", Rows.cut(procedure.system(), 200))
        .param("display", Rows.cut(procedure.display(), 400))
        .param("modality", Rows.cut(r.modality(), 16))
        .param("priority", r.priority())
        .param("reason", Rows.cut(r.reason(), 4000))
        .param("referrerId", requester == null ? null : requester.key().id())
        .param("referrer", Rows.cut(r.referrerCode(), 64))
        .param("referrerFamily", Rows.cut(referrer.family(), 200))
        .param("referrerGiven", Rows.cut(referrer.given(), 200))
        .param("referrerPrefix", Rows.cut(referrer.prefix(), 64))
        .param("referring", r.referringOrganisation())
        .param("status", r.status() == null ? null : r.status().name())
        .param("authored", Rows.utc(r.authoredOn()))
        .param("messageKey", r.messageKey())
        .param("messageAt", Rows.utc(r.messageAt()))
        .param("now", Rows.utc(Instant.now()))
        .param("name", personName)
        .param("nameFolded", Rows.cut(Folding.name(personName), 400))
        .param("sex", dicomSex(r.patient().sex()))
        .param("start", step.start())
        .param("requestedAt", step.requestedAt())
        .param("station", Rows.cut(step.stationAeTitle(), 16))
        .param("performer", performer)
        .param("performerFolded", Rows.cut(Folding.name(performer), 400))
        .param("step", Rows.cut(step.stepId(), 64))
        .param("requestedProcedure", Rows.cut(step.requestedProcedureId(), 64))
        .param("location", Rows.cut(step.location(), 64))
        .param("admission", Rows.cut(step.admissionId(), 64))
        .param("patientLocation", Rows.cut(step.patientLocation(), 64))
        .param("worklistUid", worklistStudyUid(id))
        .param("ubrn", r.ubrn())
        .param("startAt", step.start() == null ? null : Rows.utc(r.messageAt()))
        .update();
  }

  /**
   * Moves the orders that a performed step is about: found by study, else by accession number. A
   * step that was completed stays so; one that was discontinued is to be done again, unless another
   * step has begun. Idempotent.
   */
  void moveStep(
      String custodian, MppsIndex.StepReference step, String mppsUid, MppsIndex.Status status) {
    List<UUID> found = ofStudy(custodian, step.studyInstanceUid());
    if (found.isEmpty() && step.accessionNumber() != null) {
      found =
          jdbc.sql(
                  Unions.kept(
                          """
                  select id from imaging_order where custodian = ? and accession_value = ?
                  union select o.id from imaging_order o join order_step st on st.order_id = o.id
                    where o.custodian = ? and st.accession_value = ?""")
                      + " order by 1")
              .params(custodian, step.accessionNumber(), custodian, step.accessionNumber())
              .query(UUID.class)
              .list();
    }
    for (UUID id : found) {
      jdbc.sql("select id from imaging_order where id = ? for update")
          .param(id)
          .query(UUID.class)
          .single();
      versions.keep(id);
      List<OrderSteps.Filed> several = steps.of(id);
      int changed =
          several.isEmpty()
              ? moveStep(id, mppsUid, status)
              : steps.move(id, several, step, mppsUid, status);
      if (changed > 0) {
        // A modality said so, not the trust's RIS, which is told like others.
        changes.note(Kind.ORDER, id, null);
      }
    }
  }

  /**
   * @return how many rows changed
   */
  private int moveStep(UUID id, String mppsUid, MppsIndex.Status status) {
    var now = Rows.utc(Instant.now());
    return switch (status) {
      case IN_PROGRESS ->
          jdbc.sql(
                  """
                    update imaging_order set step_status = 'STARTED', step_mpps_uid = ?, last_updated = ?
                    where id = ? and step_status in ('SCHEDULED', 'CANCELLED')""")
              .params(mppsUid, now, id)
              .update();
      case COMPLETED ->
          jdbc.sql(
                  """
                    update imaging_order set step_status = 'COMPLETED', step_mpps_uid = ?, last_updated = ?,
                      status = case when status in ('ACTIVE', 'ON_HOLD', 'UNKNOWN') then 'COMPLETED' else status end
                    where id = ? and step_status <> 'COMPLETED'""")
              .params(mppsUid, now, id)
              .update();
      case DISCONTINUED ->
          jdbc.sql(
                  """
                    update imaging_order set step_status = 'SCHEDULED', last_updated = ?
                    where id = ? and step_status = 'STARTED' and step_mpps_uid = ?""")
              .params(now, id, mppsUid)
              .update();
    };
  }

  /**
   * How far an order is.
   *
   * @param stepStatus SCHEDULED, CANCELLED, STARTED or COMPLETED
   * @param mppsUid the step by which the modality said so, or null
   * @param scheduleVersion how often it was moved, cancelled or booked again; one that was moved
   *     away and back is not where it was before
   */
  public record Progress(String stepStatus, String mppsUid, int scheduleVersion) {}

  public Progress progress(UUID orderId) {
    return jdbc.sql(
            "select step_status, step_mpps_uid, schedule_version from imaging_order where id = ?")
        .param(orderId)
        .query(
            (row, number) ->
                new Progress(
                    row.getString("step_status"),
                    row.getString("step_mpps_uid"),
                    row.getInt("schedule_version")))
        .single();
  }

  /**
   * A result answers an order, whatever the order's own messages say: it is completed, unless it
   * was revoked. Idempotent.
   *
   * @param custodian ODS code of the trust whose result it is
   */
  public void answered(UUID orderId, String custodian) {
    versions.keep(orderId);
    int changed =
        jdbc.sql(
                """
                update imaging_order set status = 'COMPLETED', last_updated = ?
                where id = ? and status in ('ACTIVE', 'UNKNOWN')""")
            .params(Rows.utc(Instant.now()), orderId)
            .update();
    if (changed > 0) {
      changes.note(Kind.ORDER, orderId, custodian);
    }
  }

  private List<UUID> ofStudy(String custodian, String studyInstanceUid) {
    return studyInstanceUid == null
        ? List.of()
        : jdbc.sql(
                Unions.kept(
                        """
                select id from imaging_order where custodian = :custodian and study_instance_uid = :uid
                union select id from imaging_order
                  where custodian = :custodian and study_instance_uid is null and worklist_study_uid = :uid
                union select o.id from imaging_order o join order_step st on st.order_id = o.id
                  where o.custodian = :custodian and (st.study_instance_uid = :uid or st.worklist_study_uid = :uid)""")
                    + " order by 1")
            .param("custodian", custodian)
            .param("uid", studyInstanceUid)
            .query(UUID.class)
            .list();
  }

  /** The Study Instance UID that a worklist gives out for an order that has none (PS3.5 §B.2). */
  public static String worklistStudyUid(UUID orderId) {
    return "2.25." + new BigInteger(orderId.toString().replace("-", ""), 16);
  }

  /**
   * Every study that an order is about: what it and its steps name, and what worklists show for
   * them.
   */
  public List<String> studyInstanceUids(Order order) {
    String named = order.request().studyInstanceUid();
    List<String> all = new ArrayList<>();
    all.add(named != null ? named : worklistStudyUid(order.id()));
    if (!order.request().steps().isEmpty()) {
      steps.of(order.id()).forEach(s -> all.add(s.shownStudy()));
    }
    return all.stream().distinct().toList();
  }

  /** As VR PN (PS3.5 §6.2.1): family, given, middle, prefix. */
  static String dicomName(PersonName name) {
    if (name == null) {
      return null;
    }
    String text =
        Stream.of(name.family(), name.given(), null, name.prefix())
            .map(part -> part == null ? "" : part.replace('^', ' ').replace('=', ' '))
            .collect(Collectors.joining("^"));
    return Rows.cut(text.replaceAll("\\^+$", "").replace('\\', ' '), 400);
  }

  private static String dicomSex(String code) {
    return code == null
        ? null
        : switch (code) {
          case "male" -> "M";
          case "female" -> "F";
          case "other" -> "O";
          default -> null;
        };
  }

  private Order lockKnown(OrderRequest r) {
    return byNumbers(r, true).stream()
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("ISO-INDEX-002: an order was neither new nor found"));
  }

  private List<Order> byNumbers(OrderRequest r, boolean locking) {
    if (r.placerNumber() != null) {
      List<Order> found =
          byNumber("placer", r.custodian(), r.placerIssuer(), r.placerNumber(), locking);
      if (!found.isEmpty()) {
        return found;
      }
    }
    return r.fillerNumber() == null
        ? List.of()
        : byNumber("filler", r.custodian(), r.fillerIssuer(), r.fillerNumber(), locking);
  }

  private List<Order> byNumber(
      String kind, String custodian, String issuer, String number, boolean locking) {
    String which =
        " where o.custodian = ? and o.%s_issuer = ? and o.%s_number = ?".formatted(kind, kind);
    if (locking) {
      jdbc.sql("select o.id from imaging_order o" + which + " for update")
          .params(custodian, issuer, number)
          .query(UUID.class)
          .list();
    }
    return jdbc.sql(SELECT + which).params(custodian, issuer, number).query(OrderIndex::map).list();
  }

  /** The order of this custodian with this placer number, else this filler number. */
  public Optional<Order> findByNumbers(
      String custodian, String placerIssuer, String placer, String fillerIssuer, String filler) {
    List<Order> found =
        placer == null ? List.of() : byNumber("placer", custodian, placerIssuer, placer, false);
    if (found.isEmpty() && filler != null) {
      found = byNumber("filler", custodian, fillerIssuer, filler, false);
    }
    return found.stream().findFirst();
  }

  public Optional<Order> find(UUID id) {
    return findAll(List.of(id)).stream().findFirst();
  }

  /**
   * An order as partners are told of it: of the patient it was filed under, until people have
   * confirmed that this is another one.
   */
  public Optional<Order> findToTell(UUID id) {
    return withSteps(
            jdbc.sql("select o.*, " + Rows.CONFIRMED_PATIENT + FROM + " where o.id = ?")
                .param(id)
                .query(OrderIndex::map)
                .list())
        .stream()
        .findFirst();
  }

  public List<Order> findAll(Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : withSteps(
            jdbc.sql(SELECT + " where o.id in (:ids)")
                .param("ids", ids)
                .query(OrderIndex::map)
                .list());
  }

  /** Orders that name this study, or that a worklist showed with it. */
  public List<Order> findByStudyInstanceUid(String uid) {
    return withSteps(
        jdbc.sql(
                SELECT
                    + "\n"
                    + """
             where o.id in
              (select id from imaging_order where study_instance_uid = ?
               union all select id from imaging_order where study_instance_uid is null and worklist_study_uid = ?
               union all select order_id from order_step where study_instance_uid = ?
               union all select order_id from order_step where worklist_study_uid = ?)""")
            .params(uid, uid, uid, uid)
            .query(OrderIndex::map)
            .list());
  }

  public List<Order> findByAccession(AccessionKey key) {
    return withSteps(
        jdbc.sql(
                SELECT
                    + "\n"
                    + """
                     where o.id in
                      (select id from imaging_order where accession_issuer = :issuer and accession_value = :value
                       union all select order_id from order_step
                         where accession_issuer = :issuer and accession_value = :value)""")
            .param("issuer", key.issuer())
            .param("value", key.value())
            .query(OrderIndex::map)
            .list());
  }

  public List<Order> search(OrderQuery query) {
    return withSteps(
        where(query)
            .list(
                jdbc,
                select(query.visible()),
                "o.last_updated desc, o.id",
                query.page(),
                OrderIndex::map));
  }

  public int count(OrderQuery query) {
    return where(query).count(jdbc, "imaging_order o join patient p on p.id = o.patient_id");
  }

  private static SearchSql where(OrderQuery q) {
    return new SearchSql()
        .visible(q.visible(), "ServiceRequest", "o")
        .in("o.id", q.ids())
        .ofPatients("o.patient_id", q.patientIds())
        .anyOf(q.patientKeys(), PatientIndex::hasKey)
        .anyOf(q.numbers(), OrderIndex::hasNumber)
        .anyOf(
            q.accessions(),
            a ->
                new SearchSql.Pair(
                    """
                    (o.accession_issuer = ?1 and o.accession_value = ?2 or exists (select 1 from order_step st
                      where st.order_id = o.id and st.accession_issuer = ?1 and st.accession_value = ?2))""",
                    a.issuer(),
                    a.value()))
        .anyOf(
            q.identifierValues(),
            v ->
                new SearchSql.Pair(
                    """
                    (o.accession_value = ?1 or o.placer_number = ?1 or o.filler_number = ?2 or exists
                      (select 1 from order_step st where st.order_id = o.id and st.accession_value = ?1))""",
                    v,
                    v))
        .in(
            "o.status",
            q.statuses() == null ? null : q.statuses().stream().map(Enum::name).toList())
        .between("o.authored_on", q.authored())
        .between("o.last_updated", q.lastUpdated());
  }

  private static SearchSql.Pair hasNumber(OrderQuery.Number n) {
    return n.issuer() == null
        ? new SearchSql.Pair("(o.placer_number = ?1 or o.filler_number = ?2)", n.value(), n.value())
        : new SearchSql.Pair(
            "((o.placer_issuer = ?1 and o.placer_number = ?2) or (o.filler_issuer = ?1 and o.filler_number = ?2))",
            n.issuer(),
            n.value());
  }

  private List<Order> withSteps(List<Order> found) {
    Map<UUID, List<ProcedureStep>> several =
        steps.of(
            found.stream().filter(o -> !o.request().steps().isEmpty()).map(Order::id).toList());
    return found.stream()
        .map(
            o ->
                new Order(
                    o.id(),
                    o.patientId(),
                    o.request().withSteps(several.getOrDefault(o.id(), List.of())),
                    o.lastUpdated()))
        .toList();
  }

  /** One that has several steps has as many empty ones: they are read at once for all orders. */
  private static Order map(ResultSet row, int number) throws SQLException {
    OrderRequest request =
        new OrderRequest(
            row.getString("custodian"),
            row.getString("placer_number"),
            row.getString("placer_issuer"),
            row.getString("filler_number"),
            row.getString("filler_issuer"),
            Rows.accession(row),
            row.getString("study_instance_uid"),
            new PatientDemographics(Rows.said(row), null, null, null, null, Patient.Source.ORDER),
            Rows.procedure(row),
            row.getString("modality"),
            row.getString("priority"),
            row.getString("reason"),
            row.getString("referrer_code"),
            Rows.name(row, "referrer_"),
            row.getString("referring_organisation"),
            OrderStatus.valueOf(row.getString("status")),
            Rows.instant(row, "authored_on"),
            row.getString("message_key"),
            Rows.instant(row, "message_at"),
            new ScheduledStep(
                Rows.dateTime(row, "scheduled_start"),
                Rows.dateTime(row, "requested_at"),
                row.getString("station_ae_title"),
                null,
                row.getString("step_id"),
                row.getString("requested_procedure_id"),
                row.getString("step_location"),
                row.getString("admission_id"),
                row.getString("patient_location")),
            row.getString("ubrn"),
            Set.of(),
            Collections.nCopies(row.getInt("steps"), UNREAD));
    return new Order(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "current_patient_id"),
        request,
        Rows.instant(row, "last_updated"));
  }
}
