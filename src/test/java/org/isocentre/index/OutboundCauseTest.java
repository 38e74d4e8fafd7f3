package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A message's cause says what to tell instead. */
class OutboundCauseTest {
  private static final UUID ANN = UUID.randomUUID();
  private static final UUID BOB = UUID.randomUUID();

  @ParameterizedTest
  @CsvSource({"ORM, ORDER", "OMI, ORDER", "ORU, REPORT", "MDM, REPORT", "ADT, PATIENT"})
  void ofOne(String message, Kind kind) {
    String cause = OutboundCause.of(message, ANN, "hl7/a|1|merge");
    assertThat(OutboundCause.change(cause)).contains(new IndexChanged(0, kind, ANN, null, null));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"MERGE", "UNMERGE", "LINK", "UNLINK", "LINK_UNDONE"})
  void ofTwo(Kind kind) {
    String cause = OutboundCause.pair(kind, ANN, BOB) + "17";
    IndexChanged change = new IndexChanged(17, kind, ANN, BOB, null);
    assertThat(OutboundCause.change(cause)).contains(change);
    assertThat(OutboundCause.change(OutboundCause.withheld(cause, UUID.randomUUID())))
        .contains(change);
  }

  /** What was queued before keeps its form. */
  @Test
  void aMergeIsWrittenAsItAlwaysWas() {
    assertThat(OutboundCause.pair(Kind.MERGE, ANN, BOB))
        .isEqualTo("ADT|" + ANN + "|merge|" + BOB + "|");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "C1", "ORM", "ORM|x|1", "XXX|0-0-0-0-0|1", "ADT|0-0-0-0-0|merge|x|1"})
  void whatSaysNothing(String cause) {
    assertThat(OutboundCause.change(cause)).isEmpty();
  }
}
