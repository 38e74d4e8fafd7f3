package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.MessageStep;
import org.isocentre.model.OutboundEntry;
import org.isocentre.model.OutboundEntry.State;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The queue of each destination, as rows: what is to be sent, what became of it. A patient's
 * messages have an order, and one that waits holds back those behind it and nobody else's (decision
 * 9).
 */
public final class OutboundIndex {
  /** A patient and whom they absorbed. */
  private static final String ABSORBED =
      "select id from patient where id = :prior or merged_into = :prior";

  private static final String OPEN = "('PENDING', 'SENT', 'ACCEPTED', 'PARKED')";
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final int maxWaiting;
  private final Journey journey;
  private final OutboundHeld held;
  private final QueueLevels levels = new QueueLevels(System::nanoTime);

  /** Told of each step of a message, in the transaction that makes it. */
  public interface Journey {
    /** It waits to be sent, or for a person if it could not be made. */
    void queued(UUID id, String destination, Draft draft, Instant at);

    /**
     * @param by who did it, or null for the hub itself
     * @param detail without patient data, or null
     */
    void step(UUID id, MessageStep.Kind kind, String by, String detail, Instant at);

    /**
     * It was made anew, and waits to be sent, or for a person if it could not be made.
     *
     * @param before control ID and object key that it had
     * @param by who wanted it
     */
    void rebuilt(UUID id, Draft draft, String before, String by, Instant at);
  }

  /**
   * @param maxWaiting messages that wait for one destination at most
   */
  public OutboundIndex(
      JdbcClient jdbc, TransactionOperations transactions, int maxWaiting, Journey journey) {
    this.journey = journey;
    this.jdbc = jdbc;
    this.held = new OutboundHeld(jdbc);
    this.transactions = transactions;
    this.maxWaiting = maxWaiting;
  }

  /**
   * What is to be queued, made while the queue is locked: what is read of the index then is at
   * least as new as what stands before it.
   *
   * @param objectKey null if the message could not be made; then {@code error} says why, and it is
   *     parked
   */
  public record Draft(
      String custodian, String messageType, String controlId, String objectKey, String error) {}

  /** Makes a message. */
  @FunctionalInterface
  public interface Maker {
    /**
     * @return empty if there is nothing to say after all
     */
    Optional<Draft> make();
  }

  /** A destination has as many messages waiting as it may. */
  public static final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QueueFullException(String destination, int most) {
      super(
          "ISO-OUTBOUND-002: %s has %d messages waiting, the most that isocentre.outbound.max-waiting allows; resume it, mend it, or raise the limit"
              .formatted(destination, most));
    }
  }

  /** What destinations are told later. */
  public OutboundHeld held() {
    return held;
  }

  /** Makes destinations known. Idempotent. */
  public void register(Collection<String> names) {
    for (String name : names) {
      jdbc.sql(
              "insert into outbound_destination (name, paused) values (?, false) on conflict do nothing")
          .param(name)
          .update();
      jdbc.sql("insert into outbound_lock (destination) values (?) on conflict do nothing")
          .param(name)
          .update();
    }
  }

  /**
   * Queues a message unless one for the same cause was queued before.
   *
   * @param patientId whose it is
   * @param formerPatientId whose messages, that wait, belong to {@code patientId} from now on; or
   *     null
   * @param cause names what is told, in the version in which it is told
   * @return the message's id if it was queued now
   */
  public Optional<UUID> enqueue(
      String destination, UUID patientId, UUID formerPatientId, String cause, Maker maker) {
    return transactions.execute(
        status -> {
          lock(destination);
          if (isKnown(destination, cause)) {
            return Optional.<UUID>empty();
          }
          if (!levels.hasRoom(destination, maxWaiting, () -> waiting(destination))) {
            throw new QueueFullException(destination, maxWaiting);
          }
          if (formerPatientId != null) {
            jdbc.sql(
                    "update outbound_message set moved_from = coalesce(moved_from, patient_id), patient_id = ? where destination = ? and patient_id = ? and state in "
                        + OPEN)
                .params(patientId, destination, formerPatientId)
                .update();
          }
          return maker.make().map(draft -> insert(destination, patientId, cause, draft));
        });
  }

  private int waiting(String destination) {
    return count(destination, List.of(State.PENDING, State.SENT));
  }

  /** Whether a message for this cause was queued before. */
  public boolean isKnown(String destination, String cause) {
    return jdbc.sql("select count(*) from outbound_message where destination = ? and cause = ?")
            .params(destination, cause)
            .query(Integer.class)
            .single()
        > 0;
  }

  private UUID insert(String destination, UUID patientId, String cause, Draft draft) {
    UUID id = UUID.randomUUID();
    var now = Rows.utc(Instant.now());
    jdbc.sql(
            """
            insert into outbound_message (id, destination, patient_id, custodian, message_type, control_id, cause,
              object_key, state, attempts, failures, last_error, created_at, next_attempt_at, last_updated)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?)""")
        .params(
            id,
            destination,
            patientId,
            draft.custodian(),
            draft.messageType(),
            draft.controlId(),
            cause,
            draft.objectKey(),
            (draft.objectKey() == null ? State.PARKED : State.PENDING).name(),
            Rows.cut(draft.error(), 1000),
            now,
            draft.objectKey() == null ? null : now,
            now)
        .update();
    journey.queued(id, destination, draft, now.toInstant());
    levels.added(destination);
    return id;
  }

  /**
   * Takes or renews the right to send to a destination. One process has it at a time, so that the
   * order holds; by the database's clock.
   *
   * @return false while another process has it, or people have paused the destination
   */
  public boolean hold(String destination, String holder, Duration time) {
    return jdbc.sql(
                """
                update outbound_destination set holder = ?, held_until = current_timestamp + cast(? as integer) * interval '1' second
                where name = ? and not paused and (holder is null or holder = ? or held_until < current_timestamp)""")
            .params(holder, Math.max(1, Math.toIntExact(time.toSeconds())), destination, holder)
            .update()
        == 1;
  }

  /** Gives the right back. */
  public void release(String destination, String holder) {
    jdbc.sql(
            "update outbound_destination set holder = null, held_until = null where name = ? and holder = ?")
        .params(destination, holder)
        .update();
  }

  /**
   * The message that has been due for longest and that no earlier one of its patient holds back: so
   * one that is tried again and again does not keep others waiting. One that was sent without an
   * answer is due again like one that was never sent. None while the destination is paused.
   */
  public Optional<OutboundEntry> next(String destination, Instant now) {
    return jdbc.sql(
            """
            select m.* from outbound_message m where m.destination = ? and m.state in ('PENDING', 'SENT')
              and m.next_attempt_at <= ? and not exists
              (select 1 from outbound_message e where e.destination = m.destination and e.patient_id = m.patient_id
                and e.sequence < m.sequence and e.state in %s)
              and not exists (select 1 from outbound_destination d where d.name = m.destination and d.paused)
            order by m.next_attempt_at, m.sequence fetch first 1 rows only"""
                .formatted(OPEN))
        .params(destination, Rows.utc(now))
        .query(OutboundIndex::map)
        .optional();
  }

  /**
   * The first byte is about to be written: from now on the destination may have it.
   *
   * @return false if it is not to be sent any more
   */
  public boolean sending(UUID id, Instant now) {
    return changes(
        id,
        MessageStep.Kind.SENT,
        null,
        now,
        () ->
            jdbc.sql(
                    """
                    update outbound_message set state = 'SENT', attempts = attempts + 1, sent_at = ?, last_updated = ?
                    where id = ? and state in ('PENDING', 'SENT')""")
                .params(Rows.utc(now), Rows.utc(now), id)
                .update());
  }

  /**
   * Takes back what waits to say something that is so no more. What was sent cannot be taken back.
   *
   * @param causes what the causes of such messages begin with
   * @param reverse what the causes of messages begin with that say the reverse
   * @param why without patient data
   * @return whether the destination has, or may have, been told, and not of the reverse since
   */
  public boolean withdraw(String destination, String causes, String reverse, String why) {
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              lock(destination);
              jdbc.sql(
                      """
                      select id from outbound_message where destination = ? and cause like ?
                        and state in ('PENDING', 'PARKED') for update""")
                  .params(destination, causes + "%")
                  .query(UUID.class)
                  .list()
                  .forEach(id -> cancel(id, why));
              return jdbc.sql(
                      """
                      select cause from outbound_message where destination = ? and (cause like ? or cause like ?)
                        and (state <> 'CANCELLED' or sent_at is not null and answer is null)
                      order by sequence desc fetch first 1 rows only""")
                  .params(destination, causes + "%", reverse + "%")
                  .query(String.class)
                  .optional()
                  .filter(newest -> newest.startsWith(causes))
                  .isPresent();
            }));
  }

  /**
   * What was said last to a destination, or may have been.
   *
   * @param causes what the causes of such messages begin with
   * @return the newest such cause
   */
  public Optional<String> newest(String destination, List<String> causes) {
    var sql =
        new StringBuilder("select cause from outbound_message where destination = ? and (")
            .append("cause like ?")
            .append(" or cause like ?".repeat(causes.size() - 1))
            .append(") and (state <> 'CANCELLED' or sent_at is not null and answer is null)")
            .append(" order by sequence desc fetch first 1 rows only");
    return jdbc.sql(sql.toString())
        .param(destination)
        .params(causes.stream().map(cause -> (Object) (cause + "%")).toList())
        .query(String.class)
        .optional();
  }

  /**
   * A merge was taken back: messages that wait and that were the prior patient's are theirs again.
   * One about what is filed under the prior patient, made while that was the surviving one's, and
   * not sent, would tell of the wrong patient: it is taken back, and may be told anew.
   *
   * @param why without patient data
   */
  public void part(String destination, UUID survivingPatient, UUID priorPatient, String why) {
    transactions.executeWithoutResult(
        status -> {
          lock(destination);
          jdbc.sql(
                  """
                  update outbound_message set patient_id = :prior,
                    moved_from = case when moved_from = :prior then null else moved_from end
                  where destination = :to and patient_id = :surviving and moved_from in (%s) and state in %s"""
                      .formatted(ABSORBED, OPEN))
              .param("to", destination)
              .param("surviving", survivingPatient)
              .param("prior", priorPatient)
              .update();
          jdbc.sql(
                  """
                  select id from outbound_message where destination = :to and patient_id = :surviving
                    and state in ('PENDING', 'PARKED') and substring(cause from 5 for 36) in
                    (select cast(o.id as varchar(36)) from imaging_order o where o.patient_id in (%1$s)
                     union all select cast(r.id as varchar(36)) from report r where r.patient_id in (%1$s)) for update"""
                      .formatted(
                          "select id from patient where id = :prior or merged_into = :prior"))
              .param("to", destination)
              .param("surviving", survivingPatient)
              .param("prior", priorPatient)
              .query(UUID.class)
              .list()
              .forEach(
                  id -> {
                    cancel(id, why);
                    jdbc.sql("update outbound_message set cause = ? where id = ?")
                        .params("TAKEN BACK|" + id, id)
                        .update();
                  });
        });
  }

  private void lock(String destination) {
    jdbc.sql("select destination from outbound_lock where destination = ? for update")
        .param(destination)
        .query(String.class)
        .single();
  }

  /** The destination has it, unless its application has said otherwise meanwhile. */
  public void acknowledged(UUID id, String answer, Instant now) {
    transactions.executeWithoutResult(
        status -> {
          int changed =
              jdbc.sql(
                      """
                      update outbound_message set state = 'ACKED', answer = ?, answer_key = null, last_error = null,
                        answered_at = ?, next_attempt_at = null, last_updated = ?
                      where id = ? and (state in ('SENT', 'ACCEPTED', 'CANCELLED') or state = 'PENDING' and answer is null
                        or state = 'ACKED' and answer = 'CA')""")
                  .params(Rows.cut(answer, 8), Rows.utc(now), Rows.utc(now), id)
                  .update();
          if (changed == 1) {
            journey.step(id, MessageStep.Kind.ACKNOWLEDGED, null, answer, now);
          }
        });
  }

  /**
   * The destination has taken it (CA); what its application says of it is awaited. Those behind it
   * wait as long.
   *
   * @param until how long
   */
  public void accepted(UUID id, String answer, Instant until, Instant now) {
    transactions.executeWithoutResult(
        status -> {
          int changed =
              jdbc.sql(
                      """
                      update outbound_message set state = 'ACCEPTED', answer = ?, answer_key = null, last_error = null,
                        answered_at = ?, next_attempt_at = ?, last_updated = ? where id = ? and state = 'SENT'""")
                  .params(Rows.cut(answer, 8), Rows.utc(now), Rows.utc(until), Rows.utc(now), id)
                  .update();
          if (changed == 1) {
            journey.step(id, MessageStep.Kind.ACKNOWLEDGED, null, answer, now);
          }
        });
  }

  /**
   * Nothing more is awaited of what was taken and never answered by the application: it counts as
   * done, since the destination has it, and says so.
   *
   * @param why without patient data
   * @return how many
   */
  public int expire(String destination, String why, Instant now) {
    List<UUID> late =
        jdbc.sql(
                """
                select id from outbound_message where destination = ? and state = 'ACCEPTED' and next_attempt_at <= ?
                order by next_attempt_at fetch first 1000 rows only""")
            .params(destination, Rows.utc(now))
            .query(UUID.class)
            .list();
    late.forEach(id -> expire(id, why, now));
    return late.size();
  }

  private void expire(UUID id, String why, Instant now) {
    transactions.executeWithoutResult(
        status -> {
          int changed =
              jdbc.sql(
                      """
                      update outbound_message set state = 'ACKED', last_error = ?, next_attempt_at = null, last_updated = ?
                      where id = ? and state = 'ACCEPTED'""")
                  .params(Rows.cut(why, 1000), Rows.utc(now), id)
                  .update();
          if (changed == 1) {
            journey.step(id, MessageStep.Kind.ACKNOWLEDGED, null, why, now);
          }
        });
  }

  /** An error was answered; there will be another attempt. */
  public void failed(UUID id, Refusal refusal, Instant nextAttempt, Instant now) {
    transactions.executeWithoutResult(
        status -> {
          if (refused(id, State.PENDING, refusal, nextAttempt, now)) {
            journey.step(id, MessageStep.Kind.QUEUED, null, refusal.error(), now);
          }
        });
  }

  /** There will be no other attempt unless a person says so. */
  public void park(UUID id, Refusal refusal, Instant now) {
    transactions.executeWithoutResult(
        status -> {
          if (refused(id, State.PARKED, refusal, null, now)) {
            journey.step(id, MessageStep.Kind.PARKED, null, refusal.error(), now);
          }
        });
  }

  /**
   * @param answer MSA-1, or null without an answer
   * @param answerKey object key of the answer, or null
   * @param error without patient data
   */
  public record Refusal(String answer, String answerKey, String error) {}

  /**
   * @return false if it was taken back in the meantime
   */
  private boolean refused(UUID id, State state, Refusal r, Instant nextAttempt, Instant now) {
    return jdbc.sql(
                """
            update outbound_message set state = ?, failures = failures + 1, answer = ?, answer_key = ?, last_error = ?,
              answered_at = case when cast(? as varchar(8)) is null then answered_at else cast(? as timestamp(6) with time zone) end,
              next_attempt_at = ?, last_updated = ? where id = ? and state <> 'CANCELLED'""")
            .params(
                state.name(),
                Rows.cut(r.answer(), 8),
                r.answerKey(),
                Rows.cut(r.error(), 1000),
                Rows.cut(r.answer(), 8),
                Rows.utc(now),
                Rows.utc(nextAttempt),
                Rows.utc(now),
                id)
            .update()
        == 1;
  }

  /**
   * No answer came; whether the destination has it is not known.
   *
   * @param counts whether this counts towards the most attempts
   */
  public void unanswered(UUID id, String error, boolean counts, Instant nextAttempt, Instant now) {
    jdbc.sql(
            "update outbound_message set failures = failures + ?, last_error = ?, next_attempt_at = ?, last_updated = ? where id = ?")
        .params(counts ? 1 : 0, Rows.cut(error, 1000), Rows.utc(nextAttempt), Rows.utc(now), id)
        .update();
  }

  /** It will not be sent. */
  public void cancel(UUID id, String why) {
    Instant now = Instant.now();
    transactions.executeWithoutResult(
        status -> {
          jdbc.sql(
                  "update outbound_message set state = 'CANCELLED', next_attempt_at = null, last_error = ?, last_updated = ? where id = ?")
              .params(Rows.cut(why, 1000), Rows.utc(now), id)
              .update();
          journey.step(id, MessageStep.Kind.CANCELLED, null, why, now);
        });
  }

  /**
   * It will not be sent as it is; what it is about is told later, once nothing stands against it.
   *
   * @param why without patient data
   * @return false if the message does not say what it is about, or waits no more
   */
  public boolean withhold(UUID id, String why) {
    record Waiting(String destination, UUID patient, String cause) {}
    Instant now = Instant.now();
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              Optional<Waiting> found =
                  jdbc.sql(
                          """
                          select destination, patient_id, cause from outbound_message
                          where id = ? and state in ('PENDING', 'SENT') for update""")
                      .param(id)
                      .query(
                          (row, number) ->
                              new Waiting(
                                  row.getString("destination"),
                                  Rows.uuid(row, "patient_id"),
                                  row.getString("cause")))
                      .optional();
              Optional<IndexChanged> change = found.flatMap(w -> OutboundCause.change(w.cause()));
              change.ifPresent(
                  c -> {
                    cancel(id, why);
                    Waiting w = found.get();
                    jdbc.sql("update outbound_message set cause = ? where id = ?")
                        .params(OutboundCause.withheld(w.cause(), id), id)
                        .update();
                    held.hold(w.destination(), c, w.patient(), now);
                  });
              return change.isPresent();
            }));
  }

  /** What a message is about ({@link OutboundCause}). */
  public Optional<String> cause(UUID id) {
    return jdbc.sql("select cause from outbound_message where id = ?")
        .param(id)
        .query(String.class)
        .optional();
  }

  /** What came of having a message made anew. */
  public enum Rebuilt {
    /** It waits to be sent. */
    DONE,
    /** It could not be made, and says why. */
    NOT_MADE,
    /** There is nothing to tell any more: it can be given up. */
    NOTHING_TO_SAY,
    /** The patient's consent or a question about who they are stands against it. */
    HELD_BACK,
    /** Only a parked message can be made anew. */
    NOT_PARKED,
    /** Its destination is no longer there, or it does not say what it is about. */
    NOT_KNOWN
  }

  /**
   * Makes a parked message anew: another control ID, the rules and the index as they are now, the
   * same place in its patient's order.
   *
   * @param who wants it
   */
  public Rebuilt rebuild(UUID id, String who, Maker maker) {
    OutboundEntry asked = find(id).orElseThrow();
    return transactions.execute(
        status -> {
          lock(asked.destination());
          OutboundEntry old = find(id).orElseThrow();
          if (old.state() != State.PARKED) {
            return Rebuilt.NOT_PARKED;
          }
          return maker
              .make()
              .map(draft -> replaced(old, draft, who))
              .orElse(Rebuilt.NOTHING_TO_SAY);
        });
  }

  private Rebuilt replaced(OutboundEntry old, Draft draft, String who) {
    Instant now = Instant.now();
    boolean made = draft.objectKey() != null;
    int changed =
        jdbc.sql(
                """
                update outbound_message set control_id = ?, message_type = ?, object_key = ?, state = ?, failures = 0,
                  last_error = ?, next_attempt_at = ?, last_updated = ? where id = ? and state = 'PARKED'""")
            .params(
                draft.controlId(),
                draft.messageType(),
                draft.objectKey(),
                (made ? State.PENDING : State.PARKED).name(),
                Rows.cut(draft.error(), 1000),
                made ? Rows.utc(now) : null,
                Rows.utc(now),
                old.id())
            .update();
    if (changed == 0) {
      return Rebuilt.NOT_PARKED;
    }
    String before = old.controlId() + (old.objectKey() == null ? "" : ", " + old.objectKey());
    journey.rebuilt(old.id(), draft, before, who, now);
    return made ? Rebuilt.DONE : Rebuilt.NOT_MADE;
  }

  /**
   * A person wants a parked message sent again. @return false if it is not parked, or was never
   * made
   */
  public boolean retry(UUID id) {
    Instant now = Instant.now();
    return changes(
        id,
        MessageStep.Kind.QUEUED,
        null,
        now,
        () ->
            jdbc.sql(
                    """
                    update outbound_message set state = case when sent_at is null or answer is not null then 'PENDING' else 'SENT' end,
                      failures = 0, next_attempt_at = ?, last_updated = ?
                    where id = ? and state = 'PARKED' and object_key is not null""")
                .params(Rows.utc(now), Rows.utc(now), id)
                .update());
  }

  private boolean changes(
      UUID id, MessageStep.Kind kind, String by, Instant now, IntSupplier update) {
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              boolean changed = update.getAsInt() == 1;
              if (changed) {
                journey.step(id, kind, by, null, now);
              }
              return changed;
            }));
  }

  /**
   * A person gives a parked message up, so that those behind it go on. @return false if it is not
   * parked
   */
  public boolean giveUp(UUID id, String who) {
    Instant now = Instant.now();
    return changes(
        id,
        MessageStep.Kind.CANCELLED,
        who,
        now,
        () ->
            jdbc.sql(
                    "update outbound_message set state = 'CANCELLED', next_attempt_at = null, last_error = ?, last_updated = ? where id = ? and state = 'PARKED'")
                .params(Rows.cut("given up by " + who, 1000), Rows.utc(now), id)
                .update());
  }

  /**
   * @return false if there is no such destination
   */
  public boolean pause(String destination, String who) {
    return jdbc.sql(
                "update outbound_destination set paused = true, paused_by = ?, paused_at = ? where name = ?")
            .params(Rows.cut(who, 200), Rows.utc(Instant.now()), destination)
            .update()
        == 1;
  }

  /**
   * @return false if there is no such destination
   */
  public boolean resume(String destination) {
    return jdbc.sql(
                "update outbound_destination set paused = false, paused_by = null, paused_at = null where name = ?")
            .param(destination)
            .update()
        == 1;
  }

  /**
   * How a destination is.
   *
   * @param waiting messages that are pending or sent without an answer
   * @param parked messages that wait for a person
   * @param oldestWaiting when the oldest of {@code waiting} was queued, or null
   */
  public record DestinationState(
      String name,
      boolean paused,
      String pausedBy,
      Instant pausedAt,
      int waiting,
      int parked,
      Instant oldestWaiting) {}

  public List<DestinationState> destinations() {
    return jdbc.sql(
            """
            select d.*,
              (select count(*) from outbound_message m where m.destination = d.name and m.state in ('PENDING', 'SENT')) as waiting,
              (select count(*) from outbound_message m where m.destination = d.name and m.state = 'PARKED') as parked,
              (select min(m.created_at) from outbound_message m where m.destination = d.name
                and m.state in ('PENDING', 'SENT')) as oldest
            from outbound_destination d order by d.name""")
        .query(
            (row, number) ->
                new DestinationState(
                    row.getString("name"),
                    row.getBoolean("paused"),
                    row.getString("paused_by"),
                    Rows.instant(row, "paused_at"),
                    row.getInt("waiting"),
                    row.getInt("parked"),
                    Rows.instant(row, "oldest")))
        .list();
  }

  public int count(String destination, Collection<State> states) {
    String names =
        states.stream()
            .map(s -> "'" + s.name().toUpperCase(Locale.ROOT) + "'")
            .collect(Collectors.joining(", "));
    return jdbc.sql(
            "select count(*) from outbound_message where destination = ? and state in ("
                + names
                + ")")
        .param(destination)
        .query(Integer.class)
        .single();
  }

  /** By MSH-10, which is unique among all that is sent. */
  public Optional<OutboundEntry> findByControlId(String controlId) {
    return jdbc.sql("select * from outbound_message where control_id = ?")
        .param(controlId)
        .query(OutboundIndex::map)
        .optional();
  }

  public Optional<OutboundEntry> find(UUID id) {
    return jdbc.sql("select * from outbound_message where id = ?")
        .param(id)
        .query(OutboundIndex::map)
        .optional();
  }

  public List<OutboundEntry> search(OutboundQuery q) {
    return new SearchSql()
        .when(q.destination(), "m.destination = ?")
        .in("m.state", q.states() == null ? null : q.states().stream().map(Enum::name).toList())
        .when(q.controlId(), "m.control_id = ?")
        .list(
            jdbc,
            "select m.* from outbound_message m",
            "m.last_updated desc, m.id",
            q.page(),
            OutboundIndex::map);
  }

  private static OutboundEntry map(ResultSet row, int number) throws SQLException {
    return new OutboundEntry(
        Rows.uuid(row, "id"),
        row.getLong("sequence"),
        row.getString("destination"),
        Rows.uuid(row, "patient_id"),
        row.getString("custodian"),
        row.getString("message_type"),
        row.getString("control_id"),
        row.getString("object_key"),
        State.valueOf(row.getString("state")),
        row.getInt("attempts"),
        row.getInt("failures"),
        row.getString("answer"),
        row.getString("answer_key"),
        row.getString("last_error"),
        Rows.instant(row, "created_at"),
        Rows.instant(row, "next_attempt_at"),
        Rows.instant(row, "sent_at"),
        Rows.instant(row, "answered_at"));
  }
}
