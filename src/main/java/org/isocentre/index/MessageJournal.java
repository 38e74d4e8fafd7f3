package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.model.MessageCorrection;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageRefused;
import org.isocentre.model.MessageStep;
import org.isocentre.model.MessageStep.Kind;
import org.isocentre.model.MessageStored;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The journey of each HL7 message: rows that are added and never changed. For an outgoing message,
 * {@link #outgoing} first, then a {@link #step} for each thing that happens, together with {@link
 * MessageIndex#became}.
 */
public final class MessageJournal {
  /** A sender that repeats itself for ever must not fill the journal; persons' acts are kept. */
  static final int MOST_STEPS = 1000;

  /** More numbers of one message are not looked for. */
  private static final int MOST_LABELS = 500;

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final MessageIndex messages;

  public MessageJournal(
      JdbcClient jdbc, TransactionOperations transactions, MessageIndex messages) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.messages = messages;
  }

  /**
   * A FHIR resource that a message made or changed.
   *
   * @param type such as {@code ServiceRequest}
   */
  public record Resource(String type, UUID id) {}

  /**
   * Notes a message that came in, once, however often its event is delivered.
   *
   * @param answeredAt when it was handed to the queue, which is when AA went out
   * @return the message's id
   */
  public UUID received(MessageStored m, MessageLabels labels, Instant answeredAt) {
    return transactions.execute(
        status -> {
          UUID id = messages.received(m, labels);
          label(id, labels);
          if (count(id) == 0) {
            add(
                id,
                List.of(
                    new MessageStep(Kind.RECEIVED, m.receivedAt(), labels.senderFacility(), null),
                    new MessageStep(Kind.ACKNOWLEDGED, answeredAt, null, "AA")));
          } else if (!id.toString().equals(m.eventId())) {
            stepOnce(id, Kind.REPEATED, labels.senderFacility(), m.receivedAt());
          }
          return id;
        });
  }

  /**
   * Notes a message that came in together with what it became, as {@link #received} and {@link
   * #filed} do; in few statements where nothing is known of it yet.
   *
   * @param answeredAt when it was handed to the queue, which is when AA went out
   */
  public void receivedAndFiled(
      MessageStored m,
      MessageLabels labels,
      Instant answeredAt,
      Instant mappedAt,
      Collection<Resource> resources,
      String detail) {
    transactions.executeWithoutResult(
        status -> {
          Optional<UUID> added = messages.add(m, labels, MessageIndex.State.FILED);
          if (added.isEmpty()) {
            filed(received(m, labels, answeredAt), mappedAt, resources, detail);
            return;
          }
          UUID id = added.get();
          label(id, labels);
          add(
              id,
              List.of(
                  new MessageStep(Kind.RECEIVED, m.receivedAt(), labels.senderFacility(), null),
                  new MessageStep(Kind.ACKNOWLEDGED, answeredAt, null, "AA"),
                  new MessageStep(Kind.MAPPED, mappedAt, null, null),
                  new MessageStep(Kind.FILED, Instant.now(), null, detail)));
          became(id, resources);
        });
  }

  private void became(UUID message, Collection<Resource> resources) {
    insert(
        "message_resource (message_id, resource_type, resource_id)",
        resources.stream()
            .distinct()
            .map(r -> List.<Object>of(message, r.type(), r.id()))
            .toList());
  }

  /** Notes a message that was answered with an error. @return the message's id */
  public UUID refused(MessageRefused refusal, MessageLabels labels) {
    MessageStored m = refusal.message();
    return transactions.execute(
        status -> {
          UUID id = messages.received(m, labels);
          label(id, labels);
          if (count(id) == 0) {
            step(id, Kind.RECEIVED, labels.senderFacility(), null, m.receivedAt());
          } else {
            stepOnce(id, Kind.REPEATED, labels.senderFacility(), m.receivedAt());
          }
          // A repeated refusal must not undo what a correction has done.
          if (messages.claim(id, MessageIndex.State.RECEIVED, MessageIndex.State.REFUSED)) {
            messages.became(
                id,
                MessageIndex.State.REFUSED,
                new MessageIndex.Failure(refusal.code(), "hl7-receive", refusal.detail(), null));
            step(
                id,
                Kind.REFUSED,
                null,
                refusal.answer() + " " + refusal.code() + ": " + refusal.detail(),
                m.receivedAt());
          }
          return id;
        });
  }

  /**
   * Notes a message that is to be sent; the same one again changes nothing.
   *
   * @param m its event id is the message's id, its custodian the trust that it is sent for
   * @param destination name of the setting that says where to
   */
  public void outgoing(MessageStored m, MessageLabels labels, String destination) {
    transactions.executeWithoutResult(
        status -> {
          UUID id = UUID.fromString(m.eventId());
          if (messages.insert(
              id,
              TrackedMessage.Direction.OUT,
              m,
              labels,
              destination,
              MessageIndex.State.QUEUED)) {
            label(id, labels);
            step(id, Kind.QUEUED, destination, null, m.receivedAt());
          }
        });
  }

  /**
   * Notes that a message to be sent was made anew: it has another control ID and other bytes.
   *
   * @param m its event id is the message's id
   * @param by who wanted it
   * @param detail what it was before, without patient data
   */
  public void rebuilt(MessageStored m, MessageLabels labels, String by, String detail) {
    transactions.executeWithoutResult(
        status -> {
          UUID id = UUID.fromString(m.eventId());
          messages.replaced(id, m);
          label(id, labels);
          step(id, Kind.CORRECTED, by, detail, m.receivedAt());
          step(id, Kind.QUEUED, null, null, m.receivedAt());
        });
  }

  /** Notes what a message became in the index. */
  public void filed(UUID message, Instant mappedAt, Collection<Resource> resources, String detail) {
    transactions.executeWithoutResult(
        status -> {
          if (count(message) < MOST_STEPS) {
            add(
                message,
                List.of(
                    new MessageStep(Kind.MAPPED, mappedAt, null, null),
                    new MessageStep(Kind.FILED, Instant.now(), null, detail)));
          }
          became(message, resources);
          messages.became(message, MessageIndex.State.FILED, null);
        });
  }

  /** Notes that a step gave up. */
  public void failed(UUID message, MessageIndex.Failure failure) {
    transactions.executeWithoutResult(
        status -> {
          messages.became(message, MessageIndex.State.FAILED, failure);
          step(message, Kind.FAILED, null, failure.step() + ": " + failure.error(), Instant.now());
        });
  }

  /** As {@link #step(UUID, Kind, String, String, Instant)}, done by the hub itself. */
  public void step(UUID message, Kind step, String detail, Instant at) {
    step(message, step, null, detail, at);
  }

  /**
   * Adds a step. After 1,000 of one message no more are kept but those of persons.
   *
   * @param by who did it, or null for the hub itself
   * @param detail without patient data, or null; cut after 1,000 characters
   */
  public void step(UUID message, Kind step, String by, String detail, Instant at) {
    boolean ofPerson = step == Kind.CORRECTED || step == Kind.REPLAYED;
    if (ofPerson || count(message) < MOST_STEPS) {
      add(message, List.of(new MessageStep(step, at, by, detail)));
    }
  }

  private int count(UUID message) {
    return jdbc.sql("select count(*) from message_step where message_id = ?")
        .param(message)
        .query(Integer.class)
        .single();
  }

  private void add(UUID message, List<MessageStep> steps) {
    insert(
        "message_step (message_id, step, at, done_by, detail)",
        steps.stream()
            .map(
                s ->
                    Arrays.<Object>asList(
                        message,
                        s.step().name(),
                        Rows.utc(s.at()),
                        Rows.cut(s.by(), 200),
                        Rows.cut(s.detail(), 1000)))
            .toList());
  }

  /** Rows in one statement; those that are there already stay. */
  private void insert(String columns, List<List<Object>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    String places = "(" + String.join(", ", Collections.nCopies(rows.get(0).size(), "?")) + ")";
    jdbc.sql(
            "insert into "
                + columns
                + " values "
                + String.join(", ", Collections.nCopies(rows.size(), places))
                + " on conflict do nothing")
        .params(rows.stream().flatMap(List::stream).collect(Collectors.toList()))
        .update();
  }

  private void stepOnce(UUID message, Kind step, String by, Instant at) {
    int known =
        jdbc.sql("select count(*) from message_step where message_id = ? and step = ? and at = ?")
            .params(message, step.name(), Rows.utc(at))
            .query(Integer.class)
            .single();
    if (known == 0) {
      step(message, step, by, null, at);
    }
  }

  /** Adds numbers that a message is found by. */
  public void label(UUID message, MessageLabels labels) {
    insert(
        "message_key (message_id, kind, issuer, key_value)",
        labels.numbers().stream()
            .filter(n -> n.value().length() <= MessageLabels.Number.MAX_LENGTH)
            .filter(n -> n.issuer().length() <= MessageLabels.Number.MAX_LENGTH)
            .limit(MOST_LABELS)
            .map(n -> List.<Object>of(message, n.kind().name(), n.issuer(), n.value()))
            .toList());
  }

  /**
   * The journey in order of time. When something was linked is read from the links themselves: a
   * study may come long after the message.
   */
  public List<MessageStep> steps(UUID message) {
    return jdbc.sql(
            Unions.kept(
                    """
            select step, at, done_by, detail, step_number from message_step where message_id = :id
            union all select 'LINKED', l.linked_at, null,
              'ServiceRequest/' || cast(l.order_id as varchar) || ' to ImagingStudy/' || cast(l.study_id as varchar),
              9223372036854775807
              from message_resource r join study_link l on l.order_id = r.resource_id
              where r.message_id = :id and r.resource_type = 'ServiceRequest'
            union all select 'LINKED', s.linked_at, null,
              'DiagnosticReport/' || cast(s.report_id as varchar) || ' to ImagingStudy/' || cast(s.study_id as varchar),
              9223372036854775807
              from message_resource r join report_study s on s.report_id = r.resource_id
              where r.message_id = :id and r.resource_type = 'DiagnosticReport' and s.linked_at is not null""")
                + " order by 2, 5")
        .param("id", message)
        .query(
            (row, n) ->
                new MessageStep(
                    Kind.valueOf(row.getString("step")),
                    Rows.instant(row, "at"),
                    row.getString("done_by"),
                    row.getString("detail")))
        .list();
  }

  /** What the message became. */
  public List<Resource> resources(UUID message) {
    return jdbc.sql(
            "select * from message_resource where message_id = ? order by resource_type, resource_id")
        .param(message)
        .query(
            (row, n) -> new Resource(row.getString("resource_type"), Rows.uuid(row, "resource_id")))
        .list();
  }

  /** Accession and order numbers that the message names. */
  public List<MessageLabels.Number> orderNumbers(UUID message) {
    return jdbc.sql(
            """
            select * from message_key where message_id = ? and kind in ('ACCESSION', 'ORDER')
            order by kind, key_value, issuer""")
        .param(message)
        .query(
            (row, n) ->
                new MessageLabels.Number(
                    MessageLabels.Kind.valueOf(row.getString("kind")),
                    row.getString("issuer"),
                    row.getString("key_value")))
        .list();
  }

  /**
   * Keeps another text beside a message.
   *
   * @param correction its number is given here
   */
  public MessageCorrection correct(
      UUID message, MessageCorrection correction, MessageLabels labels) {
    return transactions.execute(
        status -> {
          // The row is locked, so that two corrections do not get one number.
          jdbc.sql("select id from hl7_message where id = ? for update")
              .param(message)
              .query(UUID.class)
              .single();
          int number = corrections(message).size() + 1;
          MessageCorrection c = numbered(correction, number);
          jdbc.sql(
                  """
                  insert into message_correction (message_id, correction_number, object_key, custodian, control_id,
                    message_type, charset, reason, corrected_by, corrected_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
              .params(
                  message,
                  number,
                  c.objectKey(),
                  c.custodian(),
                  Rows.cut(c.controlId(), 200),
                  Rows.cut(c.messageType(), 16),
                  c.charset(),
                  Rows.cut(c.reason(), 500),
                  Rows.cut(c.by(), 200),
                  Rows.utc(c.at()))
              .update();
          label(message, labels);
          step(message, Kind.CORRECTED, c.by(), "correction " + number, c.at());
          return c;
        });
  }

  private static MessageCorrection numbered(MessageCorrection c, int number) {
    return new MessageCorrection(
        number,
        c.objectKey(),
        c.custodian(),
        c.controlId(),
        c.messageType(),
        c.charset(),
        c.reason(),
        c.by(),
        c.at());
  }

  /** Oldest first. */
  public List<MessageCorrection> corrections(UUID message) {
    return jdbc.sql(
            "select * from message_correction where message_id = ? order by correction_number")
        .param(message)
        .query(MessageJournal::correction)
        .list();
  }

  private static MessageCorrection correction(ResultSet row, int number) throws SQLException {
    return new MessageCorrection(
        row.getInt("correction_number"),
        row.getString("object_key"),
        row.getString("custodian"),
        row.getString("control_id"),
        row.getString("message_type"),
        row.getString("charset"),
        row.getString("reason"),
        row.getString("corrected_by"),
        Rows.instant(row, "corrected_at"));
  }
}
