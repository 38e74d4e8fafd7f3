package org.isocentre.ingest;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.index.StudyIndex;
import org.isocentre.store.ObjectStore;

/**
 * Finds objects of the store that nothing points to: left by a process that died between the store
 * and the journal. Their sender was never told success, so it has them still. Nothing is deleted.
 */
public final class OrphanCheck {
  private static final int BATCH = 500;
  private static final int MAX_SUSPECTS = 10_000;
  private final ObjectStore store;
  private final StudyIndex studies;

  public OrphanCheck(ObjectStore store, StudyIndex studies) {
    this.store = store;
    this.studies = studies;
  }

  /**
   * @param objects looked at
   * @param suspects keys that nothing points to, the first 10,000 of them
   */
  public record Walk(long objects, List<String> suspects) {}

  /**
   * Walks the store.
   *
   * @param writtenBefore objects that came later are left out: their events may be under way
   */
  public Walk walk(Instant writtenBefore) throws IOException {
    List<String> batch = new ArrayList<>(BATCH);
    List<String> suspects = new ArrayList<>();
    long[] objects = new long[1];
    store.forEachKey(
        SpoolingSink.KIND,
        writtenBefore,
        key -> {
          objects[0]++;
          batch.add(key);
          if (batch.size() == BATCH) {
            add(suspects, batch);
          }
        });
    add(suspects, batch);
    return new Walk(objects[0], List.copyOf(suspects));
  }

  private void add(List<String> suspects, List<String> batch) {
    for (String key : unreferenced(batch)) {
      if (suspects.size() < MAX_SUSPECTS) {
        suspects.add(key);
      }
    }
    batch.clear();
  }

  /** Which of these nothing points to now. */
  public List<String> unreferenced(List<String> keys) {
    List<String> orphans = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += BATCH) {
      List<String> part = keys.subList(from, Math.min(keys.size(), from + BATCH));
      Set<String> known = new HashSet<>(studies.referencedKeys(part));
      part.stream().filter(k -> !known.contains(k)).forEach(orphans::add);
    }
    return orphans;
  }
}
