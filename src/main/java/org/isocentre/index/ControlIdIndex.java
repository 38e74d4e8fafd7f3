package org.isocentre.index;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.isocentre.model.MessageStored;
import org.isocentre.model.ReviewItem;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which message had which control ID (MSH-10), for some time. Another message with the same one is
 * an incident that a person is asked about, once a day for each sender.
 */
public final class ControlIdIndex {
  private static final int PRUNE_EVERY = 10_000;
  private final JdbcClient jdbc;
  private final ReviewList reviews;
  private final Duration window;
  private final AtomicInteger untilPruned = new AtomicInteger();

  /**
   * A control ID that was used.
   *
   * @param sender {@code ODS code|MSH-3|MSH-4}
   * @param sha256 of the message
   */
  public record Seen(String sender, String controlId, byte[] sha256, Instant at) {}

  /**
   * @param window after which a sender may use one again
   */
  public ControlIdIndex(JdbcClient jdbc, ReviewList reviews, Duration window) {
    this.jdbc = jdbc;
    this.reviews = reviews;
    this.window = window;
  }

  /** Notes a message's; the same message again changes nothing. */
  public void record(MessageStored m) {
    if (m.arrival() == null) {
      return;
    }
    String sender = Rows.cut(m.custodian() + "|" + m.arrival().sender(), 400);
    String controlId = Rows.cut(m.controlId(), 200);
    int added =
        jdbc.sql(
                "insert into hl7_control_id (sender, control_id, object_key, received_at) values (?, ?, ?, ?) on conflict do nothing")
            .params(sender, controlId, m.objectKey(), Rows.utc(m.receivedAt()))
            .update();
    if (added == 1 && isReused(sender, controlId, m)) {
      incident(m.custodian(), m.arrival().sender(), m.controlId());
    }
    if (untilPruned.getAndIncrement() % PRUNE_EVERY == 0) {
      jdbc.sql("delete from hl7_control_id where received_at < ?")
          .param(Rows.utc(Instant.now().minus(window.multipliedBy(2))))
          .update();
    }
  }

  private boolean isReused(String sender, String controlId, MessageStored m) {
    return jdbc.sql(
                """
                select count(*) from hl7_control_id
                where sender = ? and control_id = ? and object_key <> ? and received_at between ? and ?""")
            .params(
                sender,
                controlId,
                m.objectKey(),
                Rows.utc(m.receivedAt().minus(window)),
                Rows.utc(m.receivedAt().plus(window)))
            .query(Integer.class)
            .single()
        > 0;
  }

  /**
   * Asks a person about a sender whose control IDs are not unique.
   *
   * @param sender {@code MSH-3|MSH-4}
   */
  public void incident(String custodian, String sender, String controlId) {
    String day = Instant.now().toString().substring(0, 10);
    reviews.raise(
        ReviewItem.Kind.MESSAGE,
        Rows.cut("CONTROL_ID|" + custodian + "|" + sender, 280) + "|" + day,
        null,
        null,
        custodian,
        null,
        null,
        "CONTROL_ID_REUSED",
        Rows.cut(
            "%s sent different messages with the control ID %s, and perhaps with others; both are kept unless the hub refuses such messages"
                .formatted(sender, controlId),
            1000));
  }

  /** The latest ones, oldest first. */
  public void recent(int most, Instant since, Consumer<Seen> each) {
    jdbc.sql(
            """
            select * from (select * from hl7_control_id where received_at >= ? order by received_at desc limit ?) latest
            order by received_at""")
        .params(Rows.utc(since), most)
        .query(
            row -> {
              String key = row.getString("object_key");
              each.accept(
                  new Seen(
                      row.getString("sender"),
                      row.getString("control_id"),
                      HexFormat.of().parseHex(key.substring(key.indexOf('/') + 1)),
                      Rows.instant(row, "received_at")));
            });
  }
}
