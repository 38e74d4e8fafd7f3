package org.isocentre.app;

import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.isocentre.index.IndexChanges;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.PatientMerged;
import org.isocentre.outbound.Destinations;

/**
 * Carries the index's notes of changes on to {@code index.changed}: sent first, forgotten then, so
 * one may go twice and none is lost. Where nobody is to be told, they are forgotten at once.
 */
public final class ChangeRelay {
  private static final int BATCH = 1000;
  private final IndexChanges changes;
  private final boolean trusts;
  private final BooleanSupplier subscribers;

  /**
   * @param subscribers whether there are any now
   */
  ChangeRelay(IndexChanges changes, Destinations destinations, BooleanSupplier subscribers) {
    this.changes = changes;
    this.trusts = !destinations.isEmpty();
    this.subscribers = subscribers;
  }

  /** What waits, the oldest first. */
  public List<IndexChanged> waiting() {
    boolean subscribed = subscribers.getAsBoolean();
    if (!trusts && !subscribed) {
      changes.forgetAll();
      return List.of();
    }
    List<IndexChanged> all = changes.oldest(BATCH);
    List<IndexChanged> ofUse = all.stream().filter(c -> isOfUse(c.kind(), subscribed)).toList();
    changes.forget(all.stream().filter(c -> !ofUse.contains(c)).toList());
    return ofUse;
  }

  private boolean isOfUse(IndexChanged.Kind kind, boolean subscribed) {
    return trusts && kind.isForTrusts() || subscribed && kind.isForSubscribers();
  }

  /** These are in the queue's journal. */
  public void sent(List<IndexChanged> sent) {
    changes.forget(sent);
  }

  /**
   * Notes what partners are to be told of a merge or a link: nothing before a person has said that
   * it is right. One that is taken back is told as its reverse to whom it was told, and makes two
   * patients of one again, as each of them is now. That two are not one needs nobody's word but
   * that of the trust whose number it is.
   */
  public void merged(PatientMerged event) {
    UUID surviving = event.survivingPatient();
    UUID prior = event.priorPatient();
    if (surviving != null && prior != null) {
      switch (event.kind()) {
        case MERGE, CHANGE_ID -> absorbed(event, surviving, prior);
        case LINK -> linked(event, surviving, prior);
        case UNLINK -> unlinked(event, surviving, prior);
      }
    }
  }

  private void absorbed(PatientMerged event, UUID surviving, UUID prior) {
    if (surviving.equals(prior)) {
      changes.note(IndexChanged.Kind.PATIENT, surviving, event.custodian());
    } else if (event.change() == PatientMerged.Change.WITHDRAWN) {
      changes.unmerged(surviving, prior);
      changes.note(IndexChanged.Kind.PATIENT, surviving, null);
      changes.note(IndexChanged.Kind.PATIENT, prior, null);
    } else if (event.confirmed()) {
      changes.merged(surviving, prior, event.custodian());
    }
  }

  private void linked(PatientMerged event, UUID one, UUID other) {
    if (event.change() == PatientMerged.Change.WITHDRAWN) {
      changes.notePair(IndexChanged.Kind.LINK_UNDONE, one, other, null);
    } else if (event.confirmed() && !one.equals(other)) {
      changes.notePair(IndexChanged.Kind.LINK, one, other, event.custodian());
    }
  }

  private void unlinked(PatientMerged event, UUID one, UUID other) {
    if (event.change() != PatientMerged.Change.WITHDRAWN && !one.equals(other)) {
      changes.notePair(IndexChanged.Kind.UNLINK, one, other, event.custodian());
    }
  }
}
