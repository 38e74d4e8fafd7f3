package org.isocentre.index;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How far audit repositories have been told, and which hub tells each. */
public final class AuditFeedIndex {
  private final JdbcClient jdbc;
  private final Clock clock;

  public AuditFeedIndex(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /**
   * Where a feed is.
   *
   * @param block that is sent next, or is being sent
   * @param sent rows of it that are there
   */
  public record Position(long block, int sent) {}

  /** Begins a feed at a block, unless it has begun. */
  public void begin(String name, long block) {
    if (position(name).isPresent()) {
      return;
    }
    try {
      jdbc.sql("insert into audit_feed (name, block, sent) values (?, ?, 0)")
          .params(name, block)
          .update();
    } catch (DuplicateKeyException e) {
      // Another hub was faster.
    }
  }

  /** Where it is, if it has begun. */
  public Optional<Position> position(String name) {
    return jdbc.sql("select block, sent from audit_feed where name = ?")
        .param(name)
        .query((row, number) -> new Position(row.getLong("block"), row.getInt("sent")))
        .optional();
  }

  /**
   * Takes a feed for a while, or for a while longer.
   *
   * @return whether this hub has it
   */
  public boolean hold(String name, UUID holder, Duration time) {
    return jdbc.sql(
                "update audit_feed set holder = ?, held_until = ? where name = ? and (holder is null or holder = ? or held_until < ?)")
            .params(
                holder,
                Rows.utc(clock.instant().plus(time)),
                name,
                holder,
                Rows.utc(clock.instant()))
            .update()
        == 1;
  }

  /**
   * Moves a feed on, as long as this hub has it.
   *
   * @return whether it does
   */
  public boolean move(String name, UUID holder, Position to, Duration time) {
    return jdbc.sql(
                "update audit_feed set block = ?, sent = ?, held_until = ? where name = ? and holder = ?")
            .params(to.block(), to.sent(), Rows.utc(clock.instant().plus(time)), name, holder)
            .update()
        == 1;
  }

  /** Lets go of it, so that another hub need not wait. */
  public void release(String name, UUID holder) {
    jdbc.sql("update audit_feed set holder = null, held_until = null where name = ? and holder = ?")
        .params(name, holder)
        .update();
  }
}
