package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.model.Caller;
import org.isocentre.model.Subscription;
import org.isocentre.model.Subscription.Status;
import org.isocentre.model.SubscriptionEvent;
import org.isocentre.model.SubscriptionTopic;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Subscriptions, the events that they are to be told of, and how far each has been told. The events
 * of a subscription are numbered from 1 and told in that order.
 */
public final class SubscriptionIndex {
  private static final String EVENTS =
      """
      select n.number, e.* from subscription_notification n join subscription_event e on e.id = n.event_id
      where n.subscription_id = ?""";
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public SubscriptionIndex(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /** An event, with its number in one subscription. */
  public record Numbered(long number, SubscriptionEvent event) {}

  /**
   * @param most of one owner that are not off
   * @return false if the owner has that many
   */
  public boolean add(Subscription s, int most) {
    return transactions.execute(
        status -> {
          long have = of(s.owner()).stream().filter(o -> o.status() != Status.OFF).count();
          if (have >= most) {
            return false;
          }
          bind(
              """
              insert into subscription (id, version, status, topic, resource, headers, owner_subject, owner_nhs_number,
                owner_birth_date, owner_organisation, owner_scopes, owner_roles, server_base, ends_at, heartbeat_seconds,
                events, error, failures, next_attempt_at, created_at, last_updated)
              values (:id, :version, :status, :topic, :resource, :headers, :subject, :nhs, :birth, :organisation, :scopes,
                :roles, :base, :ends, :heartbeat, 0, null, 0, :now, :now, :now)""",
              s);
          return true;
        });
  }

  /**
   * What its owner changed. Its events stay, and go on where they stopped.
   *
   * @return false if it has another version by now than the one before
   */
  public boolean replace(Subscription s) {
    return bind(
            """
            update subscription set version = :version, status = :status, topic = :topic, resource = :resource,
              headers = :headers, owner_subject = :subject, owner_nhs_number = :nhs, owner_birth_date = :birth,
              owner_organisation = :organisation, owner_scopes = :scopes, owner_roles = :roles, server_base = :base,
              ends_at = :ends, heartbeat_seconds = :heartbeat, error = null, failures = 0, next_attempt_at = :now,
              last_updated = :now
            where id = :id and version = :version - 1""",
            s)
        == 1;
  }

  private int bind(String sql, Subscription s) {
    Caller owner = s.owner();
    return jdbc.sql(sql)
        .param("id", s.id())
        .param("version", s.version())
        .param("status", s.status().name())
        .param("topic", s.topic().code())
        .param("resource", s.resource())
        .param("headers", String.join("\n", s.headers()))
        .param("subject", owner.subject())
        .param("nhs", owner.nhsNumber())
        .param("birth", owner.birthDate())
        .param("organisation", owner.organisation())
        .param("scopes", String.join(" ", owner.scopes()))
        .param("roles", String.join(" ", owner.roles()))
        .param("base", s.serverBase())
        .param("ends", Rows.utc(s.endsAt()))
        .param("heartbeat", s.heartbeatSeconds())
        .param("now", Rows.utc(s.lastUpdated()))
        .update();
  }

  public void delete(UUID id) {
    jdbc.sql("delete from subscription where id = ?").param(id).update();
  }

  public Optional<Subscription> find(UUID id) {
    return jdbc.sql("select * from subscription where id = ?")
        .param(id)
        .query(SubscriptionIndex::map)
        .optional();
  }

  /** Those of one owner: the same subject, patient and organisation. */
  public List<Subscription> of(Caller owner) {
    return jdbc.sql(
            """
            select * from subscription where coalesce(owner_subject, '') = ? and coalesce(owner_nhs_number, '') = ?
              and coalesce(owner_organisation, '') = ? order by created_at, id""")
        .params(
            Objects.toString(owner.subject(), ""),
            Objects.toString(owner.nhsNumber(), ""),
            Objects.toString(owner.organisation(), ""))
        .query(SubscriptionIndex::map)
        .list();
  }

  public static boolean isOwner(Subscription s, Caller caller) {
    return Objects.equals(s.owner().subject(), caller.subject())
        && Objects.equals(s.owner().nhsNumber(), caller.nhsNumber())
        && Objects.equals(s.owner().organisation(), caller.organisation());
  }

  /** All, the oldest first; at most {@value PageRequest#MAX_LIMIT} of them. */
  public List<Subscription> all() {
    return jdbc.sql(
            "select * from subscription order by created_at, id fetch first "
                + PageRequest.MAX_LIMIT
                + " rows only")
        .query(SubscriptionIndex::map)
        .list();
  }

  /** Whether anybody is to be told of anything. */
  public boolean isAny() {
    return !jdbc.sql("select id from subscription where status <> 'OFF' fetch first 1 rows only")
        .query(UUID.class)
        .list()
        .isEmpty();
  }

  /** Those to tell of a topic; also those whose endpoints fail now. */
  public List<Subscription> of(SubscriptionTopic topic) {
    return jdbc.sql(
            "select * from subscription where topic = ? and status in ('ACTIVE', 'ERROR', 'REQUESTED')")
        .param(topic.code())
        .query(SubscriptionIndex::map)
        .list();
  }

  /** Notes an event for these subscriptions. Idempotent. */
  public void happened(SubscriptionEvent event, Collection<UUID> subscriptions) {
    transactions.executeWithoutResult(
        status -> {
          jdbc.sql(
                  """
                  insert into subscription_event (id, cause, topic, focus_type, focus_id, at) values (?, ?, ?, ?, ?, ?)
                  on conflict do nothing""")
              .params(
                  event.id(),
                  event.cause(),
                  event.topic().code(),
                  event.topic().type(),
                  event.focusId(),
                  Rows.utc(event.at()))
              .update();
          UUID id =
              jdbc.sql("select id from subscription_event where cause = ?")
                  .param(event.cause())
                  .query(UUID.class)
                  .single();
          subscriptions.stream().sorted().forEach(subscription -> number(subscription, id));
        });
  }

  /** Numbers are given under the subscription's lock, so that their order is that of commits. */
  private void number(UUID subscription, UUID event) {
    List<Long> before =
        jdbc.sql("select events from subscription where id = ? for update")
            .param(subscription)
            .query(Long.class)
            .list();
    boolean known =
        jdbc.sql(
                    "select count(*) from subscription_notification where subscription_id = ? and event_id = ?")
                .params(subscription, event)
                .query(Integer.class)
                .single()
            > 0;
    if (before.isEmpty() || known) {
      return;
    }
    long number = before.get(0) + 1;
    jdbc.sql(
            "insert into subscription_notification (subscription_id, number, event_id, state, last_updated) values (?, ?, ?, 'PENDING', ?)")
        .params(subscription, number, event, Rows.utc(Instant.now()))
        .update();
    jdbc.sql("update subscription set events = ? where id = ?")
        .params(number, subscription)
        .update();
  }

  /** Those with something to send: a handshake, events, a heartbeat, or their end. */
  public List<UUID> due(Instant now, int most) {
    return jdbc
        .sql(
            """
            select s.id, s.next_attempt_at, s.heartbeat_seconds, s.last_sent_at, s.status, s.ends_at,
              (select min(n.number) from subscription_notification n
                where n.state = 'PENDING' and n.subscription_id = s.id) as waiting
            from subscription s
            where s.status in ('REQUESTED', 'ACTIVE') and s.next_attempt_at <= :now
              and (s.held_until is null or s.held_until <= :now)
            order by s.next_attempt_at, s.id""")
        .param("now", Rows.utc(now))
        .query((row, number) -> isDue(row, now) ? Rows.uuid(row, "id") : null)
        .list()
        .stream()
        .filter(id -> id != null)
        .limit(most)
        .toList();
  }

  private static boolean isDue(ResultSet row, Instant now) throws SQLException {
    Instant ends = Rows.instant(row, "ends_at");
    Integer heartbeat = Rows.integer(row, "heartbeat_seconds");
    Instant sent = Rows.instant(row, "last_sent_at");
    row.getLong("waiting");
    boolean waits = !row.wasNull();
    return row.getString("status").equals("REQUESTED")
        || waits
        || ends != null && !ends.isAfter(now)
        || heartbeat != null && (sent == null || !sent.plusSeconds(heartbeat).isAfter(now));
  }

  /**
   * Takes a subscription for one process, so that no other sends the same.
   *
   * @return empty if another has it, or nothing is to be sent
   */
  public Optional<Subscription> claim(UUID id, String holder, Instant now, Duration time) {
    int taken =
        jdbc.sql(
                """
                update subscription set holder = ?, held_until = ? where id = ? and status in ('REQUESTED', 'ACTIVE')
                  and next_attempt_at <= ? and (held_until is null or held_until <= ?)""")
            .params(holder, Rows.utc(now.plus(time)), id, Rows.utc(now), Rows.utc(now))
            .update();
    return taken == 0 ? Optional.empty() : find(id);
  }

  public void release(UUID id, String holder) {
    jdbc.sql("update subscription set held_until = null where id = ? and holder = ?")
        .params(id, holder)
        .update();
  }

  /** The next events that its endpoint has not taken yet, in order. */
  public List<Numbered> pending(UUID id, int most) {
    return jdbc.sql(
            EVENTS
                + " and n.state = 'PENDING' order by n.number fetch first "
                + most
                + " rows only")
        .param(id)
        .query(SubscriptionIndex::numbered)
        .list();
  }

  /** Events from one number to another, both included. */
  public List<Numbered> events(UUID id, long from, long to, int most) {
    return jdbc.sql(
            EVENTS
                + " and n.number >= ? and n.number <= ? order by n.number fetch first "
                + most
                + " rows only")
        .params(id, from, to)
        .query(SubscriptionIndex::numbered)
        .list();
  }

  /**
   * These need not be sent again.
   *
   * @param state {@code SENT}, or {@code WITHHELD} for what its owner may not see any more
   */
  public void settle(UUID id, Collection<Long> numbers, String state) {
    if (!numbers.isEmpty()) {
      jdbc.sql(
              "update subscription_notification set state = :state, last_updated = :now where subscription_id = :id and number in (:numbers)")
          .param("state", state)
          .param("now", Rows.utc(Instant.now()))
          .param("id", id)
          .param("numbers", Rows.padded(numbers))
          .update();
    }
  }

  /** Its endpoint took something. */
  public void succeeded(UUID id, int version, Instant at) {
    jdbc.sql(
            """
            update subscription set failures = 0, error = null, last_sent_at = ?, next_attempt_at = ?,
              status = case when status = 'REQUESTED' then 'ACTIVE' else status end
            where id = ? and version = ?""")
        .params(Rows.utc(at), Rows.utc(at), id, version)
        .update();
  }

  /**
   * Its endpoint did not.
   *
   * @param next when to try again; null for not any more
   */
  public void failed(UUID id, int version, String error, Instant next) {
    jdbc.sql(
            """
            update subscription set failures = failures + 1, error = ?, next_attempt_at = coalesce(cast(? as timestamp(6) with time zone), next_attempt_at),
              status = case when ? then 'ERROR' else status end
            where id = ? and version = ?""")
        .params(Rows.cut(error, 1000), Rows.utc(next), next == null, id, version)
        .update();
  }

  /** It is over. */
  public void end(UUID id) {
    jdbc.sql("update subscription set status = 'OFF' where id = ?").param(id).update();
  }

  /** Forgets events that are this old and waited for by nobody. */
  public int purge(Instant before) {
    jdbc.sql(
            """
            delete from subscription_notification where state <> 'PENDING' and event_id in
              (select id from subscription_event where at < ?)""")
        .param(Rows.utc(before))
        .update();
    return jdbc.sql(
            """
            delete from subscription_event where at < ? and not exists
              (select 1 from subscription_notification n where n.event_id = subscription_event.id)""")
        .param(Rows.utc(before))
        .update();
  }

  private static Numbered numbered(ResultSet row, int number) throws SQLException {
    return new Numbered(
        row.getLong("number"),
        new SubscriptionEvent(
            Rows.uuid(row, "id"),
            row.getString("cause"),
            SubscriptionTopic.of(row.getString("topic")).orElseThrow(),
            Rows.uuid(row, "focus_id"),
            Rows.instant(row, "at")));
  }

  private static Subscription map(ResultSet row, int number) throws SQLException {
    return new Subscription(
        Rows.uuid(row, "id"),
        row.getInt("version"),
        Status.valueOf(row.getString("status")),
        SubscriptionTopic.of(row.getString("topic")).orElseThrow(),
        row.getString("resource"),
        words(row.getString("headers"), "\n").stream().toList(),
        new Caller(
            row.getString("owner_subject"),
            row.getString("owner_nhs_number"),
            Rows.date(row, "owner_birth_date"),
            null,
            row.getString("owner_organisation"),
            words(row.getString("owner_scopes"), " "),
            words(row.getString("owner_roles"), " ")),
        row.getString("server_base"),
        Rows.instant(row, "ends_at"),
        Rows.integer(row, "heartbeat_seconds"),
        row.getLong("events"),
        row.getString("error"),
        row.getInt("failures"),
        Rows.instant(row, "last_sent_at"),
        Rows.instant(row, "created_at"),
        Rows.instant(row, "last_updated"));
  }

  private static Set<String> words(String text, String separator) {
    return text == null || text.isEmpty()
        ? Set.of()
        : Arrays.stream(text.split(separator)).collect(Collectors.toSet());
  }
}
