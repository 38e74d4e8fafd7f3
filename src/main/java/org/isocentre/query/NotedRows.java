package org.isocentre.query;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.isocentre.index.RowCursor;
import org.isocentre.index.StudyField;

/**
 * Rows that are handed out after it was noted of which patients they are; that there are none is
 * noted, too. Reads some ahead, so that many are noted at once; each patient is noted once.
 */
final class NotedRows implements RowCursor<StudyField> {
  private static final int AHEAD = 128;
  private final RowCursor<StudyField> rows;
  private final Consumer<Set<UUID>> note;
  private final Deque<Map<StudyField, Object>> read = new ArrayDeque<>();

  /** At most as many as the query may have rows. */
  private final Set<UUID> noted = new HashSet<>();

  private boolean begun;
  private RuntimeException failure;

  /**
   * @param note of patients that were not noted before, of none if there are no rows; what it
   *     throws ends the query
   */
  NotedRows(RowCursor<StudyField> rows, Consumer<Set<UUID>> note) {
    this.rows = rows;
    this.note = note;
  }

  @Override
  public Map<StudyField, Object> next() {
    if (read.isEmpty()) {
      if (failure != null) {
        throw failure;
      }
      readAhead();
    }
    Map<StudyField, Object> next = read.poll();
    if (next == null && failure != null) {
      throw failure;
    }
    return next;
  }

  private void readAhead() {
    Set<UUID> patients = new HashSet<>();
    try {
      while (read.size() < AHEAD) {
        Map<StudyField, Object> row = rows.next();
        if (row == null) {
          break;
        }
        read.add(row);
        UUID patient = UUID.fromString((String) row.get(StudyField.PATIENT_RECORD));
        if (noted.add(patient)) {
          patients.add(patient);
        }
      }
    } catch (RuntimeException e) {
      // What was read before is an answer still.
      failure = e;
    }
    if (!begun || !patients.isEmpty()) {
      begun = true;
      try {
        note.accept(patients);
      } catch (RuntimeException e) {
        read.clear();
        failure = e;
      }
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
