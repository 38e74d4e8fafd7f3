package org.isocentre.ingest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.ReceivedInstance;

/**
 * What objects that were just received say of themselves, until they are filed: they need not be
 * read back. Of those that are too many the oldest go, and are read back.
 */
public final class RecentInstances {
  private final Map<String, ReceivedInstance> byEvent;

  /**
   * @param most about 2 kB of heap each
   */
  public RecentInstances(int most) {
    byEvent =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, ReceivedInstance> eldest) {
            return size() > most;
          }
        };
  }

  synchronized void put(InstanceStored event, ReceivedInstance instance) {
    byEvent.put(event.eventId(), instance);
  }

  /** Once: whoever needs it again reads the object. */
  synchronized Optional<ReceivedInstance> take(InstanceStored event) {
    return Optional.ofNullable(byEvent.remove(event.eventId()));
  }
}
