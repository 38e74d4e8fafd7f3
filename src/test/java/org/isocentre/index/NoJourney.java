package org.isocentre.index;

import java.time.Instant;
import java.util.UUID;
import org.isocentre.model.MessageStep;

/** Nobody is told. */
public enum NoJourney implements OutboundIndex.Journey {
  INSTANCE;

  @Override
  public void queued(UUID id, String destination, OutboundIndex.Draft draft, Instant at) {
    // Nothing is kept.
  }

  @Override
  public void step(UUID id, MessageStep.Kind kind, String by, String detail, Instant at) {
    // Nothing is kept.
  }

  @Override
  public void rebuilt(UUID id, OutboundIndex.Draft draft, String before, String by, Instant at) {
    // Nothing is kept.
  }
}
