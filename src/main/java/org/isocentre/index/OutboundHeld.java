package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What destinations were not told since consent or a question about the patient's identity stood
 * against it: one row for each of them and what it is about, which is looked at again until it is
 * told or there is nothing to tell any more.
 */
public final class OutboundHeld {
  private final JdbcClient jdbc;

  public OutboundHeld(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What waits.
   *
   * @param patientId whose it was when it was held back
   * @param generation rises when it has to be looked at again
   */
  public record Held(
      long id, String destination, IndexChanged change, UUID patientId, int generation) {}

  /**
   * Notes that a destination is to be told of a change later. It is looked at once more soon: what
   * stood against it may have gone in this moment.
   */
  public void hold(String destination, IndexChanged change, UUID patientId, Instant now) {
    if (!again(destination, change, patientId, now)) {
      insert(destination, change, patientId, now);
      // Another process may have been faster.
      again(destination, change, patientId, now);
    }
  }

  private boolean again(String destination, IndexChanged change, UUID patientId, Instant now) {
    return jdbc.sql(
                """
                update outbound_held set patient_id = ?, event_id = ?, generation = generation + 1, due_at = ?
                where destination = ? and kind = ? and subject_id = ? and other_id = ?""")
            .params(
                patientId,
                change.id(),
                Rows.utc(now),
                destination,
                change.kind().name(),
                change.subjectId(),
                other(change))
            .update()
        == 1;
  }

  private void insert(String destination, IndexChanged change, UUID patientId, Instant now) {
    jdbc.sql(
            """
            insert into outbound_held (destination, kind, subject_id, other_id, patient_id, event_id, generation,
              held_at, due_at) values (?, ?, ?, ?, ?, ?, 0, ?, ?) on conflict do nothing""")
        .params(
            destination,
            change.kind().name(),
            change.subjectId(),
            other(change),
            patientId,
            change.id(),
            Rows.utc(now),
            Rows.utc(now))
        .update();
  }

  private static UUID other(IndexChanged change) {
    return change.otherId() == null ? change.subjectId() : change.otherId();
  }

  /**
   * What is to be looked at, the longest due first.
   *
   * @param most rows
   */
  public List<Held> due(Collection<String> destinations, Instant now, int most) {
    return destinations.isEmpty()
        ? List.of()
        : jdbc.sql(
                """
                select * from outbound_held where destination in (:destinations) and due_at <= :now
                order by due_at, id fetch first %d rows only"""
                    .formatted(most))
            .param("destinations", destinations)
            .param("now", Rows.utc(now))
            .query(OutboundHeld::map)
            .list();
  }

  /** Nothing has changed. It keeps its time if somebody asked meanwhile to look again. */
  public void postpone(Held held, Instant until) {
    jdbc.sql("update outbound_held set due_at = ? where id = ? and generation = ?")
        .params(Rows.utc(until), held.id(), held.generation())
        .update();
  }

  /** It was told, or need not be. It stays if it was held back again meanwhile. */
  public void settled(Held held) {
    jdbc.sql("delete from outbound_held where id = ? and generation = ?")
        .params(held.id(), held.generation())
        .update();
  }

  /** Whatever waits for this patient, under any of their records, is looked at again now. */
  public void recheck(UUID patientId, Instant now) {
    jdbc.sql(
            "update outbound_held set generation = generation + 1, due_at = :now where patient_id in (:ids)")
        .param("now", Rows.utc(now))
        .param("ids", new ConsentIndex(jdbc).perhapsSamePeople(Set.of(patientId)))
        .update();
  }

  public int count(String destination) {
    return jdbc.sql("select count(*) from outbound_held where destination = ?")
        .param(destination)
        .query(Integer.class)
        .single();
  }

  private static Held map(ResultSet row, int number) throws SQLException {
    Kind kind = Kind.valueOf(row.getString("kind"));
    UUID other = kind.isOfTwo() ? Rows.uuid(row, "other_id") : null;
    return new Held(
        row.getLong("id"),
        row.getString("destination"),
        new IndexChanged(row.getLong("event_id"), kind, Rows.uuid(row, "subject_id"), other, null),
        Rows.uuid(row, "patient_id"),
        row.getInt("generation"));
  }
}
