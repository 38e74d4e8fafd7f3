package org.isocentre.ingest;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.StudyChanged;

/**
 * A study is taken for complete when no object of it has come for a while. DICOM has no other sign
 * of it.
 */
public final class StudyCompletion {
  private static final int BATCH = 200;
  private final StudyIndex studies;
  private final Duration quiet;
  private final Clock clock;

  public StudyCompletion(StudyIndex studies, Duration quiet, Clock clock) {
    this.studies = studies;
    this.quiet = quiet;
    this.clock = clock;
  }

  /** Studies that are quiet and not marked yet; told again until {@link #complete} is called. */
  public List<StudyChanged> quiet() {
    List<java.util.UUID> ids = studies.quiet(clock.instant().minus(quiet), BATCH);
    return studies.findAll(ids).stream()
        .map(s -> new StudyChanged(s.id(), s.studyInstanceUid()))
        .toList();
  }

  /** Marks a study. */
  public StudyChanged complete(StudyChanged event) {
    studies.markComplete(event.studyId());
    return event;
  }
}
