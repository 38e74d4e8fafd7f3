package org.isocentre.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.index.StudyIndex;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds objects of the store that nothing points to: their sender was never told success, so it has
 * them still. Nothing is deleted. To be run when no event waits on {@code instance.received}.
 */
public final class OrphanCheck {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanCheck.class);
  private static final int BATCH = 500;
  private static final int SHOWN = 10;
  private final ObjectStore store;
  private final StudyIndex studies;

  public OrphanCheck(ObjectStore store, StudyIndex studies) {
    this.store = store;
    this.studies = studies;
  }

  /**
   * @param orphans how many
   * @param examples keys of the first few
   */
  public record Result(long objects, long orphans, List<String> examples) {}

  /** Walks the store; reports in the log and as result. */
  public Result run() throws IOException {
    List<String> batch = new ArrayList<>(BATCH);
    List<String> examples = new ArrayList<>();
    long[] counts = new long[2];
    store.forEachKey(
        SpoolingSink.KIND,
        key -> {
          batch.add(key);
          if (batch.size() == BATCH) {
            check(batch, examples, counts);
          }
        });
    check(batch, examples, counts);
    Result result = new Result(counts[0], counts[1], List.copyOf(examples));
    if (result.orphans() > 0) {
      LOG.warn(
          "{} of {} stored objects are in no index; none of them had been acknowledged. First: {}",
          result.orphans(),
          result.objects(),
          examples);
    } else {
      LOG.info("All {} stored objects are in the index", result.objects());
    }
    return result;
  }

  private void check(List<String> batch, List<String> examples, long[] counts) {
    Set<String> known = new HashSet<>(studies.referencedKeys(batch));
    counts[0] += batch.size();
    for (String key : batch) {
      if (!known.contains(key)) {
        counts[1]++;
        if (examples.size() < SHOWN) {
          examples.add(key);
        }
      }
    }
    batch.clear();
  }
}
