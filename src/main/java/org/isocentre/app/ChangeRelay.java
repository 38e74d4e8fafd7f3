package org.isocentre.app;

import java.util.List;
import org.isocentre.index.IndexChanges;
import org.isocentre.model.IndexChanged;
import org.isocentre.outbound.Destinations;

/**
 * Carries the index's notes of changes on to {@code index.changed}: sent first, forgotten then, so
 * one may go twice and none is lost. Where nobody is to be told, they are forgotten at once.
 */
public final class ChangeRelay {
  private static final int BATCH = 1000;
  private final IndexChanges changes;
  private final boolean needed;

  ChangeRelay(IndexChanges changes, Destinations destinations) {
    this.changes = changes;
    this.needed = !destinations.isEmpty();
  }

  /** What waits, the oldest first. */
  public List<IndexChanged> waiting() {
    List<IndexChanged> waiting = changes.oldest(BATCH);
    if (needed) {
      return waiting;
    }
    changes.forget(waiting);
    return List.of();
  }

  /** These are in the queue's journal. */
  public void sent(List<IndexChanged> sent) {
    changes.forget(sent);
  }
}
