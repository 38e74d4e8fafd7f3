package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageStored;
import org.isocentre.model.TimeUuid;
import org.springframework.jdbc.core.simple.JdbcClient;

/** HL7 messages, in and out, and what became of each. Its journey is in {@link MessageJournal}. */
public final class MessageIndex {
  private static final int MOST_CAUSES = 200;
  private final JdbcClient jdbc;

  public MessageIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What became of a message. */
  public enum State {
    /** In: acknowledged; a step has it or will have it. */
    RECEIVED,
    /** In: the index knows what it says. */
    FILED,
    /** In: a step gave up; it waits for a person. */
    FAILED,
    /** In: answered AE or AR. */
    REFUSED,
    /** Out: waits to be sent, or to be sent again. */
    QUEUED,
    /** Out: sent; its answer is awaited. */
    SENT,
    /** Out: the destination took it. */
    ACKNOWLEDGED,
    /** Out: waits for a person. */
    PARKED,
    /** Out: a person, or something newer, made sending it needless. */
    CANCELLED;

    /** Whether somebody must look at it. */
    public boolean isFailure() {
      return this == FAILED || this == REFUSED || this == PARKED;
    }
  }

  /**
   * Why a message waits for a person.
   *
   * @param code stable
   * @param step that gave up or refused
   * @param error without patient data
   * @param deadEvent what its events on {@code dead.<step>} are known by, or null if there is none
   */
  public record Failure(String code, String step, String error, String deadEvent) {}

  /**
   * Messages that wait for the same reason.
   *
   * @param error of one of them
   */
  public record Cause(
      String code,
      String step,
      State state,
      int count,
      Instant oldest,
      Instant newest,
      String error) {}

  /** Notes a message once; the same one again changes nothing. */
  public UUID received(MessageStored m) {
    return received(m, MessageLabels.NONE);
  }

  /**
   * Notes a message once; the same one again changes nothing. The id of its event becomes the id of
   * the message, so an event with the id of a known message is about that one, whatever text it
   * names.
   *
   * @return the message's id
   */
  public UUID received(MessageStored m, MessageLabels labels) {
    UUID asked = uuid(m.eventId());
    if (asked != null && exists(asked)) {
      return asked;
    }
    UUID id = asked == null ? TimeUuid.next() : asked;
    return insert(id, TrackedMessage.Direction.IN, m, labels, null, State.RECEIVED)
        ? id
        : idOf(m).orElseThrow();
  }

  /**
   * @return the id of a message that came in and is new; empty if it was noted before
   */
  Optional<UUID> add(MessageStored m, MessageLabels labels, State state) {
    UUID asked = uuid(m.eventId());
    UUID id = asked == null ? TimeUuid.next() : asked;
    return insert(id, TrackedMessage.Direction.IN, m, labels, null, state)
        ? Optional.of(id)
        : Optional.empty();
  }

  boolean insert(
      UUID id,
      TrackedMessage.Direction direction,
      MessageStored m,
      MessageLabels labels,
      String destination,
      State state) {
    return jdbc.sql(
                """
                insert into hl7_message (id, direction, custodian, control_id, message_type, object_key, state,
                  sender_application, sender_facility, destination, message_at, received_at, last_updated)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
            .params(
                id,
                direction.name(),
                m.custodian(),
                Rows.cut(m.controlId(), 200),
                Rows.cut(m.messageType(), 16),
                m.objectKey(),
                state.name(),
                Rows.cut(labels.senderApplication(), 200),
                Rows.cut(labels.senderFacility(), 200),
                Rows.cut(destination, 200),
                Rows.utc(labels.sentAt() == null ? m.receivedAt() : labels.sentAt()),
                Rows.utc(m.receivedAt()),
                Rows.utc(Instant.now()))
            .update()
        == 1;
  }

  /** A message that waits to be sent has another control ID and other bytes from now on. */
  void replaced(UUID id, MessageStored m) {
    jdbc.sql("update hl7_message set control_id = ?, message_type = ?, object_key = ? where id = ?")
        .params(Rows.cut(m.controlId(), 200), Rows.cut(m.messageType(), 16), m.objectKey(), id)
        .update();
    became(id, State.QUEUED, null);
  }

  private boolean exists(UUID id) {
    return jdbc.sql("select count(*) from hl7_message where id = ?")
            .param(id)
            .query(Integer.class)
            .single()
        == 1;
  }

  /** The message that an event is about. */
  public Optional<UUID> idOf(MessageStored m) {
    UUID asked = uuid(m.eventId());
    return asked != null && exists(asked)
        ? Optional.of(asked)
        : jdbc.sql(
                "select id from hl7_message where custodian = ? and control_id = ? and object_key = ?")
            .params(m.custodian(), Rows.cut(m.controlId(), 200), m.objectKey())
            .query(UUID.class)
            .optional();
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * @param error without patient data, or null
   */
  public void became(MessageStored m, State state, String error) {
    idOf(m)
        .ifPresent(
            id ->
                became(
                    id, state, error == null ? null : new Failure("UNKNOWN", null, error, null)));
  }

  /**
   * @param failure why, or null where nothing failed
   */
  public void became(UUID id, State state, Failure failure) {
    Failure why = failure == null ? new Failure(null, null, null, null) : failure;
    jdbc.sql(
            """
            update hl7_message set state = ?, error_code = ?, failed_step = ?, error = ?, dead_event = ?, last_updated = ?
            where id = ?""")
        .params(
            state.name(),
            Rows.cut(why.code(), 120),
            Rows.cut(why.step(), 64),
            Rows.cut(why.error(), 1000),
            Rows.cut(why.deadEvent(), 64),
            Rows.utc(Instant.now()),
            id)
        .update();
  }

  /**
   * Takes a message to be done again, so that of several who want to only one does. What it failed
   * with stays until it is filed.
   *
   * @return false if it is not in this state any more
   */
  public boolean claim(UUID id, State from, State to) {
    return jdbc.sql("update hl7_message set state = ?, last_updated = ? where id = ? and state = ?")
            .params(to.name(), Rows.utc(Instant.now()), id, from.name())
            .update()
        == 1;
  }

  public int count(State state) {
    return jdbc.sql("select count(*) from hl7_message where state = ?")
        .param(state.name())
        .query(Integer.class)
        .single();
  }

  public Optional<TrackedMessage> find(UUID id) {
    return jdbc.sql("select * from hl7_message where id = ?")
        .param(id)
        .query(MessageIndex::map)
        .optional();
  }

  /**
   * Newest first.
   *
   * @param after where the page begins, or null for the first
   * @param limit 1 to {@link PageRequest#MAX_LIMIT}
   */
  public List<TrackedMessage> search(MessageQuery query, MessageQuery.Cursor after, int limit) {
    SearchSql sql = where(query);
    if (after != null) {
      sql.anyOf(
          List.of(after),
          c ->
              new SearchSql.Pair(
                  "(m.received_at < ?1 or m.received_at = ?1 and m.id < ?2)",
                  Rows.utc(c.receivedAt()),
                  c.id()));
    }
    return list(sql, "m.received_at desc, m.id desc", limit);
  }

  /** In the order in which their senders made them, oldest first: the order to do them again in. */
  public List<TrackedMessage> oldest(MessageQuery query, int limit) {
    return list(where(query), "coalesce(m.message_at, m.received_at), m.received_at, m.id", limit);
  }

  private List<TrackedMessage> list(SearchSql sql, String order, int limit) {
    return sql.list(
        jdbc, "select m.* from hl7_message m", order, new PageRequest(0, limit), MessageIndex::map);
  }

  /** What waits for a person, by cause, the most frequent first; 200 causes at most. */
  public List<Cause> causes(MessageQuery query) {
    return where(query)
        .in(
            "m.state",
            java.util.Arrays.stream(State.values())
                .filter(State::isFailure)
                .map(Enum::name)
                .toList())
        .list(
            jdbc,
            """
            select m.error_code, m.failed_step, m.state, count(*) as messages, min(m.received_at) as oldest,
              max(m.received_at) as newest, min(m.error) as error from hl7_message m""",
            " group by m.error_code, m.failed_step, m.state",
            "messages desc, oldest",
            new PageRequest(0, MOST_CAUSES),
            MessageIndex::cause);
  }

  private static SearchSql where(MessageQuery q) {
    SearchSql sql =
        new SearchSql()
            .when(q.custodian(), "m.custodian = ?")
            .when(q.direction() == null ? null : q.direction().name(), "m.direction = ?")
            .when(q.controlId(), "m.control_id = ?")
            .when(q.senderApplication(), "m.sender_application = ?")
            .when(q.senderFacility(), "m.sender_facility = ?")
            .when(q.destination(), "m.destination = ?")
            .in("m.state", q.states() == null ? null : q.states().stream().map(Enum::name).toList())
            .when(q.errorCode(), "m.error_code = ?")
            .when(q.failedStep(), "m.failed_step = ?")
            .between("m.received_at", q.received())
            .anyOf(q.patients(), MessageIndex::names)
            .anyOf(one(q.accession()), MessageIndex::names)
            .anyOf(one(q.order()), MessageIndex::names);
    String type = q.messageType();
    return type == null || type.contains("^")
        ? sql.when(type, "m.message_type = ?")
        : sql.when(type.replaceAll("[%_\\\\]", "") + "^%", "m.message_type like ?");
  }

  private static Collection<MessageLabels.Number> one(MessageLabels.Number number) {
    return number == null ? null : List.of(number);
  }

  private static SearchSql.Pair names(MessageLabels.Number n) {
    String kinds =
        n.kind() == MessageLabels.Kind.PATIENT
            ? "('PATIENT', 'PRIOR')"
            : "('" + n.kind().name() + "')";
    String named =
        "exists (select 1 from message_key k where k.message_id = m.id and k.kind in "
            + kinds
            + " and k.key_value = ?1";
    return n.issuer() == null
        ? new SearchSql.Pair(named + ")", n.value(), n.value())
        : new SearchSql.Pair(named + " and k.issuer = ?2)", n.value(), n.issuer());
  }

  private static TrackedMessage map(ResultSet row, int number) throws SQLException {
    Instant receivedAt = Rows.instant(row, "received_at");
    Instant sentAt = Rows.instant(row, "message_at");
    return new TrackedMessage(
        Rows.uuid(row, "id"),
        TrackedMessage.Direction.valueOf(row.getString("direction")),
        row.getString("custodian"),
        row.getString("message_type"),
        row.getString("control_id"),
        row.getString("sender_application"),
        row.getString("sender_facility"),
        row.getString("destination"),
        row.getString("object_key"),
        State.valueOf(row.getString("state")),
        row.getString("error_code"),
        row.getString("failed_step"),
        row.getString("error"),
        row.getString("dead_event"),
        receivedAt,
        sentAt == null ? receivedAt : sentAt,
        Rows.instant(row, "last_updated"));
  }

  private static Cause cause(ResultSet row, int number) throws SQLException {
    return new Cause(
        row.getString("error_code"),
        row.getString("failed_step"),
        State.valueOf(row.getString("state")),
        row.getInt("messages"),
        Rows.instant(row, "oldest"),
        Rows.instant(row, "newest"),
        row.getString("error"));
  }
}
