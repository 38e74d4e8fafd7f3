package org.isocentre.dicom.association;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.isocentre.dicom.association.StateTable.Event;
import org.isocentre.dicom.association.StateTable.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of PS3.8 Table 9-10, told here by event and action rather than as the table. */
class StateTableTest {
  /** Event number to "action:states" as the standard has them; a cell that is not here is empty. */
  private static final Map<Integer, String> EXPECTED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(1, "AE1:1"),
              Map.entry(2, "AE2:4"),
              Map.entry(3, "AA1:2 AA8:3,6,7,8,9,10,11,12 AE3:5 AA6:13"),
              Map.entry(4, "AA1:2 AA8:3,6,7,8,9,10,11,12 AE4:5 AA6:13"),
              Map.entry(5, "AE5:1"),
              Map.entry(6, "AE6:2 AA8:3,5,6,7,8,9,10,11,12 AA7:13"),
              Map.entry(7, "AE7:3"),
              Map.entry(8, "AE8:3"),
              Map.entry(9, "DT1:6 AR7:8"),
              Map.entry(10, "AA1:2 AA8:3,5,8,9,10,11,12 DT2:6 AR6:7 AA6:13"),
              Map.entry(11, "AR1:6"),
              Map.entry(12, "AA1:2 AA8:3,5,8,9,10,11,12 AR2:6 AR8:7 AA6:13"),
              Map.entry(13, "AA1:2 AA8:3,5,6,8,9,12 AR3:7,11 AR10:10 AA6:13"),
              Map.entry(14, "AR4:8,12 AR9:9"),
              Map.entry(15, "AA1:3,5,6,7,8,9,10,11,12 AA2:4"),
              Map.entry(16, "AA2:2,13 AA3:3,5,6,7,8,9,10,11,12"),
              Map.entry(17, "AA5:2 AA4:3,4,5,6,7,8,9,10,11,12 AR5:13"),
              Map.entry(18, "AA2:2,13"),
              Map.entry(19, "AA1:2 AA8:3,5,6,7,8,9,10,11,12 AA7:13")));

  static List<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    for (Event event : Event.values()) {
      for (State state : State.values()) {
        cells.add(Arguments.of(event, state, expected(event.ordinal() + 1, state.ordinal() + 1)));
      }
    }
    return cells;
  }

  private static String expected(int event, int state) {
    for (String group : EXPECTED.get(event).split(" ")) {
      String[] parts = group.split(":");
      if (List.of(parts[1].split(",")).contains(Integer.toString(state))) {
        return parts[0];
      }
    }
    return "none";
  }

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @MethodSource("cells")
  void cell(Event event, State state, String action) {
    StateTable.Action found = StateTable.action(event, state);
    assertThat(found == null ? "none" : found.name()).isEqualTo(action);
  }

  @Test
  void allCellsAreThere() {
    assertThat(cells()).hasSize(19 * 13);
  }

  /** PS3.8 Tables 9-6 to 9-9: the state after each action. */
  @ParameterizedTest
  @org.junit.jupiter.params.provider.CsvSource({
    "AE1,4,4", "AE2,5,5", "AE3,6,6", "AE4,1,1", "AE5,2,2", "AE6,3,13", "AE7,6,6", "AE8,13,13",
    "DT1,6,6", "DT2,6,6", "AR1,7,7", "AR2,8,8", "AR3,1,1", "AR4,13,13", "AR5,1,1", "AR6,7,7",
    "AR7,8,8", "AR8,9,10", "AR9,11,11", "AR10,12,12", "AA1,13,13", "AA2,1,1", "AA3,1,1", "AA4,1,1",
    "AA5,1,1", "AA6,13,13", "AA7,13,13", "AA8,13,13"
  })
  void nextState(String action, int usually, int alternatively) {
    StateTable.Action a = StateTable.Action.valueOf(action);
    assertThat(StateTable.next(a, State.STA6, false).ordinal() + 1).isEqualTo(usually);
    assertThat(StateTable.next(a, State.STA6, true).ordinal() + 1).isEqualTo(alternatively);
  }
}
