package org.isocentre.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.isocentre.index.AuditBlocks;
import org.isocentre.index.AuditFeedIndex;
import org.isocentre.index.AuditFeedIndex.Position;
import org.isocentre.model.AuditBlock;
import org.isocentre.model.AuditEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the trail to a repository, block after block as it is sealed: every row at least once, in
 * order. What could not be sent stays where it is and is sent later; nothing that the hub does
 * waits for it. Of several hubs one sends at a time.
 */
public final class AuditFeed {
  private static final Logger LOG = LoggerFactory.getLogger(AuditFeed.class);

  /** Blocks of one call: others get their turn, and a hub that ends need not wait long. */
  private static final int MOST_BLOCKS = 20;

  private final Feed feed;
  private final AuditBlocks blocks;
  private final AuditFeedIndex positions;
  private final AuditRepository repository;
  private final UUID holder = UUID.randomUUID();
  private boolean failing;
  private volatile long behind;

  /**
   * @param name by which the index knows how far it is
   * @param wholeTrail whether it begins with the first row there is; else with the next
   * @param batch rows that are sent together at most
   * @param hold for which this hub has the feed after it moved on; longer than sending a batch may
   *     take
   */
  public record Feed(String name, boolean wholeTrail, int batch, Duration hold) {}

  public AuditFeed(
      Feed feed, AuditBlocks blocks, AuditFeedIndex positions, AuditRepository repository) {
    this.feed = feed;
    this.blocks = blocks;
    this.positions = positions;
    this.repository = repository;
  }

  public String name() {
    return feed.name();
  }

  /** Sealed blocks that the repository did not have when it was last looked. */
  public long behind() {
    return behind;
  }

  /** Makes the feed begin, so that what is noted from now on is sent. */
  public void begin() {
    positions.begin(feed.name(), feed.wholeTrail() ? 1 : blocks.last().number() + 1);
  }

  /**
   * Sends what was sealed since.
   *
   * @return rows that were sent
   */
  public synchronized int send() {
    positions.position(feed.name()).ifPresent(this::count);
    if (!positions.hold(feed.name(), holder, feed.hold())) {
      return 0;
    }
    int sent = 0;
    try {
      for (int i = 0; i < MOST_BLOCKS; i++) {
        Position at = positions.position(feed.name()).orElseThrow();
        count(at);
        List<AuditBlock> found = blocks.from(at.block(), 1);
        if (found.isEmpty()) {
          break;
        }
        int count = send(found.get(0), at);
        if (count < 0) {
          return sent;
        }
        sent += count;
      }
      if (failing) {
        failing = false;
        LOG.info("Audit feed {} is sent again", feed.name());
      }
    } catch (IOException e) {
      if (!failing) {
        failing = true;
        LOG.warn(
            "ISO-AUDIT-012: audit feed {} cannot be sent: {}; rows wait in the index, and are sent when it can",
            feed.name(),
            e.getMessage());
      }
    } finally {
      positions.release(feed.name(), holder);
    }
    return sent;
  }

  private void count(Position at) {
    behind = Math.max(0, blocks.last().number() - at.block() + 1);
  }

  /**
   * @return rows that were sent; -1 if another hub has the feed now
   */
  private int send(AuditBlock block, Position at) throws IOException {
    if (block.number() > at.block()) {
      // Which GET /api/audit/verification tells, too.
      LOG.error(
          "ISO-AUDIT-013: audit feed {} goes on with block {}: those from {} are missing",
          feed.name(),
          block.number(),
          at.block());
    }
    List<AuditEntry> rows = blocks.entries(block.number());
    int next = block.number() == at.block() ? Math.min(at.sent(), rows.size()) : 0;
    int count = 0;
    while (next < rows.size()) {
      int taken = repository.send(rows.subList(next, Math.min(rows.size(), next + feed.batch())));
      next += taken;
      count += taken;
      if (next < rows.size() && !move(new Position(block.number(), next))) {
        return -1;
      }
    }
    return move(new Position(block.number() + 1, 0)) ? count : -1;
  }

  private boolean move(Position to) {
    return positions.move(feed.name(), holder, to, feed.hold());
  }
}
