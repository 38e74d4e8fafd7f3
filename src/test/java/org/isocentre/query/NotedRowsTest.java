package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.isocentre.index.RowCursor;
import org.isocentre.index.StudyField;
import org.junit.jupiter.api.Test;

class NotedRowsTest {
  private final List<Set<UUID>> noted = new ArrayList<>();

  /** Rows of these patients, then a failure if there is one. */
  private static RowCursor<StudyField> rows(List<Integer> patients, RuntimeException failure) {
    return new RowCursor<>() {
      private int next;

      @Override
      public Map<StudyField, Object> next() {
        if (next < patients.size()) {
          return Map.of(StudyField.PATIENT_RECORD, patient(patients.get(next++)).toString());
        }
        if (failure != null) {
          throw failure;
        }
        return null;
      }

      @Override
      public void close() {
        // Nothing is open.
      }
    };
  }

  private static UUID patient(int number) {
    return new UUID(0, number);
  }

  @Property(tries = 100)
  void eachPatientIsNotedOnceAndBeforeTheirRows(
      @ForAll @Size(max = 400) List<@IntRange(max = 30) Integer> patients) {
    noted.clear();
    NotedRows cursor = new NotedRows(rows(patients, null), noted::add);
    List<UUID> told = new ArrayList<>();
    for (Map<StudyField, Object> row = cursor.next(); row != null; row = cursor.next()) {
      UUID patient = UUID.fromString((String) row.get(StudyField.PATIENT_RECORD));
      told.add(patient);
      assertThat(noted).anyMatch(set -> set.contains(patient));
    }
    assertThat(noted).isNotEmpty();
    assertThat(told)
        .containsExactlyElementsOf(patients.stream().map(NotedRowsTest::patient).toList());
    List<UUID> all = noted.stream().flatMap(Set::stream).toList();
    assertThat(all)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(new HashSet<>(told));
    assertThat(cursor.next()).isNull();
  }

  @Test
  void whatWasReadBeforeAFailureIsToldBeforeIt() {
    NotedRows cursor =
        new NotedRows(rows(List.of(1, 2), new IllegalStateException("broken")), noted::add);
    assertThat(cursor.next()).isNotNull();
    assertThat(cursor.next()).isNotNull();
    assertThatThrownBy(cursor::next).hasMessage("broken");
    assertThatThrownBy(cursor::next).hasMessage("broken");
    assertThat(noted).containsExactly(Set.of(patient(1), patient(2)));
  }

  @Test
  void whatCannotBeNotedIsNotTold() {
    NotedRows cursor =
        new NotedRows(
            rows(List.of(1, 2), null),
            patients -> {
              throw new IllegalStateException("no trail");
            });
    assertThatThrownBy(cursor::next).hasMessage("no trail");
    assertThatThrownBy(cursor::next).hasMessage("no trail");
  }
}
