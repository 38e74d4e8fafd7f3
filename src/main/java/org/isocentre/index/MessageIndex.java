package org.isocentre.index;

import java.time.Instant;
import java.util.UUID;
import org.isocentre.model.MessageStored;
import org.springframework.jdbc.core.simple.JdbcClient;

/** HL7 messages that were acknowledged, and what became of each. */
public final class MessageIndex {
  private final JdbcClient jdbc;

  public MessageIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What became of a message. */
  public enum State {
    RECEIVED,
    FILED,
    FAILED
  }

  /** Notes a message once; the same one again changes nothing. */
  public void received(MessageStored m) {
    var at = Rows.utc(m.receivedAt());
    jdbc.sql(
            """
            insert into hl7_message (id, custodian, control_id, message_type, object_key, state, received_at, last_updated)
            values (?, ?, ?, ?, ?, 'RECEIVED', ?, ?) on conflict do nothing""")
        .params(
            UUID.randomUUID(),
            m.custodian(),
            Rows.cut(m.controlId(), 200),
            Rows.cut(m.messageType(), 16),
            m.objectKey(),
            at,
            at)
        .update();
  }

  /**
   * @param error without patient data, or null
   */
  public void became(MessageStored m, State state, String error) {
    jdbc.sql(
            "update hl7_message set state = ?, error = ?, last_updated = ? where custodian = ? and control_id = ? and object_key = ?")
        .params(
            state.name(),
            Rows.cut(error, 1000),
            Rows.utc(Instant.now()),
            m.custodian(),
            Rows.cut(m.controlId(), 200),
            m.objectKey())
        .update();
  }

  public int count(State state) {
    return jdbc.sql("select count(*) from hl7_message where state = ?")
        .param(state.name())
        .query(Integer.class)
        .single();
  }
}
